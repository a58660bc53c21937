"""What a plan is, and what is reckoned from it, as frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from assessments.scoring import HIGHEST_ANCHOR

OPEN, DOING, CLOSING, CLOSED, DROPPED = "open", "doing", "closing", "closed", "dropped"
SETTLED = frozenset({CLOSED, DROPPED})  # nothing is left to be done
MOST_TEXT, MOST_TITLE = 4000, 200  # characters of one action
MOST_DAYS, MOST_AIMS, MOST_NEEDS = 9999, 120, 40
BEST = {"levels": "full", "anchors": str(HIGHEST_ANCHOR)}


class CircularNeeds(Exception):
    """Actions wait for each other in a ring: ``numbers`` are those in it."""

    def __init__(self, numbers: Iterable[int]):
        self.numbers = tuple(sorted(numbers))
        super().__init__(", ".join(map(str, self.numbers)))


@dataclass(frozen=True)
class PlanAction:
    """One improvement action as somebody keeps it. ``criteria``: those it raises to fully met; ``needs``: numbers of the
    actions that come first. ``quarter`` pins it, e.g. ``2026Q4``; ``is_on``: counts in the what-if."""

    number: int
    title: str
    criteria: tuple[str, ...]
    text: str = ""
    status: str = OPEN
    lead: str = ""
    owner: str = ""
    department: str = ""
    days: Decimal = Decimal(0)
    weeks: int = 1
    starts_on: date | None = None
    due_on: date | None = None
    quarter: str = ""
    is_on: bool = True
    needs: tuple[int, ...] = ()
    comments: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()  # titles; empty: a confidential one
    closed_on: date | None = None
    closing_note: str = ""

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED

    @property
    def counts(self) -> bool:
        """Still to be done, and switched on."""
        return self.is_on and not self.is_settled


@dataclass(frozen=True)
class Plan:
    """``rates``: lead -> money per person-day; ``parallel``: how many actions run at once."""

    starts_on: date
    actions: tuple[PlanAction, ...]
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = "CNY"
    parallel: int = 3

    @property
    def by_number(self) -> dict[int, PlanAction]:
        return {action.number: action for action in self.actions}


@dataclass(frozen=True)
class Effect:
    """``alone``: what the action adds to the total by itself, over the ratings with closed actions counted (a closed one: what
    it adds to those of the others). ``total`` and ``level``: once it and all before it in the plan are done; of a closed one
    those of now, None of one that is dropped or switched off."""

    alone: Fraction | None
    total: Fraction | None
    level: int | None


@dataclass(frozen=True)
class Standing:
    """A total with its level; ``exact`` is the unrounded value as text, e.g. ``137/50``. Empty if nothing is applicable."""

    score: Fraction | None
    level: int | None

    @property
    def exact(self) -> str:
        return "" if self.score is None else str(self.score)


@dataclass(frozen=True)
class DomainChange:
    code: str
    before: Fraction
    after: Fraction
    level_before: int | None
    level_after: int | None


@dataclass(frozen=True)
class WhatIf:
    now: Standing
    after: Standing
    domains: tuple[DomainChange, ...]


@dataclass(frozen=True)
class Reason:
    """Why an action has its priority: ``key`` is distance, effect, path, needed, policy or effort; ``number`` what was
    counted, as text (policy: the strength)."""

    key: str
    points: int
    number: str


@dataclass(frozen=True)
class Priority:
    letter: str
    points: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Slot:
    """When an action runs: from week ``start_week`` up to, not including, ``end_week``, counted from the plan's beginning."""

    start_week: int
    end_week: int
    starts_on: date
    ends_on: date

    @property
    def quarter(self) -> str:
        """The quarter in which it begins."""
        return quarter_of(self.starts_on)


@dataclass(frozen=True)
class QuarterSum:
    """What begins in one quarter and is switched on."""

    name: str
    actions: tuple[int, ...]
    days: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Reckoning:
    """A plan with all that follows. ``plan`` keeps the order in which things are done: closed ones, then by their beginning,
    dropped ones last. ``days`` and ``total`` (money) count what is still to be done and switched on; ``unpriced``: numbers of
    those whose lead has no rate. ``path_count``: criteria left on the shortest path from now; None without a target."""

    plan: Plan
    effects: Mapping[int, Effect]
    priorities: Mapping[int, Priority]
    slots: Mapping[int, Slot]
    now: Standing
    after: Standing
    per_quarter: tuple[QuarterSum, ...]
    costs: Mapping[int, Decimal]
    days: Decimal
    total: Decimal
    unpriced: tuple[int, ...]
    quick_wins: frozenset[int]
    path_count: int | None


@dataclass(frozen=True)
class Suggestion:
    """An action from the bank. ``needs``: codes of the criteria whose suggestions come first."""

    title: str
    text: str
    criteria: tuple[str, ...]
    lead: str
    days: Decimal
    weeks: int
    needs: tuple[str, ...]


def quarter_of(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def first_day_of(quarter: str) -> date:
    year, number = quarter.split("Q")
    return date(int(year), 3 * int(number) - 2, 1)
