"""From gaps to a plan: what each improvement action adds to the score, in which order, when, and at what cost. Pure.

Every effect is computed by scoring again with ``scoring.score``, never estimated. The rules of priority and schedule are this
project's own and unofficial; docs/planning.md says them so that anyone can check them by hand.
"""

from assessments.planning.advice import merged_by_item, suggest
from assessments.planning.effects import effects, gains, ratings_now, standing, what_if
from assessments.planning.priority import is_quick_win, priorities, strengths_of
from assessments.planning.reckoning import cost, reckon, sums_per_quarter
from assessments.planning.scheduling import in_a_ring, schedule
from assessments.planning.values import (
    BEST,
    CLOSED,
    CLOSING,
    DOING,
    DROPPED,
    MOST_AIMS,
    MOST_DAYS,
    MOST_NEEDS,
    MOST_TEXT,
    OPEN,
    SETTLED,
    CircularNeeds,
    DomainChange,
    Effect,
    Plan,
    PlanAction,
    Priority,
    QuarterSum,
    Reason,
    Reckoning,
    Slot,
    Standing,
    Suggestion,
    WhatIf,
    first_day_of,
    quarter_of,
)

__all__ = [
    "BEST",
    "CLOSED",
    "CLOSING",
    "DOING",
    "DROPPED",
    "MOST_AIMS",
    "MOST_DAYS",
    "MOST_NEEDS",
    "MOST_TEXT",
    "OPEN",
    "SETTLED",
    "CircularNeeds",
    "DomainChange",
    "Effect",
    "Plan",
    "PlanAction",
    "Priority",
    "QuarterSum",
    "Reason",
    "Reckoning",
    "Slot",
    "Standing",
    "Suggestion",
    "WhatIf",
    "cost",
    "effects",
    "first_day_of",
    "gains",
    "in_a_ring",
    "is_quick_win",
    "merged_by_item",
    "priorities",
    "quarter_of",
    "ratings_now",
    "reckon",
    "schedule",
    "standing",
    "strengths_of",
    "suggest",
    "sums_per_quarter",
    "what_if",
]
