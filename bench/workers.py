"""Twenty enterprises order full volumes: how long one worker and two take, and what saving answers costs meanwhile."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from bench.load import open_loop, savers
from tests.live import ROOT, served

ENTERPRISES = 20
LEFT = "SELECT count(*) FROM reports_renderjob WHERE state IN ('waiting', 'making')"
FAILED = "SELECT count(*) FROM reports_renderjob WHERE state = 'failed'"
RATES = (20, 50)  # saves a second
SECONDS = 40


def measured(environment: dict, made: dict) -> dict:
    """Seconds of one worker and of two for all orders, and what saves took at each rate, idle and beside two workers."""
    found = {"enterprises": ENTERPRISES}
    revisions = dict.fromkeys(made["codes"], 1)
    for day, count in ((3, 1), (2, 2)):
        order(environment, day)
        found[f"workers_{count}"] = drain(environment, count)
    found["failed"] = ask(environment, FAILED)
    with served(environment, workers=2, application="bench.wsgi") as server:
        people = savers(server.port, made, revisions, 50)
        open_loop(people, rate=RATES[-1], seconds=5)
        found["saves"] = {rate: {"idle": saves(people, rate)} for rate in RATES}
        order(environment, 1)
        busy = begin(environment, 2)
        time.sleep(8)
        for rate in RATES:
            found["saves"][rate]["busy"] = saves(people, rate)
        found["still_left"] = ask(environment, LEFT)  # else the load outlasted the work, and the figure is too good
        end(busy)
    return found


def saves(people: list, rate: int) -> dict:
    """Milliseconds of saves at this rate: median and 95th percentile, from the moment when each was due."""
    load = open_loop(people, rate=rate, seconds=SECONDS)
    times = sorted(1000 * seconds for seconds in load.seconds)
    return {"median": times[len(times) // 2], "p95": times[int(0.95 * len(times))], "failures": len(load.failures)}


def drain(environment: dict, count: int) -> float:
    """Seconds until nothing is left."""
    start, workers = time.perf_counter(), begin(environment, count)
    while ask(environment, LEFT):
        time.sleep(0.2)
    seconds = time.perf_counter() - start
    end(workers)
    return seconds


def begin(environment: dict, count: int) -> list[subprocess.Popen]:
    """In the session of the site, as ``bin/serve`` starts them."""
    command = [sys.executable, "-m", "tests.durability.report_worker", "20"]
    return [subprocess.Popen(command, env=environment, cwd=ROOT) for _worker in range(count)]


def end(workers: list[subprocess.Popen]):
    for worker in workers:
        worker.kill()  # what it has started ends by itself
        worker.wait()


def order(environment: dict, day: int):
    subprocess.run([sys.executable, "-m", "bench.order", str(ENTERPRISES), str(day)], env=environment, cwd=ROOT, check=True)


def ask(environment: dict, sql: str) -> int:
    with sqlite3.connect(Path(environment["DCMM_DATA_DIR"], "db.sqlite3"), timeout=30) as connection:
        return connection.execute(sql).fetchone()[0]
