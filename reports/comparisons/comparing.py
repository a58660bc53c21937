"""Put two or more outcomes of one questionnaire side by side: what differs, where, and through which criteria. Pure and exact.

All sides are scored by one method. The effect of a criterion is what the score of its item moves when its rating is changed
after those listed before it; so the effects of an item add up to its change exactly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from assessments.scoring import NOT_APPLICABLE, Result, climb, score, score_item, score_level
from questionnaires.schema import LEVELS, CapabilityItem, Domain, Method, PolicyAction, Questionnaire, rated_codes

Ratings = Mapping[str, str]


@dataclass(frozen=True)
class Cause:
    """One criterion that is rated differently. ``effect`` on the item's score; None where an item has no score on a side."""

    code: str
    before: str
    after: str
    effect: Fraction | None

    @property
    def is_about_applicability(self) -> bool:
        return NOT_APPLICABLE in (self.before, self.after)


@dataclass(frozen=True)
class Move:
    """One part on both sides. None: left out there, because nothing of it applies."""

    part: CapabilityItem | PolicyAction | Domain | None
    before: Fraction | None
    after: Fraction | None
    level_before: int | None
    level_after: int | None

    @property
    def change(self) -> Fraction | None:
        return None if None in (self.before, self.after) else self.after - self.before


@dataclass(frozen=True)
class ItemMove(Move):
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class DomainMove(Move):
    items: tuple[ItemMove, ...] = ()


@dataclass(frozen=True)
class Comparison:
    questionnaire: Questionnaire  # the later side's: its words are shown
    method: Method | None
    whole: Move
    domains: tuple[DomainMove, ...]
    unanswered: tuple[int, int]
    not_applicable: tuple[int, int]
    elsewhere: tuple[str, ...]  # rated on one side's version of the questionnaire only

    @property
    def items(self) -> tuple[ItemMove, ...]:
        return tuple(item for domain in self.domains for item in domain.items)

    @property
    def moved_domains(self) -> tuple[DomainMove, ...]:
        """By the size of the change, the largest first; in the questionnaire's order among equals."""
        return tuple(sorted((d for d in self.domains if d.change), key=lambda domain: -abs(domain.change)))

    @property
    def moved_items(self) -> tuple[ItemMove, ...]:
        return tuple(sorted((i for i in self.items if i.change), key=lambda item: -abs(item.change)))

    @property
    def causes(self) -> tuple[Cause, ...]:
        return tuple(cause for item in self.items for cause in item.causes)


def compare(
    before_questionnaire: Questionnaire,
    before: Ratings,
    after_questionnaire: Questionnaire,
    after: Ratings,
    method: str | None = None,
) -> Comparison:
    """Two outcomes on one questionnaire, be it on two versions of it. Raises UnknownMethod."""
    one, other = score(before_questionnaire, before, method), score(after_questionnaire, after, method)
    was, is_now = _parts(one), _parts(other)
    domains = []
    for domain in after_questionnaire.domains:
        items = tuple(
            ItemMove(item, *_values(was, is_now, item.code), causes=effects(item, before, after, other.method))
            for item in domain.items
        )
        domains.append(DomainMove(domain, *_values(was, is_now, domain.code), items=items))
    return Comparison(
        questionnaire=after_questionnaire,
        method=other.method,
        whole=Move(None, one.score, other.score, one.level, other.level),
        domains=tuple(domains),
        unanswered=(len(one.unanswered), len(other.unanswered)),
        not_applicable=(_count_na(before), _count_na(after)),
        elsewhere=tuple(sorted(set(before_questionnaire.item_of) ^ set(after_questionnaire.item_of))),
    )


def effects(item: CapabilityItem | PolicyAction, before: Ratings, after: Ratings, method: Method | None) -> tuple[Cause, ...]:
    """The criteria of an item that are rated differently, in order, each with its effect on the item's score."""
    codes = [code for code in rated_codes(item) if before.get(code, "") != after.get(code, "")]
    if not codes:
        return ()
    steps = _steps(item, codes, before, after, method)
    last, causes = next(steps), []
    for code, now in zip(codes, steps, strict=True):
        effect = None if None in (last, now) else now - last
        causes.append(Cause(code, before.get(code, ""), after.get(code, ""), effect))
        last = now
    return tuple(causes)


def _steps(item, codes: list[str], before: Ratings, after: Ratings, method: Method | None) -> Iterator[Fraction | None]:
    """The item's score before, and after each of the changes, one upon the other. A change moves its own level alone."""
    if isinstance(item, PolicyAction):
        yield from (None if part is None else part.score for part in (score_item(item, r, method) for r in (before, after)))
        return
    current, level_of = dict(before), {criterion.code: criterion.level for criterion in item.criteria}
    found = {level: score_level(item, level, current, method.item).fulfilment for level in LEVELS}
    yield _climbed(found, method)
    for code in codes:
        level = level_of[code]
        current[code] = after.get(code, "")
        found[level] = score_level(item, level, current, method.item).fulfilment
        yield _climbed(found, method)


def _climbed(found: Mapping[int, Fraction | None], method: Method) -> Fraction | None:
    """The score of an item with these fulfilments by level, None when nothing of it applies."""
    return None if set(found.values()) == {None} else climb(found.values(), method.item)[0]


@dataclass(frozen=True)
class Row:
    """One part on up to five sides, with the distance between the highest and the lowest."""

    part: CapabilityItem | PolicyAction | Domain | None
    scores: tuple[Fraction | None, ...]
    levels: tuple[int | None, ...]

    @property
    def spread(self) -> Fraction | None:
        known = [value for value in self.scores if value is not None]
        return max(known) - min(known) if len(known) > 1 else None


@dataclass(frozen=True)
class SideBySide:
    questionnaire: Questionnaire
    method: Method | None
    whole: Row
    domains: tuple[tuple[Row, tuple[Row, ...]], ...]
    unanswered: tuple[int, ...]

    @property
    def widest(self) -> Row | None:
        """The domain on which the sides are furthest apart."""
        return max((row for row, _items in self.domains if row.spread), key=lambda row: row.spread, default=None)


def side_by_side(
    questionnaire: Questionnaire, sides: list[tuple[Questionnaire, Ratings]], method: str | None = None
) -> SideBySide:
    """Several outcomes on one questionnaire, each on its own version of it. Raises UnknownMethod."""
    results = [score(own, ratings, method) for own, ratings in sides]
    parts = [_parts(result) for result in results]

    def row(part) -> Row:
        found = [known.get(part.code) for known in parts]
        return Row(part, tuple(getattr(p, "score", None) for p in found), tuple(getattr(p, "level", None) for p in found))

    return SideBySide(
        questionnaire=questionnaire,
        method=results[0].method,
        whole=Row(None, tuple(result.score for result in results), tuple(result.level for result in results)),
        domains=tuple((row(domain), tuple(row(item) for item in domain.items)) for domain in questionnaire.domains),
        unanswered=tuple(len(result.unanswered) for result in results),
    )


def _values(one: Mapping, other: Mapping, code: str) -> tuple:
    """Score and level of a part on both sides, as a ``Move`` takes them."""
    parts = (one.get(code), other.get(code))
    return *(getattr(part, "score", None) for part in parts), *(getattr(part, "level", None) for part in parts)


def _parts(result: Result) -> dict:
    return {part.code: part for part in (*result.domains, *result.items)}


def _count_na(ratings: Ratings) -> int:
    return sum(rating == NOT_APPLICABLE for rating in ratings.values())
