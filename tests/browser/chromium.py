"""Debian's Chromium, driven by Playwright, with a profile of its own and nothing loaded from outside."""

import shutil
import tempfile
from contextlib import contextmanager

from playwright.sync_api import expect, sync_playwright

PATIENCE_MS = 60_000  # a busy machine takes its time; who waits in vain has found a fault
expect.set_options(timeout=PATIENCE_MS)
PATH = shutil.which("chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def browser_page(viewport=None, locale="zh-CN"):
    """A page in a fresh profile; ``page.foreign`` lists requests that left the site, ``page.faults`` script errors."""
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=PATH, args=ARGUMENTS, viewport=viewport or WIDE, locale=locale, accept_downloads=True
        )
        yield _watched(context.pages[0])
        context.close()


@contextmanager
def browser_pages(*viewports, locale="zh-CN"):
    """A page for each of several people: one browser, and a profile for everybody."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=ARGUMENTS)
        contexts = [browser.new_context(viewport=viewport, locale=locale, accept_downloads=True) for viewport in viewports]
        yield [_watched(context.new_page()) for context in contexts]
        browser.close()


def go(target, *, key=""):
    """Click (or press ``key`` on) what leads to another page, and wait until that page is there: a click alone does not."""
    with target.page.expect_navigation():
        target.press(key) if key else target.click()


def _watched(page):
    page.set_default_timeout(2 * PATIENCE_MS)  # a report takes its seconds
    page.foreign, page.faults = [], []
    page.on("request", lambda request: _note_foreign(page, request))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.faults.append(message.text))
    return page


def _note_foreign(page, request):
    if not request.url.startswith(("http://127.0.0.1", "http://localhost", "data:", "blob:", "chrome:", "chrome-extension:")):
        page.foreign.append(request.url)
