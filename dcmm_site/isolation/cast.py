"""Who takes part in a throw-away world: an enterprise, those who may see it, and those who must not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from allauth.account.models import EmailAddress
from django.utils import timezone
from django_scopes import scope

from organizations.models import Department, Engagement, Membership, Organization, Role, TeamRole, User
from organizations.operations.engagement import accept_engagement, offer_engagement, put_on_team
from organizations.operations.membership import add_member, found_organization

Kind = Organization.Kind
MEMBERS = (Role.COORDINATOR, Role.RESPONDENT, Role.VIEWER)  # beside the owner, who comes with the organization


@dataclass(frozen=True)
class Marks:
    """The unique words of a world; ``name`` stands in all the others.

    ``name`` alone is in the names of the enterprise and its people, which the other side of an engagement and platform staff
    may see. Names of assessments say ``title``, which sponsors may see; what is answered and proven says ``content``; the
    consultancy's own names say ``firm``, its judgement ``judged``, its working papers ``papers``; another consultancy's names
    say ``other_firm``.
    """

    name: str

    @cached_property
    def title(self) -> str:
        return f"{self.name}t"

    @cached_property
    def content(self) -> str:
        return f"{self.name}c"

    @cached_property
    def firm(self) -> str:
        return f"{self.name}f"

    @cached_property
    def judged(self) -> str:
        return f"{self.name}j"

    @cached_property
    def papers(self) -> str:
        return f"{self.name}p"

    @cached_property
    def other_firm(self) -> str:
        return f"{self.name}g"

    @cached_property
    def outside(self) -> str:
        """For the names of those who must see nothing: their own pages say this, so it holds none of the words."""
        return self.name[::-1]


@dataclass(frozen=True)
class Cast:
    """``enterprise`` is an adviser too (of ``client``), so that it has rows of every kind."""

    enterprise: Organization
    firm: Organization
    other_firm: Organization
    client: Organization
    department: Department
    people: dict[str, User]  # role -> member of the enterprise, or guest from the firm
    engagement: Engagement  # the firm's at the enterprise
    advising: Engagement  # the enterprise's at its client
    half: Engagement  # the other firm's, which covers another assessment only
    partial: User  # who sees the other assessment only
    outsiders: dict[str, User]  # who meets 404 on every page of the enterprise
    outsider_slugs: dict[str, str]  # the organizations that they come from, where these are their own


def gather(marks: Marks, at: datetime) -> Cast:
    people = {Role.OWNER: person("owner", marks.name)}
    enterprise = found(f"Enterprise {marks.name}", f"e-{marks.name}", people[Role.OWNER], at, kind=Kind.BOTH)
    with scope(organization=enterprise):
        department = Department.objects.create(organization=enterprise, name=f"Data office {marks.name}")
        for role in MEMBERS:
            people[role] = person(role, marks.name)
            place = department if role == Role.RESPONDENT else None
            add_member(organization=enterprise, user=people[role], role=role, department=place, by=people[Role.OWNER], at=at)
    people |= {role: person(role, marks.firm) for role in TeamRole}
    firm = found(f"Firm {marks.firm}", f"f-{marks.firm}", people[TeamRole.LEAD], at, kind=Kind.CONSULTANCY)
    off_team = person("off-team", marks.outside)
    for colleague in (people[TeamRole.REVIEWER], people[TeamRole.OBSERVER], off_team):
        join(firm, colleague, Role.COORDINATOR, at)
    team = [(people[role], role) for role in TeamRole]
    engagement = engage(enterprise, firm, people[Role.OWNER], team, at, purpose=f"Readiness {marks.firm}")
    partial = person("partial", marks.other_firm)
    other_firm = found(f"Other firm {marks.other_firm}", f"g-{marks.other_firm}", partial, at, kind=Kind.CONSULTANCY)
    purpose = f"Second opinion {marks.other_firm}"
    owner, lead = people[Role.OWNER], TeamRole.LEAD
    half = engage(enterprise, other_firm, owner, [(partial, lead)], at, purpose=purpose, covers_all=False)
    client, advising = _advised(enterprise, owner, marks, at)
    outsiders, slugs = _outsiders(enterprise, owner, firm, engagement, marks, at)
    outsiders["not on the team"] = off_team
    return Cast(enterprise, firm, other_firm, client, department, people, engagement, advising, half, partial, outsiders, slugs)


def _advised(enterprise: Organization, adviser: User, marks: Marks, at: datetime) -> tuple[Organization, Engagement]:
    """A client of the enterprise, which then has a portfolio."""
    owner = person("client", marks.name)
    client = found(f"Client {marks.name}", f"c-{marks.name}", owner, at)
    purpose = f"Advice {marks.name}"
    return client, engage(client, enterprise, owner, [(adviser, TeamRole.LEAD)], at, purpose=purpose)


def _outsiders(enterprise, owner, firm, engagement, marks: Marks, at: datetime) -> tuple[dict[str, User], dict[str, str]]:
    """Everybody who has, had, or will have something to do with the enterprise, and none of its pages."""
    today, day = timezone.localdate(at), timedelta(days=1)
    people = {
        "stranger": person("stranger", marks.outside),
        "platform staff": person("staff", marks.outside, is_staff=True),
        "left the firm": person("left", marks.outside),
    }
    join(firm, people["left the firm"], Role.VIEWER, at)
    put_on_team(engagement=engagement, user=people["left the firm"], role=TeamRole.REVIEWER, by=owner, at=at)
    with scope(organization=firm):
        Membership.objects.filter(user=people["left the firm"]).delete()
    firms = {
        "ended": {},
        "over": {},
        "not begun": {"starts_on": today + day, "ends_on": today + 30 * day},
        "not accepted": {"accepted": False},
        "declined": {"accepted": False},
        "sponsor": {"kind": Engagement.Kind.SPONSORSHIP},
    }
    since = {
        "ended": {"ended_at": at, "end_reason": f"Reason {marks.name}"},
        "over": {"starts_on": today - 30 * day, "ends_on": today - day},
        "declined": {"declined_at": at},
    }
    slugs = {}
    for label, terms in firms.items():
        word = label.replace(" ", "-")
        people[label] = person(word, marks.outside)
        kind = Kind.SPONSOR if label == "sponsor" else Kind.CONSULTANCY
        slugs[label] = f"{word}-{marks.outside}"
        place = found(f"{label.title()} {marks.outside}", slugs[label], people[label], at, kind=kind)
        team = [(people[label], TeamRole.LEAD)]
        row = engage(enterprise, place, owner, team, at, purpose=f"Purpose {marks.name}", **terms)
        with scope(organization=enterprise):
            Engagement.objects.filter(pk=row.pk).update(**since.get(label, {"offered_at": at}))
    return people, slugs


def engage(enterprise, consultancy, owner, team, at, *, accepted=True, **terms) -> Engagement:
    """An engagement that the consultancy offered, by default for a year from yesterday, with its team."""
    today, lead = timezone.localdate(at), team[0][0]
    terms = {"starts_on": today - timedelta(days=1), "ends_on": today + timedelta(days=365), **terms}
    row = offer_engagement(enterprise=enterprise, consultancy=consultancy, offered_by_enterprise=False, **terms, by=lead, at=at)
    if accepted:
        row = accept_engagement(engagement=row, by=owner, at=at)
    for user, role in team:
        put_on_team(engagement=row, user=user, role=role, by=lead, at=at)
    return row


def found(name: str, slug: str, by: User, at: datetime, kind: str = Kind.ENTERPRISE) -> Organization:
    return found_organization(name=name, slug=slug, kind=kind, by=by, at=at)


def person(label: str, word: str, **fields) -> User:
    """Somebody without a password: nobody signs in as them but the walk."""
    user = User.objects.create_user(f"{label}@{word}.example", name=f"{label.title()} {word}", **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def join(organization: Organization, user: User, role: str, at: datetime) -> Membership:
    with scope(organization=organization):
        return add_member(organization=organization, user=user, role=role, by=user, at=at)
