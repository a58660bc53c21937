import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.browser.chromium import PATH


@pytest.fixture(scope="session", autouse=True)
def chromium():
    """Browser tests join when a Chromium is found, and must when CI=true."""
    if PATH is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium found, and CI must run the browser tests")
        pytest.skip("no Chromium found")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A real site: gunicorn on its own SQLite database, on this machine only; its address."""
    data = tmp_path_factory.mktemp("site")
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"DCMM_DATA_DIR": str(data)}
    subprocess.run([sys.executable, "manage.py", "prepare"], env=environment, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "dcmm_site.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    server = subprocess.Popen([*command, "--threads", "4", "--timeout", "180"], env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/health/")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except OSError:  # refused, timed out, or not yet answering
            time.sleep(0.2)
    raise TimeoutError(address)
