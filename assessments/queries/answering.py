"""What the answer page shows, each in one small query. What depends on the version alone is kept per process."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Case, CharField, Count, OuterRef, Q, Subquery, Value, When

from assessments.models import Answer, AnswerRevision, Assessment, Assignment, Comment, EvidenceLink, Mark
from assessments.queries.answers import Progress
from questionnaires.models import Criterion, Version
from questionnaires.schema import Questionnaire, rated_codes

SUBMITTED = (Assessment.State.SUBMITTED, Assessment.State.IN_REVIEW, Assessment.State.FINAL)


@dataclass(frozen=True)
class Beside:
    """What stands beside an answer: links to evidence, contributions, how many of these are open questions, the mark."""

    links: int = 0
    comments: int = 0
    questions: int = 0
    marked: bool = False


def criteria_by_code(version: Version) -> dict[str, Criterion]:
    """The rows that answers of this version refer to."""
    return _criteria(version.pk, version.sha256)


@lru_cache(maxsize=16)
def _criteria(version_id: int, sha256: str) -> dict[str, Criterion]:
    return {row.code: row for row in Criterion.objects.filter(version_id=version_id)}


def answers_in(assessment: Assessment, item_code: str) -> dict[str, Answer]:
    """Criterion code -> answer, of one item. ``answer.via`` says how it came to what it is (None: nobody noted it)."""
    latest = AnswerRevision.objects.filter(answer=OuterRef("pk"), revision=OuterRef("revision"))
    rows = Answer.objects.filter(assessment=assessment, criterion__item=item_code)
    rows = rows.select_related("answered_by", "criterion").annotate(via=Subquery(latest.order_by().values("via")[:1]))
    return {row.criterion.code: row for row in rows}


def ratings_in(assessment: Assessment, item_code: str) -> dict[str, str]:
    rows = Answer.objects.filter(assessment=assessment, criterion__item=item_code).exclude(rating="")
    return dict(rows.values_list("criterion__code", "rating"))


def answered_per_item(assessment: Assessment) -> dict[str, int]:
    """Item code -> how many of its questions have a rating; items without any are not in it."""
    rows = Answer.objects.filter(assessment=assessment).exclude(rating="").order_by()
    return dict(rows.values_list("criterion__item").annotate(Count("pk")))


def answered_in_all(assessment: Assessment) -> int:
    return Answer.objects.filter(assessment=assessment).exclude(rating="").count()


def progress_of_items(questionnaire: Questionnaire, counts: dict[str, int]) -> dict[str, Progress]:
    return {item.code: Progress(counts.get(item.code, 0), len(rated_codes(item))) for item in questionnaire.items}


def beside_answers(assessment: Assessment, item_code: str) -> dict[str, Beside]:
    """Criterion code -> what stands beside it, of one item; all kinds in one query."""
    mine = {"assessment": assessment, "criterion__item": item_code}
    open_question = Q(is_question=True, settled_at=None)
    kind = Case(When(open_question, then=Value("questions")), default=Value("comments"), output_field=CharField())
    marks = Mark.objects.filter(**mine).values_list("criterion__code", Value("marked", output_field=CharField()))
    comments = Comment.objects.filter(**mine).order_by().values_list("criterion__code", kind)
    links = EvidenceLink.objects.filter(**mine, evidence__removed_at=None).order_by()
    links = links.values_list("criterion__code", Value("links", output_field=CharField()))
    found = Counter(marks.union(comments, links, all=True))
    return {
        code: Beside(
            links=found[code, "links"],
            comments=found[code, "comments"] + found[code, "questions"],
            questions=found[code, "questions"],
            marked=bool(found[code, "marked"]),
        )
        for code in {code for code, _kind in found}
    }


def assignment_of(assessment: Assessment, item_code: str) -> Assignment | None:
    rows = Assignment.objects.filter(assessment=assessment, item_code=item_code)
    return rows.select_related("department", "person", "assigned_by").first()


def previous_answers(assessment: Assessment, item_code: str) -> dict[str, Answer]:
    """Criterion code -> what the assessment before this one says, with that ``assessment``; only what has a rating or note.

    Before: of the same organization and department, on the same questionnaire (whatever version), started earlier; the last
    one that was submitted, or where none was, the last one started.
    """
    earlier = Q(started_at__lt=assessment.started_at) | Q(started_at=assessment.started_at, pk__lt=assessment.pk)
    rows = Assessment.objects.filter(
        earlier,
        organization_id=assessment.organization_id,
        department_id=assessment.department_id,
        version__code=assessment.version.code,
    )
    submitted_first = Case(When(state__in=SUBMITTED, then=0), default=1)
    before = rows.order_by(submitted_first, "-started_at", "-pk").values("pk")[:1]
    answers = Answer.objects.filter(assessment=Subquery(before), criterion__item=item_code)
    answers = answers.exclude(rating="", note="").select_related("criterion", "assessment")
    return {row.criterion.code: row for row in answers}


def revisions_of(assessment: Assessment, criterion: Criterion) -> list[AnswerRevision]:
    """The history of one answer, the newest first."""
    rows = AnswerRevision.objects.filter(answer__assessment=assessment, answer__criterion=criterion)
    return list(rows.select_related("by", "department").order_by("-revision"))


def discussion_of(assessment: Assessment, criterion: Criterion) -> list[Comment]:
    rows = Comment.objects.filter(assessment=assessment, criterion=criterion)
    return list(rows.select_related("written_by", "asked", "settled_by").order_by("written_at", "pk"))
