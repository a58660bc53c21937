"""What each action adds to the score, what now and after are, and what if. Every effect is scored again, never estimated."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from assessments.planning.values import BEST, CLOSED, DomainChange, Effect, Plan, PlanAction, Standing, WhatIf
from assessments.scoring import NOT_APPLICABLE, aggregate, score, score_item
from questionnaires.schema import Method, Questionnaire


@dataclass(frozen=True)
class Board:
    """Ratings with the scores that follow from them; a change scores only the items it touches again."""

    questionnaire: Questionnaire
    method: Method | None
    ratings: Mapping[str, str]
    items: Mapping[str, tuple[Fraction, int | None]]
    domains: Mapping[str, tuple[Fraction, int | None]]

    @classmethod
    def of(cls, questionnaire: Questionnaire, ratings: Mapping[str, str], method_key: str | None) -> "Board":
        result = score(questionnaire, ratings, method_key)
        items = {item.code: (item.score, item.level) for item in result.items}
        domains = {domain.code: (domain.score, domain.level) for domain in result.domains}
        return cls(questionnaire, result.method, dict(ratings), items, domains)

    @property
    def standing(self) -> Standing:
        return Standing(*aggregate(list(self.domains.values()), self.method))

    def raised(self, codes: Iterable[str]) -> "Board":
        return self.rated(_raises(self.questionnaire, self.ratings, codes))

    def rated(self, changes: Mapping[str, str]) -> "Board":
        """With other ratings of these criteria (empty: unanswered), none of which is or becomes not applicable."""
        if not changes:
            return self
        ratings, items, domains = {**self.ratings, **changes}, dict(self.items), dict(self.domains)
        touched = {self.questionnaire.item_of[code] for code in changes}
        for code in touched:
            scored = score_item(self.questionnaire.item_by_code[code], ratings, self.method)
            items[code] = (scored.score, scored.level)
        around = {self.questionnaire.domain_of[code].code: self.questionnaire.domain_of[code] for code in touched}
        for domain in around.values():
            parts = [items[item.code] for item in domain.items if item.code in items]
            domains[domain.code] = aggregate(parts, self.method)
        return replace(self, ratings=ratings, items=items, domains=domains)


def _raises(questionnaire: Questionnaire, ratings: Mapping[str, str], codes: Iterable[str]) -> dict[str, str]:
    """The ratings that change when these criteria become fully met: not applicable stays so, what is full already too."""
    best = BEST[questionnaire.kind]
    return {code: best for code in codes if code in questionnaire.item_of and ratings.get(code) not in (NOT_APPLICABLE, best)}


def _aims(actions: Iterable[PlanAction]) -> list[str]:
    return [code for action in actions for code in action.criteria]


def _closed(plan: Plan) -> list[PlanAction]:
    return [action for action in plan.actions if action.status == CLOSED]


def ratings_now(questionnaire: Questionnaire, ratings: Mapping[str, str], plan: Plan) -> dict[str, str]:
    """The ratings with what closed actions aim at fully met."""
    return {**ratings, **_raises(questionnaire, ratings, _aims(_closed(plan)))}


def gains(
    questionnaire: Questionnaire, ratings: Mapping[str, str], method_key: str | None, plan: Plan
) -> dict[int, Fraction | None]:
    """Number -> what the action adds alone (``Effect.alone``). Raises UnknownMethod."""
    now = Board.of(questionnaire, ratings, method_key).raised(_aims(_closed(plan)))
    held, found = Counter(_aims(_closed(plan))), {}
    for action in plan.actions:
        if action.status == CLOSED:
            only_its = [code for code in action.criteria if held[code] == 1]
            undone = {code: ratings.get(code, "") for code in _raises(questionnaire, ratings, only_its)}
            found[action.number] = _gain(now.rated(undone), now)
        else:
            found[action.number] = _gain(now, now.raised(action.criteria))
    return found


def effects(
    questionnaire: Questionnaire,
    ratings: Mapping[str, str],
    method_key: str | None,
    plan: Plan,
    *,
    alone: Mapping[int, Fraction | None] | None = None,
) -> dict[int, Effect]:
    """Number -> what the action adds, exactly, alone and in the plan's order. ``alone``: of ``gains``, where they are known.

    Raises UnknownMethod.
    """
    alone = gains(questionnaire, ratings, method_key, plan) if alone is None else alone
    running = Board.of(questionnaire, ratings, method_key).raised(_aims(_closed(plan)))
    reached, found = running.standing, {}
    for action in plan.actions:
        after = reached if action.status == CLOSED else Standing(None, None)
        if action.counts:
            running = running.raised(action.criteria)
            after = running.standing
        found[action.number] = Effect(alone[action.number], after.score, after.level)
    return found


def _gain(before: Board, after: Board) -> Fraction | None:
    return None if before.standing.score is None else after.standing.score - before.standing.score


def standing(
    questionnaire: Questionnaire,
    ratings: Mapping[str, str],
    method_key: str | None,
    plan: Plan,
    *,
    only: Collection[int] | None = None,
) -> Standing:
    """The total once everything that is switched on is done; with ``only`` the numbers that are done besides the closed ones:
    none of them gives the total of now. Dropped ones never count. Raises UnknownMethod."""
    done = [action for action in plan.actions if _is_done(action, only)]
    return Board.of(questionnaire, ratings, method_key).raised(_aims(done)).standing


def _is_done(action: PlanAction, only: Collection[int] | None) -> bool:
    if action.is_settled:
        return action.status == CLOSED
    return action.is_on if only is None else action.number in only


def what_if(
    questionnaire: Questionnaire, ratings: Mapping[str, str], method_key: str | None, plan: Plan, on: Collection[int]
) -> WhatIf:
    """Total, level and domains now, and once the actions ``on`` are done. Raises UnknownMethod."""
    now = Board.of(questionnaire, ratings, method_key).raised(_aims(_closed(plan)))
    after = now.raised(_aims(action for action in plan.actions if _is_done(action, on)))
    changes = tuple(
        DomainChange(code, before, after.domains[code][0], level, after.domains[code][1])
        for code, (before, level) in now.domains.items()
    )
    return WhatIf(now.standing, after.standing, changes)
