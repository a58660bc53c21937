"""Finding questions of an assessment by their words and by how they stand, in a fixed number of queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from assessments.checking import Facts
from assessments.models import Assessment, Assignment
from assessments.queries.assigning import assignments_of, is_for
from assessments.queries.checking import facts_of
from assessments.scoring import NOT_APPLICABLE
from organizations.models import Membership
from questionnaires.schema import Domain, PolicyAction, Text

NOTHING = Facts()
CLAIMS_NOTHING = ("", "none", "0", NOT_APPLICABLE)


@dataclass(frozen=True)
class Wanted:
    """What all must be true: every term in code, statement or note, every condition of ``only``, the domain, the level."""

    terms: tuple[str, ...] = ()
    only: frozenset[str] = frozenset()
    domain: str = ""
    level: int | None = None


@dataclass(frozen=True)
class Found:
    """One question with how it stands; ``standing`` holds the conditions that are true of it."""

    code: str
    text: Text
    level: int | None
    facts: Facts
    standing: frozenset[str]


@dataclass(frozen=True)
class FoundItem:
    """The found questions of one item."""

    domain: Domain
    item: object
    rows: tuple[Found, ...]


def find_questions(
    assessment: Assessment, membership: Membership, wanted: Wanted, today: date
) -> tuple[list[FoundItem], Counter]:
    """What was asked for, by item in the questionnaire's order; and how often each condition is true in the assessment."""
    facts, assignments = facts_of(assessment, today, membership), assignments_of(assessment)
    result, counts = [], Counter()
    for domain in assessment.questionnaire.domains:
        for item in domain.items:
            mine = is_mine(membership, assignments.get(item.code))
            rows = [_found(code, text, level, facts.get(code, NOTHING), mine) for code, text, level in questions_of(item)]
            counts.update(condition for row in rows for condition in row.standing)
            rows = tuple(row for row in rows if _fits(row, domain, wanted))
            if rows:
                result.append(FoundItem(domain, item, rows))
    return result, counts


def questions_of(item) -> list[tuple[str, Text, int | None]]:
    """(code, statement, level) of everything in the item that takes a rating."""
    if isinstance(item, PolicyAction):
        return [(item.code, item.question, None)]
    return [(criterion.code, criterion.text, criterion.level) for criterion in item.criteria]


def is_mine(membership: Membership, assignment: Assignment | None) -> bool:
    return assignment is not None and is_for(membership, assignment)


def is_disputed(facts: Facts) -> bool:
    """Somebody's question is open, or two departments said different things and nobody settled it."""
    return facts.questions > 0 or len(set(facts.voices.values())) > 1


def _found(code: str, text: Text, level: int | None, facts: Facts, mine: bool) -> Found:
    standing = {
        "unanswered": not facts.rating,
        "marked": facts.marked,
        "disputed": is_disputed(facts),
        "unproven": not facts.proofs and facts.rating not in CLAIMS_NOTHING,
        "mine": mine,
    }
    return Found(code, text, level, facts, frozenset(name for name, is_true in standing.items() if is_true))


def _fits(row: Found, domain: Domain, wanted: Wanted) -> bool:
    if wanted.domain not in ("", domain.code) or wanted.level not in (None, row.level):
        return False
    if not wanted.only <= row.standing:
        return False
    words = " ".join((row.code, row.text.zh, row.text.en, row.facts.note)).casefold()
    return all(term.casefold() in words for term in wanted.terms)
