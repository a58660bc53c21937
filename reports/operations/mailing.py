"""Mail that a report is ready or can't be made, or what became of a batch; written when it leaves, if the reader may still see
it."""

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scope

from organizations.mail import Rendered, renders
from organizations.models import Organization, User
from organizations.queries import membership_of
from reports.jobs import reason_of
from reports.models import RenderJob, Report, ReportBatch
from reports.rights import place_now, reports_visible_to

State = RenderJob.State


@renders("report.ready")
def ready(payload: dict, at: datetime) -> Rendered | None:
    found = _report(payload)
    if found is None:
        return None
    names, link = found
    subject = _("Report ready: %(assessment)s") % names
    text = _("The report on %(assessment)s of %(organization)s is ready.") % names
    return subject, f"{text}\n\n{link}"


@renders("report.failed")
def failed(payload: dict, at: datetime) -> Rendered | None:
    """Unless it was asked for again meanwhile."""
    job = RenderJob.objects.filter(report=payload["report"], state=State.FAILED).first()
    found = _report(payload) if job else None
    if found is None:
        return None
    names, link = found
    subject = _("Report could not be made: %(assessment)s") % names
    text = _("The report on %(assessment)s of %(organization)s could not be made.") % names
    again = _("On this page you can have it made again:")
    return subject, f"{text}\n{reason_of(job.failure)}\n\n{again}\n{link}#report-{job.report}"


def _report(payload: dict) -> tuple[dict[str, str], str] | None:
    """What the mail names, and where it leads. None: the person may not see the report any more."""
    organization = Organization.objects.filter(pk=payload["organization"]).first()
    person = User.objects.filter(pk=payload["person"]).first()
    place = place_now(person, organization, payload["engagement"]) if organization else None
    if place is None:
        return None
    with scope(organization=organization):
        report = Report.objects.select_related("assessment").defer("snapshot").filter(pk=payload["report"]).first()
        if report is None or not reports_visible_to(place, report.assessment).filter(pk=report.pk).exists():
            return None
        names = {"assessment": report.assessment.name, "organization": organization.name}
        link = reverse("reports", args=[organization.slug, report.assessment_id])
    return names, f"{settings.SITE_URL}{link}"


@renders("report.batch_ready")
def batch_ready(payload: dict, at: datetime) -> Rendered | None:
    """One for all of its reports: how many were made, and why the others were not. None where all were stopped."""
    organization = Organization.objects.filter(pk=payload["organization"]).first()
    person = User.objects.filter(pk=payload["person"], is_active=True).first()
    if organization is None or person is None or membership_of(person, organization.slug) is None:
        return None
    with scope(organization=organization):
        batch = ReportBatch.objects.filter(pk=payload["batch"]).first()
    jobs = Counter(RenderJob.objects.filter(batch=payload["batch"]).order_by().values_list("state", "failure"))
    states = Counter(state for state, _failure in jobs.elements())
    if batch is None or set(states) == {State.CANCELLED}:
        return None
    title = {"title": batch.title}
    subject, words = _batch_words(states)
    lines = [words % title, *_failures(jobs)]
    if stopped := states[State.CANCELLED]:
        lines.append(ngettext("%(n)d was stopped.", "%(n)d were stopped.", stopped) % {"n": stopped})
    link = reverse("report_batch", args=[organization.slug, batch.pk])
    return subject % title, "\n".join(lines) + f"\n\n{settings.SITE_URL}{link}"


def _batch_words(states: Counter[str]) -> tuple[str, str]:
    """Subject and first sentence."""
    if states[State.DONE] == states.total():
        return _("Reports ready: %(title)s"), _("The reports that you asked for at once are ready: %(title)s.")
    if states[State.DONE]:
        some = _("Some of the reports that you asked for at once are ready, others are not: %(title)s.")
        return _("Reports ready in part: %(title)s"), some
    none = _("The reports that you asked for at once could not be made: %(title)s.")
    return _("Reports could not be made: %(title)s"), none


def _failures(jobs: Counter[tuple[str, str]]) -> list[str]:
    failed = Counter({failure: count for (state, failure), count in jobs.items() if state == State.FAILED})
    return [
        ngettext("%(n)d failed: %(reason)s", "%(n)d failed: %(reason)s", count) % {"n": count, "reason": reason_of(failure)}
        for failure, count in failed.most_common()
    ]
