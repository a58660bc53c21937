"""Order reports, stop them, ask for them again. Each order freezes what the assessment says at that moment."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from assessments.models import Assessment
from assessments.queries.visible import assessments_visible_to
from organizations.guests import Guest
from organizations.models import Department, Organization, User
from organizations.operations.trail import record_activity, recorded_together
from reports.freezing import freeze, items_of
from reports.jobs import FORMATS
from reports.models import RenderJob, Report, ReportBatch
from reports.operations.queueing import cancel_job, queue_again, queue_report
from reports.operations.settling import settle_batch
from reports.rights import Place, assessments_told


class NothingToDo(Exception):
    """The report is not in a state for this: under way already, or not under way any more."""


def order_report(
    *,
    assessment: Assessment,
    place: Place,
    variant: str = Report.Variant.FULL,
    department: Department | None = None,
    language: str,
    formats: Sequence[str] = ("pdf",),
    since: Report | None = None,
    by: User,
    at: datetime,
) -> Report:
    """Freeze the assessment as it stands and queue its report. ``place``: where the person stands who asks for it;
    ``since``: an earlier report of it that the person may see, to tell what changed.

    The same order again, while the first is under way, is the first. Raises NothingAssigned and TooManyWaiting.
    """
    items = items_of(assessment, department) if department else []
    earlier = since.snapshot if since else ""
    frozen = freeze(assessment, place=place, language=language, on=timezone.localdate(at), since=earlier)
    report = _report(assessment, place, variant, department, items, language, formats, by, at)
    report.snapshot, report.sha256 = frozen.text, frozen.sha256
    report.engagements, report.is_draft = frozen.engagements, frozen.is_draft
    report.assessments = assessments_told(frozen.text, assessments_visible_to(place))
    with transaction.atomic():
        Assessment.objects.select_for_update().get(pk=assessment.pk)  # two orders at once: the second finds the first
        same = _same_under_way(report)
        if same:
            return same
        report.save()
        queue_report(report=report, place=place, at=at)
        about = f"report {report.pk} of assessment {assessment.pk}"
        record_activity("report.ordered", organization=assessment.organization, about=about, by=by, at=at)
    return report


def _report(assessment, place, variant, department, items, language, formats, by, at) -> Report:
    return Report(
        organization=assessment.organization,
        assessment=assessment,
        engagement=place.engagement if isinstance(place, Guest) else None,
        variant=variant,
        department=department,
        department_name=department.name if department else "",
        items=items,
        language=language,
        formats=[kind for kind in FORMATS if kind in formats],
        made_by=by,
        made_at=at,
    )


def _same_under_way(report: Report) -> Report | None:
    alike = Report.objects.filter(
        assessment=report.assessment,
        sha256=report.sha256,
        variant=report.variant,
        department=report.department,
        made_by=report.made_by,
        engagement=report.engagement,
        ready_at__isnull=True,
    ).defer("snapshot")
    for row in alike.order_by("pk"):
        under_way = RenderJob.objects.filter(report=row.pk, state__in=[RenderJob.State.WAITING, RenderJob.State.MAKING])
        if row.formats == report.formats and row.items == report.items and under_way.exists():
            return row
    return None


@transaction.atomic
def order_batch(
    *,
    organization: Organization,
    title: str,
    targets: Sequence[tuple[Assessment, Place, Department | None]],
    left_out: Sequence[tuple[int, str]] = (),
    variant: str,
    language: str,
    formats: Sequence[str],
    by: User,
    at: datetime,
) -> ReportBatch:
    """Queue a report of each target, to be frozen by the worker when its turn comes, with the rights of who asks.

    ``organization``: who asks; ``left_out``: enterprise, reason. Raises TooManyWaiting, having queued none.
    """
    with scope(organization=organization):
        batch = ReportBatch.objects.create(
            organization=organization, title=title[:120], left_out=[list(row) for row in left_out], made_by=by, made_at=at
        )
    members = []
    with recorded_together():
        for assessment, place, department in targets:
            enterprise = assessment.organization
            with scope(organization=enterprise):
                report = _report(assessment, place, variant, department, [], language, formats, by, at)
                report.save()
                queue_report(report=report, place=place, batch=batch.pk, at=at)
            members.append([enterprise.pk, report.pk])
            about = f"report {report.pk} of assessment {assessment.pk}"
            record_activity("report.ordered", organization=enterprise, about=about, by=by, at=at)
    batch.members = members
    with scope(organization=organization):
        batch.save(update_fields=["members"])
    return batch


@transaction.atomic
def cancel_report(*, report: Report, by: User, at: datetime):
    """What waits is stopped at once, what is being made as soon as its worker looks. Raises NothingToDo."""
    if not cancel_job(report, at=at):
        raise NothingToDo
    settle_batch(RenderJob.objects.get(report=report.pk), at=at)
    about = f"report {report.pk} of assessment {report.assessment_id}"
    record_activity("report.cancelled", organization=report.organization, about=about, by=by, at=at)


@transaction.atomic
@recorded_together()
def cancel_reports(*, reports: Sequence[Report], by: User, at: datetime) -> int:
    """Stop those of the reports that are still under way, of whichever enterprise; returns how many they were."""
    stopped = 0
    for report in sorted(reports, key=lambda report: report.pk):
        try:
            cancel_report(report=report, by=by, at=at)
        except NothingToDo:
            continue
        stopped += 1
    return stopped


@transaction.atomic
def make_again(*, report: Report, place: Place, by: User, at: datetime):
    """Queue a report that failed, was cancelled, or whose files have expired, from the snapshot that it has: same snapshot and
    versions, same bytes. It is made with the rights of who asks now. Raises NothingToDo and TooManyWaiting."""
    if report.file_of or not queue_again(report, place=place, at=at):
        raise NothingToDo
    report.refresh_from_db(fields=["file", "word", "workbook"])  # its job is held by now; it may have been made before that
    if report.file_of:
        raise NothingToDo
    about = f"report {report.pk} of assessment {report.assessment_id}"
    record_activity("report.asked_again", organization=report.organization, about=about, by=by, at=at)


@transaction.atomic
@recorded_together()
def make_all_again(*, asked: Sequence[tuple[Report, Place]], by: User, at: datetime) -> int:
    """The same for several, of whichever enterprise: all or none. Returns how many are queued. Raises TooManyWaiting."""
    queued = 0
    for report, place in sorted(asked, key=lambda row: row[0].pk):
        with scope(organization=report.organization):
            try:
                make_again(report=report, place=place, by=by, at=at)
            except NothingToDo:
                continue
        queued += 1
    return queued
