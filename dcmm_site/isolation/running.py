"""Running the proof beside the site: in processes of its own, one proof at a time, on a database that nobody else sees.

On SQLite each process has a throw-away database; on PostgreSQL all happens in a transaction that is rolled back.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = max(2, os.cpu_count() or 1)  # each walks as some of the viewers
SECONDS = 1800  # after which a process is given up
NOT_FOR_CHILDREN = ("DCMM_S3_", "EMAIL_URL")  # files stay in the throw-away folder, mail is not sent
SUMMED = ("requests", "by_route", "statuses")


class AlreadyRunning(Exception):
    """Somebody's proof is under way."""


class ProofFailed(Exception):
    """A process of the proof ended before it had an outcome; says its last words."""


def run_proof(database_url: str = "") -> dict:
    """The outcome of all viewers, who walk in several processes. ``database_url``: of PostgreSQL; else databases are made."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="isolation-") as folder:
        homes = [Path(folder, str(number)) for number in range(PROCESSES)]
        if not database_url:
            _begin(homes[0], "", "prepare").wait()
            for home in homes[1:]:
                shutil.copytree(homes[0], home)
        outcomes = [home / "outcome.json" for home in homes]
        children = [
            _begin(home, database_url, "prove_isolation", "--here", str(outcome), "--part", str(number), str(PROCESSES))
            for number, (home, outcome) in enumerate(zip(homes, outcomes, strict=True))
        ]
        try:
            for child in children:
                child.wait()
        finally:
            for child in children:
                child.process.kill()
        merged = merge([json.loads(outcome.read_text()) for outcome in outcomes])
    return merged | {"seconds": round(time.monotonic() - start, 1)}


def merge(outcomes: list[dict]) -> dict:
    """One outcome of several: counts added up, findings one after the other."""
    merged = dict(outcomes[0])
    for name in SUMMED:
        merged[name] = dict(sum((Counter(outcome[name]) for outcome in outcomes), Counter()))
    merged["searched"] = sum(outcome["searched"] for outcome in outcomes)
    merged["mails"] = sum(outcome["mails"] for outcome in outcomes)
    merged["findings"] = []
    for outcome in outcomes:
        merged["findings"] += [finding for finding in outcome["findings"] if finding not in merged["findings"]]
    merged["routes"] = [route | {"requests": merged["by_route"].get(route["name"], 0)} for route in merged["routes"]]
    return merged


@dataclass(frozen=True)
class Child:
    process: subprocess.Popen
    said: Path

    def wait(self):
        try:
            status = self.process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise ProofFailed(f"not done after {SECONDS} seconds") from None
        if status:
            raise ProofFailed(self.said.read_text()[-2000:] or f"ended with {status}")


def _begin(home: Path, database_url: str, *command: str) -> Child:
    home.mkdir(exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(NOT_FOR_CHILDREN)}
    environment |= {"DCMM_DATA_DIR": str(home), "DATABASE_URL": database_url}
    if not database_url:
        environment.pop("DATABASE_OWNER_URL", None)
    arguments = [sys.executable, "manage.py", *command]
    with (home / "said").open("w") as said:
        process = subprocess.Popen(arguments, env=environment, cwd=ROOT, stdout=said, stderr=said)
    return Child(process, home / "said")


@contextmanager
def only_one(data: Path):
    """Raises AlreadyRunning."""
    with (folder_of(data) / "lock").open("w") as file:
        if not _taken(file):
            raise AlreadyRunning
        yield


def is_running(data: Path) -> bool:
    with (folder_of(data) / "lock").open("w") as file:
        return not _taken(file, tries=1)


def _taken(file, tries: int = 10) -> bool:
    """Whether the lock could be had; others hold it for a moment when they ask whether it is free."""
    for _n in range(tries):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.1)
        else:
            return True
    return False


def folder_of(data: Path) -> Path:
    folder = Path(data) / "isolation"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
