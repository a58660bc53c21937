"""Every main page of the furnished site against the rules of WCAG 2.2 AA, by axe: no serious or critical finding."""

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import tour
from tests.browser.chromium import PHONE, WIDE, browser_page
from tests.live import manage, served, site_environment

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def demo(tmp_path_factory, prepared):
    """(address, password) of a furnished site."""
    environment = site_environment(shutil.copytree(prepared, tmp_path_factory.mktemp("demo"), dirs_exist_ok=True))
    manage(environment, "prepare", "--demo")
    password = (Path(environment["DCMM_DATA_DIR"]) / "demo_password").read_text()
    manage(environment | {"DJANGO_SUPERUSER_PASSWORD": password}, "createsuperuser", "--noinput", "--email", tour.STAFF)
    with served(environment) as server:
        yield server.address, password


@pytest.mark.parametrize(("locale", "viewport"), [("zh-CN", WIDE), ("en-GB", PHONE)], ids=["zh wide", "en phone"])
def test_no_page_has_a_serious_finding(demo, locale, viewport):
    site, password = demo
    with browser_page(viewport, locale) as page:
        found = findings(page, site, tour.entrance())
        for email, pages in tour.WALKS.items():
            page.context.clear_cookies()
            assert tour.sign_in(page, site, email, password), email
            found |= findings(page, site, list(pages(page, site)))
        assert page.foreign == []

    assert found == {}


def findings(page, site, pages) -> dict[str, list[str]]:
    """Page -> its serious and critical findings, sideways scrolling of the whole page, and a page that is not there."""
    found, script = {}, Axe().axe_script
    for name, address in pages:
        status = page.goto(site + address).status
        page.evaluate(script)
        violations = page.evaluate("(rules) => axe.run(rules).then((results) => results.violations)", RULES)
        faults = [
            f"{row['id']}: {node['html'][:120]}"
            for row in violations
            if row["impact"] in ("serious", "critical")
            for node in row["nodes"][:3]
        ]
        if status != 200 and name != "nowhere":
            faults.append(f"answers {status}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            faults.append("the page scrolls sideways")
        if faults:
            found[name] = faults
    return found
