"""People saving answers against a served site: open loops at a fixed rate, and as fast as it goes.

In an open loop each save has its moment, and its time counts from that moment, whether or not the one before has come back.
"""

import sqlite3
import threading
import time
from dataclasses import dataclass, field

from tests.live import Visitor, ask_postgres

RATINGS = ("full", "largely", "partly", "none")


@dataclass
class Load:
    """Seconds per request from its due moment, and the saves that were not confirmed."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    elapsed: float = 0.0


class Saver:
    """A signed-in person with criteria of their own."""

    def __init__(self, port: int, made: dict, number: int, codes: list[str], revisions: dict[str, int]):
        self.made, self.number, self.codes, self.revisions, self.saves = made, number, codes, revisions, 0
        self.visitor = Visitor(port)
        self.visitor.cookies = {"sessionid": made["sessions"][number]}
        self.visitor.get(f"/o/{made['slug']}/assessments/{made['assessment']}/items/{made['largest']}/")

    def save(self) -> str | None:
        """None when confirmed, else what came back."""
        code = self.codes[self.saves % len(self.codes)]
        self.saves += 1
        revision = self.revisions[code]
        words = {"rating": RATINGS[self.saves % 4], "note": f"{self.number}/{self.saves}", "revision": revision}
        path = f"/o/{self.made['slug']}/assessments/{self.made['assessment']}/answers/{code}/"
        confirmed = self.visitor.save(path, words)
        if confirmed != f"{code} {revision + 1}":
            return f"{code}: {confirmed}"
        self.revisions[code] = revision + 1
        return None


def savers(port: int, made: dict, revisions: dict[str, int], count: int) -> list[Saver]:
    return [Saver(port, made, n, made["codes"][n::count], revisions) for n in range(count)]


def open_loop(people: list[Saver], *, rate: float, seconds: float) -> Load:
    """Every person saves in turn, all together ``rate`` times a second."""
    load, lock = Load(), threading.Lock()
    start = time.perf_counter() + 0.5

    def run(number: int):
        for due in range(number, int(rate * seconds), len(people)):
            moment = start + due / rate
            time.sleep(max(0.0, moment - time.perf_counter()))
            failure = _try(people[number].save)
            with lock:
                load.seconds.append(time.perf_counter() - moment)
                if failure:
                    load.failures.append(failure)

    _together([threading.Thread(target=run, args=(n,)) for n in range(len(people))])
    load.elapsed = time.perf_counter() - start
    return load


def closed_loop(calls, *, seconds: float) -> Load:
    """Each call again and again, as fast as it comes back."""
    load, lock = Load(), threading.Lock()
    start = time.perf_counter()

    def run(call):
        while time.perf_counter() < start + seconds:
            begun = time.perf_counter()
            failure = _try(call)
            with lock:
                load.seconds.append(time.perf_counter() - begun)
                if failure:
                    load.failures.append(failure)

    _together([threading.Thread(target=run, args=(call,)) for call in calls])
    load.elapsed = time.perf_counter() - start
    return load


def stored_revisions(environment: dict) -> int:
    """How many revisions the database holds, asked past the program."""
    sql = "SELECT count(*) FROM assessments_answerrevision"
    if "DATABASE_URL" in environment:
        return ask_postgres(environment["DATABASE_URL"], sql)[0][0]
    with sqlite3.connect(f"{environment['DCMM_DATA_DIR']}/db.sqlite3") as connection:
        return connection.execute(sql).fetchone()[0]


def _try(call) -> str | None:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - any failure is a finding of the measurement
        return repr(error)


def _together(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
