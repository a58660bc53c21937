"""The improvement plan in words and shown numbers, for the snapshot."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.models import ImprovementAction
from assessments.path import shortest_path
from assessments.plan_words import priority_in_words, quarter_in_words
from assessments.planning import Plan, PlanAction, Reckoning, ratings_now, reckon, strengths_of
from assessments.planning.advice import DONE_WHEN
from assessments.queries.planning import goals_of
from assessments.results import Outcome, PolicyBasis
from assessments.scoring import show
from questionnaires.labels import LEAD_LABELS
from questionnaires.schema import Questionnaire
from reports.content.parts import ItemPart, PlannedPart, PlanPart, QuarterPart, Snapshot


def told_plan(plan: Plan, outcome: Outcome, basis: PolicyBasis, ratings: Mapping[str, str]) -> PlanPart:
    """The plan with all that follows from it, in the active language, in the order in which things are done.

    ``ratings``: what ``outcome`` was computed from. Raises CircularNeeds.
    """
    questionnaire, method = outcome.questionnaire, outcome.result.method
    reckoning = reckon(
        questionnaire,
        ratings,
        method.key if method else None,
        plan,
        goals=goals_of(questionnaire, outcome.target, outcome.targets),
        path=_path(outcome, ratings, plan),
        strengths=strengths_of(questionnaire, basis.library),
    )
    return PlanPart(
        starts_on=plan.starts_on.isoformat(),
        currency=plan.currency,
        rates={_lead(lead): amount(rate) for lead, rate in plan.rates.items()},
        actions=tuple(_action(action, reckoning, questionnaire, basis) for action in reckoning.plan.actions),
        quarters=tuple(
            QuarterPart(quarter_in_words(row.name), row.actions, amount(row.days), _money(row.cost, plan))
            for row in reckoning.per_quarter
        ),
        days=amount(reckoning.days),
        cost=_money(reckoning.total, plan),
        closed=sum(action.status == ImprovementAction.Status.CLOSED for action in plan.actions),
        score_now=show(reckoning.now.score) or "",
        level_now=reckoning.now.level,
        score_after=show(reckoning.after.score) or "",
        level_after=reckoning.after.level,
    )


def clauses_of(action: PlanAction, questionnaire: Questionnaire, basis: PolicyBasis) -> tuple[str, ...]:
    """The direct clauses behind the items that the action works on; none that speaks to government alone."""
    links = (link for item in _items(action, questionnaire) for link in basis.direct_clauses(getattr(item, "uid", "")))
    return tuple(dict.fromkeys(link.id for link in links if not basis.library.clause_by_id[link.id].is_background))


def is_advised(action: PlanAction, questionnaire: Questionnaire) -> bool:
    """Whether every line of its text is the bank's advice for its criteria, in either language."""
    asked = questionnaire.criterion_by_code
    advice = [asked[code].action for code in action.criteria if code in asked]
    texts = [text for part in advice for text in (part.title, part.closed_when, *part.steps)]
    lines = [_without_mark(line) for line in action.text.splitlines() if line.strip()]
    return bool(lines) and {line for text in texts for line in (text.zh, text.en)}.issuperset(lines)


def _without_mark(line: str) -> str:
    """A line that was suggested without its dash and without the words before the sign of completion."""
    line = line.strip().removeprefix("- ")
    return line.removeprefix(DONE_WHEN.zh).removeprefix(DONE_WHEN.en)


def told_in_gaps(snapshot: Snapshot, action: PlannedPart) -> tuple[ItemPart, ...]:
    """The items whose gap tables say all that the action's text says; none where it has words of its own."""
    if not action.is_advised or not action.text:
        return ()
    found = {item.code: item for item in snapshot.gaps for c in item.open_criteria if c.code in action.criteria}
    told = {c.code for item in found.values() for c in item.open_criteria}
    return tuple(found.values()) if told.issuperset(action.criteria) else ()


def amount(value: Decimal) -> str:
    """As people write it: no zeros after the point, at most two places."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text or "0"


def grouped(amount: str) -> str:
    """``1676800.5`` as ``1,676,800.5``; nothing stays nothing."""
    return f"{Decimal(amount):,}" if amount else ""


def _money(value: Decimal, plan: Plan) -> str:
    """Nothing where nobody set a rate."""
    return amount(value) if plan.rates else ""


def _path(outcome: Outcome, ratings: Mapping[str, str], plan: Plan) -> frozenset[str] | None:
    """The criteria on the shortest path once closed actions count."""
    path, now = outcome.path, ratings_now(outcome.questionnaire, ratings, plan)
    if path is not None and now != ratings:
        path = shortest_path(outcome.questionnaire, now, outcome.result.method, outcome.target)
    return None if path is None else frozenset(step.criterion for step in path.raises)


def _items(action: PlanAction, questionnaire: Questionnaire) -> list:
    codes = dict.fromkeys(questionnaire.item_of[code] for code in action.criteria)
    return [questionnaire.item_by_code[code] for code in codes]


def _lead(lead: str) -> str:
    return str(LEAD_LABELS.get(lead, lead))


def _day(own, planned) -> str:
    day = own or planned
    return day.isoformat() if day else ""


def _action(action: PlanAction, reckoning: Reckoning, questionnaire: Questionnaire, basis: PolicyBasis) -> PlannedPart:
    number, rates = action.number, reckoning.plan.rates
    effect, priority, slot = reckoning.effects[number], reckoning.priorities[number], reckoning.slots.get(number)
    return PlannedPart(
        number=number,
        title=action.title,
        text=action.text,
        status=action.status,
        status_label=str(ImprovementAction.Status(action.status).label),
        lead=_lead(action.lead),
        owner=action.owner,
        department=action.department,
        starts_on=_day(action.starts_on, slot and slot.starts_on),
        due_on=_day(action.due_on, slot and slot.ends_on),
        quarter=quarter_in_words(slot.quarter if slot else action.quarter),
        days=amount(action.days),
        weeks=action.weeks,
        cost=amount(reckoning.costs[number]) if action.lead in rates else "",
        priority=priority.letter,
        priority_reason=priority_in_words(priority),
        is_quick_win=number in reckoning.quick_wins,
        is_on=action.is_on,
        items=tuple(item.code for item in _items(action, questionnaire)),
        criteria=action.criteria,
        needs=action.needs,
        gain=show(effect.alone) or "",
        after=show(effect.total) or "",
        level_after=effect.level,
        start=slot.start_week if slot else 0,
        end=slot.end_week if slot else 0,
        clauses=clauses_of(action, questionnaire, basis),
        comments=action.comments,
        proofs=tuple(title or _("Confidential document") for title in action.proofs),
        closed_on=action.closed_on.isoformat() if action.closed_on else "",
        closing_note=action.closing_note,
        is_advised=is_advised(action, questionnaire),
    )
