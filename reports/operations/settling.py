from datetime import datetime

from django_scopes import scope

from organizations.models import User
from organizations.operations.mail import queue_rendered_mail
from reports.models import RenderJob, ReportBatch
from reports.operations.queueing import UNDER_WAY


def settle_batch(job: RenderJob, *, at: datetime):
    """Call it in the transaction that ends a job. Its batch, if any, is ready when nothing of it is under way: told once, for
    the row is held, so that of two last jobs exactly one sees it."""
    if job.batch is None:
        return
    with scope(organization=job.asking):
        batch = ReportBatch.objects.select_for_update().filter(pk=job.batch, ready_at__isnull=True).first()
        if batch is None or RenderJob.objects.filter(batch=batch.pk, state__in=UNDER_WAY).exists():
            return
        ReportBatch.objects.filter(pk=batch.pk).update(ready_at=at)
    person = User.objects.filter(pk=batch.made_by_id, is_active=True).first()
    if person:
        payload = {"batch": batch.pk, "organization": job.asking, "person": person.pk}
        queue_rendered_mail(kind="report.batch_ready", to=person.email, payload=payload, at=at)
