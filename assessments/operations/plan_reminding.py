"""Reminders of improvement actions: one mail a day and person, with what has come within a week of its day or gone past it.

Each action is told once before its day and once after it. The trail remembers: an entry names action, stage and day, so that an
action that gets another day is told anew.
"""

from collections import defaultdict
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django_scopes import scope

from assessments.queries.plan_waiting import still_due
from assessments.queries.planning import DueAction, due_soon
from organizations.jobs import daily
from organizations.mail import renders
from organizations.models import ActivityEntry, User
from organizations.operations.mail import queue_rendered_mail
from organizations.operations.trail import record_activity

KIND = "due_actions"
VERB = "action.reminded"


@daily
def remind_of_actions(at: datetime):
    """Queue today's mail to the owners who want reminders."""
    on = timezone.localdate(at, timezone.get_default_timezone())
    by_tenant: dict[int, list[DueAction]] = defaultdict(list)
    for due in due_soon(on):
        if due.action.owner.wants_digest:
            by_tenant[due.action.organization_id].append(due)
    told: dict[int, list[DueAction]] = defaultdict(list)
    for organization, rows in by_tenant.items():
        with scope(organization=organization):
            for due in _not_told(rows):
                told[due.action.owner_id].append(due)
                tenant = due.action.assessment.organization
                record_activity(VERB, organization=tenant, about=_about(due), by=None, at=at)
    people = User.objects.in_bulk(told)
    for pk in sorted(told):
        person = people[pk]
        actions = [due.action for due in told[pk]]
        tenants = sorted({action.organization_id for action in actions})
        payload = {"user": pk, "actions": [action.pk for action in actions], "organizations": tenants}
        queue_rendered_mail(kind=KIND, to=person.email, payload=payload, language=person.language, at=at)


def _about(due: DueAction) -> str:
    action = due.action
    stage = "late" if due.is_late else "soon"
    return f"assessment {action.assessment_id} action {action.number} {stage} {action.due_on}"


def _not_told(rows: list[DueAction]) -> list[DueAction]:
    about = {_about(due): due for due in rows}
    told = ActivityEntry.objects.filter(organization=rows[0].action.organization_id, verb=VERB, about__in=list(about))
    known = set(told.values_list("about", flat=True))
    return [due for words, due in about.items() if words not in known]


@renders(KIND)
def render_due_actions(payload: dict, at: datetime) -> tuple[str, str] | None:
    """Written when it leaves, from what is still due then; None when nothing is."""
    on = timezone.localdate(at, timezone.get_default_timezone())
    person = User.objects.filter(pk=payload["user"], is_active=True, wants_digest=True).first()
    rows = still_due(person, payload["organizations"], payload["actions"], on) if person else []
    if not rows:
        return None
    late = sum(due.is_late for due in rows)
    subject = ngettext("%(n)d improvement action is due", "%(n)d improvement actions are due", len(rows)) % {"n": len(rows)}
    if late:
        subject += ngettext(", %(n)d overdue", ", %(n)d overdue", late) % {"n": late}
    links = {"work": settings.SITE_URL + reverse("home"), "profile": settings.SITE_URL + reverse("profile")}
    return subject, render_to_string("assessments/mail/due_actions.txt", {"rows": rows, "person": person, **links})
