"""The PDF of a report, side by side in one run. Prints one JSON line.

Full volume: WeasyPrint as we use it, Chromium's print of the same HTML, and WeasyPrint without HarfBuzz's subsetting. Chief's
two pages beside the full volume. Every figure is the time of a whole process, with its start; memory is its peak.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from assessments.results import PolicyBasis  # noqa: E402 - the set-up comes first
from questionnaires.packages import read_policy_library, read_questionnaire  # noqa: E402
from reports.content.narrowing import narrowed  # noqa: E402
from reports.papers import pdf  # noqa: E402
from reports.papers.typesetting import typeset  # noqa: E402
from tests.reports.conftest import random_answers, snapshot_of  # noqa: E402
from tests.reports.furnished import furnished  # noqa: E402

RUNS = 3
CHROMIUM = "/usr/bin/chromium"
WITHOUT_HARFBUZZ = (
    "import runpy, weasyprint.pdf.fonts as fonts; fonts.harfbuzz_subset = None; "
    "runpy.run_module('reports.papers.typesetting', run_name='__main__')"
)
GROWTH_ITEMS, GROWTH = 13, (1, 3, 6)  # items of about 50 pages, and how many times they stand in a row


def main():
    snapshot = furnished(_snapshot())
    page, styles = pdf.volume_html([snapshot], pdf.FULL), pdf.stylesheets(snapshot)
    seconds = {"weasyprint": [], "chromium": [], "without_harfbuzz": [], "chief": []}
    chief = pdf.volume_html([snapshot], pdf.CHIEF)
    for _turn in range(RUNS):
        seconds["weasyprint"].append(timed(lambda: made(page, styles)))
        seconds["chromium"].append(timed(lambda: printed(page, styles)))
        seconds["chief"].append(timed(lambda: made(chief, styles)))
    seconds["without_harfbuzz"].append(timed(lambda: made(page, styles, start=["-c", WITHOUT_HARFBUZZ])))
    full = pdf.render([snapshot])
    print(
        json.dumps(
            {
                "seconds": seconds,
                "pages": full.pages,
                "bytes": len(full.content),
                "peak_mb": peak(page, styles),
                "growth": growth(snapshot),
            }
        )
    )


def _snapshot():
    bank = read_questionnaire("gbt36073-2025")
    return snapshot_of(bank, PolicyBasis(read_policy_library(), read_questionnaire("policy-actions")), random_answers(bank))


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def made(page: str, styles: list[str], start: list[str] | None = None) -> bytes:
    """Set by WeasyPrint in a child process; ``start``: another way to start it."""
    if start is None:
        return typeset(page, styles, seconds=600, megabytes=4096)
    job = {"html": page, "stylesheets": styles, "seconds": 600, "megabytes": 4096, "attached": [], "document_id": ""}
    job["together"] = True
    return subprocess.run([sys.executable, *start], input=json.dumps(job).encode(), capture_output=True, check=True).stdout


def printed(page: str, styles: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page.replace("</head>", f"<style>{''.join(styles)}</style></head>"), encoding="utf-8")
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={target}", f"file://{source}"]
        subprocess.run(command, capture_output=True, check=True, timeout=300)
        return target.read_bytes()


def peak(page: str, styles: list[str]) -> dict[str, int]:
    """Megabytes at most: of the largest process of the typesetter, and of all of them together, shared pages counted once."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as kept:
        json.dump([page, styles], kept)
        kept.flush()
        script = (
            "import json, resource, sys; from reports.papers.typesetting import typeset;"
            "page, styles = json.load(open(sys.argv[1]));"
            "typeset(page, styles, seconds=600, megabytes=4096);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
        )
        started = subprocess.Popen([sys.executable, "-c", script, kept.name], stdout=subprocess.PIPE, text=True)
        together = 0
        while started.poll() is None:
            together = max(together, sum(map(own_kilobytes, descendants(started.pid))))
            time.sleep(0.1)
        if started.returncode:
            raise RuntimeError("the typesetter failed")
        return {"largest": int(started.stdout.read()), "together": together // 1024}


def descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended
        return []
    return [other for child in map(int, children) for other in (child, *descendants(child))]


def own_kilobytes(pid: int) -> int:
    """The process's proportional share of memory: a page that n processes share counts as an nth."""
    try:
        return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])
    except (OSError, TypeError):  # it has ended, or is about to
        return 0


def growth(snapshot) -> dict[int, dict]:
    """Pages -> seconds, with HarfBuzz and without, and peak memory of volumes of one mix: the part of some items, once and
    several times in a row."""
    codes = tuple(item.code for item in snapshot.items[:GROWTH_ITEMS])
    page, styles = pdf.volume_html([narrowed(snapshot, codes)], pdf.DEPARTMENT), pdf.stylesheets(snapshot)
    found = {}
    for times in GROWTH:
        longer = repeated(page, times)
        start = time.perf_counter()
        content = made(longer, styles)
        found[pdf.pages_of(content)] = {
            "seconds": time.perf_counter() - start,
            "without_harfbuzz": timed(lambda page=longer: made(page, styles, start=["-c", WITHOUT_HARFBUZZ])),
            "peak_mb": peak(longer, styles),
        }
    return found


def repeated(page: str, times: int) -> str:
    """The page with its body so many times, each with anchors of its own."""
    head, rest = page.split("<body", 1)
    opening, body = rest.split(">", 1)
    body, end = body.rsplit("</body>", 1)
    bodies = [re.sub(r'(\bid="|href="#)', rf"\g<1>copy{turn}-", body) for turn in range(times)]
    return f"{head}<body{opening}>{''.join(bodies)}</body>{end}"


if __name__ == "__main__":
    main()
