"""From gaps to a plan: what each improvement action adds to the score, in which order, when, and at what cost. Pure.

Every effect is computed by scoring again with ``scoring.score``, never estimated. The rules of priority and schedule are this
project's own and unofficial; docs/planning.md says them so that anyone can check them by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

OPEN, DOING, CLOSING, CLOSED, DROPPED = "open", "doing", "closing", "closed", "dropped"


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
    proofs: tuple[str, ...] = ()
    closed_on: date | None = None
    closing_note: str = ""


@dataclass(frozen=True)
class Plan:
    """``rates``: lead -> money per person-day; ``parallel``: how many actions run at once."""

    starts_on: date
    actions: tuple[PlanAction, ...]
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = "CNY"
    parallel: int = 3
