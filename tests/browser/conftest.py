import os

import pytest

from tests.browser.chromium import PATH
from tests.live import served


@pytest.fixture(scope="session", autouse=True)
def chromium():
    """Browser tests join when a Chromium is found, and must when CI=true."""
    if PATH is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium found, and CI must run the browser tests")
        pytest.skip("no Chromium found")


@pytest.fixture(scope="session")
def site_data(tmp_path_factory, new_site):
    """The environment of the site that the browser visits."""
    with new_site(tmp_path_factory.mktemp("site")) as environment:
        yield environment


@pytest.fixture(scope="session")
def site(site_data):
    """A real site: gunicorn on its own database, on this machine only; its address."""
    with served(site_data) as server:
        yield server.address
