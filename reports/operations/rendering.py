"""The worker's side of a render: start the child process, hear its steps, stop it, take its files."""

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from reports.jobs import LOOK
from reports.models import Report
from reports.papers.typesetting import BY_THE_CLOCK

ROOT = Path(__file__).resolve().parents[2]
logger = logging.getLogger(__name__)
HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "DCMM_SIGNING_")
STARTING = 30  # seconds beyond those of the volume: reading the program, Word and the workbook
SECONDS_OF_END = 5


class NotWanted(Exception):
    """Somebody stopped it, another worker has it, or this worker has to end."""


class RenderFailed(Exception):
    """``key``: of the sentences in reports/jobs.py."""

    def __init__(self, key: str):
        self.key = key
        super().__init__(key)


@dataclass(frozen=True)
class Made:
    """Format -> file; pages of the PDF, None without one."""

    files: dict[str, bytes]
    pages: int | None


def render_report(report: Report, *, together: bool, said: Callable[[str], None], wanted: Callable[[], bool]) -> Made:
    """Make the files of a frozen report in a child process. ``said`` hears each step; ``wanted`` is asked every second.

    ``together``: a long PDF may take two processors, which is quicker for one report and slower for many.
    Raises NotWanted and RenderFailed; the child and all that it started are gone then.
    """
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        order = {
            "parent": os.getpid(),
            "folder": folder,
            "snapshot": report.snapshot,
            "sha256": report.sha256,
            "variant": report.variant,
            "items": report.items,
            "formats": report.formats,
            "together": together,
            "nice": settings.RENDER_NICE,
        }
        with _child(folder) as child:
            _hand_over(child, order)
            _follow(child, said, wanted)
        return _taken(Path(folder), child)


@contextmanager
def _child(folder: str):
    with Path(folder, "errors").open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "reports.papers.render_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
            env=_environment(folder),
            start_new_session=True,
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()


def _environment(folder: str) -> dict[str, str]:
    """No database, no bucket, no mail, no key of the site."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(HANDED_ON)}
    own = {"DJANGO_SETTINGS_MODULE": "dcmm_site.settings", "DATABASE_URL": "sqlite://:memory:", "SECRET_KEY": "none"}
    return kept | own | {"DCMM_DATA_DIR": folder}


def _hand_over(child: subprocess.Popen, order: dict):
    try:
        with child.stdin:
            child.stdin.write(json.dumps(order).encode())
    except BrokenPipeError:
        logger.warning("The process that renders ended before it had heard what.")


def _follow(child: subprocess.Popen, said: Callable[[str], None], wanted: Callable[[], bool]):
    """Until the child closes its output."""
    end = time.monotonic() + BY_THE_CLOCK * settings.RENDER_SECONDS + STARTING
    looked = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(timeout=LOOK / 4):
                line = child.stdout.readline()
                if not line:
                    break
                said(line.decode().strip())
            if time.monotonic() - looked >= LOOK:
                looked = time.monotonic()
                if not wanted():
                    raise NotWanted
            if time.monotonic() > end:
                raise RenderFailed("too_long")
    try:
        child.wait(timeout=SECONDS_OF_END)
    except subprocess.TimeoutExpired as error:
        raise RenderFailed("broken") from error


def _taken(folder: Path, child: subprocess.Popen) -> Made:
    errors = (folder / "errors").read_text(errors="replace")[-4000:]
    if errors:
        logger.warning("The process that renders said: %s", errors)
    try:
        outcome = json.loads((folder / "outcome.json").read_text())
    except FileNotFoundError as error:
        raise RenderFailed("too_big" if child.returncode == -signal.SIGKILL else "broken") from error
    if "failure" in outcome:
        raise RenderFailed(outcome["failure"])
    paths = {kind: folder / kind for kind in outcome["files"]}
    if any(path.stat().st_size > settings.REPORT_MAX_BYTES for path in paths.values()):
        raise RenderFailed("too_big")
    return Made({kind: path.read_bytes() for kind, path in paths.items()}, outcome["pages"])
