from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from assessments.models import Answer, AnswerRevision, Assessment
from assessments.operations.holding import hold_open
from assessments.operations.standings import refresh_standings
from organizations.models import User
from organizations.operations.trail import record_activity, recorded_together
from organizations.permissions import Permission
from questionnaires.models import Criterion

Via = AnswerRevision.Via
TABLE = Answer._meta.db_table
# One statement decides: the first answer is inserted; a later one is written only over the revision that was read.
UPSERT = f"""
INSERT INTO {TABLE}
    (organization_id, assessment_id, criterion_id, rating, na_reason, note, answered_by_id, answered_at, revision)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (assessment_id, criterion_id) DO UPDATE SET
    rating = excluded.rating, na_reason = excluded.na_reason, note = excluded.note,
    answered_by_id = excluded.answered_by_id, answered_at = excluded.answered_at, revision = excluded.revision
WHERE {TABLE}.revision = %s
    AND ({TABLE}.rating, {TABLE}.na_reason, {TABLE}.note) <> (excluded.rating, excluded.na_reason, excluded.note)
RETURNING id
"""


@dataclass(frozen=True)
class Said:
    """What somebody says about one criterion: clean values, as a form or an import hands them over."""

    rating: str = ""
    na_reason: str = ""
    note: str = ""


class AnsweredMeanwhile(Exception):
    """Somebody else saved this answer after it was read; ``current`` is what stands there now."""

    def __init__(self, current: Answer):
        self.current = current
        super().__init__(f"revision {current.revision} is newer")


@transaction.atomic
@recorded_together()
def save_answer(
    *,
    assessment: Assessment,
    criterion: Criterion,
    said: Said,
    read_revision: int,
    by: User,
    at: datetime,
    via: str = Via.WEB,
    department_id: int | None = None,
) -> Answer:
    """Save one answer over the revision that was read (0: there was none), and keep it in the answer's history.

    Raises AnsweredMeanwhile, and changes nothing, when it has another revision by now, and Closed when the assessment's
    state takes no answers. Saving the same words again is answered with what stands there, so a repeated request does no
    harm. ``department_id`` is the department that the person speaks for.
    """
    hold_open(assessment, Permission.ANSWER_WRITE)
    answer = write_answer(assessment, criterion, said, read_revision, by, at, via, department_id)
    refresh_standings(assessment, [criterion.item], held=True)
    return answer


@transaction.atomic
@recorded_together()
def undo_answer(
    *,
    assessment: Assessment,
    criterion: Criterion,
    to: AnswerRevision,
    read_revision: int,
    by: User,
    at: datetime,
    department_id: int | None = None,
) -> Answer:
    """Let the answer say again what it said in the revision ``to``; that is a new revision, nothing is taken from its history.

    Raises AnsweredMeanwhile and Closed as ``save_answer`` does.
    """
    hold_open(assessment, Permission.ANSWER_WRITE)
    said = Said(to.rating, to.na_reason, to.note)
    answer = write_answer(assessment, criterion, said, read_revision, by, at, Via.UNDO, department_id)
    refresh_standings(assessment, [criterion.item], held=True)
    return answer


def write_answer(assessment, criterion, said: Said, read_revision: int, by, at, via, department_id) -> Answer:
    """``save_answer`` for callers that already hold the assessment open, in their transaction; they refresh the standings."""
    revision = read_revision + 1
    mine = {"organization_id": assessment.organization_id, "assessment_id": assessment.pk, "criterion_id": criterion.pk}
    words = {"rating": said.rating, "na_reason": said.na_reason, "note": said.note}
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(UPSERT, [*mine.values(), *words.values(), by.pk, moment, revision, read_revision])
        written = cursor.fetchone()
    if written is None:
        current = Answer.objects.select_related("answered_by").get(assessment=assessment, criterion=criterion)
        if (current.rating, current.na_reason, current.note) != tuple(words.values()):
            raise AnsweredMeanwhile(current)
        return current
    answer = Answer(pk=written[0], **mine, **words, revision=revision, answered_by=by, answered_at=at)
    AnswerRevision.objects.create(
        organization_id=assessment.organization_id,
        answer_id=answer.pk,
        revision=revision,
        **words,
        via=via,
        by=by,
        department_id=department_id,
        at=at,
    )
    about = f"assessment {assessment.pk} {criterion.code}"
    record_activity("answer.saved", organization=assessment.organization, about=about, by=by, at=at)
    return answer
