"""Orders as the tests of reports place them."""

from datetime import timedelta

from django_scopes import scope

from organizations.queries import membership_of
from reports.models import RenderJob, Report
from reports.operations.ordering import order_report
from reports.operations.working import make_next_report
from tests.conftest import NOON


def order(assessment, by, place=None, at=NOON, **options) -> Report:
    """The usual order; the workbook is the quickest file there is."""
    place = place or membership_of(by, assessment.organization.slug)
    options = {"language": "zh-hans", "formats": ("xlsx",)} | options
    with scope(organization=assessment.organization):
        return order_report(assessment=assessment, place=place, by=by, at=at, **options)


def make(at=NOON) -> RenderJob | None:
    """What one worker does next."""
    return make_next_report(lambda: at)


def make_all(at=NOON):
    """What a worker does within the next minutes."""
    for minute in range(10):
        while make(at + timedelta(minutes=minute)) is not None:
            pass


def fresh(report) -> Report:
    with scope(organization=report.organization):
        return Report.objects.get(pk=report.pk)


def job_of(report) -> RenderJob:
    return RenderJob.objects.get(report=report.pk)
