"""A portfolio as it is looked at: filtered, sorted, grouped, and one page of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.translation import gettext as _

from assessments.models import Assessment
from organizations.classes import Industry, Region, Size
from organizations.sorting import collation_key
from questionnaires.library import current_version, questionnaire_of
from questionnaires.schema import Domain, Questionnaire
from reports.portfolio import queries
from reports.portfolio.choosing import ALL, HEAT, Choice
from reports.portfolio.queries import ACTIONS, Line, Portfolio

STATES = dict(Assessment.State.choices)
STATE_ORDER = {state: place for place, state in enumerate(Assessment.State.values)}


@dataclass
class Group:
    label: str
    lines: list[Line]  # all that match
    shown: list[Line] = field(default_factory=list)  # those of the page

    @property
    def mean(self) -> int | None:
        return mean_of(line.whole.score for line in self.lines if line.whole)

    def mean_of_part(self, code: str) -> int | None:
        return mean_of(line.parts.get(code, (None,))[0] for line in self.lines)

    @property
    def n(self) -> int:
        return sum(line.whole is not None and line.whole.score is not None for line in self.lines)


@dataclass
class Sheet:
    slug: str  # of the consultancy or sponsor
    choice: Choice
    portfolio: Portfolio
    questionnaire: Questionnaire | None
    parts: list  # heat map: its columns, domains or items
    domain: Domain | None
    everything: Group
    groups: list[Group]
    pages: int
    page: int

    @property
    def is_heat(self) -> bool:
        return self.choice.view == HEAT

    @property
    def drills(self) -> bool:
        """Whether a heat map of items can be opened; see ``queries.shows_items``."""
        return any(map(queries.shows_items, self.portfolio.lines))

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group.shown]

    @property
    def results_only(self) -> bool:
        return all(client.results_only for client in self.portfolio.clients.values())


def sheet_of(slug: str, portfolio: Portfolio, choice: Choice, *, all_pages: bool = False) -> Sheet:
    """At most four queries more: plans, teams, lowest items or the cells of the heat map, and what it is sorted by."""
    questionnaire = None if portfolio.code == ALL else _questionnaire(portfolio, portfolio.code)
    if choice.view == HEAT and questionnaire is None:
        code = next((code for code in portfolio.codes if code != ACTIONS), "gbt36073-2025")
        questionnaire = _questionnaire(portfolio, code)
        portfolio.lines = [line for line in portfolio.lines if line.code in (code, "")]
    domain = _domain(questionnaire, choice) if any(map(queries.shows_items, portfolio.lines)) else None
    parts = list(domain.items if domain else questionnaire.domains) if questionnaire else []
    lines = [line for line in portfolio.lines if _passes(line, choice)]
    lines, has_team = _by_member(lines, choice)
    _read_for_order(lines, choice, questionnaire, parts, domain)
    if choice.by == "team" or choice.group == "lead":
        queries.read_team(lines)
        has_team = True
    lines = _sorted(lines, choice)
    groups = _groups(lines, choice)
    pages = max(1, -(-len(lines) // choice.per))
    page = min(choice.page, pages)
    left, skip = (len(lines), 0) if all_pages else (choice.per, (page - 1) * choice.per)
    for group in groups:
        group.shown = group.lines[skip : skip + left]
        skip, left = max(0, skip - len(group.lines)), left - len(group.shown)
    sheet = Sheet(slug, choice, portfolio, questionnaire, parts, domain, Group("", lines), groups, pages, page)
    _read_shown(sheet, has_team)
    return sheet


def mean_of(scores: Iterable[int | None]) -> int | None:
    """The mean of the scores that are shown, in hundredths, half up."""
    scores = [score for score in scores if score is not None]
    return int(Fraction(sum(scores), len(scores)) + Fraction(1, 2)) if scores else None


def _domain(questionnaire: Questionnaire | None, choice: Choice) -> Domain | None:
    domains = questionnaire.domains if questionnaire and choice.view == HEAT else ()
    return next((domain for domain in domains if domain.code == choice.domain), None)


def _passes(line: Line, choice: Choice) -> bool:
    client, wanted = line.client, choice.filters
    return (
        all(getattr(client, name) == wanted[name] for name in ("industry", "size", "region") if name in wanted)
        and ("state" not in wanted or (line.cycle is not None and line.cycle.state == choice.state))
        and ("tag" not in wanted or choice.tag in client.tags)
        and ("q" not in wanted or _holds(line, choice.q.casefold()))
    )


def _holds(line: Line, text: str) -> bool:
    words = (line.client.name, line.cycle.name if line.cycle else "", *line.client.tags)
    return any(text in word.casefold() for word in words)


def _by_member(lines: list[Line], choice: Choice) -> tuple[list[Line], bool]:
    if not choice.member:
        return lines, False
    queries.read_team(lines)
    return [line for line in lines if any(person == int(choice.member) for _role, person, _name in line.team)], True


def _read_for_order(lines, choice: Choice, questionnaire: Questionnaire | None, parts: list, domain: Domain | None):
    """What the order of all lines depends on, or the means of a heat map."""
    if choice.view == HEAT:
        codes = [part.code for part in parts]
        queries.read_parts(lines, "item" if domain else "domain", codes)
    elif questionnaire and choice.by in questionnaire.item_by_code:
        queries.read_parts(lines, "item", [choice.by])
    elif questionnaire and choice.by in {domain.code for domain in questionnaire.domains}:
        queries.read_parts(lines, "domain", [choice.by])
    elif choice.by == "lowest":
        queries.read_lowest_scores(lines)
    elif choice.by in ("due", "phase"):
        queries.read_plans(lines)


def _read_shown(sheet: Sheet, has_team: bool):
    if sheet.is_heat:
        return
    cols, lines = sheet.choice.cols, sheet.lines
    if "team" in cols and not has_team:
        queries.read_team(lines)
    if {"due", "phase"} & set(cols) and sheet.choice.by not in ("due", "phase"):
        queries.read_plans(lines)
    if "lowest" in cols:
        queries.read_lowest(lines, _order_of_items(sheet.portfolio))


def _questionnaire(portfolio: Portfolio, code: str) -> Questionnaire:
    return portfolio.questionnaires.get(code) or questionnaire_of(current_version(code))


def _order_of_items(portfolio: Portfolio) -> dict[str, int]:
    items = [item.code for questionnaire in portfolio.questionnaires.values() for item in questionnaire.items]
    return {code: place for place, code in enumerate(items)}


KEYS: dict[str, Callable[[Line], object]] = {
    "client": lambda line: collation_key(line.client.name),
    "assessment": lambda line: collation_key(line.cycle.name) if line.cycle else None,
    "level": lambda line: line.whole and line.whole.level,
    "score": lambda line: Fraction(line.whole.exact) if line.whole and line.whole.exact else None,
    "target": lambda line: line.cycle and line.cycle.target,
    "change": lambda line: line.change,
    "self": lambda line: line.own and line.own.score,
    "actions": lambda line: line.actions and line.actions.score,
    "progress": lambda line: line.own.answered / line.own.total if line.own and line.own.total else None,
    "state": lambda line: STATE_ORDER[line.cycle.state] if line.cycle else None,
    "due": lambda line: line.due,
    "lowest": lambda line: line.lowest and line.lowest[1],
    "phase": lambda line: phase_now(line)[0],
    "team": lambda line: collation_key(line.lead) if line.lead else None,
    "tags": lambda line: collation_key(line.client.tags[0]) if line.client.tags else None,
    "industry": lambda line: collation_key(_label(Industry, line.client.industry)) if line.client.industry else None,
    "size": lambda line: Size.values.index(line.client.size) if line.client.size in Size.values else None,
    "region": lambda line: line.client.region or None,
}


def _sorted(lines: list[Line], choice: Choice) -> list[Line]:
    """By what was chosen, unknown values last in either direction; equals by the client's name."""
    lines = sorted(lines, key=KEYS["client"])
    key = KEYS.get(choice.by) or (lambda line: line.parts.get(choice.by, (None,))[0])
    known, unknown = [], []
    for line in lines:
        value = key(line)
        (unknown if value is None else known).append((value, line))
    known.sort(key=lambda pair: pair[0], reverse=choice.downwards)
    return [line for _value, line in [*known, *unknown]]


def phase_now(line: Line) -> tuple[int | None, int]:
    """The place of the first phase that is not done (their number when all are), None without a plan; and how many are done."""
    done = sum(bool(done_on) for _planned, done_on in line.phases.values())
    if not line.phases:
        return None, 0
    for place, phase in enumerate(queries.PHASES):
        if phase.value in line.phases and not line.phases[phase.value][1]:
            return place, done
    return len(queries.PHASES), done


def _groups(lines: list[Line], choice: Choice) -> list[Group]:
    if not choice.group:
        return [Group("", lines)]
    groups: dict[tuple, Group] = {}
    for line in lines:
        order, label = _group_of(line, choice.group)
        groups.setdefault((order, label), Group(label, [])).lines.append(line)
    return [groups[key] for key in sorted(groups)]


def _group_of(line: Line, group: str) -> tuple[tuple, str]:
    if group == "state":
        state = line.cycle.state if line.cycle else ""
        return (0, STATE_ORDER[state], "") if state else (1, 0, ""), str(STATES[state]) if state else _("No assessment")
    if group == "lead":
        return (0, 0, collation_key(line.lead)) if line.lead else (1, 0, ""), line.lead or _("Nobody")
    kind, value = (Industry, line.client.industry) if group == "industry" else (Region, line.client.region)
    return (0, kind.values.index(value), "") if value else (1, 0, ""), _label(kind, value) if value else _("Not said")


def _label(kind, value: str) -> str:
    return str(kind(value).label) if value in kind.values else value
