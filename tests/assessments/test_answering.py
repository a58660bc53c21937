import pytest
from django.db import IntegrityError, transaction

from assessments.models import Answer
from assessments.operations.answering import AnsweredMeanwhile, Said, save_answer
from organizations.models import ActivityEntry
from questionnaires.models import Criterion
from tests.conftest import NOON


@pytest.fixture
def criterion(assessment):
    return Criterion.objects.get(version=assessment.version, code="DS1.1.1")


def save(assessment, criterion, by, said, read_revision=0):
    return save_answer(assessment=assessment, criterion=criterion, said=said, read_revision=read_revision, by=by, at=NOON)


def test_save_answer_keeps_what_was_said(in_acme, assessment, criterion, alice):
    answer = save(assessment, criterion, alice, Said("na", "other", "because"))

    assert (answer.rating, answer.na_reason, answer.note, answer.revision) == ("na", "other", "because", 1)
    assert answer.organization == in_acme
    assert ActivityEntry.objects.filter(verb="answer.saved", by=alice).count() == 1


def test_a_later_save_states_the_revision_it_read(in_acme, assessment, criterion, alice, bob):
    save(assessment, criterion, alice, Said("full"))

    assert save(assessment, criterion, bob, Said("partly", note="seen"), read_revision=1).revision == 2


@pytest.mark.parametrize("read_revision", [0, 1, 3])
def test_a_save_over_somebody_elses_changes_nothing_and_says_what_stands(
    in_acme, assessment, criterion, alice, bob, read_revision
):
    save(assessment, criterion, alice, Said("full"))
    save(assessment, criterion, alice, Said("largely", note="mine"), read_revision=1)

    with pytest.raises(AnsweredMeanwhile) as refused:
        save(assessment, criterion, bob, Said("none"), read_revision=read_revision)

    assert (refused.value.current.rating, refused.value.current.note) == ("largely", "mine")
    assert Answer.objects.get().rating == "largely"


def test_the_same_save_again_does_no_harm(in_acme, assessment, criterion, alice):
    save(assessment, criterion, alice, Said("full"))

    again = save(assessment, criterion, alice, Said("full"), read_revision=0)

    assert again.revision == 1
    assert Answer.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"rating": "excellent"},
        {"rating": "na", "na_reason": "", "note": "x"},
        {"rating": "na", "na_reason": "other", "note": ""},
        {"rating": "full", "na_reason": "other"},
    ],
)
def test_the_database_refuses_what_must_never_be(in_acme, assessment, criterion, alice, values):
    row = Answer(
        organization=in_acme, assessment=assessment, criterion=criterion, answered_by=alice, answered_at=NOON, **values
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
