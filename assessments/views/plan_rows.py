"""The rows of the plan's table: which of them, in which groups and order."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.models import ImprovementAction
from assessments.planning import CLOSED, CLOSING, DOING, DROPPED, OPEN, Effect, Priority, Reason, Reckoning, Slot
from organizations.models import User
from organizations.sorting import collation_key
from questionnaires.schema import Questionnaire

Status = ImprovementAction.Status
GROUPS = ("steps", "quarter", "domain", "owner", "status", "none")
SORTS = ("order", "priority", "gain", "days", "due", "number")
STATUS_ORDER = (CLOSING, DOING, OPEN, CLOSED, DROPPED)
LAST = "9999-99-99"
DUE = ("late", "soon")
SOON = timedelta(days=30)
A_PAGE = 100  # rows


@dataclass(frozen=True)
class Choice:
    """What the reader asked for."""

    group: str = "steps"
    sort: str = "order"
    status: str = ""
    owner: str = ""  # "none": nobody's
    domain: str = ""
    text: str = ""
    due: str = ""  # one of DUE

    def query(self, **other) -> str:
        """The address of this choice with something ``other`` in it; what is not chosen is left out."""
        words = asdict(self) | other
        words["q"] = words.pop("text")
        usual = {"group": GROUPS[0], "sort": SORTS[0]}
        return urlencode({name: value for name, value in words.items() if value and value != usual.get(name)})


def choice_of(data, questionnaire: Questionnaire) -> Choice:
    """As it stands in the address; what is not known is left out."""

    def one_of(name: str, known, default: str = "") -> str:
        return data.get(name, "") if data.get(name, "") in known else default

    owner = data.get("owner", "")
    return Choice(
        group=one_of("group", GROUPS, GROUPS[0]),
        sort=one_of("sort", SORTS, SORTS[0]),
        status=one_of("status", Status.values),
        owner=owner if owner == "none" or (owner.isascii() and owner.isdecimal()) else "",
        domain=one_of("domain", {domain.code for domain in questionnaire.domains}),
        text=data.get("q", "").replace("\0", "").strip()[:100],
        due=one_of("due", DUE),
    )


@dataclass(frozen=True)
class PlanRow:
    """One action with all that follows from the plan. ``items``: (code, name) of what it touches."""

    row: ImprovementAction
    at: int  # its place in the order of doing
    effect: Effect
    priority: Priority
    slot: Slot | None
    cost: Decimal
    is_quick: bool
    items: tuple[tuple[str, str], ...]
    domains: tuple[str, ...]

    @property
    def is_settled(self) -> bool:
        return self.row.status in (CLOSED, DROPPED)

    @property
    def why(self) -> Reason | None:
        """The strongest reason for its priority."""
        return max(self.priority.reasons, key=lambda reason: reason.points, default=None)

    @property
    def due(self):
        return self.row.due_on or (self.slot.ends_on if self.slot else None)

    @property
    def is_late(self) -> bool:
        """Past its due date and still to be done."""
        return self.is_due_within(timedelta(days=-1))

    @property
    def is_soon(self) -> bool:
        return not self.is_late and self.is_due_within(SOON)

    def is_due_within(self, time: timedelta) -> bool:
        return bool(self.row.due_on) and not self.is_settled and self.row.due_on <= timezone.localdate() + time

    @property
    def quarter(self) -> str:
        return self.slot.quarter if self.slot else ""


@dataclass(frozen=True)
class Group:
    key: str
    label: str
    rows: list[PlanRow]
    shown: list[PlanRow]  # those on the page at hand

    @property
    def days(self) -> Decimal:
        return sum((row.row.days for row in self.rows), Decimal(0))

    @property
    def cost(self) -> Decimal:
        return sum((row.cost for row in self.rows), Decimal(0))


def plan_rows(actions: list[ImprovementAction], reckoning: Reckoning, questionnaire: Questionnaire) -> list[PlanRow]:
    """In the order of doing."""
    by_number, language = {action.number: action for action in actions}, get_language()
    names = {item.code: item.name.in_language(language) for item in questionnaire.items}
    rows = []
    for at, action in enumerate(reckoning.plan.actions):
        items = tuple(dict.fromkeys(questionnaire.item_of[code] for code in action.criteria))
        rows.append(
            PlanRow(
                row=by_number[action.number],
                at=at,
                effect=reckoning.effects[action.number],
                priority=reckoning.priorities[action.number],
                slot=reckoning.slots.get(action.number),
                cost=reckoning.costs[action.number],
                is_quick=action.number in reckoning.quick_wins,
                items=tuple((code, names[code]) for code in items),
                domains=tuple(dict.fromkeys(questionnaire.domain_of[code].code for code in items)),
            )
        )
    return rows


def chosen(rows: list[PlanRow], choice: Choice) -> list[PlanRow]:
    """Those that the filters let through, in the order asked for."""
    found = [row for row in rows if _fits(row, choice)]
    return sorted(found, key=KEYS[choice.sort])


def _fits(row: PlanRow, choice: Choice) -> bool:
    action = row.row
    if choice.status and action.status != choice.status:
        return False
    if choice.owner and str(action.owner_id or "none") != choice.owner:
        return False
    if choice.domain and choice.domain not in row.domains:
        return False
    if choice.due and not (row.is_late if choice.due == "late" else row.is_soon):
        return False
    text = choice.text.casefold()
    said = (action.title, action.text, f"#{action.number}", *action.codes, *(name for _code, name in row.items))
    return not text or any(text in part.casefold() for part in said)


KEYS: dict[str, Callable[[PlanRow], tuple]] = {
    "order": lambda row: (row.at,),
    "priority": lambda row: (-row.priority.points, row.at),
    "gain": lambda row: (-(row.effect.alone or Fraction(0)), row.at),
    "days": lambda row: (row.row.days, row.at),
    "due": lambda row: (str(row.due or LAST), row.at),
    "number": lambda row: (row.row.number,),
}


def grouped(rows: list[PlanRow], choice: Choice, questionnaire: Questionnaire) -> list[Group]:
    """The rows under their headings; within a group they keep their order. An action in two domains stands under the first."""
    if choice.group == "none":
        return [Group("all", "", rows, rows)] if rows else []
    groups = defaultdict(list)
    for row in rows:
        groups[_heading(row, choice.group, questionnaire)].append(row)
    return [Group(f"g{n}", place[1], groups[place], groups[place]) for n, place in enumerate(sorted(groups, key=_place))]


def paged(groups: list[Group], asked: str) -> tuple[list[Group], Page]:
    """The groups that have rows on the page asked for, with those rows; a group keeps its sums. ``asked``: as typed."""
    page = Paginator([(group.key, row) for group in groups for row in group.rows], A_PAGE).get_page(asked)
    shown = defaultdict(list)
    for key, row in page.object_list:
        shown[key].append(row)
    return [replace(group, shown=shown[group.key]) for group in groups if group.key in shown], page


@dataclass(frozen=True)
class Quick:
    """A choice that is one click away: how many rows it has, and whether it is the one at hand."""

    label: str
    query: str
    count: int
    is_on: bool


def quick_choices(rows: list[PlanRow], choice: Choice, reader: User) -> list[Quick]:
    """All, mine, overdue, due soon, to be confirmed, nobody's; of the last five those that have rows, or are at hand."""
    plain = Choice(group=choice.group, sort=choice.sort)
    offered = [
        (_("All actions"), {}),
        (_("My actions"), {"owner": str(reader.pk)}),
        (_("Overdue"), {"due": "late"}),
        (_("Due within 30 days"), {"due": "soon"}),
        (_("To be confirmed"), {"status": CLOSING}),
        (_("Nobody’s yet"), {"owner": "none"}),
    ]
    found = []
    for label, words in offered:
        this = replace(plain, **words)
        count = sum(_fits(row, this) for row in rows)
        if count or this == choice or not words:
            found.append(Quick(label, plain.query(**words), count, this == choice))
    return found


def _place(heading: tuple) -> tuple:
    order, label = heading
    return order, collation_key(label)


def _heading(row: PlanRow, group: str, questionnaire: Questionnaire) -> tuple:
    """(place, words) of the group."""
    action = row.row
    if group == "owner":
        return (0, str(action.owner)) if action.owner else (1, _("Nobody yet"))
    if group == "domain":
        codes = [domain.code for domain in questionnaire.domains]
        if not row.domains:
            return len(codes), _("Without criteria")
        domain = questionnaire.domains[codes.index(row.domains[0])]
        return codes.index(domain.code), domain.name.in_language(get_language())
    if group == "status":
        return STATUS_ORDER.index(action.status), action.get_status_display()
    if row.is_settled:
        return (3, str(Status.CLOSED.label)) if action.status == CLOSED else (4, str(Status.DROPPED.label))
    if group == "steps" and row.is_quick:
        return 1, _("Quick wins")
    return 2, row.quarter
