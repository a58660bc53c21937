"""Acts of a review, for tests."""

from datetime import timedelta

from assessments.models import Answer, Assessment, Verdict
from assessments.operations.answering import Said, save_answer
from assessments.operations.reviewing import Judged, save_verdict
from questionnaires.models import Criterion
from tests.conftest import NOON

AGREE, ADJUST, MORE = Verdict.Kind
LATER = NOON + timedelta(hours=1)


def criterion_of(assessment, code):
    return Criterion.objects.get(version=assessment.version, code=code)


def say(assessment, code, rating, by, at=NOON, note=""):
    """Answer over whatever stands there, in a state that allows it, and come back to the state there was."""
    state = Assessment.objects.get(pk=assessment.pk).state
    Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.RETURNED)
    there = Answer.objects.filter(assessment=assessment, criterion__code=code).first()
    answer = save_answer(
        assessment=assessment, criterion=criterion_of(assessment, code), said=Said(rating, "", note),
        read_revision=there.revision if there else 0, by=by, at=at,
    )  # fmt: skip
    Assessment.objects.filter(pk=assessment.pk).update(state=state)
    return answer


def judge(assessment, engagement, code, kind, by, rating="", reason="", note="", read=None, at=NOON):
    """A verdict on the answer as it stands, over the verdict that stands."""
    answer = Answer.objects.filter(assessment=assessment, criterion__code=code).first()
    there = Verdict.objects.filter(assessment=assessment, engagement=engagement, criterion__code=code).first()
    if kind == AGREE:
        rating = answer.rating
    return save_verdict(
        engagement=engagement, assessment=assessment, criterion=criterion_of(assessment, code),
        judged=Judged(kind, rating, reason, note), answer_revision=answer.revision if answer else 0,
        read_revision=(there.revision if there else 0) if read is None else read, by=by, at=at,
    )  # fmt: skip


def adjust(assessment, engagement, code, rating, by, note="The record covers one system only.", at=NOON):
    return judge(assessment, engagement, code, ADJUST, by, rating=rating, reason="partial", note=note, at=at)
