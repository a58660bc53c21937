"""What a finding rests on: one item with its answers, its level that stops it, and what is known of its proof. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from assessments.planning import CLOSED
from assessments.proving import FITTING_KINDS, claims_much
from assessments.scoring import CREDITS, CriterionScore, ItemScore, LevelScore, mean, meets
from questionnaires.schema import CapabilityItem, Climb, Criterion
from reports.content.dossier import Dossier
from reports.content.findings.wording import Wording
from reports.content.parts import CriterionPart, ItemPart, Snapshot

METRIC_LEVEL = 4


@dataclass(frozen=True)
class Blocker:
    """The level that keeps an item from climbing. ``is_reached``: it counts, but not firmly enough to climb on (NPLF).
    ``criteria``: applicable and not fully met, those first whose lift adds most; among equals in the questionnaire's order."""

    level: int
    fulfilment: Fraction
    threshold: Fraction
    exclusive: bool
    is_reached: bool
    size: int
    criteria: tuple[CriterionScore, ...]

    def after(self, raised: int) -> Fraction:
        """The level's fulfilment once the first ``raised`` criteria are fully met."""
        return self.fulfilment + sum((1 - criterion.credit for criterion in self.criteria[:raised]), Fraction(0)) / self.size

    @property
    def needed(self) -> int:
        """The least number of criteria to raise until the level passes."""
        return next(
            n for n in range(1, len(self.criteria) + 1) if meets(self.after(n), str(self.threshold), self.exclusive)
        )  # fmt: skip


def blocker_of(scored: ItemScore, rule: Climb) -> Blocker | None:
    """The first level that is not reached or not secured, or None when all are."""
    for level in scored.levels:
        if not level.reached:
            return _blocker(level, rule.reach, rule.exclusive, is_reached=False)
        if not level.secured:
            return _blocker(level, rule.secure, rule.exclusive, is_reached=True)
    return None


def _blocker(level: LevelScore, threshold: str, exclusive: bool, *, is_reached: bool) -> Blocker:
    applicable = [criterion for criterion in level.criteria if criterion.credit is not None]
    short = sorted((c for c in applicable if c.credit < 1), key=lambda c: c.credit)
    return Blocker(
        level=level.level,
        fulfilment=level.fulfilment,
        threshold=Fraction(threshold),
        exclusive=exclusive,
        is_reached=is_reached,
        size=len(applicable),
        criteria=tuple(short),
    )


@dataclass(frozen=True)
class Case:
    """``turn``: the item's place in the report; ``target``: its own, or None; ``dossier`` is None where only ratings are known
    (the headless command), so that nothing is said about proof. ``on_path``: its criteria on the path to the target, as they
    stand there; ``closed``: the criteria that closed actions of the plan have dealt with."""

    part: ItemPart
    content: CapabilityItem
    scored: ItemScore
    turn: int
    rule: Climb
    target: int | None
    dossier: Dossier | None
    on_path: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()

    @cached_property
    def blocker(self) -> Blocker | None:
        return blocker_of(self.scored, self.rule)

    @cached_property
    def by_code(self) -> Mapping[str, CriterionPart]:
        return {criterion.code: criterion for level in self.part.levels for criterion in level.criteria}

    @cached_property
    def asked(self) -> Mapping[str, Criterion]:
        return {criterion.code: criterion for criterion in self.content.criteria}

    @property
    def applicable(self) -> list[CriterionPart]:
        return [criterion for criterion in self.by_code.values() if criterion.rating != "na"]

    def up_to(self, level: int) -> list[CriterionPart]:
        return [criterion for criterion in self.applicable if criterion.level <= level]

    @property
    def unanswered(self) -> list[CriterionPart]:
        return [criterion for criterion in self.applicable if not criterion.rating]

    @property
    def open(self) -> list[CriterionPart]:
        """What is to be closed: the gap up to the target; without a gap, the criteria that hold the next level back."""
        if self.part.gap:
            return [self.by_code[code] for code in self.part.gap.criteria]
        blocker = self.blocker
        return [self.by_code[criterion.code] for criterion in blocker.criteria] if blocker else []

    @property
    def reaches_target(self) -> bool:
        return self.target is not None and (self.scored.level or 0) >= self.target

    def valid_pieces(self, criterion: CriterionPart) -> list[int]:
        """Numbers of the linked pieces that hold content and have not expired."""
        return [held.piece for held in criterion.held if not self.dossier.pieces[held.piece - 1].flaw]

    def lacks_figures(self, criterion: CriterionPart) -> bool:
        """Whether level 4 or 5 is claimed, the bank asks for figures, and no valid report or record is linked."""
        asked = {evidence.kind for evidence in self.asked[criterion.code].evidence}
        if criterion.level < METRIC_LEVEL or not claims_much(criterion.rating, criterion.level) or "metric" not in asked:
            return False
        kinds = {self.dossier.pieces[number - 1].kind for number in self.valid_pieces(criterion)}
        return not kinds & FITTING_KINDS["metric"]


def closed_in_plan(snapshot: Snapshot) -> frozenset[str]:
    """The criteria of the plan's closed actions."""
    actions = snapshot.plan.actions if snapshot.plan else ()
    return frozenset(code for action in actions if action.status == CLOSED for code in action.criteria)


def credit_of(criterion: CriterionPart) -> Fraction:
    return CREDITS.get(criterion.rating, Fraction(0))


def share_of(criteria: list[CriterionPart]) -> Fraction:
    """The mean credit of applicable criteria; 0 of none."""
    return mean(map(credit_of, criteria)) or Fraction(0)


def name_of(part: ItemPart, wording: Wording) -> str:
    """An item's name as it stands in a sentence."""
    return f"“{part.name}”" if wording.is_chinese else part.name
