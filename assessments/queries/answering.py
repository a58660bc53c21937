"""What the answer page shows, each in one small query.

This is the page that everybody has open all day, so the three reads that the ORM is slow to build are written out as SQL: it
takes longer to put such a statement together than a database to answer it. They name criteria by their primary keys, which
are known per process: a join would leave the plan to the planner's guesses after every bulk insert.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from assessments.models import Answer, AnswerRevision, Assessment, Assignment, Comment
from assessments.planning import BEST
from assessments.queries.answers import Progress
from assessments.queries.criteria import code_by_id, criteria_by_code
from assessments.queries.visible import assessments_visible_to, comments_visible_to
from assessments.scoring import NOT_APPLICABLE
from organizations.guests import Guest
from organizations.models import Membership, User
from questionnaires.models import Criterion
from questionnaires.schema import Questionnaire, rated_codes

ANSWERS = """
SELECT answer.*, revision.via, person.name AS by_name, person.email AS by_email
FROM assessments_answer AS answer
LEFT JOIN assessments_answerrevision AS revision ON revision.answer_id = answer.id AND revision.revision = answer.revision
LEFT JOIN organizations_user AS person ON person.id = answer.answered_by_id
WHERE answer.organization_id = %s AND answer.assessment_id = %s AND answer.criterion_id IN ({ids})
"""
BESIDE = """
SELECT criterion_id, 'marked' FROM assessments_mark
WHERE organization_id = %s AND assessment_id = %s AND criterion_id IN ({ids})
UNION ALL
SELECT criterion_id, CASE WHEN is_question AND settled_at IS NULL THEN 'questions' ELSE 'comments' END
FROM assessments_comment
WHERE organization_id = %s AND assessment_id = %s AND criterion_id IN ({ids}) {seen}
UNION ALL
SELECT link.criterion_id, 'links' FROM assessments_evidencelink AS link
JOIN assessments_evidence AS evidence ON evidence.id = link.evidence_id AND evidence.removed_at IS NULL
WHERE link.organization_id = %s AND link.assessment_id = %s AND link.criterion_id IN ({ids})
"""
SEEN_BY_A_FIRM = """AND (engagement_id IS NULL OR engagement_id IN (
    SELECT id FROM organizations_engagement WHERE organization_id = %s AND consultancy_id = %s
))"""
PREVIOUS = """
SELECT answer.*, criterion.code, before.name AS assessment_name, EXISTS (
    SELECT 1 FROM assessments_actionaim AS aim
    JOIN assessments_improvementaction AS action ON action.id = aim.action_id
    WHERE aim.organization_id = answer.organization_id AND aim.criterion_id = answer.criterion_id
        AND action.assessment_id = before.id AND action.status = 'closed' AND action.removed_at IS NULL
) AS was_closed
FROM (
    SELECT earlier.id, earlier.name, earlier.version_id
    FROM assessments_assessment AS this
    JOIN questionnaires_version AS version ON version.id = this.version_id
    JOIN assessments_assessment AS earlier ON earlier.organization_id = this.organization_id
        AND COALESCE(earlier.department_id, 0) = COALESCE(this.department_id, 0)
        AND (earlier.started_at, earlier.id) < (this.started_at, this.id)
    JOIN questionnaires_version AS its_version ON its_version.id = earlier.version_id AND its_version.code = version.code
    WHERE this.organization_id = %s AND this.id = %s
    ORDER BY CASE WHEN earlier.state IN ('submitted', 'in_review', 'final') THEN 0 ELSE 1 END,
        earlier.started_at DESC, earlier.id DESC
    LIMIT 1
) AS before
JOIN questionnaires_criterion AS criterion ON criterion.version_id = before.version_id AND criterion.item = %s
JOIN assessments_answer AS answer ON answer.assessment_id = before.id AND answer.criterion_id = criterion.id
WHERE answer.organization_id = %s AND (answer.rating <> '' OR answer.note <> '')
"""


@dataclass(frozen=True)
class Beside:
    """What stands beside an answer: links to evidence, contributions, how many of these are open questions, the mark."""

    links: int = 0
    comments: int = 0
    questions: int = 0
    marked: bool = False


def answers_in(assessment: Assessment, item_code: str) -> dict[str, Answer]:
    """Criterion code -> answer, of one item. ``answer.via`` says how it came to what it is (None: nobody noted it)."""
    ids, codes, people, answers = ids_of_item(assessment, item_code), code_by_id(assessment.version), {}, {}
    for row in Answer.objects.raw(with_ids(ids, ANSWERS), [assessment.organization_id, assessment.pk, *ids]):
        if row.answered_by_id and row.answered_by_id not in people:
            values = (row.answered_by_id, row.by_email, row.by_name)  # in the order of the model's fields
            people[row.answered_by_id] = User.from_db(row._state.db, ("id", "email", "name"), values)
        row.answered_by = people.get(row.answered_by_id)
        answers[codes[row.criterion_id]] = row
    return answers


def progress_of_items(questionnaire: Questionnaire, ratings: Mapping[str, str]) -> dict[str, Progress]:
    """Item code -> how many of its questions have a rating. ``ratings``: those of the whole assessment (``ratings_of``)."""
    counts = Counter(map(questionnaire.item_of.get, ratings))
    return {item.code: Progress(counts[item.code], len(rated_codes(item))) for item in questionnaire.items}


def beside_answers(assessment: Assessment, item_code: str, reader: Membership | Guest | None = None) -> dict[str, Beside]:
    """Criterion code -> what stands beside it, of one item; all kinds in one query. Without what another firm said."""
    ids, codes = ids_of_item(assessment, item_code), code_by_id(assessment.version)
    these, seen, firm = [assessment.organization_id, assessment.pk, *ids], "", []
    if isinstance(reader, Guest):
        seen, firm = SEEN_BY_A_FIRM, [assessment.organization_id, reader.engagement.consultancy_id]
    with connection.cursor() as cursor:
        cursor.execute(with_ids(ids, BESIDE.replace("{seen}", seen)), [*these, *these, *firm, *these])
        found = Counter(cursor.fetchall())
    return {
        codes[pk]: Beside(
            links=found[pk, "links"],
            comments=found[pk, "comments"] + found[pk, "questions"],
            questions=found[pk, "questions"],
            marked=bool(found[pk, "marked"]),
        )
        for pk in {pk for pk, _kind in found}
    }


def ids_of_item(assessment: Assessment, item_code: str) -> list[int]:
    """The primary keys of what is rated in an item."""
    criteria = criteria_by_code(assessment.version)
    return [criteria[code].pk for code in rated_codes(assessment.questionnaire.item_by_code[item_code])]


def with_ids(ids: list[int], sql: str) -> str:
    return sql.format(ids=", ".join(["%s"] * len(ids)))


def assignment_of(assessment: Assessment, item_code: str) -> Assignment | None:
    rows = Assignment.objects.filter(assessment=assessment, item_code=item_code).select_related("department", "person")
    return rows.only("due_on", "note", "assigned_by", "department__name", "person__name", "person__email").first()


def previous_answers(assessment: Assessment, item_code: str, reader: Membership | Guest | None = None) -> dict[str, Answer]:
    """Criterion code -> what the assessment before this one says, with that ``assessment``; only what has a rating or note.
    Nothing for a guest whose engagement does not cover the one before.

    Each has ``was_closed``: an action of that assessment's plan was closed since, and the rating is the best there is.

    Before: of the same organization and department, on the same questionnaire (whatever version), started earlier; the last
    one that was submitted, or where none was, the last one started.
    """
    params = [assessment.organization_id, assessment.pk, item_code, assessment.organization_id]
    last, answers = None, {}
    for row in Answer.objects.raw(PREVIOUS, params):
        last = last or Assessment.from_db(row._state.db, ("id", "name"), (row.assessment_id, row.assessment_name))
        row.assessment = last
        if row.was_closed and row.rating != NOT_APPLICABLE:
            row.rating = BEST[assessment.questionnaire.kind]
        answers[row.code] = row
    if last and isinstance(reader, Guest) and not assessments_visible_to(reader).filter(pk=last.pk).exists():
        return {}
    return answers


def revisions_of(assessment: Assessment, criterion: Criterion) -> list[AnswerRevision]:
    """The history of one answer, the newest first."""
    rows = AnswerRevision.objects.filter(answer__assessment=assessment, answer__criterion=criterion)
    return list(rows.select_related("by", "department").order_by("-revision"))


def discussion_of(assessment: Assessment, criterion: Criterion, reader: Membership | Guest | None = None) -> list[Comment]:
    """What the reader sees of it, each with ``may_settle``: a guest settles what their own firm asked."""
    rows = comments_visible_to(reader).filter(assessment=assessment, criterion=criterion)
    found = list(rows.select_related("written_by", "asked", "settled_by").order_by("written_at", "pk"))
    for row in found:
        row.may_settle = row.is_question and (row.engagement_id is not None or not isinstance(reader, Guest))
    return found
