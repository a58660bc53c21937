"""What a worker does with the queue of reports: take one, ask again for the right to it, have it made, publish it."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone
from django_scopes import scope

from assessments.models import Assessment
from assessments.queries.visible import assessments_visible_to
from organizations.guests import Guest
from organizations.models import User
from reports.freezing import NothingAssigned, freeze, items_of
from reports.jobs import BEAT, INTERRUPTIONS
from reports.models import RenderJob, Report
from reports.operations.publishing import Lost, end_without, publish
from reports.operations.queueing import is_alone, is_wanted, note_step, renew_lease, take_job
from reports.operations.rendering import NotWanted, RenderFailed, render_report
from reports.rights import Place, assessments_told, may_make, place_now, reports_visible_to

logger = logging.getLogger(__name__)
PAUSE = 1  # seconds between two looks at an empty queue
Clock = Callable[[], datetime]


class RightsEnded(Exception):
    """Who asked may not have this report any more."""


def make_reports(stop: threading.Event):
    """Report after report, until stopped; for a thread of its own. Freezing one takes seconds: those who serve go first."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), settings.RENDER_NICE // 2)
    while not stop.is_set():
        try:
            found = make_next_report(goes_on=lambda: not stop.is_set())
        except Exception:
            logger.exception("The queue of reports could not be worked on; trying again.")
            found = None
        close_old_connections()
        if found is None:
            stop.wait(PAUSE)


def make_next_report(clock: Clock = timezone.now, *, goes_on: Callable[[], bool] = lambda: True) -> RenderJob | None:
    """Take the next job and bring it to an end, or back into the queue. None: nothing is due.

    ``goes_on`` is asked every second; when it says no, the job is given back. When the database fails, the lease runs out.
    """
    job = take_job(clock())
    if job is None:
        return None
    with scope(organization=job.tenant), _kept(job, clock):
        failure = _outcome(job, clock, goes_on)
        if failure is not None:
            end_without(job=job, failure=failure, at=clock())
    return job


def _outcome(job: RenderJob, clock: Clock, goes_on: Callable[[], bool]) -> str | None:
    """None: it is published. Else the key of what went wrong, empty where it only has to stop."""
    if job.attempts > INTERRUPTIONS:
        return "killed"
    try:
        _make(job, clock, goes_on)
    except (NotWanted, Lost):
        return ""
    except RightsEnded:
        return "rights_ended"
    except NothingAssigned:
        return "nothing_assigned"
    except RenderFailed as error:
        return error.key
    except DatabaseError:
        raise
    except Exception:
        logger.exception("Report %s of organization %s could not be made.", job.report, job.tenant)
        return "broken"
    return None


def _make(job: RenderJob, clock: Clock, goes_on: Callable[[], bool]):
    if not is_wanted(job):
        raise NotWanted
    report = Report.objects.filter(pk=job.report).select_related("assessment__version", "organization", "department").first()
    if report is None:
        raise RightsEnded
    person = User.objects.filter(pk=job.person).first()
    place = place_now(person, report.organization, job.engagement)
    _ask_again(place, report)
    if not report.snapshot:
        _freeze(job, report, place, clock())
    made = render_report(
        report,
        together=is_alone(job),
        said=lambda step: note_step(job, step),
        wanted=lambda: goes_on() and is_wanted(job),
    )
    if not note_step(job, "publish") or not is_wanted(job):
        raise NotWanted
    publish(job=job, report=report, made=made, by=person, at=clock())


def _ask_again(place: Place | None, report: Report):
    """Rights may have ended since it was ordered."""
    if not may_make(place, report.assessment) or not reports_visible_to(place, report.assessment).filter(pk=report.pk).exists():
        raise RightsEnded


def _freeze(job: RenderJob, report: Report, place: Place, at: datetime):
    """A report of a batch is frozen when its turn comes; once, also if this try fails later. It is the report of whoever it is
    frozen for: another than who ordered it, where somebody asked again."""
    note_step(job, "freeze")
    assessment: Assessment = report.assessment
    if report.variant == Report.Variant.DEPARTMENT:
        if report.department is None:
            raise NothingAssigned
        report.items = items_of(assessment, report.department)
    frozen = freeze(assessment, place=place, language=report.language, on=timezone.localdate(at))
    report.snapshot, report.sha256 = frozen.text, frozen.sha256
    report.engagements, report.is_draft = frozen.engagements, frozen.is_draft
    report.engagement, report.made_by = place.engagement if isinstance(place, Guest) else None, place.user
    report.assessments = assessments_told(frozen.text, assessments_visible_to(place))
    values = ("snapshot", "sha256", "engagements", "assessments", "is_draft", "items", "engagement", "made_by")
    Report.objects.filter(pk=report.pk, snapshot="").update(**{name: getattr(report, name) for name in values})


@contextmanager
def _kept(job: RenderJob, clock: Clock) -> Iterator[None]:
    """The lease is renewed beside the work, however long a single step takes."""
    ended = threading.Event()

    def beat():
        while not ended.wait(BEAT):
            try:
                renew_lease(job, at=clock())
            except DatabaseError:
                logger.exception("The lease of job %s was not renewed; trying again.", job.pk)
        connection.close()

    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()
