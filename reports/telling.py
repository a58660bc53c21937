"""What the pages say about reports: state, progress, reason, files; without their snapshots."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from assessments.queries.visible import of_other_firms
from reports.jobs import FORMATS, STEPS, reason_of
from reports.models import RenderJob, Report
from reports.rights import Place

State = RenderJob.State
EXPIRED = "expired"


@dataclass(frozen=True)
class Told:
    """One report as a page shows it. ``state``: of its job, or expired; ``files``: (format, its name)."""

    report: Report
    state: str
    step: str
    percent: int
    failure: str
    is_stopping: bool
    made_by: str
    files: tuple[tuple[str, str], ...]
    expires_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        return self.state in (State.WAITING, State.MAKING)

    @property
    def may_be_made_again(self) -> bool:
        return self.state in (State.FAILED, State.CANCELLED, EXPIRED)


def told(reports: Iterable[Report], place: Place | None = None) -> list[Told]:
    """In their order; one query, and for guests one more. ``place``: of a guest, who is not told people of other firms."""
    reports = list(reports)
    jobs = {job.report: job for job in RenderJob.objects.filter(report__in=[report.pk for report in reports])}
    hidden = of_other_firms(place, [report.engagement_id for report in reports]) if place else set()
    return [_told(report, jobs.get(report.pk), report.engagement_id in hidden) for report in reports]


def _told(report: Report, job: RenderJob | None, is_hidden: bool) -> Told:
    files = tuple((kind, FORMATS[kind]) for kind in report.file_of)
    state = job.state if job and not files else State.DONE if files else EXPIRED
    if state == State.DONE and not files:
        state = EXPIRED
    ready = report.ready_at or report.made_at
    return Told(
        report=report,
        state=state,
        step=str(STEPS.get(job.step, "")) if job and state == State.MAKING else str(STEPS[""]),
        percent=job.percent if job else 0,
        failure=reason_of(job.failure) if job and state == State.FAILED else "",
        is_stopping=bool(job and job.is_cancelled and state == State.MAKING),
        made_by="" if is_hidden or report.made_by is None else str(report.made_by),
        files=files,
        expires_at=ready + settings.REPORT_KEPT if files else None,
    )
