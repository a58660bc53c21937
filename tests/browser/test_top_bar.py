"""On a phone the bar is one line, and the rest waits in its menu; on a wide screen all of it stands in the bar."""

from playwright.sync_api import expect

from tests.browser.chromium import PHONE, WIDE, browser_page
from tests.browser.test_offline import start


def test_the_menu_of_a_phone(site):
    with browser_page(PHONE, "en-GB") as page:
        start(page, site)
        assert page.locator(".top-bar").bounding_box()["height"] < 56
        menu = page.get_by_role("button", name="Menu")
        expect(page.locator(".sign-out")).to_be_hidden()

        menu.focus()
        page.keyboard.press("Enter")

        expect(page.locator(".sign-out")).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator(".top-nav a").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(".sign-out")).to_be_hidden()
        expect(menu).to_be_focused()


def test_no_menu_on_a_wide_screen(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        expect(page.get_by_role("button", name="Menu")).to_be_hidden()
        expect(page.locator(".sign-out")).to_be_visible()
        assert page.locator(".top-bar").bounding_box()["height"] < 56
