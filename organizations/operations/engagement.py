from datetime import date, datetime

from django.db import transaction
from django_scopes import scope

from organizations.guests import day_of, places_through
from organizations.models import Engagement, Membership, Organization, TeamMember, TeamRole, User
from organizations.operations.engagement_mail import tell
from organizations.operations.membership import hold_organization
from organizations.operations.trail import record_activity, recorded_together


class NoLongerOpen(Exception):
    """The offer was answered or the engagement ended meanwhile."""


class NotOfThisFirm(Exception):
    """Only members of the consultancy can be on its team."""


@transaction.atomic
def offer_engagement(
    *,
    enterprise: Organization,
    consultancy: Organization,
    offered_by_enterprise: bool,
    purpose: str,
    starts_on: date,
    ends_on: date,
    kind: str = Engagement.Kind.ADVICE,
    covers_all: bool = True,
    by: User,
    at: datetime,
) -> Engagement:
    """Offer the other side an engagement; nothing is opened before that side accepts."""
    with scope(organization=enterprise):
        engagement = Engagement.objects.create(
            organization=enterprise,
            consultancy=consultancy,
            kind=kind,
            purpose=purpose,
            starts_on=starts_on,
            ends_on=ends_on,
            covers_all=covers_all,
            offered_by_enterprise=offered_by_enterprise,
            offered_by=by,
            offered_at=at,
        )
        _record("offered", engagement, by, at)
    tell("offered", engagement, [consultancy if offered_by_enterprise else enterprise], by=by, at=at)
    return engagement


@transaction.atomic
def accept_engagement(*, engagement: Engagement, by: User, at: datetime) -> Engagement:
    """From now on, and from ``starts_on``, the team may enter. Raises NoLongerOpen."""
    return _answer(engagement, "accepted", by, at)


@transaction.atomic
def decline_engagement(*, engagement: Engagement, by: User, at: datetime) -> Engagement:
    """Raises NoLongerOpen."""
    return _answer(engagement, "declined", by, at)


@transaction.atomic
def end_engagement(*, engagement: Engagement, reason: str = "", by: User, at: datetime) -> Engagement:
    """Close the enterprise to the team from their next request on; also withdraws an offer. Raises NoLongerOpen."""
    with scope(organization=engagement.organization):
        engagement = hold_engagement(engagement)
        if engagement.ended_at or engagement.declined_at or engagement.ends_on < day_of(at):
            raise NoLongerOpen
        engagement.ended_at, engagement.ended_by, engagement.end_reason = at, by, reason
        engagement.save(update_fields=["ended_at", "ended_by", "end_reason"])
        _record("ended" if engagement.accepted_at else "withdrawn", engagement, by, at)
    verb = "ended" if engagement.accepted_at else "withdrawn"
    tell(verb, engagement, [engagement.organization, engagement.consultancy], by=by, at=at)
    return engagement


@transaction.atomic
def prolong_engagement(*, engagement: Engagement, ends_on: date, by: User, at: datetime) -> Engagement:
    """Let an engagement that is not over last until another day; the enterprise alone may. Raises NoLongerOpen."""
    with scope(organization=engagement.organization):
        engagement = hold_engagement(engagement)
        if engagement.ended_at or engagement.declined_at or engagement.ends_on < day_of(at):
            raise NoLongerOpen
        engagement.ends_on, engagement.warned_at = ends_on, None
        engagement.save(update_fields=["ends_on", "warned_at"])
        _record("prolonged", engagement, by, at)
    tell("prolonged", engagement, [engagement.consultancy], by=by, at=at)
    return engagement


@transaction.atomic
def put_on_team(*, engagement: Engagement, user: User, role: str, by: User, at: datetime) -> TeamMember:
    """Put a member of the consultancy on the team, or give them another role there. Raises NotOfThisFirm, NoLongerOpen."""
    with scope(organization=engagement.consultancy):
        hold_organization(engagement.consultancy)  # who leaves the firm at this moment is not put on a team after that
        if not Membership.objects.filter(organization=engagement.consultancy, user=user).exists():
            raise NotOfThisFirm
    with scope(organization=engagement.organization):
        engagement = hold_engagement(engagement)
        if engagement.ended_at or engagement.declined_at or engagement.ends_on < day_of(at):
            raise NoLongerOpen
        row, _new = TeamMember.objects.update_or_create(
            engagement=engagement,
            user=user,
            defaults={
                "organization": engagement.organization, "consultancy": engagement.consultancy, "role": TeamRole(role),
                "added_by": by, "added_at": at,
            },
        )  # fmt: skip
        about = f"engagement {engagement.pk} user {user.pk} as {role}"
        record_activity("team.joined", organization=engagement.organization, about=about, by=by, at=at)
    return row


@transaction.atomic
@recorded_together()
def take_off_team(*, member: TeamMember, by: User, at: datetime):
    """From their next request on the person enters no more."""
    with scope(organization=member.organization):
        about = f"engagement {member.engagement_id} user {member.user_id}"
        record_activity("team.left", organization=member.organization, about=about, by=by, at=at)
        TeamMember.objects.filter(pk=member.pk).delete()


def leave_teams(*, membership: Membership, by: User, at: datetime):
    """Whoever leaves the firm leaves all its teams. Called in the transaction that ends the membership."""
    for place in places_through(membership.user, membership.organization):
        take_off_team(member=place, by=by, at=at)


def _answer(engagement: Engagement, answer: str, by: User, at: datetime) -> Engagement:
    with scope(organization=engagement.organization):
        engagement = hold_engagement(engagement)
        if not engagement.is_open_offer or engagement.ends_on < day_of(at):
            raise NoLongerOpen
        engagement.answered_by = by
        setattr(engagement, f"{answer}_at", at)
        engagement.save(update_fields=["answered_by", f"{answer}_at"])
        _record(answer, engagement, by, at)
    offerer = engagement.organization if engagement.offered_by_enterprise else engagement.consultancy
    tell(answer, engagement, [offerer], by=by, at=at)
    return engagement


def hold_engagement(engagement: Engagement) -> Engagement:
    """The engagement as it is now, for this transaction alone."""
    hold_organization(engagement.organization)
    return Engagement.objects.select_related("organization", "consultancy").get(pk=engagement.pk)


def _record(verb: str, engagement: Engagement, by: User, at: datetime):
    about = f"engagement {engagement.pk} organization {engagement.consultancy_id}"
    record_activity(f"engagement.{verb}", organization=engagement.organization, about=about, by=by, at=at)
