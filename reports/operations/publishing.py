"""Put the files of a report where its readers find them: stored aside, then shown by one transaction, or not at all."""

import hashlib
import secrets
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from organizations.models import User
from organizations.operations.mail import queue_rendered_mail
from organizations.operations.trail import record_activity
from reports.models import IssuedFile, RenderJob, Report
from reports.operations.queueing import fail_job, finish_job, give_back
from reports.operations.rendering import Made
from reports.operations.settling import settle_batch

FIELDS = {"pdf": "file", "docx": "word", "xlsx": "workbook"}


class Lost(Exception):
    """Another worker has the job by now; what this one made is thrown away."""


def publish(*, job: RenderJob, report: Report, made: Made, by: User, at: datetime):
    """Store the files under fresh keys, then in one transaction: job done, report ready, its hashes known, mail and trail.

    In the scope of the enterprise. Raises Lost, keeping nothing.
    """
    stored = {kind: _store(report, kind, content) for kind, content in made.files.items()}
    try:
        _show(job, report, made, stored, by, at)
    except BaseException:
        for kind, name in stored.items():
            Report._meta.get_field(FIELDS[kind]).storage.delete(name)
        raise


def _store(report: Report, kind: str, content: bytes) -> str:
    field = Report._meta.get_field(FIELDS[kind])
    name = field.generate_filename(report, f"{secrets.token_hex(6)}.{kind}")
    return field.storage.save(name, ContentFile(content))


@transaction.atomic
def _show(job: RenderJob, report: Report, made: Made, stored: dict[str, str], by: User, at: datetime):
    if not finish_job(job, at=at):
        raise Lost
    hashes = {kind: hashlib.sha256(content).hexdigest() for kind, content in made.files.items()}
    values = {FIELDS[kind]: name for kind, name in stored.items()}
    Report.objects.filter(pk=report.pk).update(**values, hashes=hashes, pages=made.pages, ready_at=at, expired_at=None)
    day = timezone.localdate(at, timezone.get_default_timezone())
    issued = [IssuedFile(sha256=sha, snapshot_sha256=report.sha256, kind=kind, issued_on=day) for kind, sha in hashes.items()]
    IssuedFile.objects.bulk_create(issued, ignore_conflicts=True)
    if job.batch is None:
        payload = {"report": report.pk, "organization": report.organization_id, "person": by.pk}
        queue_rendered_mail(kind="report.ready", to=by.email, payload=payload | {"engagement": job.engagement}, at=at)
    settle_batch(job, at=at)
    about = f"report {report.pk} of assessment {report.assessment_id}"
    record_activity("report.made", organization=report.organization, about=about, by=by, at=at)


@transaction.atomic
def end_without(*, job: RenderJob, failure: str = "", at: datetime):
    """The job failed, or (without a failure) is given back or was cancelled. Who asked hears of a failure that is the last."""
    ended = fail_job(job, failure, at=at) if failure else give_back(job, at=at)
    if ended:
        if failure and job.batch is None:
            _tell_failure(job, at)
        settle_batch(job, at=at)


def _tell_failure(job: RenderJob, at: datetime):
    person = User.objects.filter(pk=job.person, is_active=True).first()
    if person:
        payload = {"report": job.report, "organization": job.tenant, "person": person.pk, "engagement": job.engagement}
        queue_rendered_mail(kind="report.failed", to=person.email, payload=payload, at=at)
