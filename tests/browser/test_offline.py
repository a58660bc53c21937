"""Nothing typed is lost: without network, without server, with the tab closed, signed out, or overtaken by somebody else."""

import pytest
from django.utils.crypto import get_random_string
from playwright.sync_api import expect

from tests.browser.chromium import PHONE, WIDE, browser_page, go
from tests.browser.test_first_assessment import PASSWORD, begin_assessment, sign_up

pytestmark = pytest.mark.browser


def start(page, site):
    """A new person on the first item of a new assessment; returns their e-mail."""
    email = f"{get_random_string(8).lower()}@bank.example"
    sign_up(page, site, email)
    begin_assessment(page, "Bank")
    expect(page.locator(".item-list summary")).to_be_visible()
    return email


def question(page, number=0):
    return page.locator("[data-question]").nth(number)


def rate(page, number, value):
    question(page, number).locator("label.rating", has=page.locator(f"input[value={value}]")).click()


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('dcmm-answer:')).length")


def refuse_saves(page):
    """The server answers 503 until the returned function is called."""
    page.route("**/answers/**", lambda route: route.fulfill(status=503, body="busy"))
    return lambda: page.unroute("**/answers/**")


def test_answers_given_without_network_survive_a_closed_tab_and_are_sent_in_order(site):
    with browser_page(PHONE, "en-GB") as page:
        start(page, site)
        address = page.url
        page.context.set_offline(True)
        for number, value in enumerate(("full", "partly", "none")):
            rate(page, number, value)
        rate(page, 0, "largely")
        question(page, 1).locator("[data-note] summary").click()
        question(page, 1).locator("[name=note]").fill("Written on the train.")
        expect(page.locator("[data-queue]")).to_contain_text("Waiting for the connection: 3.")
        page.close()

        page = page.context.pages[0] if page.context.pages else page.context.new_page()
        page.context.set_offline(False)
        sent = []
        page.on("request", lambda request: request.method == "POST" and sent.append(request.url.split("/")[-2]))
        page.goto(address)
        expect(page.locator("input[name=rating]:checked")).to_have_count(3)
        for number in range(3):
            expect(question(page, number).locator(".saved")).to_contain_text("Saved")
        expect(page.locator("[data-queue] p")).to_have_count(0)
        assert kept(page) == 0
        codes = [question(page, number).get_attribute("data-code") for number in range(3)]
        assert sent == codes

        page.reload()
        values = [question(page, number).locator("input[name=rating]:checked").input_value() for number in range(3)]
        assert values == ["largely", "partly", "none"]
        expect(question(page, 1).locator("[name=note]")).to_have_value("Written on the train.")


def test_a_server_that_is_down_is_tried_again_and_newer_words_win(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        come_back = refuse_saves(page)
        rate(page, 0, "none")
        expect(question(page).locator("[data-unsaved]")).to_be_visible()
        rate(page, 0, "full")
        come_back()

        expect(question(page).locator(".saved.now")).to_be_visible(timeout=15_000)
        page.reload()
        expect(question(page).locator("input:checked")).to_have_value("full")


def test_a_lost_confirmation_is_no_conflict_with_oneself(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)

        def lose(route):
            route.fetch()  # the server saves
            route.abort()  # and the browser never hears of it

        page.route("**/answers/**", lose)
        rate(page, 0, "none")
        expect(question(page).locator("[data-unsaved]")).to_be_visible()
        page.unroute("**/answers/**")
        rate(page, 0, "full")

        expect(question(page).locator(".saved.now")).to_be_visible(timeout=15_000)
        expect(question(page).locator(".conflict")).to_have_count(0)
        page.reload()
        expect(question(page).locator("input:checked")).to_have_value("full")


def test_a_page_that_merely_answers_200_is_no_save(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        page.route("**/answers/**", lambda route: route.fulfill(status=200, body="<p>Welcome to the hotel</p>"))
        rate(page, 0, "full")
        expect(question(page).locator("[data-unsaved]")).to_be_visible()
        assert kept(page) == 1
        page.unroute("**/answers/**")

        expect(question(page).locator(".saved.now")).to_be_visible(timeout=15_000)


def test_signed_out_says_so_and_goes_on_after_signing_in_in_another_tab(site):
    with browser_page(WIDE, "en-GB") as page:
        email = start(page, site)
        page.context.clear_cookies(name="sessionid")
        rate(page, 0, "full")
        expect(page.locator("[data-queue]")).to_contain_text("You are signed out")

        other = page.context.new_page()
        other.goto(f"{site}/accounts/login/")
        other.fill("[name=login]", email)
        other.fill("[name=password]", PASSWORD)
        other.click("main form button")
        expect(other.locator(".sign-out")).to_be_visible()

        expect(question(page).locator(".saved.now")).to_be_visible(timeout=20_000)
        page.reload()
        expect(question(page).locator("input:checked")).to_have_value("full")


def test_somebody_else_in_the_same_browser_neither_sees_nor_sends_what_waits(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        page.context.clear_cookies(name="sessionid")
        rate(page, 0, "full")
        expect(page.locator("[data-queue]")).to_contain_text("You are signed out")

        other = page.context.new_page()
        start(other, site)

        expect(page.locator("[data-queue]")).to_contain_text("Somebody else is signed in")
        expect(other.locator("[data-queue] p")).to_have_count(0)
        expect(other.locator("input[name=rating]:checked")).to_have_count(0)
        assert kept(page) == 1


def test_a_conflict_met_on_another_page_waits_where_both_can_be_seen(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        address = page.url
        second = page.context.new_page()
        second.goto(address)
        code = question(page).get_attribute("data-code")
        come_back = refuse_saves(page)
        rate(page, 0, "none")
        expect(question(page).locator("[data-unsaved]")).to_be_visible()
        second.evaluate(
            """async (url) => {
                const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
                const body = new URLSearchParams({rating: "full", revision: 0, csrfmiddlewaretoken: token});
                await fetch(url, {method: "POST", body, headers: {"HX-Request": "true"}});
            }""",
            page.locator("form[data-answer]").first.get_attribute("action"),
        )
        second.close()
        come_back()
        go(page.locator("a[rel=next]"))

        line = page.locator("[data-queue] p", has_text=code)
        expect(line).to_contain_text("somebody else changed this answer")
        line.locator("a").click()

        conflict = question(page).locator(".conflict")
        expect(conflict).to_contain_text("Fully met")
        expect(conflict).to_contain_text("Not met")
        assert kept(page) == 1
        conflict.locator("[data-take=mine]").click()
        expect(question(page).locator(".saved.now")).to_be_visible()
        expect(page.locator("[data-queue] p")).to_have_count(0)
        page.reload()
        expect(question(page).locator("input:checked")).to_have_value("none")


def test_what_the_server_refuses_is_shown_and_can_be_discarded(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        page.route(
            "**/answers/**",
            lambda route: route.fulfill(
                status=409, headers={"X-Closed": "final"}, body='<p class="stop">Not saved: the assessment is final.</p>'
            ),
        )
        rate(page, 0, "full")
        line = page.locator("[data-queue] p")
        expect(line).to_contain_text("Not saved: the assessment is final.")
        page.unroute("**/answers/**")

        line.locator("button").click()

        expect(page.locator("[data-queue] p")).to_have_count(0)
        expect(page.locator("input[name=rating]:checked")).to_have_count(0)
        assert kept(page) == 0


def test_a_half_written_not_applicable_survives_a_reload(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        rate(page, 0, "na")
        expect(page.locator("[data-queue]")).to_contain_text("not applicable needs a reason and a note")
        question(page).locator("[name=note]").fill("The group does it")
        page.reload()

        expect(question(page).locator("input:checked")).to_have_value("na")
        expect(question(page).locator("[name=note]")).to_have_value("The group does it")
        question(page).locator("[name=na_reason]").select_option("done_elsewhere")
        expect(question(page).locator(".saved.now")).to_be_visible()


def test_everything_by_keys(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        page.keyboard.press("?")
        expect(page.locator("#keys-help")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.keyboard.press("1")
        expect(question(page, 0).locator(".saved.now")).to_be_visible()
        page.keyboard.press("m")
        expect(question(page, 0).locator("[data-mark]")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("j")
        page.keyboard.press("2")
        expect(question(page, 1).locator("input[value=largely]")).to_be_checked()
        for number in range(2, page.locator("[data-question]").count()):
            page.keyboard.press("n")
            page.keyboard.press("3")
            expect(question(page, number).locator(".saved.now")).to_be_visible()
        page.keyboard.press("n")
        page.wait_for_url("**/items/DS2/#unanswered")
        expect(question(page, 0).locator("input:focus")).to_have_count(1)
        page.keyboard.press("p")
        assert page.faults == []


def test_panels_open_discuss_and_show_the_history(site):
    with browser_page(WIDE, "en-GB") as page:
        start(page, site)
        rate(page, 0, "full")
        expect(question(page).locator(".saved.now")).to_be_visible()
        rate(page, 0, "none")
        expect(question(page).locator("[data-history]")).to_be_visible()

        question(page).locator("details", has_text="Discussion").locator("summary").click()
        question(page).locator(".say textarea").fill("Is it signed?")
        question(page).locator(".say button").click()
        expect(question(page).locator(".comment .words")).to_have_text("Is it signed?")
        expect(question(page).locator("[id^=talk-]")).to_contain_text("1")

        expect(question(page).locator(".pending")).to_have_count(0)
        question(page).locator("[data-history] summary").click()
        expect(question(page).locator(".history li")).to_have_count(2)
        question(page).locator(".history button").click()
        expect(question(page).locator("input:checked")).to_have_value("full")
        assert page.faults == []
