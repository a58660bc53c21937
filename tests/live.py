"""A real site on this machine for tests and measurements: gunicorn on a database of its own, and visitors who talk HTTP to it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
IDLE_SECONDS = 1.5  # gunicorn closes a kept connection after two
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


DATABASES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DCMM_AS_OWNER")


def site_environment(data: Path, database: str | None = None, **more: str) -> dict[str, str]:
    """The environment of a site with its files in ``data``, on SQLite there or on the database of the given URL.

    Where the suite has two roles, that URL is the owner's, and the site serves as the other one.
    """
    environment = {key: value for key, value in os.environ.items() if key not in DATABASES}
    if database and os.environ.get("DATABASE_OWNER_URL"):
        serving = urlsplit(os.environ["DATABASE_URL"])._replace(path=urlsplit(database).path).geturl()
        environment |= {"DATABASE_URL": serving, "DATABASE_OWNER_URL": database}
    elif database:
        environment["DATABASE_URL"] = database
    return environment | {"DCMM_DATA_DIR": str(data)} | more


def postgres_of_suite() -> str:
    """The URL under which the suite may make databases; empty when it runs on SQLite."""
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else ""


def ask_postgres(url: str, sql: str) -> list[tuple]:
    """Asked of the database itself, past the program, about all of its tenants."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT set_config('dcmm.organizations', string_agg(id::text, ','), true) FROM organizations_organization"
        )
        return connection.execute(sql).fetchall()


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, cwd=ROOT).stdout


@dataclass
class Server:
    process: subprocess.Popen
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        """As a power cut would: the master and its workers at once, nothing is finished."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


def start_server(
    environment: dict[str, str], *, workers: int = 1, application: str = "dcmm_site.wsgi", port: int = 0, preload: bool = False
) -> Server:
    """A server that answers. ``preload``: the workers are copies of a master that has read the program, so it is up sooner."""
    port = port or free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    command += ["--threads", "4", "--timeout", "180", "--log-level", "warning", "--no-control-socket"]
    command += ["--preload"] if preload else []
    process = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
    server = Server(process, port)
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health/")
            connection.getresponse().read()
            return server
        except OSError:  # refused, timed out, or not yet answering
            time.sleep(0.05)
    server.kill()
    raise TimeoutError(server.address)


@contextmanager
def served(environment: dict[str, str], **options):
    server = start_server(environment, **options)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def own_postgres(url: str, name: str, template: str = "template1"):
    """A new database beside the one of ``url``, empty or a copy of ``template``; its URL. Dropped at the end."""
    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Visitor:
    """Somebody with a browser's manners but no screen: cookies kept, forms sent with their token, one connection kept open."""

    def __init__(self, port: int):
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.connection = None
        self.used_at = 0.0

    def sign_in(self, email: str, password: str):
        self.get("/accounts/login/")
        response, body = self.post("/accounts/login/", {"login": email, "password": password})
        if response.status != 302:
            raise AssertionError(f"{email} could not sign in: {response.status}")

    def get(self, path: str):
        response, body = self._send("GET", path)
        found = TOKEN.search(body)
        if found:
            self.token = found[1]
        return response, body

    def post(self, path: str, fields: dict):
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields})
        return self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def save(self, path: str, fields: dict) -> str | None:
        """Save an answer as the page's script does; what the server confirmed, "code revision", or None."""
        body = urlencode({"csrfmiddlewaretoken": self.token, **fields})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        response, _body = self._send("POST", path, body, headers)
        return response.getheader("X-Saved")

    def _send(self, method: str, path: str, body: str | None = None, headers: dict | None = None):
        if self.connection is None or time.monotonic() - self.used_at > IDLE_SECONDS:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, path, body, {"Cookie": cookie, **(headers or {})})
            response = self.connection.getresponse()
            text = response.read().decode()
            self.used_at = time.monotonic()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return response, text


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
