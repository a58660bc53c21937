"""Which actions come first, by a table of points that anyone can add up (docs/planning.md)."""

from collections import Counter
from collections.abc import Collection, Mapping, Set
from decimal import Decimal
from fractions import Fraction

from assessments.planning.effects import Board, ratings_now
from assessments.planning.values import Effect, Plan, PlanAction, Priority, Reason
from assessments.scoring import show
from questionnaires.schema import PolicyLibrary, Questionnaire

QUICK_DAYS, QUICK_WEEKS = 10, 8
MOST_DISTANCE = 3  # levels below target that count, a point each
EFFECT_POINTS = ((Fraction(5, 1000), 3), (Fraction(2, 1000), 2), (Fraction(0), 1))  # more than that per ten person-days
PATH_POINTS = 3
NEEDED_POINTS = ((3, 2), (1, 1))  # so many other actions wait for it
POLICY_POINTS = {"requirement": 2, "encouragement": 1, "supporting": 0, "": 0}
EFFORT_POINTS = ((10, 2), (30, 1))  # at most so many person-days
LETTERS = ((9, "A"), (6, "B"), (0, "C"))  # from so many points


def strengths_of(questionnaire: Questionnaire, library: PolicyLibrary) -> dict[str, str]:
    """Item code -> how strongly the clauses behind it speak to an enterprise: ``requirement`` when a direct one requires,
    ``encouragement`` when direct ones only encourage, set targets or offer, ``supporting`` when none is direct, or nothing."""
    found = {}
    for item in questionnaire.items:
        basis = library.basis_by_uid.get(getattr(item, "uid", ""))
        if basis:
            clauses = [library.clause_by_id[link.id] for link in basis.direct]
            kinds = {clause.kind for clause in clauses if clause.addressee in ("enterprise", "all")}
            weak = "encouragement" if kinds else "supporting" if basis.clauses else ""
            found[item.code] = "requirement" if "requirement" in kinds else weak
    return found


def priorities(
    questionnaire: Questionnaire,
    ratings: Mapping[str, str],
    method_key: str | None,
    plan: Plan,
    *,
    alone: Mapping[int, Fraction | None],
    goals: Mapping[str, int],
    path: Set[str],
    strengths: Mapping[str, str],
) -> dict[int, Priority]:
    """Number -> priority, by the table of docs/planning.md; of dropped and closed ones too.

    ``alone``: of ``gains``; ``goals``: item code -> target level; ``path``: the criteria on the shortest path from now;
    ``strengths``: of ``strengths_of``.
    """
    board = Board.of(questionnaire, ratings_now(questionnaire, ratings, plan), method_key)
    waiting = Counter(need for action in plan.actions if not action.is_settled for need in action.needs)
    found = {}
    for action in plan.actions:
        items = {questionnaire.item_of[code] for code in action.criteria if code in questionnaire.item_of}
        reasons = (
            _distance(board, items, goals),
            _effect(action, alone[action.number]),
            _on_path(action, path),
            _needed(waiting[action.number]),
            _policy(items, strengths),
            _effort(action),
        )
        points = sum(reason.points for reason in reasons)
        letter = next(letter for least, letter in LETTERS if points >= least)
        found[action.number] = Priority(letter, points, tuple(reason for reason in reasons if reason.points))
    return found


def _distance(board: Board, items: set[str], goals: Mapping[str, int]) -> Reason:
    levels = {code: board.items[code][1] for code in items if code in board.items and code in goals}
    far = max((goals[code] - level for code, level in levels.items() if level is not None), default=0)
    return Reason("distance", max(0, min(MOST_DISTANCE, far)), str(max(0, far)))


def _effect(action: PlanAction, gain: Fraction | None) -> Reason:
    per_ten_days = (gain or Fraction(0)) * 10 / Fraction(max(action.days, Decimal(1)))
    points = next((points for more_than, points in EFFECT_POINTS if per_ten_days > more_than), 0)
    return Reason("effect", points, show(per_ten_days, 4))


def _on_path(action: PlanAction, path: Set[str]) -> Reason:
    count = sum(code in path for code in action.criteria)
    return Reason("path", PATH_POINTS if count else 0, str(count))


def _needed(count: int) -> Reason:
    return Reason("needed", next((points for least, points in NEEDED_POINTS if count >= least), 0), str(count))


def _policy(items: set[str], strengths: Mapping[str, str]) -> Reason:
    strongest = max((strengths.get(code, "") for code in items), key=POLICY_POINTS.__getitem__, default="")
    return Reason("policy", POLICY_POINTS[strongest], strongest)


def _effort(action: PlanAction) -> Reason:
    points = next((points for most, points in EFFORT_POINTS if 0 < action.days <= most), 0)
    return Reason("effort", points, f"{action.days.normalize():f}")


def is_quick_win(action: PlanAction, effect: Effect, *, settled: Collection[int] = ()) -> bool:
    """Small, adds to the score, and nothing comes first: every action that it needs is in ``settled``."""
    small = action.days <= QUICK_DAYS and action.weeks <= QUICK_WEEKS
    ready = all(number in settled for number in action.needs)
    return small and ready and not action.is_settled and bool(effect.alone)
