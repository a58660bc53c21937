"""Reading the trail: an enterprise its own, a consultancy what its teams did at clients of running engagements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from organizations.guests import engagements_by, today
from organizations.models import ActivityEntry, Department, Engagement, Invitation, Membership, Organization, TrailHead, User
from organizations.models.trail import Result
from organizations.sorting import collated, collated_people
from organizations.tenancy import by_own_side
from organizations.trail_words import FILES, KINDS, VIEWS, WITH_A_PAGE, Names, about_in_words, act, ids_in

PAGE_SIZE = 100
LOOKED_BACK = timedelta(days=30)
OUTSIDERS = "outsiders"


@dataclass(frozen=True)
class Wanted:
    """Which entries; empty: all. ``before`` is where the page begins: older ones only."""

    person: int | None = None
    firm: str = ""  # an id, or OUTSIDERS
    client: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not included
    before: int | None = None

    def of(self, entries: QuerySet[ActivityEntry]) -> QuerySet[ActivityEntry]:
        conditions = [
            self.person and Q(by=self.person),
            self.firm and (Q(acting_for__isnull=False) if self.firm == OUTSIDERS else Q(acting_for=int(self.firm))),
            self.client and Q(organization=self.client),
            self.kind and KINDS[self.kind][1],
            self.since and Q(at__gte=self.since),
            self.until and Q(at__lt=self.until),
        ]
        return entries.filter(*[condition for condition in conditions if condition])


@dataclass(frozen=True)
class Line:
    """An entry as it is shown."""

    entry: ActivityEntry
    who: str
    firm: str
    client: str
    act: str
    about: str

    @property
    def is_done(self) -> bool:
        return self.entry.result == Result.DONE

    @property
    def result(self) -> str:
        return str(Result(self.entry.result).label) if self.entry.result in Result.values else self.entry.result


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    next_before: int | None  # where the next, older page begins


@dataclass(frozen=True)
class Looker:
    """Somebody from outside, and how often they looked."""

    firm: str
    who: str
    person: int | None
    firm_id: int
    views: int
    files: int
    acts: int
    last: datetime


# An organization's own trail, in its scope


def own_page(organization: Organization, wanted: Wanted) -> Page:
    entries = wanted.of(ActivityEntry.objects.filter(organization=organization))
    if wanted.before:
        entries = entries.filter(number__lt=wanted.before)
    rows = list(entries.order_by("-number")[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Page(own_lines(organization, rows), rows[-1].number if more else None)


def own_lines(organization: Organization, rows: list[ActivityEntry]) -> list[Line]:
    names = _names(organization, rows)
    people = _people({row.by_id for row in rows})
    firms = _organizations({row.acting_for_id for row in rows})
    return [_line(row, people, firms, {}, names) for row in rows]


def own_export(organization: Organization, wanted: Wanted, most: int) -> list[Line] | None:
    """All that is wanted, the newest first; None if it is more than ``most``."""
    entries = wanted.of(ActivityEntry.objects.filter(organization=organization)).order_by("-number")
    return _all(entries, most, lambda rows: own_lines(organization, rows))


def lookers(organization: Organization, at: datetime) -> list[Looker]:
    """Who from outside did what here in the last thirty days, by firm and person."""
    entries = ActivityEntry.objects.filter(organization=organization, acting_for__isnull=False, at__gte=at - LOOKED_BACK)
    done = Q(result=Result.DONE)
    rows = entries.order_by().values("acting_for_id", "by_id").annotate(
        views=Count("pk", filter=done & Q(verb__in=VIEWS)),
        files=Count("pk", filter=done & Q(verb__in=FILES)),
        acts=Count("pk", filter=done & ~Q(verb__in=(*VIEWS, *FILES))),
        last=Max("at"),
    )  # fmt: skip
    rows = list(rows)
    people, firms = _people({row["by_id"] for row in rows}), _organizations({row["acting_for_id"] for row in rows})
    found = [
        Looker(
            firm=firms.get(row["acting_for_id"], ""),
            who=_who(row["by_id"], people),
            person=row["by_id"],
            firm_id=row["acting_for_id"],
            **{name: row[name] for name in ("views", "files", "acts", "last")},
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (row.firm, -row.views - row.files - row.acts))


def people_in(organization: Organization) -> list[tuple[int, str]]:
    """To choose from: the members, and whoever acted here for a firm."""
    guests = ActivityEntry.objects.filter(organization=organization, acting_for__isnull=False).order_by()
    ids = {*Membership.objects.filter(organization=organization).values_list("user", flat=True)}
    ids |= {*guests.values_list("by_id", flat=True).distinct()}
    people = User.objects.filter(pk__in=ids - {None})
    return [(person.pk, str(person)) for person in collated_people(people, str)]


def firms_in(organization: Organization) -> list[tuple[int, str]]:
    guests = ActivityEntry.objects.filter(organization=organization, acting_for__isnull=False).order_by()
    firms = Organization.objects.filter(pk__in={*guests.values_list("acting_for_id", flat=True).distinct()})
    return [(firm.pk, firm.name) for firm in collated(firms, lambda row: row.name)]


def head_of(organization: Organization) -> TrailHead | None:
    return TrailHead.objects.filter(organization=organization).first()


# What the teams of a consultancy or sponsor did


def clients_now(consultancy: Organization) -> dict[int, str]:
    """The enterprises of its running engagements, id -> name. In the consultancy's scope."""
    running = [row for row in engagements_by(consultancy) if row.runs_on(today())]
    return {row.organization_id: row.organization.name for row in running}


def team_entries(consultancy: Organization, clients: Iterable[int]) -> QuerySet[ActivityEntry]:
    """What was done for this firm, in the trails of these clients. To be read inside ``by_own_side(consultancy)``."""
    return ActivityEntry.objects.filter(organization__in=list(clients), acting_for=consultancy)


def team_page(consultancy: Organization, clients: dict[int, str], wanted: Wanted) -> Page:
    """Crosses tenants by the firm's own side; of the clients it tells their names only, of other people nothing."""
    with by_own_side(consultancy):
        entries = wanted.of(team_entries(consultancy, clients))
        if wanted.before:
            entries = entries.filter(pk__lt=wanted.before)
        rows = list(entries.order_by("-pk")[: PAGE_SIZE + 1])
    more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    return Page(team_lines(consultancy, clients, rows), rows[-1].pk if more else None)


def team_lines(consultancy: Organization, clients: dict[int, str], rows: list[ActivityEntry]) -> list[Line]:
    people = _people({row.by_id for row in rows})
    return [_line(row, people, {consultancy.pk: consultancy.name}, clients, {}) for row in rows]


def team_export(consultancy: Organization, clients: dict[int, str], wanted: Wanted, most: int) -> list[Line] | None:
    with by_own_side(consultancy):
        entries = wanted.of(team_entries(consultancy, clients)).order_by("-pk")
        return _all(entries, most, lambda rows: team_lines(consultancy, clients, rows))


# Names


def _all(entries: QuerySet, most: int, lines) -> list[Line] | None:
    rows = list(entries[: most + 1])
    return lines(rows) if len(rows) <= most else None


def _line(row: ActivityEntry, people, firms, clients, names: Names) -> Line:
    return Line(
        entry=row,
        who=_who(row.by_id, people),
        firm=firms.get(row.acting_for_id, ""),
        client=clients.get(row.organization_id, ""),
        act=act(row.verb),
        about=about_in_words(row.verb, row.about, names),
    )


def _who(number: int | None, people: dict[int, str]) -> str:
    if number is None:
        return ""
    return people.get(number) or _("person %(id)s, erased") % {"id": number}


def _people(ids: set[int | None]) -> dict[int, str]:
    return {person.pk: str(person) for person in User.objects.filter(pk__in=ids - {None})}


def _organizations(ids: set[int | None]) -> dict[int, str]:
    return dict(Organization.objects.filter(pk__in=ids - {None}).values_list("pk", "name"))


def _names(organization: Organization, rows: list[ActivityEntry]) -> Names:
    """The names of what these entries are about, a query for each kind; other rooms name theirs (settings.TRAIL_NAMES).

    Ids in the address of a request that was refused are whatever somebody typed: whom they belong to is not told.
    """
    ids = ids_in(row.about for row in rows if row.verb not in WITH_A_PAGE or row.result == Result.DONE)
    found = {kind: NAMED[kind](organization, ids[kind]) for kind in NAMED if kind in ids}
    for kind, path in settings.TRAIL_NAMES.items():
        if kind in ids:
            found[kind] = import_string(path)(organization=organization, ids=ids[kind])
    return found


def _departments(organization, ids):
    return dict(Department.objects.filter(organization=organization, pk__in=ids).values_list("pk", "name"))


def _invitations(organization, ids):
    return dict(Invitation.objects.filter(organization=organization, pk__in=ids).values_list("pk", "email"))


def _engagements(organization, ids):
    rows = Engagement.objects.filter(organization=organization, pk__in=ids)
    return {pk: f"{firm}: {purpose}" for pk, firm, purpose in rows.values_list("pk", "consultancy__name", "purpose")}


NAMED = {
    "user": lambda organization, ids: _people(ids),
    "organization": lambda organization, ids: _organizations(ids),
    "department": _departments,
    "invitation": _invitations,
    "engagement": _engagements,
}
