"""What evidence proves: one rule, pure, used by every page, check and report that speaks of proof.

* A piece is **valid** on a day when it holds a file or link, has not expired, and is not stale. It is stale when it could
  serve only lines of the recipe that ask for the last ``months`` months, and it was issued before them; without an issuing
  date it is taken as recent.
* A criterion is **proven** when at least one valid piece is linked to it. It is **fully** proven when every line of its
  recipe (the bank's list of expected evidence) is covered by a valid piece of a fitting kind, or when there are as many valid
  pieces as lines. One piece may cover several lines. Lines of the kind ``interview`` are asked by the assessor and need
  no piece.
* The **proven level** of an item is the highest level, up to the one claimed, at which at least 80 % of the criteria claimed
  (rated fully or largely met) at that level and below are proven; levels where nothing is claimed ask for nothing.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from questionnaires.schema import CapabilityItem, Evidence, Text

FITTING_KINDS = {  # line of the recipe -> kinds of pieces that can cover it
    "rule": frozenset({"policy", "plan", "standard", "contract"}),
    "record": frozenset({"record", "report", "contract", "training"}),
    "metric": frozenset({"report", "record"}),
    "system": frozenset({"system"}),
}
OFFERED_KIND = {"rule": "policy", "record": "record", "metric": "report", "system": "system"}
ASKED_IN_PERSON = "interview"
SHARE_PROVEN = Fraction(4, 5)
CLAIMED = frozenset({"full", "largely"})
CLAIMED_FROM_LEVEL = 3
CLAIMED_ANCHORS = frozenset({"3", "4"})


class Proof(StrEnum):
    NONE = "none"
    PARTLY = "partly"
    FULLY = "fully"


class Flaw(StrEnum):
    """Why a linked piece proves nothing."""

    MISSING = "missing"
    EXPIRED = "expired"
    STALE = "stale"


@dataclass(frozen=True)
class Piece:
    """What the rule needs to know of one linked piece."""

    kind: str
    has_content: bool = True
    issued_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class LineCover:
    line: Evidence | Text
    covered: bool | None  # None: asked in an interview, or the line names no kind


@dataclass(frozen=True)
class Proving:
    """How well the linked pieces prove one criterion. ``flaws`` stand in the order of the pieces."""

    proof: Proof
    valid: int
    lines: tuple[LineCover, ...]
    flaws: tuple[Flaw | None, ...]


def prove(recipe: Iterable[Evidence | Text], pieces: Iterable[Piece], on: date) -> Proving:
    """Judge the pieces linked to one criterion on a day. Policy actions' recipes are plain texts without kinds."""
    recipe, pieces = tuple(recipe), tuple(pieces)
    flaws = tuple(flaw_of(piece, recipe, on) for piece in pieces)
    valid = [piece for piece, flaw in zip(pieces, flaws, strict=True) if flaw is None]
    lines = tuple(LineCover(line, _covered(line, valid, on)) for line in recipe)
    asked = [line for line in recipe if getattr(line, "kind", None) != ASKED_IN_PERSON]
    if not valid:
        proof = Proof.NONE
    elif len(valid) >= len(asked) or all(cover.covered for cover in lines if cover.line in asked):
        proof = Proof.FULLY
    else:
        proof = Proof.PARTLY
    return Proving(proof, len(valid), lines, flaws)


def flaw_of(piece: Piece, recipe: tuple[Evidence | Text, ...], on: date) -> Flaw | None:
    if not piece.has_content:
        return Flaw.MISSING
    if expired(piece.valid_until, on):
        return Flaw.EXPIRED
    fitting = [line for line in recipe if _fits(piece, line)]
    if fitting and all(_too_old(piece, line, on) for line in fitting):
        return Flaw.STALE
    return None


def expired(valid_until: date | None, on: date) -> bool:
    """The last day of validity still counts."""
    return valid_until is not None and valid_until < on


def proven_level(item: CapabilityItem, ratings: Mapping[str, str], proven: Set[str], claimed_level: int) -> int:
    """The level that the proof reaches, 0 to ``claimed_level``. ``proven``: codes of the criteria that are proven."""
    reached, claimed_count, proven_count = 0, 0, 0
    for level in range(1, claimed_level + 1):
        claimed = [criterion.code for criterion in item.at_level(level) if ratings.get(criterion.code) in CLAIMED]
        claimed_count += len(claimed)
        proven_count += sum(code in proven for code in claimed)
        if proven_count >= SHARE_PROVEN * claimed_count:
            reached = level
    return reached


def claims_much(rating: str, level: int | None) -> bool:
    """Whether the rating is one that an assessor asks proof for: level 3 or above met, or an anchor of 3 or 4."""
    if level is None:
        return rating in CLAIMED_ANCHORS
    return level >= CLAIMED_FROM_LEVEL and rating in CLAIMED


def _covered(line, valid: list[Piece], on: date) -> bool | None:
    kind = getattr(line, "kind", None)
    if kind is None or kind == ASKED_IN_PERSON:
        return None
    return any(_fits(piece, line) and not _too_old(piece, line, on) for piece in valid)


def _fits(piece: Piece, line) -> bool:
    return piece.kind in FITTING_KINDS.get(getattr(line, "kind", ""), ())


def _too_old(piece: Piece, line, on: date) -> bool:
    months = getattr(line, "months", None)
    return bool(months and piece.issued_on and piece.issued_on < on - relativedelta(months=months))
