"""Reads of answers that deserve a name. Answered means: a rating is given (n/a comes with its reason)."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from assessments.models import Answer, Assessment
from assessments.queries.criteria import code_by_id
from assessments.results import PolicyBasis
from questionnaires.library import current_policy_library, current_version, questionnaire_of
from questionnaires.schema import Domain, Questionnaire, rated_codes


@dataclass(frozen=True)
class Progress:
    answered: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.answered


@dataclass(frozen=True)
class ItemProgress:
    item: object
    progress: Progress


@dataclass(frozen=True)
class DomainProgress:
    domain: Domain
    items: tuple[ItemProgress, ...]
    progress: Progress


def answers_of(assessment: Assessment) -> dict[str, Answer]:
    """Criterion code -> answer, in one query."""
    rows = Answer.objects.filter(assessment=assessment).select_related("criterion", "answered_by")
    return {row.criterion.code: row for row in rows}


def ratings_of(assessment: Assessment) -> dict[str, str]:
    """Criterion code -> rating, of everything that is answered."""
    rows, codes = Answer.objects.filter(assessment=assessment).exclude(rating=""), code_by_id(assessment.version)
    return {codes[pk]: rating for pk, rating in rows.values_list("criterion_id", "rating")}


def progress_by_domain(questionnaire: Questionnaire, answered: set[str]) -> tuple[DomainProgress, ...]:
    """``answered``: the codes that have a rating."""
    result = []
    for domain in questionnaire.domains:
        items = tuple(ItemProgress(item, _progress(rated_codes(item), answered)) for item in domain.items)
        codes = [code for item in domain.items for code in rated_codes(item)]
        result.append(DomainProgress(domain, items, _progress(codes, answered)))
    return tuple(result)


def overall_progress(questionnaire: Questionnaire, answered: set[str]) -> Progress:
    return _progress(questionnaire.item_of, answered)


def with_answer_counts(assessments: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Each assessment with ``answered_count``, the newest first."""
    counted = assessments.annotate(answered_count=Count("answers", filter=~Q(answers__rating="")))
    return counted.order_by("-started_at", "-pk")


def current_basis() -> PolicyBasis:
    """The policy library and the policy actions as loaded now."""
    return PolicyBasis(current_policy_library(), questionnaire_of(current_version("policy-actions")))


def _progress(codes, answered: set[str]) -> Progress:
    codes = list(codes)
    return Progress(sum(code in answered for code in codes), len(codes))
