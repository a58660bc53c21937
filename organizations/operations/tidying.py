from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from organizations.jobs import daily
from organizations.models import DailyRun, QueuedMail

KEPT = timedelta(days=30)


@daily
@transaction.atomic
def tidy_up(at: datetime) -> None:
    """Drop sessions that have ended, and the notes on failed mail and daily runs that nobody will read any more."""
    Session.objects.filter(expire_date__lt=at).delete()
    QueuedMail.objects.filter(failed_at__lt=at - KEPT).delete()
    DailyRun.objects.filter(on__lt=(at - KEPT).date()).delete()
