"""What the worker tidies daily: files whose time is over, and files that an interrupted worker left behind."""

import posixpath
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django_scopes import scope

from organizations.jobs import daily_at_length
from organizations.models import Organization
from organizations.operations.trail import record_activity, recorded_together
from reports.models import Report

ORPHAN_AFTER = timedelta(days=1)  # a younger file may be on its way into a row
ROOT = "reports"  # folder of all reports, below it one of each organization
NO_FILES = {"file": "", "word": "", "workbook": ""}


@daily_at_length
def expire_reports(at: datetime):
    """Drop the files of reports that were ready ``settings.REPORT_KEPT`` ago; their snapshots stay."""
    for organization in Organization.objects.order_by("pk"):
        with scope(organization=organization):
            _expire(organization, at)
            for name in _orphans(organization, at):
                _storage().delete(name)
    for name in _of_nobody(at):
        _storage().delete(name)


def _expire(organization: Organization, at: datetime):
    """First the rows say that the files are gone, then these go: a kill between leaves orphans, which the next day finds."""
    over = Report.objects.filter(organization=organization, ready_at__lte=at - settings.REPORT_KEPT, expired_at__isnull=True)
    rows = list(over.defer("snapshot").order_by("pk"))
    if not rows:
        return
    with transaction.atomic(), recorded_together():
        Report.objects.filter(pk__in=[row.pk for row in rows]).update(**NO_FILES, expired_at=at)
        for row in rows:
            about = f"report {row.pk} of assessment {row.assessment_id}"
            record_activity("report.expired", organization=organization, about=about, by=None, at=at)
    for row in rows:
        for file in row.file_of.values():
            file.storage.delete(file.name)


def _orphans(organization: Organization, at: datetime) -> Iterator[str]:
    rows = Report.objects.filter(organization=organization).order_by().values_list("file", "word", "workbook")
    known = {name for row in rows for name in row if name}
    yield from (name for name in _old_files(str(organization.pk), at) if name not in known)


def _of_nobody(at: datetime) -> Iterator[str]:
    """The files of organizations that are gone."""
    there = {str(pk) for pk in Organization.objects.values_list("pk", flat=True)}
    folders, _names = _listed(ROOT)
    for folder in sorted(set(folders) - there):
        yield from _old_files(folder, at)


def _old_files(folder: str, at: datetime) -> Iterator[str]:
    _folders, names = _listed(posixpath.join(ROOT, folder))
    for name in sorted(posixpath.join(ROOT, folder, name) for name in names):
        if _storage().get_modified_time(name) < at - ORPHAN_AFTER:
            yield name


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return _storage().listdir(folder)
    except FileNotFoundError:
        return [], []


def _storage():
    return Report._meta.get_field("file").storage
