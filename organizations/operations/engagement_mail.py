"""Mail about engagements to the owners of the two sides, each in the reader's language; queued in the act's own transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django_scopes import scope

from organizations.guests import day_of, running
from organizations.jobs import daily
from organizations.mail import in_language_of
from organizations.models import Engagement, Membership, Organization, Role, User
from organizations.operations.mail import queue_mail
from organizations.operations.trail import record_activity

WARN_AHEAD = timedelta(days=14)


def tell(verb: str, engagement: Engagement, sides: Iterable[Organization], *, by: User | None, at: datetime):
    """Tell the owners of these sides, but not the one who did it, what became of the engagement."""
    for side in sides:
        for owner in _owners(side, by):
            with in_language_of(owner):
                subject, text = _words(verb, engagement)
                text += f"\n\n{settings.SITE_URL}{reverse('engagements', args=[side.slug])}"
                queue_mail(to=owner.email, subject=subject, text=text, at=at)


@daily
def warn_of_ends(at: datetime):
    """Tell both sides once of each running engagement that its last day is at most two weeks ahead; tenant by tenant."""
    today = day_of(at)
    for enterprise in Organization.objects.exclude(kind__in=[Organization.Kind.CONSULTANCY, Organization.Kind.SPONSOR]):
        with scope(organization=enterprise):
            ending = Engagement.objects.filter(running(on=today), ends_on__lte=today + WARN_AHEAD, warned_at__isnull=True)
            rows = list(ending.select_related("organization", "consultancy").order_by("pk"))
            Engagement.objects.filter(pk__in=[row.pk for row in rows]).update(warned_at=at)
            for row in rows:
                about = f"engagement {row.pk} organization {row.consultancy_id}"
                record_activity("engagement.end_announced", organization=enterprise, about=about, by=None, at=at)
        for row in rows:
            tell("ending", row, [row.organization, row.consultancy], by=None, at=at)


def _owners(organization: Organization, but: User | None) -> list[User]:
    with scope(organization=organization):
        rows = Membership.objects.filter(organization=organization, role=Role.OWNER, user__is_active=True)
        rows = rows.exclude(user=but) if but else rows
        return [row.user for row in rows.select_related("user").order_by("pk")]


def _words(verb: str, engagement: Engagement) -> tuple[str, str]:
    offerer, other = engagement.organization, engagement.consultancy
    if not engagement.offered_by_enterprise:
        offerer, other = other, offerer
    names = {
        "offerer": offerer.name,
        "other": other.name,
        "enterprise": engagement.organization.name,
        "firm": engagement.consultancy.name,
        "purpose": engagement.purpose,
        "from": engagement.starts_on.isoformat(),
        "until": engagement.ends_on.isoformat(),
    }
    subject, text = {
        "offered": (
            _("%(offerer)s offers an engagement"),
            _("%(offerer)s offers you an engagement: %(purpose)s, from %(from)s to %(until)s. "
              "Nothing is opened before you accept."),
        ),
        "accepted": (
            _("%(other)s accepted the engagement"),
            _("%(other)s accepted the engagement: %(purpose)s, from %(from)s to %(until)s."),
        ),
        "declined": (_("%(other)s declined the engagement"), _("%(other)s declined the engagement: %(purpose)s.")),
        "withdrawn": (_("%(offerer)s withdrew an offer"), _("%(offerer)s withdrew the offer of an engagement: %(purpose)s.")),
        "ended": (
            _("The engagement of %(firm)s at %(enterprise)s has ended"),
            _("The engagement of %(firm)s at %(enterprise)s was ended: %(purpose)s. From now on the team sees nothing there."),
        ),
        "prolonged": (
            _("The engagement of %(firm)s at %(enterprise)s has another last day"),
            _("The engagement of %(firm)s at %(enterprise)s now lasts until %(until)s: %(purpose)s."),
        ),
        "ending": (
            _("The engagement of %(firm)s at %(enterprise)s ends on %(until)s"),
            _("The engagement of %(firm)s at %(enterprise)s ends on %(until)s: %(purpose)s. "
              "After that day the team sees nothing there. The enterprise may prolong it."),
        ),
    }[verb]  # fmt: skip
    return subject % names, text % names
