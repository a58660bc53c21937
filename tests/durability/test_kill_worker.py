"""Kill workers with -9 while they make reports: each report is made once and completely, and one that can't be made ends.

``DCMM_FULL_KILL=1`` runs it in full: 60 PDFs of two pages, 20 kills, the product's own leases. Else a small one with short leases.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.durability.test_kill import query
from tests.live import ROOT

JOBS = "SELECT report, state, attempts, failure FROM reports_renderjob"
OVERDUE = "SELECT report, taken_at FROM reports_renderjob WHERE state = 'making'"
FILES = "SELECT id, file, workbook, hashes, ready_at IS NOT NULL FROM reports_report"
MADE = "SELECT about FROM organizations_activityentry WHERE verb = 'report.made'"
MAILS = "SELECT payload FROM organizations_queuedmail WHERE kind = 'report.ready'"
ISSUED = "SELECT sha256 FROM reports_issuedfile"


@dataclass(frozen=True)
class Scale:
    reports: int
    kills: int
    kind: str
    lease: tuple[str, ...]  # seconds, for the worker
    between: tuple[float, float]  # seconds between two kills
    seconds: int  # in which all has to be done

    @property
    def patience(self) -> float:
        """After which a dead worker's report is with another one."""
        return float(self.lease[0]) + 30 if self.lease else 60


FULL = Scale(60, 20, "pdf", (), (2, 9), 1500)
SMALL = Scale(6, 4, "xlsx", ("3",), (1.5, 3.5), 150)


@pytest.fixture
def environment(tmp_path, new_site):
    """The rest of the suite takes both processors, so renderings must not stand back."""
    with new_site(tmp_path / "site") as environment:
        yield environment | {"DCMM_RENDER_NICE": "0"}


def start_worker(environment, scale) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.durability.report_worker", *scale.lease]
    return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)


def test_every_report_is_made_once_whatever_is_killed(environment):
    scale = FULL if os.environ.get("DCMM_FULL_KILL") else SMALL
    ordering = [sys.executable, "-m", "tests.durability.order_reports", str(scale.reports), scale.kind]
    made = json.loads(subprocess.run(ordering, env=environment, check=True, capture_output=True, text=True, cwd=ROOT).stdout)

    waited = run(environment, scale)

    jobs = {report: tuple(row) for report, *row in query(environment, JOBS)}
    assert jobs.pop(made["poison"])[0::2] == ("failed", "broken")
    assert Counter(state for state, *_row in jobs.values()) == {"done": len(made["orders"])}  # none lost
    assert waited < scale.patience  # none stuck
    files = {pk: (pdf or workbook, _read(hashes)) for pk, pdf, workbook, hashes, ready in query(environment, FILES) if ready}
    assert sorted(files) == sorted(made["orders"])
    for name, hashes in files.values():  # none half
        assert hashlib.sha256(Path(environment["DCMM_DATA_DIR"], "media", name).read_bytes()).hexdigest() == hashes[scale.kind]
    once = Counter(dict.fromkeys(made["orders"], 1))  # none twice
    assert Counter(int(about.split()[1]) for (about,) in query(environment, MADE)) == once
    assert Counter(_read(payload)["report"] for (payload,) in query(environment, MAILS)) == once
    assert sorted(sha for (sha,) in query(environment, ISSUED)) == sorted(
        hashes[scale.kind] for _name, hashes in files.values()
    )
    print(
        f"{scale.reports} reports, {scale.kills} kills, tries {Counter(row[1] for row in jobs.values())}, waited {waited:.0f} s"
    )


def _read(value) -> dict:
    """SQLite gives JSON as text."""
    return value if isinstance(value, dict) else json.loads(value)


def run(environment, scale) -> float:
    """Two workers, killed at random moments; the longest that a report stayed with a dead one, in seconds."""
    chance, workers = random.Random(36073), [start_worker(environment, scale) for _worker in range(2)]
    kill_at, kills, left, longest = time.monotonic() + chance.uniform(*scale.between), 0, {}, 0.0
    end = time.monotonic() + scale.seconds
    try:
        while time.monotonic() < end:
            if kills < scale.kills and time.monotonic() >= kill_at:
                number = chance.randrange(2)
                before = dict(query(environment, OVERDUE))
                os.killpg(workers[number].pid, signal.SIGKILL)
                workers[number].wait()
                workers[number] = start_worker(environment, scale)
                kills, kill_at = kills + 1, time.monotonic() + chance.uniform(*scale.between)
                left |= {(report, taken): time.monotonic() for report, taken in before.items() if (report, taken) not in left}
            now_with = dict(query(environment, OVERDUE))
            left = {key: since for key, since in left.items() if now_with.get(key[0]) == key[1]}
            longest = max([longest, *(time.monotonic() - since for since in left.values())])
            if kills == scale.kills and not {"waiting", "making"} & {state for _report, state, *_ in query(environment, JOBS)}:
                break
            time.sleep(0.3)
    finally:
        for worker in workers:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    return longest
