"""Take screenshots of the main pages, wide and phone, Chinese and English: python -m tests.browser.screenshots URL PASSWORD FOLDER.

Run it against a demo site (``bin/serve --demo``), whose log-ins all have the one PASSWORD. Platform staff join in when there is
a log-in tour.STAFF with that password.
"""

import sys
from pathlib import Path

from tests.browser import tour
from tests.browser.chromium import PHONE, WIDE, browser_page


def main(site: str, password: str, folder: str, *only: str):
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for size, viewport in (("wide", WIDE), ("phone", PHONE)):
        for language, locale in (("zh", "zh-CN"), ("en", "en-GB")):
            with browser_page(viewport, locale) as page:
                shoot(page, site, tour.entrance(), out, f"{language}-{size}", only)
                for email, pages in tour.WALKS.items():
                    page.context.clear_cookies()
                    if tour.sign_in(page, site, email, password):
                        shoot(page, site, list(pages(page, site)), out, f"{language}-{size}", only)
                print(size, language, "foreign requests:", page.foreign, "faults:", {fault[:120] for fault in page.faults})


def shoot(page, site, pages, out, tag, only):
    for name, address in pages:
        if only and not any(name.startswith(wanted) for wanted in only):
            continue
        page.goto(site + address)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=out / f"{name}-{tag}.png", full_page=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
