import os
import shutil

import pytest

from tests.browser.chromium import PATH
from tests.live import manage, own_postgres, postgres_of_suite, served, site_environment


@pytest.fixture(scope="session", autouse=True)
def chromium():
    """Browser tests join when a Chromium is found, and must when CI=true."""
    if PATH is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium found, and CI must run the browser tests")
        pytest.skip("no Chromium found")


@pytest.fixture(scope="session")
def site_data(tmp_path_factory, request):
    """The environment of the site that the browser visits: a prepared database of its own, of the kind the suite runs on."""
    folder, url = tmp_path_factory.mktemp("site"), postgres_of_suite()
    if not url:
        yield site_environment(shutil.copytree(request.getfixturevalue("prepared"), folder, dirs_exist_ok=True))
        return
    with own_postgres(url, f"dcmm_site_{os.getpid()}") as database:
        environment = site_environment(folder, database)
        manage(environment, "prepare")
        yield environment


@pytest.fixture(scope="session")
def site(site_data):
    """A real site: gunicorn on its own database, on this machine only; its address."""
    with served(site_data) as server:
        yield server.address
