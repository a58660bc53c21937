"""What the plan costs, and everything that follows from it in one value."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import date
from decimal import Decimal

from assessments.planning.effects import effects, gains, standing
from assessments.planning.priority import is_quick_win, priorities
from assessments.planning.scheduling import schedule
from assessments.planning.values import CLOSED, DROPPED, Plan, PlanAction, QuarterSum, Reckoning, Slot
from questionnaires.schema import Questionnaire


def cost(action: PlanAction, rates: Mapping[str, Decimal]) -> Decimal:
    """Person-days times the rate of the lead; 0 where there is no rate."""
    return action.days * rates.get(action.lead, Decimal(0))


def sums_per_quarter(plan: Plan, slots: Mapping[int, Slot]) -> tuple[QuarterSum, ...]:
    """What is switched on, by the quarter in which it begins, the earliest first."""
    found = defaultdict(list)
    for action in plan.actions:
        if action.number in slots and action.is_on:
            found[slots[action.number].quarter].append(action)
    return tuple(
        QuarterSum(
            name,
            tuple(action.number for action in actions),
            sum((action.days for action in actions), Decimal(0)),
            sum((cost(action, plan.rates) for action in actions), Decimal(0)),
        )
        for name, actions in sorted(found.items())
    )


def reckon(
    questionnaire: Questionnaire,
    ratings: Mapping[str, str],
    method_key: str | None,
    plan: Plan,
    *,
    goals: Mapping[str, int],
    path: Set[str] | None,
    strengths: Mapping[str, str],
) -> Reckoning:
    """Everything that follows from a plan; parameters as of ``priorities``, ``path`` None without a target.

    Raises UnknownMethod and CircularNeeds.
    """
    alone = gains(questionnaire, ratings, method_key, plan)
    ranks = priorities(
        questionnaire, ratings, method_key, plan, alone=alone, goals=goals, path=path or frozenset(), strengths=strengths
    )
    slots = schedule(plan, ranks)
    plan = replace(plan, actions=tuple(sorted(plan.actions, key=lambda action: _place(action, slots))))
    told = effects(questionnaire, ratings, method_key, plan, alone=alone)
    counted = [action for action in plan.actions if action.counts]
    settled = {action.number for action in plan.actions if action.is_settled}
    return Reckoning(
        plan=plan,
        effects=told,
        priorities=ranks,
        slots=slots,
        now=standing(questionnaire, ratings, method_key, plan, only=()),
        after=standing(questionnaire, ratings, method_key, plan),
        per_quarter=sums_per_quarter(plan, slots),
        costs={action.number: cost(action, plan.rates) for action in plan.actions},
        days=sum((action.days for action in counted), Decimal(0)),
        total=sum((cost(action, plan.rates) for action in counted), Decimal(0)),
        unpriced=tuple(action.number for action in counted if action.days and action.lead not in plan.rates),
        quick_wins=frozenset(
            action.number for action in plan.actions if is_quick_win(action, told[action.number], settled=settled)
        ),
        path_count=None if path is None else len(path),
    )


def _place(action: PlanAction, slots: Mapping[int, Slot]):
    if action.status == CLOSED:
        return 0, action.closed_on or date.min, action.number
    if action.status == DROPPED:
        return 2, date.max, action.number
    return 1, slots[action.number].starts_on, action.number
