"""Mail about an assessment's way through its states: queued in the act's own transaction, each in the reader's language."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from assessments.models import Assessment
from assessments.queries.reviewing import advising_engagements
from organizations.mail import in_language_of
from organizations.models import Membership, TeamMember, User
from organizations.operations.mail import queue_mail
from organizations.permissions import Permission, allows

State = Assessment.State
TOLD = {State.SUBMITTED, State.RETURNED, State.FINAL}


def tell_of_move(*, assessment: Assessment, reopened: bool = False, by: User, at: datetime):
    """Tell owners, coordinators and the teams that review it, but not the one who did it, that the assessment was submitted,
    returned, made final or reopened. Of a return only the enterprise is told."""
    if assessment.state not in TOLD:
        return
    people = _readers(assessment, by)
    if assessment.state != State.RETURNED or reopened:
        people += [person for person in _reviewers(assessment, by) if person not in people]
    for person in people:
        with in_language_of(person):
            subject, text = _words(assessment, by, reopened)
            text += f"\n\n{settings.SITE_URL}{assessment.get_absolute_url()}"
            queue_mail(to=person.email, subject=subject, text=text, at=at)


def _readers(assessment: Assessment, by: User) -> list[User]:
    rows = Membership.objects.filter(organization_id=assessment.organization_id, user__is_active=True).exclude(user=by)
    return [row.user for row in rows.select_related("user").order_by("pk") if allows(row.role, Permission.ASSIGN)]


def _reviewers(assessment: Assessment, by: User) -> list[User]:
    """Who may judge it now: the teams of the running engagements that cover it."""
    rows = TeamMember.objects.filter(engagement__in=advising_engagements(assessment), user__is_active=True).exclude(user=by)
    return [row.user for row in rows.select_related("user").order_by("pk") if allows(row.role, Permission.REVIEW_WRITE)]


def _words(assessment: Assessment, by: User, reopened: bool) -> tuple[str, str]:
    names = {"assessment": assessment.name, "organization": assessment.organization.name, "who": str(by)}
    if assessment.state == State.SUBMITTED:
        subject, text = (
            _("Submitted: %(assessment)s"),
            _("%(who)s submitted %(assessment)s of %(organization)s. The review can begin."),
        )
    elif reopened:
        subject, text = (
            _("Reopened: %(assessment)s"),
            _("%(who)s reopened %(assessment)s of %(organization)s. The reason stands on its page."),
        )
    elif assessment.state == State.RETURNED:
        subject, text = (
            _("Returned: %(assessment)s"),
            _("%(who)s returned %(assessment)s of %(organization)s. The reason stands on its page."),
        )
    else:
        subject, text = _("Final: %(assessment)s"), _("%(who)s made %(assessment)s of %(organization)s final.")
    return subject % names, text % names
