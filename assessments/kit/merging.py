"""Three-way merge of one returned kit: what was handed out, what came back, what stands there now. Pure.

A row has three parts that are compared on their own: the rating with its reason, the note, and the titles of its evidence.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PARTS = ("rating", "note", "evidence")
NOT_APPLICABLE = "na"


class Outcome(StrEnum):
    """What becomes of a part, and of a row: the row's is the first of these that one of its parts has."""

    REFUSED = "refused"  # a fault in the row, or not this person's item: not taken over
    CONFLICT = "conflict"  # both sides changed it, differently
    CHANGED = "changed"  # only the workbook changed it
    ADDED = "added"  # nothing stood there
    SAME = "same"  # both sides changed it to the same
    UNCHANGED = "unchanged"  # the workbook left it as handed out
    MISSING = "missing"  # not in the workbook: left as it is


class Side(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True)
class Said:
    """One state of a row. In a returned row None says that the workbook doesn't hold this part."""

    rating: tuple[str, str] | None = ("", "")  # rating, reason for n/a
    note: str | None = ""
    evidence: tuple[str, ...] | None = ()

    def part(self, name: str):
        return getattr(self, name)


ABSENT = Said(None, None, None)
EMPTY = {"rating": ("", ""), "note": "", "evidence": ()}


@dataclass(frozen=True)
class MergedRow:
    """One row with its three states and what becomes of each part. ``refusal`` says why it is not taken over, if so."""

    code: str
    base: Said
    theirs: Said
    ours: Said
    parts: dict[str, Outcome]
    refusal: str = ""

    @property
    def outcome(self) -> Outcome:
        present = set(self.parts.values())
        return next(outcome for outcome in Outcome if outcome in present)

    @property
    def conflicts(self) -> tuple[str, ...]:
        return tuple(part for part in PARTS if self.parts[part] == Outcome.CONFLICT)

    def settled(self, side: Side) -> Said:
        """What will stand there when the conflicting parts are decided for ``side``."""
        return Said(**{part: self._settled(part, side) for part in PARTS})

    def _settled(self, part: str, side: Side):
        outcome, theirs = self.parts[part], self.theirs.part(part)
        takes = outcome in (Outcome.ADDED, Outcome.CHANGED) or (outcome == Outcome.CONFLICT and side == Side.THEIRS)
        return theirs if takes and theirs is not None else self.ours.part(part)


def merge_part(base, theirs, ours, nothing) -> Outcome:
    """The rule of three for one part."""
    if theirs is None:
        return Outcome.MISSING
    if theirs == base:
        return Outcome.UNCHANGED
    if theirs == ours:
        return Outcome.SAME
    if ours == base:
        return Outcome.ADDED if base == nothing else Outcome.CHANGED
    return Outcome.CONFLICT


def merge_row(code: str, base: Said, theirs: Said, ours: Said, *, refusal: str = "") -> MergedRow:
    """Compare one row. ``refusal`` names why nothing of it may be taken over.

    Rating and note belong together where one is n/a: would taking them apart leave n/a without its note, both are decided as
    one conflict; and if the workbook has no note to give, the row is refused.
    """
    if refusal:
        return MergedRow(code, base, theirs, ours, dict.fromkeys(PARTS, Outcome.REFUSED), refusal)
    parts = {part: merge_part(base.part(part), theirs.part(part), ours.part(part), EMPTY[part]) for part in PARTS}
    row = MergedRow(code, base, theirs, ours, parts)
    if not any(lacks_note(row.settled(side)) for side in Side):
        return row
    row = MergedRow(code, base, theirs, ours, {**parts, "rating": Outcome.CONFLICT, "note": Outcome.CONFLICT})
    if lacks_note(row.settled(Side.THEIRS)):
        return merge_row(code, base, theirs, ours, refusal="note_missing")
    return row


def lacks_note(said: Said) -> bool:
    """N/a stands without the note that it needs."""
    return said.rating[0] == NOT_APPLICABLE and not said.note


def count_rows(rows: Iterable[MergedRow]) -> dict[str, int]:
    """How many rows have each outcome, all named; every row is counted once."""
    counts = Counter(row.outcome for row in rows)
    return {outcome.value: counts[outcome] for outcome in Outcome}
