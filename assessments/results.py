"""Everything that follows from one set of answers: scores, method comparison, gaps with their basis, path, coverage.

Pure. ``assess`` computes an ``Outcome``; ``outcome_as_json`` writes it in the form that other programs read
(the result JSON of the headless command).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from assessments.path import Path, shortest_path
from assessments.scoring import CREDITS, ItemScore, Result, coverage, score, score_all_methods, show
from questionnaires.schema import CapabilityItem, ClauseLink, PolicyAction, PolicyLibrary, Questionnaire

JSON_PLACES = 4


@dataclass(frozen=True)
class PolicyBasis:
    """What stands behind gaps: the policy library and the policy actions with the items they support."""

    library: PolicyLibrary
    actions: Questionnaire

    def direct_clauses(self, uid: str) -> tuple[ClauseLink, ...]:
        basis = self.library.basis_by_uid.get(uid)
        return basis.direct if basis else ()

    def supporting_actions(self, edition: str, uid: str) -> tuple[PolicyAction, ...]:
        return tuple(action for action in self.actions.items if uid in action.supports.get(edition, ()))


@dataclass(frozen=True)
class Gap:
    """An item below target. ``criteria``: not yet full at the levels up to target; ``clauses``: direct ones only."""

    item: str
    level: int
    target: int
    criteria: tuple[str, ...]
    advised_actions: tuple[str, ...]
    policy_actions: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    questionnaire: Questionnaire
    target: int | None
    result: Result
    methods: dict[str, Result]
    gaps: tuple[Gap, ...]
    path: Path | None
    coverage: dict[str, Fraction]
    targets: Mapping[str, int] = field(default_factory=dict)  # item code -> its own target, where it differs


def assess(
    questionnaire: Questionnaire,
    basis: PolicyBasis,
    ratings: Mapping[str, str],
    *,
    method: str | None = None,
    target: int | None = None,
    targets: Mapping[str, int] | None = None,
) -> Outcome:
    """Score ``ratings`` and derive everything else. Without ``target`` (1-5) there are no gaps and no path.

    ``targets`` names other targets of single domains or items, by code, the item's own before its domain's: they move the
    gaps; the path leads to the overall target. Raises UnknownMethod. Policy actions take neither method nor target.
    """
    if questionnaire.kind == "anchors":
        result = score(questionnaire, ratings)
        return Outcome(questionnaire, None, result, {}, (), None, coverage(questionnaire, result))
    methods = score_all_methods(questionnaire, ratings)
    result = score(questionnaire, ratings, method)
    own = own_targets(questionnaire, target, targets or {})
    wanted = [(item, own.get(item.code, target)) for item in result.items]
    gaps = tuple(_gap(questionnaire, basis, item, goal) for item, goal in wanted if goal is not None and item.level < goal)
    path = shortest_path(questionnaire, ratings, result.method, target) if target is not None else None
    return Outcome(questionnaire, target, result, methods, gaps, path, {}, own)


def own_targets(questionnaire: Questionnaire, target: int | None, targets: Mapping[str, int]) -> dict[str, int]:
    """Item code -> target, of the items whose target is not the overall one."""
    goals = {
        item.code: targets.get(item.code, targets.get(domain.code, target))
        for domain in questionnaire.domains
        for item in domain.items
    }
    return {code: goal for code, goal in goals.items() if goal != target}


def unfulfilled(scored: ItemScore, target: int) -> tuple[str, ...]:
    """The criteria of an item that are applicable and not yet fully met at the levels up to ``target``."""
    return tuple(
        criterion.code
        for level in scored.levels[:target]
        for criterion in level.criteria
        if criterion.credit is not None and criterion.credit < CREDITS["full"]
    )


def outcome_as_json(outcome: Outcome) -> dict:
    """The result JSON: numbers are text with four places, half up; levels and counts are whole numbers."""
    result, questionnaire = outcome.result, outcome.questionnaire
    data = {
        "questionnaire": questionnaire.code,
        "version": questionnaire.version,
        "method": result.method.key if result.method else None,
        "target": outcome.target,
        "unanswered": len(result.unanswered),
        "excluded_items": list(result.excluded_items),
        "items": [_item_as_json(item) for item in result.items],
        "domains": [{"code": domain.code, "score": _number(domain.score), "level": domain.level} for domain in result.domains],
        "overall": {"score": _number(result.score), "level": result.level},
        "lowest": {"item": getattr(result.lowest_item, "code", None), "domain": getattr(result.lowest_domain, "code", None)},
        "methods": {key: {"score": _number(other.score), "level": other.level} for key, other in outcome.methods.items()},
        "gaps": [_gap_as_json(gap) for gap in outcome.gaps],
        "path": _path_as_json(outcome.path),
    }
    if questionnaire.kind == "anchors":
        data["coverage"] = {clause: _number(value) for clause, value in outcome.coverage.items()}
    return data


def _gap(questionnaire: Questionnaire, basis: PolicyBasis, scored: ItemScore, target: int) -> Gap:
    item: CapabilityItem = questionnaire.item_by_code[scored.code]
    criteria = unfulfilled(scored, target)
    return Gap(
        item=item.code,
        level=scored.level,
        target=target,
        criteria=criteria,
        advised_actions=tuple(questionnaire.criterion_by_code[code].action.code for code in criteria),
        policy_actions=tuple(action.code for action in basis.supporting_actions(questionnaire.edition, item.uid)),
        clauses=tuple(link.id for link in basis.direct_clauses(item.uid)),
    )


def _number(value: Fraction | None) -> str | None:
    return show(value, JSON_PLACES)


def _item_as_json(item: ItemScore) -> dict:
    fulfilment = {str(level.level): _number(level.fulfilment) for level in item.levels} or None
    return {"code": item.code, "fulfilment": fulfilment, "score": _number(item.score), "level": item.level}


def _gap_as_json(gap: Gap) -> dict:
    return {
        "item": gap.item,
        "level": gap.level,
        "target": gap.target,
        "criteria": list(gap.criteria),
        "actions": [*gap.advised_actions, *gap.policy_actions],
        "clauses": list(gap.clauses),
    }


def _path_as_json(path: Path | None) -> dict | None:
    if path is None:
        return None
    raises = [{"criterion": step.criterion, "from": step.before, "to": "full"} for step in path.raises]
    return {"target": path.target, "raises": raises, "count": len(raises)}
