import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Answer, Assignment
from assessments.operations.answering import Said, save_answer
from assessments.operations.discussing import set_mark, write_comment
from assessments.queries.finding import Wanted, find_questions
from organizations.models import Department, Membership
from questionnaires.models import Criterion
from tests.conftest import NOON

TODAY = NOON.date()


@pytest.fixture
def office(data_office, in_acme):
    return data_office


def say(assessment, code, by, said, read_revision=0, department=None):
    values = {"department_id": department.pk if department else None}
    save_answer(
        assessment=assessment, criterion=criterion(assessment, code), said=said, read_revision=read_revision, by=by, at=NOON, **values
    )  # fmt: skip


def criterion(assessment, code):
    return Criterion.objects.get(version=assessment.version, code=code)


def found(assessment, user, **wanted):
    membership = Membership.objects.get(user=user)
    items, counts = find_questions(assessment, membership, Wanted(**wanted), TODAY)
    return [row.code for item in items for row in item.rows], counts


def test_words_are_looked_for_in_code_statement_and_note(assessment, office, alice):
    say(assessment, "DS2.1.1", alice, Said("full", note="See the Charter of 2024"))

    assert found(assessment, alice, terms=("charter", "2024"))[0] == ["DS2.1.1"]
    assert found(assessment, alice, terms=("ds1.1.1",))[0] == ["DS1.1.1"]
    statement = assessment.questionnaire.criterion_by_code["DQ1.2.1"].text.zh
    assert "DQ1.2.1" in found(assessment, alice, terms=(statement,))[0]
    assert found(assessment, alice, terms=("no such words",))[0] == []


def test_each_condition_finds_what_it_names(assessment, office, alice, eve):
    say(assessment, "DS1.1.1", eve, Said("full"), department=office)
    say(assessment, "DS1.1.1", alice, Said("none"), 1, Department.objects.create(organization=office.organization, name="IT"))
    say(assessment, "DS1.1.2", alice, Said("largely"))
    set_mark(assessment=assessment, criterion=criterion(assessment, "DS2.1.1"), marked=True, by=alice, at=NOON)
    asked = criterion(assessment, "DS2.2.1")
    write_comment(assessment=assessment, criterion=asked, text="?", asked=eve, by=alice, at=NOON)
    Assignment.objects.create(
        organization=office.organization, assessment=assessment, item_code="DS3", department=office, assigned_by=alice,
        assigned_at=NOON,
    )  # fmt: skip

    total = len(assessment.questionnaire.item_of)
    codes, counts = found(assessment, eve, only=frozenset({"unanswered"}))
    assert len(codes) == counts["unanswered"] == total - 2
    assert found(assessment, eve, only=frozenset({"marked"}))[0] == ["DS2.1.1"]
    assert found(assessment, eve, only=frozenset({"disputed"}))[0] == ["DS1.1.1", "DS2.2.1"]
    assert found(assessment, eve, only=frozenset({"unproven"}))[0] == ["DS1.1.2"]
    mine = found(assessment, eve, only=frozenset({"mine"}))[0]
    assert {code.split(".")[0] for code in mine} == {"DS3"}
    assert found(assessment, eve, only=frozenset({"mine", "marked"}))[0] == []


def test_domain_and_level_narrow_it_down(assessment, office, alice):
    codes = found(assessment, alice, domain="DQ", level=3)[0]

    assert codes
    assert {(code[:2], code.split(".")[1]) for code in codes} == {("DQ", "3")}


@pytest.mark.parametrize("query", ["?level=9", "?domain=XX", "?only=none", "?q=" + "x" * 101, "?q=%00"])
def test_bad_wishes_get_a_sentence(as_alice, assessment, query):
    response = as_alice.get(reverse("find_criteria", args=["acme", assessment.pk]) + query)

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_the_page_links_to_the_question_and_never_shows_markup(as_alice, assessment, office, alice):
    say(assessment, "DS1.1.1", alice, Said("full", note="<script>alert(1)</script>"))

    body = as_alice.get(reverse("find_criteria", args=["acme", assessment.pk]) + "?q=script").content.decode()

    assert f"/o/acme/assessments/{assessment.pk}/items/DS1/#q-DS1-1-1" in body
    assert "<script>alert" not in body


def test_finding_costs_the_same_queries_however_much_was_answered(as_alice, assessment, office, alice):
    address = reverse("find_criteria", args=["acme", assessment.pk])
    as_alice.get(address)
    with CaptureQueriesContext(connection) as few:
        as_alice.get(address)
    Answer.objects.bulk_create(
        Answer(organization=office.organization, assessment=assessment, criterion=row, rating="full", answered_by=alice, answered_at=NOON)
        for row in Criterion.objects.filter(version=assessment.version)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        as_alice.get(address)

    assert len(many) == len(few) <= 12
