"""What a portfolio holds, by a few set-based queries, never client by client.

The right comes from ``guests.places_on_teams``: running engagements of this consultancy whose team the reader is on. With
the enterprises found there, and no others, the scope is opened for the rest; of judgements those of these engagements are read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from django.db import connection
from django_scopes import scope

from assessments.models import Assessment, EngagementPhase, Layer
from organizations.guests import places_on_teams
from organizations.models import Engagement, Organization, User
from organizations.tenancy import by_person
from questionnaires.library import questionnaire_of
from questionnaires.models import Version
from questionnaires.schema import Questionnaire
from reports.models import ClientTag
from reports.portfolio.choosing import ALL, HIGHEST, Choice

# Every assessment that an engagement of ours covers, with how the whole stands by each layer.
WHOLES = """
SELECT assessment.organization_id, version.code, assessment.id, assessment.name, assessment.state, assessment.target,
    assessment.method, COALESCE(assessment.department_id, 0), assessment.started_at,
    standing.engagement_id, standing.layer, standing.score, standing.exact, standing.level, standing.answered, standing.total,
    version.id, version.sha256
FROM assessments_assessment AS assessment
JOIN questionnaires_version AS version ON version.id = assessment.version_id
LEFT JOIN assessments_standing AS standing ON standing.assessment_id = assessment.id AND standing.part = ''
WHERE assessment.organization_id IN ({clients})
    AND (assessment.organization_id IN ({whole}) OR EXISTS (
        SELECT 1 FROM assessments_engagementscope AS covered
        WHERE covered.assessment_id = assessment.id AND covered.engagement_id IN ({parted})
    ))
ORDER BY assessment.organization_id, assessment.started_at DESC, assessment.id DESC
"""
PARTS = """
SELECT assessment_id, engagement_id, layer, part, score, {value}
FROM assessments_standing
WHERE organization_id IN ({clients}) AND assessment_id IN ({assessments}) AND kind = %s {which}
"""
LOWEST = """
SELECT assessment_id, engagement_id, layer, '', MIN(score), '', NULL
FROM assessments_standing
WHERE organization_id IN ({clients}) AND assessment_id IN ({assessments}) AND kind = 'item'
GROUP BY assessment_id, engagement_id, layer
"""
# What is planned: the next day on which items are due that are not finished, and the phases.
PLANNED = """
SELECT 'due', assignment.assessment_id, '', MIN(assignment.due_on), NULL
FROM assessments_assignment AS assignment
JOIN assessments_standing AS standing ON standing.assessment_id = assignment.assessment_id
    AND standing.part = assignment.item_code AND standing.engagement_id IS NULL AND standing.answered < standing.total
WHERE assignment.organization_id IN ({clients}) AND assignment.assessment_id IN ({assessments})
    AND assignment.due_on IS NOT NULL
GROUP BY assignment.assessment_id
UNION ALL
SELECT 'phase', engagement_id, phase, planned_on, done_on
FROM assessments_engagementphase
WHERE organization_id IN ({clients}) AND engagement_id IN ({engagements})
"""
TEAM = """
SELECT member.engagement_id, member.role, person.id, person.name, person.email
FROM organizations_teammember AS member
JOIN organizations_user AS person ON person.id = member.user_id
WHERE member.organization_id IN ({clients}) AND member.engagement_id IN ({engagements})
ORDER BY member.engagement_id, CASE member.role WHEN 'lead' THEN 0 WHEN 'reviewer' THEN 1 ELSE 2 END, member.id
"""
JUDGED_FIRST = (Layer.PANEL.value, Layer.CONSULTANT.value, Layer.SELF.value)
OWN = (Layer.SELF.value, None)
UNFINISHED = (Assessment.State.PREPARING, Assessment.State.ANSWERING)  # no cycle to compare with
ACTIONS = "policy-actions"
Which = tuple[str, int | None]  # layer, engagement


@dataclass(slots=True)
class Client:
    """An enterprise in the portfolio, with the engagements that brought it there."""

    pk: int
    name: str
    slug: str
    industry: str
    size: str
    region: str
    engagements: list[int]
    results_only: bool  # a sponsor's: no page of the enterprise can be opened
    covers_all: bool = False
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Whole:
    """How the whole stands by one layer; ``score`` in hundredths."""

    score: int | None
    exact: str
    level: int | None
    answered: int
    total: int


@dataclass(slots=True)
class Cycle:
    """One assessment of a client."""

    pk: int
    code: str
    name: str
    state: str
    target: int | None
    method: str
    department: int
    started_at: datetime
    wholes: dict[Which, Whole]

    def by(self, layer: str) -> Which | None:
        """The layer that is shown: the one that was asked for, or the highest there is. None when there is no such."""
        for one in JUDGED_FIRST if layer == HIGHEST else (layer,):
            found = [which for which in self.wholes if which[0] == one]
            if found:
                return max(found, key=lambda which: which[1] or 0)
        return None


@dataclass(slots=True)
class Line:
    """One row of the table: a client and the newest assessment of a questionnaire, None before there is one."""

    client: Client
    code: str = ""
    cycle: Cycle | None = None
    before: Cycle | None = None
    actions: Whole | None = None  # the newest policy actions of the same client
    which: Which | None = None
    change: int | None = None
    change_of: str = ""  # the layer that is compared
    due: date | None = None
    lowest: tuple[str, int] | None = None  # item, hundredths
    team: list[tuple[str, int, str]] = field(default_factory=list)  # role, person, name; the lead first
    phases: dict[str, tuple[date | None, date | None]] = field(default_factory=dict)
    parts: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)  # heat map: score, level

    @property
    def whole(self) -> Whole | None:
        return self.cycle.wholes[self.which] if self.which else None

    @property
    def own(self) -> Whole | None:
        return self.cycle.wholes.get(OWN) if self.cycle else None

    @property
    def lead(self) -> str:
        return self.team[0][2] if self.team and self.team[0][0] == "lead" else ""


@dataclass
class Portfolio:
    """All clients, before any filter; the lines of the chosen questionnaire."""

    clients: dict[int, Client]
    code: str
    questionnaires: dict[str, Questionnaire]  # those that any client answers, in their newest version
    lines: list[Line]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.questionnaires)


def clients_in_portfolio(user: User, organization: Organization) -> dict[int, Client]:
    """The reader's clients with their tags; two queries."""
    clients = _clients(user, organization)
    for client, name in ClientTag.objects.filter(client__in=list(clients)).order_by("name").values_list("client_id", "name"):
        clients[client].tags.append(name)
    return clients


def portfolio_of(user: User, organization: Organization, choice: Choice) -> Portfolio:
    """Three queries: the places on teams, the assessments with how they stand, the tags."""
    clients = clients_in_portfolio(user, organization)
    cycles, versions = _cycles(clients)
    counts = Counter(code for of_client in cycles.values() for code in of_client)
    codes = tuple(sorted(counts, key=lambda code: (-counts[code], code)))
    code = _chosen(choice.edition, codes)
    lines = []
    for client in clients.values():
        of_client = cycles.get(client.pk, {})
        shown = [one for one in codes if one in of_client] if code == ALL else [code]
        lines += [_line(client, one, of_client, choice.layer) for one in shown or [""]]
    return Portfolio(clients, code, {one: _questionnaire(*max(versions[one])) for one in codes}, lines)


def _chosen(wanted: str, codes: tuple[str, ...]) -> str:
    graded = [code for code in codes if code != ACTIONS]
    return wanted or next(iter([*graded, *codes]), "gbt36073-2025")


def _questionnaire(version_id: int, sha256: str) -> Questionnaire:
    return questionnaire_of(Version(pk=version_id, sha256=sha256))  # kept per process: without a query


def _clients(user: User, organization: Organization) -> dict[int, Client]:
    with by_person(user.pk):
        rows = places_on_teams(user).filter(engagement__consultancy=organization).order_by("engagement_id")
        found = rows.values_list(
            "engagement_id", "engagement__kind", "engagement__covers_all", "engagement__organization_id",
            "engagement__organization__name", "engagement__organization__slug", "engagement__organization__industry",
            "engagement__organization__size", "engagement__organization__region",
        )  # fmt: skip
        clients: dict[int, Client] = {}
        for engagement, kind, covers_all, pk, *about in found:
            client = clients.setdefault(pk, Client(pk, *about, engagements=[], results_only=True))
            client.engagements.append(engagement)
            client.covers_all |= covers_all
            client.results_only &= kind == Engagement.Kind.SPONSORSHIP
    return clients


def _cycles(clients: dict[int, Client]) -> tuple[dict[int, dict[str, list[Cycle]]], dict[str, set]]:
    """Client -> questionnaire -> its assessments, the newest first; and the versions of each questionnaire."""
    whole = [client.pk for client in clients.values() if client.covers_all]
    parted = [pk for client in clients.values() if not client.covers_all for pk in client.engagements]
    ours = {pk for client in clients.values() for pk in client.engagements}
    found: dict[int, dict[str, list[Cycle]]] = defaultdict(lambda: defaultdict(list))
    last, versions = None, defaultdict(set)
    for row in _rows(WHOLES, clients, {"clients": list(clients), "whole": whole, "parted": parted}):
        client, code, pk, name, state, target, method, department, started_at, engagement, layer = row[:11]
        if last is None or last.pk != pk:
            versions[code].add(row[16:])
            last = Cycle(pk, code, name, state, target, method, department, started_at, {})
            found[client][code].append(last)
        if layer is not None and (engagement is None or engagement in ours):
            last.wholes[layer, engagement] = Whole(*row[11:16])
    return found, versions


def _line(client: Client, code: str, of_client: dict[str, list[Cycle]], layer: str) -> Line:
    line, cycles = Line(client, code), of_client.get(code)
    if actions := of_client.get(ACTIONS):
        which = actions[0].by(layer)
        line.actions = actions[0].wholes[which] if which else None
    if not cycles:
        return line
    line.cycle = cycles[0]
    earlier = (row for row in cycles[1:] if row.department == line.cycle.department and row.state not in UNFINISHED)
    line.before = next(earlier, None)
    line.which = line.cycle.by(layer)
    if line.before and line.which and line.before.method == line.cycle.method:
        then = line.before.by(line.which[0])
        pair = (line.which, then) if then else (OWN, OWN)  # like with like
        now, last = line.cycle.wholes.get(pair[0]), line.before.wholes.get(pair[1])
        if now and last and now.score is not None and last.score is not None:
            line.change, line.change_of = now.score - last.score, pair[0][0]
    return line


def read_team(lines: Iterable[Line]):
    """One query."""
    lines = list(lines)
    teams = defaultdict(dict)
    for engagement, role, pk, name, email in _of_engagements(TEAM, lines):
        teams[engagement].setdefault(pk, (role, pk, name or email))
    for line in lines:
        people = {}
        for engagement in line.client.engagements:
            people = {**teams[engagement], **people}
        line.team = sorted(people.values(), key=lambda row: row[0] != "lead")


def read_plans(lines: Iterable[Line]):
    """What is due, and the phases; one query."""
    lines = list(lines)
    due, phases = {}, defaultdict(dict)
    for kind, pk, phase, first, second in _of_engagements(PLANNED, lines):
        if kind == "due":
            due[pk] = _day(first)
        else:
            phases[pk][phase] = (_day(first), _day(second))
    for line in lines:
        line.due = due.get(line.cycle.pk) if line.cycle else None
        newest = [phases[pk] for pk in reversed(line.client.engagements) if phases[pk]]
        line.phases = newest[0] if newest else {}


def read_lowest(lines: Iterable[Line], order: dict[str, int]):
    """The item with the lowest score; the first in the questionnaire's ``order`` among equals. One query."""
    lines = [line for line in lines if line.which]
    found: dict[tuple, list] = defaultdict(list)
    for pk, engagement, layer, part, score, exact in _parts(lines, "item", None, value="exact"):
        if score is not None:
            found[pk, layer, engagement].append((score, part, exact))
    for line in lines:
        scores = found.get((line.cycle.pk, *line.which))
        if scores:
            least = min(scores)[0]
            equals = [(Fraction(exact), order.get(part, 0), part) for score, part, exact in scores if score == least]
            line.lowest = (min(equals)[2], least)


def read_lowest_scores(lines: Iterable[Line]):
    """To sort by: the lowest score alone. One query."""
    lines = [line for line in lines if line.which and shows_items(line)]
    keys = {"clients": [line.client.pk for line in lines], "assessments": [line.cycle.pk for line in lines]}
    found = {(row[0], row[2], row[1]): row[4] for row in _rows(LOWEST, lines, keys)}
    for line in lines:
        score = found.get((line.cycle.pk, *line.which))
        line.lowest = None if score is None else ("", score)


def read_parts(lines: Iterable[Line], kind: str, codes: list[str] | None):
    """Scores of all domains, or of the items named. One query."""
    lines = [line for line in lines if line.which]
    by_place = {(line.cycle.pk, *line.which): line.parts for line in lines}
    for pk, engagement, layer, part, score, level in _parts(lines, kind, codes, value="level"):
        shown = by_place.get((pk, layer, engagement))
        if shown is not None:
            shown[part] = (score, level)


def shows_items(line: Line) -> bool:
    """Not to a sponsor on policy actions: an item has one rating there, so its score would be the answer itself."""
    return not (line.client.results_only and line.code == ACTIONS)


def _parts(lines: list[Line], kind: str, codes: list[str] | None, *, value: str):
    """``value``: the column that is read beside the score."""
    if kind == "item":
        lines = [line for line in lines if shows_items(line)]
    keys = {"clients": [line.client.pk for line in lines], "assessments": [line.cycle.pk for line in lines]}
    which = f"AND part IN ({', '.join(['%s'] * len(codes))})" if codes is not None else ""
    return _rows(PARTS.replace("{which}", which).replace("{value}", value), lines, keys, [kind, *(codes or ())])


def _of_engagements(sql: str, lines: list[Line]):
    keys = {
        "clients": sorted({line.client.pk for line in lines}),
        "engagements": sorted({pk for line in lines for pk in line.client.engagements}),
        "assessments": [line.cycle.pk for line in lines if line.cycle],
    }
    return _rows(sql, lines, keys)


def _rows(sql: str, clients: Iterable, keys: dict[str, list[int]], more: Iterable = ()) -> list[tuple]:
    """The rows of ``sql``, in the scope of the clients that ``keys`` names, which were found to be the reader's.

    A list of keys is one parameter, whatever its length. ``more``: parameters that come after all of them.
    """
    if not clients:
        return []
    postgresql = connection.vendor == "postgresql"
    form = "SELECT unnest(%s::bigint[])" if postgresql else "SELECT value FROM json_each(%s)"
    params, text = [], sql
    for name in _in_order(sql):
        text = text.replace("{" + name + "}", form, 1)
        params.append(keys[name] if postgresql else str(keys[name]))
    with scope(organization=keys["clients"]), connection.cursor() as cursor:
        cursor.execute(text, [*params, *more])
        return cursor.fetchall()


def _in_order(sql: str) -> list[str]:
    return [piece.partition("}")[0] for piece in sql.split("{")[1:]]


def _day(value) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


PHASES = tuple(EngagementPhase.Phase)
