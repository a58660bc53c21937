from datetime import timedelta

import pytest
from django.urls import reverse
from django_scopes import scope

from assessments.forms.answering import allowed_ratings
from assessments.models import Answer, AnswerRevision, Assessment
from assessments.operations.answering import Said, save_answer, undo_answer
from assessments.operations.taking_over import take_over_item, undo_take_over
from assessments.queries.answering import previous_answers
from organizations.models import Department
from questionnaires.models import Criterion, Version
from questionnaires.schema import rated_codes
from tests.conftest import NOON, begin

Via = AnswerRevision.Via


@pytest.fixture
def last_year(assessment, acme, alice, in_acme):
    """An assessment of a year ago: DS1.1.1 met, DS1.1.2 not applicable."""
    row = begin(acme, alice, name="2025 self-assessment")
    Assessment.objects.filter(pk=row.pk).update(started_at=NOON - timedelta(days=365))
    row.refresh_from_db()
    say(row, "DS1.1.1", alice, Said("full", note="as in the charter"))
    say(row, "DS1.1.2", alice, Said("na", "done_elsewhere", "the group"))
    return row


def say(assessment, code, by, said, read_revision=0):
    criterion = Criterion.objects.get(version=assessment.version, code=code)
    return save_answer(assessment=assessment, criterion=criterion, said=said, read_revision=read_revision, by=by, at=NOON)


def take_over(assessment, by):
    questionnaire = assessment.questionnaire
    item = questionnaire.item_by_code["DS1"]
    allowed = {code: allowed_ratings(questionnaire, code) for code in rated_codes(item)}
    previous = previous_answers(assessment, "DS1")
    return take_over_item(assessment=assessment, item_code="DS1", previous=previous, allowed=allowed, by=by, at=NOON)


def words(assessment):
    rows = Answer.objects.filter(assessment=assessment).order_by("criterion__position")
    return [(row.criterion.code, row.rating, row.na_reason, row.note) for row in rows.select_related("criterion")]


def test_take_over_item_gives_what_is_unanswered_the_answers_of_last_time(assessment, last_year, alice):
    codes = take_over(assessment, alice)

    assert codes == ["DS1.1.1", "DS1.1.2"]
    assert words(assessment) == [
        ("DS1.1.1", "full", "", "as in the charter"),
        ("DS1.1.2", "na", "done_elsewhere", "the group"),
    ]
    rows = AnswerRevision.objects.filter(answer__assessment=assessment)
    assert {row.via for row in rows} == {Via.TAKEN_OVER}


def test_what_was_answered_or_noted_here_stays(assessment, last_year, alice, bob):
    say(assessment, "DS1.1.1", bob, Said("none"))
    say(assessment, "DS1.1.2", bob, Said(note="ask the group"))

    codes = take_over(assessment, alice)

    assert codes == ["DS1.1.2"]
    assert words(assessment) == [("DS1.1.1", "none", "", ""), ("DS1.1.2", "na", "done_elsewhere", "ask the group")]


def test_undo_take_over_puts_back_what_stood_before_but_not_what_was_changed_since(assessment, last_year, alice):
    say(assessment, "DS1.1.2", alice, Said(note="ask the group"))
    take_over(assessment, alice)
    say(assessment, "DS1.1.1", alice, Said("partly"), read_revision=1)

    codes = undo_take_over(assessment=assessment, item_code="DS1", by=alice, at=NOON)

    assert codes == ["DS1.1.2"]
    assert words(assessment) == [("DS1.1.1", "partly", "", ""), ("DS1.1.2", "", "", "ask the group")]


def test_undo_answer_is_a_new_revision_and_the_history_keeps_all(assessment, in_acme, alice):
    answer = say(assessment, "DS1.1.1", alice, Said("full", note="first"))
    say(assessment, "DS1.1.1", alice, Said("none"), read_revision=1)
    first = AnswerRevision.objects.get(answer=answer, revision=1)
    criterion = Criterion.objects.get(version=assessment.version, code="DS1.1.1")

    undo_answer(assessment=assessment, criterion=criterion, to=first, read_revision=2, by=alice, at=NOON)

    assert words(assessment) == [("DS1.1.1", "full", "", "first")]
    history = AnswerRevision.objects.filter(answer=answer).order_by("revision").values_list("rating", "via")
    assert list(history) == [("full", Via.WEB), ("none", Via.WEB), ("full", Via.UNDO)]


def test_previous_answers_are_those_of_the_last_submitted_assessment(assessment, last_year, acme, alice):
    unsubmitted = begin(acme, alice, name="a later draft")
    Assessment.objects.filter(pk=unsubmitted.pk).update(started_at=NOON - timedelta(days=30))
    assert previous_answers(assessment, "DS1") == {}

    Assessment.objects.filter(pk=last_year.pk).update(state=Assessment.State.FINAL)

    assert {code: row.assessment_id for code, row in previous_answers(assessment, "DS1").items()} == {
        "DS1.1.1": last_year.pk,
        "DS1.1.2": last_year.pk,
    }


def test_previous_answers_are_found_by_code_on_an_older_version(assessment, last_year):
    older = Version.objects.create(
        code=assessment.version.code, number="0.9", kind="levels", content="", sha256="0" * 64, loaded_at=NOON
    )
    criterion = Criterion.objects.create(version=older, code="DS1.1.1", item="DS1", position=1)
    Answer.objects.filter(assessment=last_year, criterion__code="DS1.1.1").update(criterion=criterion)
    Assessment.objects.filter(pk=last_year.pk).update(version=older)

    previous = previous_answers(assessment, "DS1")

    assert [(code, row.rating, row.assessment.name) for code, row in previous.items()] == [("DS1.1.1", "full", last_year.name)]


def test_previous_answers_of_another_organization_are_none(assessment, globex, charlie):
    with scope(organization=globex):
        row = begin(globex, charlie, name="2025 self-assessment")
        Assessment.objects.filter(pk=row.pk).update(started_at=NOON - timedelta(days=365))
        say(row, "DS1.1.1", charlie, Said("full", note="as in the charter"))

    with scope(organization=[assessment.organization, globex]):
        assert previous_answers(assessment, "DS1") == {}


def test_the_whole_organization_is_not_compared_with_a_department(assessment, last_year, data_office):
    Assessment.objects.filter(pk=last_year.pk).update(department=Department.objects.get(pk=data_office.pk))

    assert previous_answers(assessment, "DS1") == {}


def test_the_page_shows_last_time_and_takes_over_with_one_click(as_alice, assessment, last_year):
    as_alice.cookies["django_language"] = "en"
    page = reverse("answer_item", args=["acme", assessment.pk, "DS1"])
    body = as_alice.get(page).content.decode()
    assert "as in the charter" in body
    assert "Take over from 2025 self-assessment" in body

    response = as_alice.post(reverse("take_over_item", args=["acme", assessment.pk, "DS1"]), follow=True)

    body = response.content.decode()
    assert "2 answers were taken over." in body
    assert "Take over from" not in body
    body = as_alice.post(reverse("undo_take_over", args=["acme", assessment.pk, "DS1"]), follow=True).content.decode()
    assert "2 answers stand as before." in body


def test_undo_on_the_page_refuses_a_revision_that_is_not_the_latest(as_alice, assessment, in_acme, alice):
    as_alice.cookies["django_language"] = "en"
    say(assessment, "DS1.1.1", alice, Said("full"))
    say(assessment, "DS1.1.1", alice, Said("none"), read_revision=1)
    address = reverse("undo_answer", args=["acme", assessment.pk, "DS1.1.1"])

    assert as_alice.post(address, {"to": 1, "revision": 1}).status_code == 409
    assert words(assessment) == [("DS1.1.1", "none", "", "")]
    assert as_alice.post(address, {"to": 1, "revision": 2}).status_code == 302
    assert words(assessment) == [("DS1.1.1", "full", "", "")]
    assert as_alice.post(address, {"to": 99, "revision": 3}).status_code == 404
    assert as_alice.post(address, {"to": "x", "revision": 3}).status_code == 404
