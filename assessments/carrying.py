"""Carry answers over the bridge from an older edition to a newer one, and say what the change of edition does to a score. Pure.

What the editions ask in the same words is carried; everything else is only proposed, by a rule that is named. What is proposed
counts for nothing until somebody takes it over.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from assessments.scoring import CREDITS, NOT_APPLICABLE, Result, score
from questionnaires.bridge import RELATIONS
from questionnaires.schema import Criterion, Questionnaire

MAX_NOTE = 2000
CAP = "largely"  # a criterion that asks for more is met largely at most until somebody has looked at what was added

CARRIED = "carried"  # the same criterion: rating, note and evidence are carried
KEPT = "kept"  # reworded, narrowed or split: the rating of then
CAPPED = "capped"  # widened: the rating of then, at most largely met
LOWEST = "lowest"  # from several: the lowest of their ratings
WIDER_SCOPE = "wider_scope"  # did not apply then, but it asks for more now: no proposal
INCOMPLETE = "incomplete"  # not all that it came from was answered: no proposal
NEW = "new"  # nothing to propose
RULES = (CARRIED, KEPT, CAPPED, LOWEST, WIDER_SCOPE, INCOMPLETE, NEW)


@dataclass(frozen=True)
class Words:
    """What was said about one criterion."""

    rating: str = ""
    na_reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Crossing:
    """What becomes of one criterion of the newer edition: what is carried or proposed, from where, and by which rule."""

    code: str
    relation: str
    came_from: tuple[str, ...]
    rule: str
    words: Words = Words()

    @property
    def is_carried(self) -> bool:
        return self.rule == CARRIED


@dataclass(frozen=True)
class Trend:
    """A change between an older and a newer edition, by one method, in two parts that add up to it exactly.

    ``bridged``: what the ratings of the older assessment give in the newer edition.
    """

    before: Fraction
    bridged: Fraction
    after: Fraction

    @property
    def change(self) -> Fraction:
        return self.after - self.before

    @property
    def by_standard(self) -> Fraction:
        return self.bridged - self.before

    @property
    def by_enterprise(self) -> Fraction:
        return self.after - self.bridged


def can_cross(old: Questionnaire, new: Questionnaire) -> bool:
    """Whether a bridge leads from the one to the other: every criterion of the newer names origins that the older knows."""
    if old.code == new.code or not new.criterion_by_code:
        return False
    origins = [criterion.origin for criterion in new.criterion_by_code.values()]
    return all(origins) and all(code in old.criterion_by_code for origin in origins for code in origin.came_from)


def cross(new: Questionnaire, said: Mapping[str, Words]) -> tuple[Crossing, ...]:
    """Every criterion of the newer edition with what becomes of it. ``said``: by the code of the older edition."""
    return tuple(_crossing(criterion, said) for criterion in new.criterion_by_code.values())


def crossed_ratings(crossings: tuple[Crossing, ...], *, with_drafts: bool) -> dict[str, str]:
    """Criterion code of the newer edition -> rating: what is carried, or with everything that is proposed."""
    return {c.code: c.words.rating for c in crossings if c.words.rating and (with_drafts or c.is_carried)}


def counts(crossings: tuple[Crossing, ...]) -> dict[str, int]:
    """How many are carried, proposed by relation, without a proposal, and new. They add up to the bank of the newer edition."""
    found = Counter(_kind(crossing) for crossing in crossings)
    return {kind: found[kind] for kind in ("carried", *RELATIONS[1:-2], "open", "new")}


def trend(old: Questionnaire, new: Questionnaire, before: Mapping[str, str], after: Mapping[str, str], method: str | None):
    """How much of the change is the standard's and how much the enterprise's; None when one of them has no score.

    ``before``, ``after``: ratings in the older and in the newer edition. Both are scored by the same method.
    """
    crossings = cross(new, {code: Words(rating) for code, rating in before.items()})
    bridged = crossed_ratings(crossings, with_drafts=True)
    scores = (_score(old, before, method), _score(new, bridged, method), _score(new, after, method))
    return None if None in scores else Trend(*scores)


def _score(questionnaire: Questionnaire, ratings: Mapping[str, str], method: str | None) -> Fraction | None:
    result: Result = score(questionnaire, ratings, method)
    return result.score


def _kind(crossing: Crossing) -> str:
    if crossing.relation == "new":
        return "new"
    if not crossing.words.rating:
        return "open"
    return "carried" if crossing.is_carried else crossing.relation


def _crossing(criterion: Criterion, said: Mapping[str, Words]) -> Crossing:
    origin = criterion.origin
    sources = [said.get(code, Words()) for code in origin.came_from]
    rule, words = _proposal(origin.relation, sources)
    return Crossing(criterion.code, origin.relation, origin.came_from, rule, words)


def _proposal(relation: str, sources: list[Words]) -> tuple[str, Words]:
    if relation == "new" or not sources:
        return NEW, Words()
    if not all(source.rating for source in sources):
        return INCOMPLETE, Words(note=_notes(sources))
    if len(sources) > 1:
        return LOWEST, _lowest(sources)
    if relation == "same":
        return CARRIED, sources[0]
    return _widened(sources[0]) if relation == "widened" else (KEPT, sources[0])


def _widened(source: Words) -> tuple[str, Words]:
    if source.rating == NOT_APPLICABLE:
        return WIDER_SCOPE, Words(note=source.note)
    if CREDITS[source.rating] > CREDITS[CAP]:
        return CAPPED, Words(CAP, "", source.note)
    return CAPPED, source


def _lowest(sources: list[Words]) -> Words:
    """The lowest of those that apply; only where none does, not applicable, with the first reason."""
    applicable = [source.rating for source in sources if source.rating != NOT_APPLICABLE]
    if not applicable:
        return Words(NOT_APPLICABLE, sources[0].na_reason, _notes(sources))
    return Words(min(applicable, key=CREDITS.__getitem__), "", _notes(sources))


def _notes(sources: list[Words]) -> str:
    """All notes, each once; those that have no room are left where they were written."""
    kept = ""
    for note in dict.fromkeys(source.note for source in sources if source.note):
        longer = f"{kept}\n{note}" if kept else note
        kept = longer if len(longer) <= MAX_NOTE else kept
    return kept
