from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from assessments.models import Answer, Assessment
from organizations.models import User
from organizations.operations.trail import record_activity
from questionnaires.models import Criterion


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


def save_answer(
    *, assessment: Assessment, criterion: Criterion, said: Said, read_revision: int, by: User, at: datetime
) -> Answer:
    """Save one answer over the revision that was read (0: there was none).

    Raises AnsweredMeanwhile, and changes nothing, when it has another revision by now. Saving the same words again is
    answered with what stands there, so a repeated request does no harm.
    """
    try:
        with transaction.atomic():
            saved = _write(assessment, criterion, said, read_revision, by, at)
            if saved:
                about = f"assessment {assessment.pk} {criterion.code}"
                record_activity("answer.saved", organization=assessment.organization, about=about, by=by, at=at)
    except IntegrityError:
        saved = False  # two people gave the first answer at once; the constraint let one through
    current = Answer.objects.select_related("answered_by").get(assessment=assessment, criterion=criterion)
    if not saved and (current.rating, current.na_reason, current.note) != (said.rating, said.na_reason, said.note):
        raise AnsweredMeanwhile(current)
    return current


def _write(assessment, criterion, said, read_revision, by, at) -> bool:
    values = {
        "rating": said.rating,
        "na_reason": said.na_reason,
        "note": said.note,
        "revision": read_revision + 1,
        "answered_by": by,
        "answered_at": at,
    }
    mine = {"assessment": assessment, "criterion": criterion}
    if read_revision and Answer.objects.filter(**mine, revision=read_revision).update(**values):
        return True
    if read_revision and Answer.objects.filter(**mine).exists():
        return False
    Answer.objects.create(organization=assessment.organization, **mine, **values)
    return True
