"""Jobs that the worker does once a day."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from organizations.models import DailyRun

logger = logging.getLogger(__name__)
DAILY: dict[str, Callable[[datetime], None]] = {}
LONG: set[str] = set()  # those that make transactions of their own
FROM = time(7)  # in the site's time zone: nobody is reminded at night
TRIES = 3
LEASE = timedelta(minutes=10)


class TakenOver(Exception):
    """The job took longer than its lease and another worker has it; what was done here is rolled back."""


def daily(job: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Register ``job(at)`` to be run once a day, from seven o'clock on, in one transaction.

    Its effect happens once, however many workers there are and whenever one is killed. It runs outside any tenant scope. Put
    it in a module below ``operations/``: the worker loads all of these.
    """
    DAILY[f"{job.__module__}.{job.__qualname__}"] = job
    return job


def daily_at_length(job: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """As ``daily``, for a job that reads for long: it makes its own transactions, and doing it twice must do no harm."""
    LONG.add(f"{job.__module__}.{job.__qualname__}")
    return daily(job)


def run_daily_jobs(at: datetime) -> int:
    """Run the jobs that are due and not yet done today; returns how many were. A failure ends at the third try."""
    now = timezone.localtime(at, timezone.get_default_timezone())
    if now.time() < FROM:
        return 0
    return sum(_run(name, job, now.date(), at) for name, job in sorted(DAILY.items()))


def _run(name: str, job: Callable[[datetime], None], on, at: datetime) -> bool:
    run = _take(name, on, at)
    if run is None:
        return False
    try:
        with nullcontext() if name in LONG else transaction.atomic():
            job(at)
            if not DailyRun.objects.filter(pk=run.pk, attempts=run.attempts).update(done_at=at, failure=""):
                raise TakenOver
    except Exception as error:
        failure = f"{type(error).__module__}.{type(error).__name__}"[:200]
        logger.exception("The daily job %s failed at try %s.", name, run.attempts)
        DailyRun.objects.filter(pk=run.pk, attempts=run.attempts).update(failure=failure)
        return False
    return True


def _take(name: str, on, at: datetime) -> DailyRun | None:
    run, _ = DailyRun.objects.get_or_create(name=name, on=on)
    leased = run.leased_until is not None and run.leased_until > at
    if run.done_at or leased or run.attempts >= TRIES:
        return None
    mine = DailyRun.objects.filter(pk=run.pk, attempts=run.attempts, done_at__isnull=True)
    if not mine.update(attempts=run.attempts + 1, leased_until=at + LEASE):
        return None
    run.attempts += 1
    return run
