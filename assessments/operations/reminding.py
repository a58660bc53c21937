"""Reminders of what is due: one digest a day and person, over all their organizations and assessments."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from assessments.models import Assessment
from assessments.operations.holding import hold_open
from assessments.queries.waiting import due_work_of, people_to_remind
from organizations.jobs import daily
from organizations.mail import renders
from organizations.models import User
from organizations.operations.mail import queue_rendered_mail
from organizations.operations.trail import record_activity
from organizations.permissions import Permission

DIGEST = "digest"
AHEAD = (3, 1)  # days before the due date
EVERY = 7  # days between reminders of what is overdue, from the first day on


def is_day_to_remind(due_on: date, on: date) -> bool:
    """Three days and one day before; the day after, and every week from then."""
    overdue = (on - due_on).days
    return -overdue in AHEAD if overdue <= 0 else overdue % EVERY == 1


@daily
def send_reminders(at: datetime):
    """Queue today's digests, to whoever has an unfinished item that is due for a reminder and wants them."""
    on = timezone.localdate(at, timezone.get_default_timezone())
    people = people_to_remind(on, lambda due_on: is_day_to_remind(due_on, on))
    for person in User.objects.filter(pk__in=people).order_by("pk"):
        _queue_digest(person, on, at)


@transaction.atomic
def remind_now(*, assessment: Assessment, person: User, by: User, at: datetime) -> bool:
    """Queue a digest of everything the person has, due or not.

    False if today's is out already or the person wants none. Raises Closed when the state takes no assignments.
    """
    hold_open(assessment, Permission.ASSIGN)
    queued = _queue_digest(person, timezone.localdate(at, timezone.get_default_timezone()), at, all_items=True)
    if queued:
        about = f"assessment {assessment.pk} user {person.pk}"
        record_activity("person.reminded", organization=assessment.organization, about=about, by=by, at=at)
    return queued


def _queue_digest(person: User, on: date, at: datetime, *, all_items: bool = False) -> bool:
    """At most one a day: the update says whether this was the first."""
    wants = User.objects.filter(pk=person.pk, is_active=True, wants_digest=True).exclude(reminded_on=on)
    if not wants.update(reminded_on=on):
        return False
    payload = {"user": person.pk, "all_items": all_items}
    queue_rendered_mail(kind=DIGEST, to=person.email, payload=payload, language=person.language, at=at)
    return True


@renders(DIGEST)
def render_digest(payload: dict, at: datetime) -> tuple[str, str] | None:
    """Written when it leaves, from what is still open then; None when nothing is."""
    person = User.objects.filter(pk=payload["user"], is_active=True, wants_digest=True).first()
    on = timezone.localdate(at, timezone.get_default_timezone())
    until = None if payload.get("all_items") else on + timedelta(days=max(AHEAD))
    items = due_work_of(person, on, until) if person else []
    if not items:
        return None
    late = sum(row.is_late for row in items)
    subject = ngettext("%(n)d item waits for answers", "%(n)d items wait for answers", len(items)) % {"n": len(items)}
    if late:
        subject += ngettext(", %(n)d overdue", ", %(n)d overdue", late) % {"n": late}
    links = {"work": settings.SITE_URL + reverse("home"), "profile": settings.SITE_URL + reverse("profile")}
    return subject, render_to_string("assessments/mail/digest.txt", {"items": items, "person": person, **links})
