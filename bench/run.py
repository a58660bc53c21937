"""python -m bench.run [--share 1.0] [--postgres URL]: measure filling in together, and write bench/RESULTS.md.
``--reports``: measure the making of reports, and write bench/REPORTS.md.

Every figure is measured anew, on this machine, beside its floor: the empty view with the same middleware. --share shortens
the loads: 0.1 is enough to try the script out. The page says how long each load was.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from bench import workers
from bench.figures import office_table, portfolio_table, report_table, workers_table
from bench.load import closed_loop, open_loop, savers, stored_revisions
from tests.live import ROOT, Visitor, manage, own_postgres, served, site_environment

PAGE = Path(__file__).with_name("RESULTS.md")
REPORTS_PAGE = Path(__file__).with_name("REPORTS.md")


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the full length of the loads; below 0.2 nothing is written"
    )
    parser.add_argument("--postgres", default="postgres://dcmm_ci:dcmm_ci@127.0.0.1:5432/dcmm_ci", metavar="URL")
    parser.add_argument("--reports", action="store_true", help="measure the making of reports instead")
    arguments = parser.parse_args()
    if arguments.reports:
        return REPORTS_PAGE.write_text("\n".join(reports()) + "\n")
    lines = heading()
    for name in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            own = stack.enter_context(own_postgres(arguments.postgres, f"bench_{os.getpid()}")) if name != "SQLite" else None
            section = ["", f"## {name}", "", *measure(site_environment(folder, own), arguments.share)]
            print("\n".join(section), flush=True)
            lines += section
    text = "\n".join(lines) + "\n"

    if arguments.share >= 0.2:
        PAGE.write_text(text)


def heading() -> list[str]:
    return [
        "# Measured: filling in together",
        "",
        f"Made by `python -m bench.run` on {date.today()}: {os.cpu_count()} cores, Python {platform.python_version()},",
        "gunicorn with 2 workers of 4 threads; the load comes from the same machine. Milliseconds unless said otherwise.",
        "Spread is the 5th to the 95th percentile. The empty view has the same middleware and sends as many bytes.",
    ]


def measure(environment: dict, share: float) -> list[str]:
    manage(environment, "prepare")
    made = run(environment, "bench.furnish")
    lines = page_table(run(environment, "bench.pages", made))
    lines += kit_table(run(environment, "bench.kit", made))
    lines += portfolio_table(run(environment, "bench.portfolio"))
    with served(environment, workers=2, application="bench.wsgi") as server:
        lines += load_table(environment, made, server.port, share)
    return lines


def reports() -> list[str]:
    """The page about reports, on SQLite: what makes them knows no database."""
    lines = [
        "# Measured: making reports",
        "",
        f"Made by `python -m bench.run --reports` on {date.today()}: {os.cpu_count()} cores, Python "
        f"{platform.python_version()}.",
        "The enterprise is furnished in every part: answers, evidence, verdicts, plan, policy actions; goals in brackets.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        environment = site_environment(Path(folder))
        manage(environment, "prepare")
        lines += report_table(run(environment, "bench.report"))
        lines += office_table(run(environment, "bench.office"))
        return lines + workers_table(workers.measured(environment, run(environment, "bench.furnish")))


def run(environment: dict, module: str, made: dict | None = None) -> dict:
    """What the module prints, run with the environment of the site; ``made`` goes to its standard input."""
    done = subprocess.run(
        [sys.executable, "-m", module], env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
        input=json.dumps(made),
    )  # fmt: skip
    return json.loads(done.stdout.strip().splitlines()[-1])


def page_table(pages: dict) -> list[str]:
    lines = [
        "| page, in process | queries | kB | median | spread | empty view, median | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, figures in pages.items():
        page, empty = figures["page_ms"], figures["empty_ms"]
        middle, floor = statistics.median(page), statistics.median(empty)
        lines.append(
            f"| {name} | {figures['queries']} | {figures['bytes'] / 1000:.0f} | {middle:.1f} | {spread(page)} | {floor:.1f} | "
            f"{middle / floor:.1f} |"
        )
    return lines


def kit_table(kit: dict) -> list[str]:
    lines = ["", "| full kit, every answer changed | rows | median s | fastest-slowest |", "|---|---|---|---|"]
    for name, seconds in kit["seconds"].items():
        lines.append(f"| {name} | {kit['rows']} | {statistics.median(seconds):.2f} | {min(seconds):.2f}-{max(seconds):.2f} |")
    return lines


def load_table(environment: dict, made: dict, port: int, share: float) -> list[str]:
    revisions = dict.fromkeys(made["codes"], 1)
    before, confirmed, lines = stored_revisions(environment), 0, []
    lines += ["", "| load of saves | seconds | requests | rate/s | median | p95 | p99 | failures |", "|---|" + "---|" * 7]
    loads = [
        ("open loop, 50 saves/s", 50, lambda people: open_loop(people, rate=50, seconds=60 * share)),
        ("200 people, one save each 10 s", 200, lambda people: open_loop(people, rate=20, seconds=300 * share)),
        ("saturation, 8 people", 8, lambda people: closed_loop([person.save for person in people], seconds=20 * share)),
    ]
    for name, count, make in loads:
        load = make(savers(port, made, revisions, count))
        confirmed += len(load.seconds) - len(load.failures)
        lines.append(load_row(name, load))
    visitors = [Visitor(port) for _ in range(8)]
    calls = [lambda visitor=visitor: visitor.get("/bench/empty/4000/") and None for visitor in visitors]
    for visitor, session in zip(visitors, made["sessions"], strict=False):
        visitor.cookies = {"sessionid": session}
    lines.append(load_row("saturation of the empty view, 8 people", closed_loop(calls, seconds=20 * share)))
    stored = stored_revisions(environment) - before
    return [*lines, "", f"Saves confirmed: {confirmed}; revisions that the database holds of them: {stored}."]


def load_row(name: str, load) -> str:
    times = sorted(1000 * seconds for seconds in load.seconds)
    p95, p99 = (times[min(len(times) - 1, int(len(times) * share))] for share in (0.95, 0.99))
    figures = [f"{load.elapsed:.0f}", len(times), f"{len(times) / load.elapsed:.0f}"]
    figures += [f"{value:.1f}" for value in (statistics.median(times), p95, p99)]
    return f"| {name} | {' | '.join(map(str, figures))} | {len(load.failures)} |"


def spread(values: list[float]) -> str:
    cuts = statistics.quantiles(values, n=20)
    return f"{cuts[0]:.1f}-{cuts[-1]:.1f}"


if __name__ == "__main__":
    main()
