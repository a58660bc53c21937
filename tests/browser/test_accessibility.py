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
    with served(environment) as server:
        yield server.address, (Path(environment["DCMM_DATA_DIR"]) / "demo_password").read_text()


@pytest.mark.parametrize(("locale", "viewport"), [("zh-CN", WIDE), ("en-GB", PHONE)], ids=["zh wide", "en phone"])
def test_no_page_has_a_serious_finding(demo, locale, viewport):
    site, password = demo
    with browser_page(viewport, locale) as page:
        found = findings(page, site, tour.entrance())
        tour.sign_in(page, site, tour.OWNER, password)
        found |= findings(page, site, list(tour.pages(page, site)))
        assert page.foreign == []

    assert found == {}


def findings(page, site, pages) -> dict[str, list[str]]:
    """Page -> its serious and critical findings, and sideways scrolling of the whole page."""
    found, script = {}, Axe().axe_script
    for name, address in pages:
        page.goto(site + address)
        page.evaluate(script)
        violations = page.evaluate("(rules) => axe.run(rules).then((results) => results.violations)", RULES)
        faults = [
            f"{row['id']}: {node['html'][:120]}"
            for row in violations
            if row["impact"] in ("serious", "critical")
            for node in row["nodes"][:3]
        ]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            faults.append("the page scrolls sideways")
        if faults:
            found[name] = faults
    return found
