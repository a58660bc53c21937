"""Interviews of an engagement: a sheet of questions, and what was said to each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from assessments.models import Assessment, InterviewNote, InterviewSheet
from assessments.operations.holding import hold_open
from assessments.queries.criteria import criteria_by_code
from organizations.models import Engagement, User
from organizations.operations.trail import record_activity
from organizations.permissions import Permission
from questionnaires.models import Criterion


@dataclass(frozen=True)
class Meeting:
    """Who is asked in which role, when and where."""

    interviewee: str
    lead: str
    held_on: date
    place: str = ""


class NotedMeanwhile(Exception):
    """A colleague saved this note after it was read; ``current`` is what stands there now."""

    def __init__(self, current: InterviewNote):
        self.current = current
        super().__init__(f"revision {current.revision} is newer")


@transaction.atomic
def make_sheet(
    *, engagement: Engagement, assessment: Assessment, meeting: Meeting, codes: Iterable[str], by: User, at: datetime
) -> InterviewSheet:
    """Put criteria on a new sheet. Raises Closed."""
    hold_open(assessment, Permission.INTERVIEW)
    mine = {"organization_id": assessment.organization_id}
    sheet = InterviewSheet.objects.create(
        **mine, engagement=engagement, assessment=assessment, **vars(meeting), made_by=by, made_at=at
    )
    criteria = criteria_by_code(assessment.version)
    InterviewNote.objects.bulk_create(
        InterviewNote(**mine, sheet=sheet, criterion=criteria[code]) for code in sorted(set(codes))
    )
    _record("planned", sheet, by, at)
    return sheet


@transaction.atomic
def change_meeting(*, sheet: InterviewSheet, meeting: Meeting, by: User, at: datetime) -> InterviewSheet:
    """Another person, day or place; the questions and notes stay. Raises Closed, and DoesNotExist once it is removed."""
    hold_open(sheet.assessment, Permission.INTERVIEW)
    for name, value in vars(meeting).items():
        setattr(sheet, name, value)
    if not InterviewSheet.objects.filter(pk=sheet.pk).update(**vars(meeting)):
        raise InterviewSheet.DoesNotExist
    _record("changed", sheet, by, at)
    return sheet


@transaction.atomic
def save_interview_note(
    *, sheet: InterviewSheet, criterion: Criterion, outcome: str, note: str, read_revision: int, by: User, at: datetime
) -> InterviewNote:
    """Save what was said, over what was read. The same again does no harm.

    Raises NotedMeanwhile and Closed, and DoesNotExist once the sheet is removed; and changes nothing.
    """
    hold_open(sheet.assessment, Permission.INTERVIEW)
    rows = InterviewNote.objects.filter(sheet=sheet, criterion=criterion)
    values = {"outcome": outcome, "note": note, "noted_by": by, "noted_at": at}
    current = rows.get()
    if (current.outcome, current.note) == (outcome, note) and current.revision:
        return current
    if not rows.filter(revision=read_revision).update(**values, revision=F("revision") + 1):
        raise NotedMeanwhile(rows.get())
    _record("noted", sheet, by, at, criterion.code)
    return rows.get()


@transaction.atomic
def remove_sheet(*, sheet: InterviewSheet, by: User, at: datetime):
    """Take a sheet away with its notes; once removed it stays so. Raises Closed."""
    hold_open(sheet.assessment, Permission.INTERVIEW)
    if InterviewSheet.objects.filter(pk=sheet.pk).delete()[0]:
        _record("removed", sheet, by, at)


def _record(verb: str, sheet: InterviewSheet, by: User, at: datetime, code: str = ""):
    about = f"assessment {sheet.assessment_id} interview {sheet.pk} {code}".rstrip()
    record_activity(f"interview.{verb}", organization=sheet.assessment.organization, about=about, by=by, at=at)
