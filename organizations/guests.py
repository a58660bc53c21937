"""Engagements: which run, who is on their teams, and where somebody is a guest."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import ActivityEntry, Engagement, Membership, Organization, TeamMember, TeamRole, User
from organizations.tenancy import by_own_side, by_person

STEPS = {
    "engagement.offered": _("offered"),
    "engagement.accepted": _("accepted"),
    "engagement.declined": _("declined"),
    "engagement.withdrawn": _("withdrawn"),
    "engagement.ended": _("ended"),
    "engagement.prolonged": _("another last day"),
    "engagement.scope_set": _("assessments chosen"),
    "engagement.end_announced": _("both sides reminded of the end"),
    "team.joined": _("team enlarged or changed"),
    "team.left": _("team reduced"),
}
STRONGEST_FIRST = [TeamRole.LEAD, TeamRole.REVIEWER, TeamRole.OBSERVER]


@dataclass(frozen=True)
class Guest:
    """A consultant's place at an enterprise while the engagement runs: what a ``Membership`` is to members."""

    user: User
    engagement: Engagement
    role: str
    department: None = None
    department_id: None = None
    pk: None = None

    @property
    def organization(self) -> Organization:
        return self.engagement.organization

    @property
    def organization_id(self) -> int:
        return self.engagement.organization_id

    @property
    def user_id(self) -> int:
        return self.user.pk

    def get_role_display(self) -> str:
        return TeamRole(self.role).label


def today() -> date:
    """The day that decides whether an engagement runs: the site's, not the reader's."""
    return day_of(timezone.now())


def day_of(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())


def running(prefix: str = "", on: date | None = None) -> Q:
    """The condition for engagements that run. ``prefix``: the way to the engagement, e.g. ``engagement__``."""
    on = on or today()
    values = {"accepted_at__isnull": False, "ended_at__isnull": True, "starts_on__lte": on, "ends_on__gte": on}
    return Q(**{prefix + name: value for name, value in values.items()})


def places_on_teams(user: User) -> QuerySet[TeamMember]:
    """The person's places on teams of running engagements, of consultancies that they are a member of. Inside ``by_person``."""
    member = Membership.objects.filter(user=user, organization=OuterRef("engagement__consultancy"))
    rows = TeamMember.objects.filter(running("engagement__"), Exists(member), user=user)
    return rows.select_related("engagement__organization", "engagement__consultancy")


def guest_at(user: User, slug: str) -> Guest | None:
    """The person's place as a guest of the enterprise of that slug, or None, as if it did not exist.

    On several teams at once: the strongest role, then the newest engagement.
    """
    with by_person(user.pk):
        advises = Q(engagement__kind=Engagement.Kind.ADVICE, engagement__organization__slug=slug)
        places = sorted(
            places_on_teams(user).filter(advises), key=lambda row: (STRONGEST_FIRST.index(row.role), -row.engagement_id)
        )
    return Guest(user, places[0].engagement, places[0].role) if places else None


def places_at(user: User, enterprise: Organization) -> list[TeamMember]:
    """All places of the person as a guest of the enterprise: they may be on the teams of several engagements."""
    with by_person(user.pk):
        advises = Q(engagement__kind=Engagement.Kind.ADVICE, engagement__organization=enterprise)
        return list(places_on_teams(user).filter(advises).order_by("pk"))


def guest_places_of(user: User) -> list[Guest]:
    """Everywhere that the person is a guest now, by name of the enterprise; sponsors' engagements are not among them."""
    with by_person(user.pk):
        rows = places_on_teams(user).filter(engagement__kind=Engagement.Kind.ADVICE)
        return [Guest(user, row.engagement, row.role) for row in rows.order_by("engagement__organization__name", "pk")]


def clients_of(user: User, consultancy: Organization) -> list[TeamMember]:
    """The person's places on teams that this consultancy or sponsor sends: what their portfolio holds."""
    with by_person(user.pk):
        rows = places_on_teams(user).filter(engagement__consultancy=consultancy)
        return list(rows.order_by("engagement__organization__name", "engagement_id"))


def engagements_at(enterprise: Organization) -> QuerySet[Engagement]:
    """All engagements of the enterprise, offered, running and over. In its scope."""
    rows = Engagement.objects.filter(organization=enterprise).select_related("consultancy", "ended_by")
    return rows.prefetch_related("team__user")


def has_live_engagements(enterprise: Organization) -> bool:
    """Offered, running or still to begin. In its scope."""
    rows = Engagement.objects.filter(organization=enterprise, declined_at__isnull=True, ended_at__isnull=True)
    return rows.filter(ends_on__gte=today()).exists()


def engagements_by(consultancy: Organization, pk: int | None = None) -> list[Engagement]:
    """All engagements that the consultancy offered or was offered, or the one with this number. Those that were ended or
    declined or are over are left out: of them nothing is visible.

    In its scope; crosses to the enterprises by the consultancy's own side of the engagement.
    """
    with by_own_side(consultancy):
        rows = Engagement.objects.filter(consultancy=consultancy, ended_at__isnull=True, ends_on__gte=today())
        rows = rows.filter(declined_at__isnull=True).select_related("organization", "consultancy")
        rows = rows if pk is None else rows.filter(pk=pk)
        return list(rows.prefetch_related("team__user").order_by("organization__name", "pk"))


def engagement_by(consultancy: Organization, pk: int) -> Engagement | None:
    return next(iter(engagements_by(consultancy, pk)), None)


def places_through(user: User, consultancy: Organization) -> list[TeamMember]:
    """The person's places on all teams that this consultancy ever sent, those of past engagements too."""
    with by_person(user.pk):
        rows = TeamMember.objects.filter(user=user, engagement__consultancy=consultancy)
        return list(rows.select_related("organization").order_by("organization_id", "pk"))


@dataclass(frozen=True)
class Step:
    verb: str
    by: str
    at: datetime


def history_of(engagement: Engagement) -> list[Step]:
    """What became of the engagement, the newest first, out of the enterprise's trail. In its scope."""
    about = f"engagement {engagement.pk}"
    rows = ActivityEntry.objects.filter(organization=engagement.organization)
    rows = rows.filter(Q(about=about) | Q(about__startswith=f"{about} "), verb__in=STEPS)
    lines = list(rows.order_by("-at", "-pk").values_list("verb", "by_id", "at")[:50])
    people = {user.pk: str(user) for user in User.objects.filter(pk__in={by for _verb, by, _at in lines if by})}
    return [Step(str(STEPS[verb]), people.get(by, ""), at) for verb, by, at in lines]


def organization_by_code(code: str) -> Organization | None:
    """The organization with this contact code: knowing it is the right to see the name."""
    return Organization.objects.filter(contact_code=code).first() if code else None
