"""Mail that a report, or all of a batch, is ready; written when it leaves, if the reader may still see it."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django_scopes import scope

from organizations.mail import Rendered, renders
from organizations.models import Organization, User
from organizations.queries import membership_of
from reports.models import Report, ReportBatch
from reports.rights import place_now, reports_visible_to


@renders("report.ready")
def ready(payload: dict, at: datetime) -> Rendered | None:
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
    subject = _("Report ready: %(assessment)s") % names
    text = _("The report on %(assessment)s of %(organization)s is ready.") % names
    return subject, f"{text}\n\n{settings.SITE_URL}{link}"


@renders("report.batch_ready")
def batch_ready(payload: dict, at: datetime) -> Rendered | None:
    organization = Organization.objects.filter(pk=payload["organization"]).first()
    person = User.objects.filter(pk=payload["person"], is_active=True).first()
    if organization is None or person is None or membership_of(person, organization.slug) is None:
        return None
    with scope(organization=organization):
        batch = ReportBatch.objects.filter(pk=payload["batch"]).first()
    if batch is None:
        return None
    link = reverse("report_batch", args=[organization.slug, batch.pk])
    text = _("The reports that you asked for at once are ready: %(title)s.") % {"title": batch.title}
    return _("Reports ready: %(title)s") % {"title": batch.title}, f"{text}\n\n{settings.SITE_URL}{link}"
