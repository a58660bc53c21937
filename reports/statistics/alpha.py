"""Krippendorff's alpha by the ``krippendorff`` library, in a child process: no worker of the web ever imports numpy.

Runs as ``python -m reports.statistics.alpha``: lists of units on standard input, one figure per list on standard output. A unit
is how often each value was given to one thing, the values in their order, e.g. ``[0, 2, 1, 0]``.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 20
Units = list[list[int]]


class NoFigure(Exception):
    """The child process gave no figures; the message is for the log, not for the page."""


def ordinal_alphas(lists: list[Units]) -> list[float | None]:
    """The ordinal alpha of each list; None where it is not defined, because all ratings are the same. Raises NoFigure."""
    if not lists:
        return []
    command = [sys.executable, "-m", "reports.statistics.alpha"]
    try:
        done = subprocess.run(
            command, input=json.dumps(lists).encode(), capture_output=True, timeout=SECONDS, cwd=ROOT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NoFigure(f"took longer than {SECONDS} s") from error
    if done.returncode:
        raise NoFigure(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(done.stdout)


def _alpha(units: Units) -> float | None:
    import krippendorff  # noqa: PLC0415 - only the child process pays for numpy

    pairable = [unit for unit in units if sum(unit) > 1]
    used = sum(any(column) for column in zip(*pairable, strict=True))
    if used < 2:
        return None
    value = float(krippendorff.alpha(value_counts=pairable, level_of_measurement="ordinal"))
    return value if math.isfinite(value) else None


if __name__ == "__main__":
    json.dump([_alpha(units) for units in json.load(sys.stdin)], sys.stdout)
