"""From ratings to levels: pure, exact, and simple enough to check by hand.

Everything is computed with ``fractions.Fraction``, so that thirds never miss a threshold; nothing is rounded before it
is shown (``show``). The rules are data (``questionnaires/content/methods``); ``docs/scoring.md`` explains them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from questionnaires.schema import LEVELS, CapabilityItem, Climb, Domain, Method, PolicyAction, Questionnaire

CREDITS = {"full": Fraction(1), "largely": Fraction(4, 5), "partly": Fraction(1, 2), "none": Fraction(0)}
NOT_APPLICABLE = "na"
RATINGS = (*CREDITS, NOT_APPLICABLE)
ANCHORS = ("0", "1", "2", "3", "4")
HIGHEST_ANCHOR = 4


class UnknownMethod(Exception):
    """The questionnaire has no scoring method of that key."""


@dataclass(frozen=True)
class CriterionScore:
    """One criterion's part: ``credit`` 0-1, or None when not applicable. Unanswered counts as 0."""

    code: str
    rating: str | None
    credit: Fraction | None


@dataclass(frozen=True)
class LevelScore:
    """One level of one item. ``fulfilment`` = mean credit 0-1, None without applicable criteria (counts as passed)."""

    level: int
    criteria: tuple[CriterionScore, ...]
    fulfilment: Fraction | None
    reached: bool
    secured: bool


@dataclass(frozen=True)
class ItemScore:
    """``score`` 0-5 (policy actions 0-4) and ``level`` 1-5; None for policy actions, which know no levels."""

    code: str
    score: Fraction
    level: int | None
    levels: tuple[LevelScore, ...] = ()
    rating: str | None = None


@dataclass(frozen=True)
class DomainScore:
    code: str
    score: Fraction
    level: int | None
    items: tuple[ItemScore, ...]


@dataclass(frozen=True)
class Result:
    """The whole computation, from ratings to total. ``score`` and ``level`` are None if nothing was applicable."""

    method: Method | None
    domains: tuple[DomainScore, ...]
    excluded_items: tuple[str, ...]
    unanswered: tuple[str, ...]
    score: Fraction | None
    level: int | None

    @property
    def items(self) -> tuple[ItemScore, ...]:
        return tuple(item for domain in self.domains for item in domain.items)

    @property
    def lowest_item(self) -> ItemScore | None:
        """By score; the first in the questionnaire's order among equals."""
        return min(self.items, key=lambda item: item.score, default=None)

    @property
    def lowest_domain(self) -> DomainScore | None:
        return min(self.domains, key=lambda domain: domain.score, default=None)


def score(questionnaire: Questionnaire, ratings: Mapping[str, str], method: str | None = None) -> Result:
    """Score ``ratings`` (criterion code -> ``full``…``na``; for policy actions action code -> ``0``…``4`` or ``na``).

    A code that is missing from ``ratings`` is unanswered and counts as not met. Raises UnknownMethod.
    """
    chosen = None if questionnaire.kind == "anchors" else find_method(questionnaire, method)
    item_scores = {item.code: score_item(item, ratings, chosen) for item in questionnaire.items}
    domains = tuple(filter(None, (_score_domain(domain, item_scores, chosen) for domain in questionnaire.domains)))
    total, level = aggregate([(domain.score, domain.level) for domain in domains], chosen)
    return Result(
        method=chosen,
        domains=domains,
        excluded_items=tuple(code for code, item in item_scores.items() if item is None),
        unanswered=tuple(code for code in questionnaire.item_of if not ratings.get(code)),
        score=total,
        level=level,
    )


def score_all_methods(questionnaire: Questionnaire, ratings: Mapping[str, str]) -> dict[str, Result]:
    """Method key -> result, for the comparison that stands beside every total."""
    return {method.key: score(questionnaire, ratings, method.key) for method in questionnaire.methods}


def find_method(questionnaire: Questionnaire, key: str | None) -> Method:
    try:
        return questionnaire.method_by_key[key or questionnaire.default_method]
    except KeyError as error:
        raise UnknownMethod(key) from error


def score_item(item: CapabilityItem | PolicyAction, ratings: Mapping[str, str], method: Method | None) -> ItemScore | None:
    """One item's score, or None when none of its criteria is applicable."""
    if isinstance(item, PolicyAction):
        return _score_action(item, ratings.get(item.code))
    levels = tuple(score_level(item, level, ratings, method.item) for level in LEVELS)
    if all(level.fulfilment is None for level in levels):
        return None
    total, reached = climb([level.fulfilment for level in levels], method.item)
    return ItemScore(code=item.code, score=total, level=max(1, reached), levels=levels)


def score_level(item: CapabilityItem, level: int, ratings: Mapping[str, str], rule: Climb) -> LevelScore:
    criteria = tuple(_score_criterion(criterion.code, ratings.get(criterion.code)) for criterion in item.at_level(level))
    fulfilment = mean(criterion.credit for criterion in criteria if criterion.credit is not None)
    return LevelScore(
        level=level,
        criteria=criteria,
        fulfilment=fulfilment,
        reached=meets(fulfilment, rule.reach, rule.exclusive),
        secured=meets(fulfilment, rule.secure, rule.exclusive),
    )


def climb(fulfilments: Iterable[Fraction | None], rule: Climb) -> tuple[Fraction, int]:
    """The score and the number of levels reached (0-5), climbing from level 1.

    ``fulfilments`` holds f(1)…f(5). With ``rule.fraction`` the score is the levels passed plus the fulfilment of the
    first level not passed; otherwise it is the level, at least 1.
    """
    reached = 0
    for fulfilment in fulfilments:
        if not meets(fulfilment, rule.reach, rule.exclusive):
            return (reached + fulfilment, reached) if rule.fraction else (Fraction(max(1, reached)), reached)
        reached += 1
        if not meets(fulfilment, rule.secure, rule.exclusive):
            return Fraction(reached), reached
    return Fraction(reached), reached


def meets(fulfilment: Fraction | None, threshold: str, exclusive: bool) -> bool:
    """Whether a level passes; one without applicable criteria does."""
    if fulfilment is None:
        return True
    return fulfilment > Fraction(threshold) if exclusive else fulfilment >= Fraction(threshold)


def level_of(mean_score: Fraction, method: Method) -> int:
    """Read a mean as a level by the method's bands; below the lowest band it is level 1."""
    return max((level for level, least in method.bands.items() if mean_score >= Fraction(least)), default=1)


def mean(values: Iterable[Fraction]) -> Fraction | None:
    """The exact mean, or None of nothing."""
    values = list(values)
    return sum(values, Fraction(0)) / len(values) if values else None


def coverage(questionnaire: Questionnaire, result: Result) -> dict[str, Fraction]:
    """Clause id -> how far it is done (0-1): the mean of the policy actions derived from it, divided by 4.

    Actions that do not apply are left out; so is a clause none of whose actions applies.
    """
    by_code = {item.code: item.score for item in result.items}
    scores: dict[str, list[Fraction]] = {}
    for action in questionnaire.items:
        for clause in action.clauses:
            if action.code in by_code:
                scores.setdefault(clause, []).append(by_code[action.code])
    return {clause: mean(values) / HIGHEST_ANCHOR for clause, values in scores.items()}


def show(value: Fraction | None, places: int = 2) -> str | None:
    """``value`` as text with ``places`` decimals, half up on the exact value (scores are never negative)."""
    if value is None:
        return None
    scaled = int(value * 10**places + Fraction(1, 2))
    digits = str(scaled).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def percent(share: Fraction) -> str:
    """At most one place, cut rather than rounded: 79.96 % must not read as the 80 % that it misses."""
    whole, tenth = divmod(int(share * 1000), 10)
    return f"{whole}.{tenth}%" if tenth else f"{whole}%"


def hundredths(value: Fraction | None) -> int | None:
    """``value`` as ``show`` shows it, times 100."""
    return None if value is None else int(value * 100 + Fraction(1, 2))


def _score_criterion(code: str, rating: str | None) -> CriterionScore:
    credit = None if rating == NOT_APPLICABLE else CREDITS.get(rating, Fraction(0))
    return CriterionScore(code=code, rating=rating or None, credit=credit)


def _score_action(action: PolicyAction, rating: str | None) -> ItemScore | None:
    if rating == NOT_APPLICABLE:
        return None
    return ItemScore(code=action.code, score=Fraction(rating or 0), level=None, rating=rating or None)


def _score_domain(domain: Domain, item_scores: Mapping[str, ItemScore | None], method: Method | None) -> DomainScore | None:
    items = tuple(item_scores[item.code] for item in domain.items if item_scores[item.code] is not None)
    if not items:
        return None
    total, level = aggregate([(item.score, item.level) for item in items], method)
    return DomainScore(code=domain.code, score=total, level=level, items=items)


def aggregate(parts: list[tuple[Fraction, int | None]], method: Method | None) -> tuple[Fraction | None, int | None]:
    """Combine (score, level) pairs of items to a domain, of domains to the whole: their mean read by bands, or the lowest level
    as score and level."""
    if not parts:
        return None, None
    if method is not None and method.aggregate == "lowest":
        lowest = min(level for _, level in parts)
        return Fraction(lowest), lowest
    total = mean(part for part, _ in parts)
    return total, None if method is None else level_of(total, method)
