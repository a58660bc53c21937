"""Take screenshots of the main pages, wide and phone, Chinese and English: python -m tests.browser.screenshots URL EMAIL PASSWORD FOLDER.

Run it against a demo site (``bin/serve --demo``).
"""

import sys
from pathlib import Path

from tests.browser.chromium import PHONE, WIDE, browser_page


def main(site: str, email: str, password: str, folder: str):
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for size, viewport in (("wide", WIDE), ("phone", PHONE)):
        for language, locale in (("zh", "zh-CN"), ("en", "en-GB")):
            with browser_page(viewport, locale) as page:
                _walk(page, site, email, password, lambda name, tag=f"{language}-{size}": _shoot(page, out, name, tag))
                print(size, language, "foreign requests:", page.foreign, "faults:", {fault[:120] for fault in page.faults})


def _walk(page, site, email, password, shoot):
    page.goto(f"{site}/accounts/login/")
    shoot("login")
    page.goto(f"{site}/accounts/signup/")
    shoot("signup")
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.click("main form button")
    shoot("home")
    home = page.url
    page.goto(f"{home}assessments/new/")
    shoot("start")
    page.goto(home)
    names = page.locator("tbody tr td:first-child a")
    addresses = [names.nth(n).get_attribute("href") for n in range(names.count())]
    for n, address in enumerate(addresses):
        page.goto(site + address)
        shoot(f"overview-{n}")
        page.goto(page.url)
        page.locator(".domain-block a").nth(3).click()
        shoot(f"item-{n}")
        for name in ("result", "derivation", "gaps"):
            page.goto(f"{site}{address}{name}/")
            shoot(f"{name}-{n}")
    page.goto(f"{site}/nowhere/")
    shoot("404")


def _shoot(page, out, name, tag):
    page.wait_for_load_state("networkidle")
    page.screenshot(path=out / f"{name}-{tag}.png", full_page=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
