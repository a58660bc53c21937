"""Make the files of one report, in a process of its own: ``python -m reports.papers.render_child``.

Order as JSON on standard input, files and ``outcome.json`` into its folder, the steps line by line on standard output.
No database and no secret is here: the parent leaves them out of the environment (reports/operations/rendering.py).
"""

import json
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

WATCH = 0.5  # seconds between two looks whether the parent lives


def main():
    order = json.load(sys.stdin)
    _stand_back(order["nice"])
    threading.Thread(target=_end_with, args=(order["parent"], order["folder"]), daemon=True).start()
    import django  # noqa: PLC0415 - the watch stands before anything slow

    django.setup()
    from reports.papers.making import Failed, files_of  # noqa: PLC0415

    folder = Path(order["folder"])
    try:
        files, pages = files_of(order, said=lambda step: print(step, flush=True))
        for kind, content in files.items():
            (folder / kind).write_bytes(content)
        outcome = {"files": sorted(files), "pages": pages}
    except Failed as error:
        outcome = {"failure": error.key}
        print(error, file=sys.stderr)
    except MemoryError:
        outcome = {"failure": "too_big"}
    (folder / "outcome.json").write_text(json.dumps(outcome))


def _stand_back(nice: int):
    """Whoever waits for a page goes first. Also as a session: Linux shares processors among sessions before it looks at
    priorities within them (sched(7), autogroup)."""
    os.nice(nice)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(nice))


def _end_with(parent: int, folder: str):
    """When the worker has been killed: leave nothing of the report behind, and end all that was started here."""
    while os.getppid() == parent:
        time.sleep(WATCH)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
