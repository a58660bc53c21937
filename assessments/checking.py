"""What a second look finds before an assessment is submitted: errors that stop it, warnings and hints that do not.

Pure: ``check`` reads plain values and returns findings in the questionnaire's order; their words are in ``labels``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from assessments.proving import claims_much
from assessments.scoring import CREDITS, NOT_APPLICABLE, mean
from questionnaires.schema import LEVELS, CapabilityItem, PolicyAction, Questionnaire, rated_codes

HALVES = ("partly", "1", "2")
MANY = 8  # as many rows in an item tell whether somebody looked at each
LARGE_NA_SHARE = Fraction(1, 10)
LONG = timedelta(days=14)
TOO_FAST = timedelta(minutes=1)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True)
class Facts:
    """What is known of one criterion (or policy action). ``voices``: department -> its last rating, of those not settled since;
    ``proofs``: valid pieces; ``expired``: titles of pieces that have expired; ``typed``: given on the page, not imported."""

    rating: str = ""
    na_reason: str = ""
    note: str = ""
    proofs: int = 0
    expired: tuple[str, ...] = ()
    voices: Mapping[str, str] = field(default_factory=dict)
    questions: int = 0
    marked: bool = False
    taken_over_at: datetime | None = None
    by: int | None = None
    at: datetime | None = None
    typed: bool = False


@dataclass(frozen=True)
class Finding:
    """One thing to look at. ``item`` is empty when it concerns the whole assessment; ``criteria`` are the places."""

    severity: Severity
    code: str
    item: str
    criteria: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """Everything a rule may look at: facts by code, due dates by item, and the time."""

    facts: Mapping[str, Facts]
    due: Mapping[str, date]
    now: datetime
    today: date

    def of(self, item) -> list[tuple[str, Facts]]:
        return [(code, self.facts.get(code, NOTHING)) for code in rated_codes(item)]


NOTHING = Facts()


def check(
    questionnaire: Questionnaire, facts: Mapping[str, Facts], *, due: Mapping[str, date], now: datetime, today: date
) -> tuple[Finding, ...]:
    """All findings, errors first, then by rule, then in the questionnaire's order."""
    desk = Desk(facts, due, now, today)
    found = [finding for rule in RULES for item in questionnaire.items for finding in rule(item, desk)]
    found += large_na_share(questionnaire, desk)
    return tuple(sorted(found, key=lambda finding: list(Severity).index(finding.severity)))


def errors_in(findings) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity == Severity.ERROR)


def unanswered(item, desk: Desk) -> Iterator[Finding]:
    yield from _places(Severity.ERROR, "unanswered", item, [code for code, fact in desk.of(item) if not fact.rating])


def na_unexplained(item, desk: Desk) -> Iterator[Finding]:
    bare = [
        code for code, fact in desk.of(item) if fact.rating == NOT_APPLICABLE and not (fact.na_reason and fact.note.strip())
    ]
    yield from _places(Severity.ERROR, "na_unexplained", item, bare)


def level_skipped(item, desk: Desk) -> Iterator[Finding]:
    """A level is met on average (largely) while the one below it is answered and is not: the lowest such step."""
    if isinstance(item, PolicyAction):
        return
    for lower, higher in zip(LEVELS, LEVELS[1:], strict=False):
        if _met(item, lower, desk) is False and _met(item, higher, desk):
            weak = [c.code for c in item.at_level(lower) if desk.facts[c.code].rating in ("partly", "none")]
            yield from _places(Severity.WARNING, "level_skipped", item, weak, higher=higher, lower=lower)
            return


def claim_without_evidence(item, desk: Desk) -> Iterator[Finding]:
    level_of = {criterion.code: criterion.level for criterion in getattr(item, "criteria", ())}
    bare = [
        code
        for code, fact in desk.of(item)
        if claims_much(fact.rating, level_of.get(code)) and not fact.proofs and not fact.expired
    ]
    yield from _places(Severity.WARNING, "claim_without_evidence", item, bare)


def same_rating(item, desk: Desk) -> Iterator[Finding]:
    rows = desk.of(item)
    ratings = {fact.rating for _code, fact in rows}
    if len(rows) >= MANY and len(ratings) == 1 and not ratings & {"", NOT_APPLICABLE}:
        yield Finding(Severity.WARNING, "same_rating", item.code, (rows[0][0],), {"n": len(rows)})


def evidence_expired(item, desk: Desk) -> Iterator[Finding]:
    rows = [(code, fact.expired) for code, fact in desk.of(item) if fact.expired]
    titles = tuple(dict.fromkeys(title for _code, expired in rows for title in expired))
    yield from _places(Severity.WARNING, "evidence_expired", item, [code for code, _expired in rows], titles=titles)


def departments_at_odds(item, desk: Desk) -> Iterator[Finding]:
    for code, fact in desk.of(item):
        if len(set(fact.voices.values())) > 1:
            yield Finding(
                Severity.WARNING, "departments_at_odds", item.code, (code,), {"n": 1, "departments": tuple(fact.voices)}
            )


def open_questions(item, desk: Desk) -> Iterator[Finding]:
    asked = [code for code, fact in desk.of(item) if fact.questions]
    yield from _places(Severity.WARNING, "open_questions", item, asked)


def marks_left(item, desk: Desk) -> Iterator[Finding]:
    yield from _places(Severity.WARNING, "marks_left", item, [code for code, fact in desk.of(item) if fact.marked])


def half_without_note(item, desk: Desk) -> Iterator[Finding]:
    bare = [code for code, fact in desk.of(item) if fact.rating in HALVES and not fact.note.strip()]
    yield from _places(Severity.HINT, "half_without_note", item, bare)


def long_taken_over(item, desk: Desk) -> Iterator[Finding]:
    old = [code for code, fact in desk.of(item) if fact.taken_over_at and desk.now - fact.taken_over_at >= LONG]
    yield from _places(Severity.HINT, "long_taken_over", item, old, days=LONG.days)


def answered_too_fast(item, desk: Desk) -> Iterator[Finding]:
    """Many questions, all answered by one person on the page within a minute."""
    rows = desk.of(item)
    times = [fact.at for _code, fact in rows if fact.rating and fact.typed and fact.at]
    people = {fact.by for _code, fact in rows}
    if len(rows) >= MANY and len(times) == len(rows) and len(people) == 1 and max(times) - min(times) <= TOO_FAST:
        yield Finding(Severity.HINT, "answered_too_fast", item.code, (rows[0][0],), {"n": len(rows)})


def overdue(item, desk: Desk) -> Iterator[Finding]:
    due = desk.due.get(item.code)
    if due and due < desk.today:
        late = [code for code, fact in desk.of(item) if not fact.rating]
        yield from _places(Severity.HINT, "overdue", item, late, due=due.isoformat())


def large_na_share(questionnaire: Questionnaire, desk: Desk) -> Iterator[Finding]:
    codes = list(questionnaire.item_of)
    left_out = [code for code in codes if desk.facts.get(code, NOTHING).rating == NOT_APPLICABLE]
    if Fraction(len(left_out), len(codes)) > LARGE_NA_SHARE:
        values = {"n": len(left_out), "total": len(codes), "percent": int(LARGE_NA_SHARE * 100)}
        yield Finding(Severity.HINT, "large_na_share", "", tuple(left_out), values)


RULES = (
    unanswered,
    na_unexplained,
    level_skipped,
    claim_without_evidence,
    same_rating,
    evidence_expired,
    departments_at_odds,
    open_questions,
    marks_left,
    half_without_note,
    long_taken_over,
    answered_too_fast,
    overdue,
)


def _places(severity: Severity, code: str, item, criteria: list[str], **values) -> Iterator[Finding]:
    """One finding for all places of an item, or none."""
    if criteria:
        yield Finding(severity, code, item.code, tuple(criteria), {"n": len(criteria), **values})


def _met(item: CapabilityItem, level: int, desk: Desk) -> bool | None:
    """Whether a level is largely met on average; None while a question is open or when none applies."""
    ratings = [desk.facts.get(criterion.code, NOTHING).rating for criterion in item.at_level(level)]
    if not all(ratings):
        return None
    fulfilment = mean(CREDITS[rating] for rating in ratings if rating != NOT_APPLICABLE)
    return None if fulfilment is None else fulfilment >= CREDITS["largely"]
