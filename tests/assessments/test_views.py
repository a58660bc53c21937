import pytest
from django.urls import reverse
from django_scopes import scope

from assessments.models import Answer, Assessment
from assessments.operations.answering import Said, save_answer
from questionnaires.models import Criterion
from tests.conftest import NOON, begin

pytestmark = pytest.mark.usefixtures("in_english")

HTMX = {"HX-Request": "true"}


def url(name, assessment, *args):
    return reverse(name, args=["acme", assessment.pk, *args])


def post_answer(client, assessment, code="DS1.1.1", **values):
    data = {"rating": "full", "revision": 0, **values}
    return client.post(url("save_answer", assessment, code), data, headers=HTMX)


def test_an_answer_is_saved_and_the_page_says_so(as_alice, assessment, in_acme):
    response = post_answer(as_alice, assessment)

    assert response.status_code == 200
    body = response.content.decode()
    assert "Saved" in body
    assert 'name="revision" value="1"' in body
    assert 'id="standing"' in body
    assert Answer.objects.get().rating == "full"


def test_without_scripts_the_whole_page_comes_back(as_alice, assessment):
    response = as_alice.post(url("save_answer", assessment, "DS1.1.1"), {"rating": "full", "revision": 0})

    assert response.status_code == 200
    assert b"<html" in response.content


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rating": "na", "note": "x"}, "Please choose why it does not apply."),
        ({"rating": "na", "na_reason": "other"}, "Please explain in the note."),
        ({"rating": "5"}, "This is no rating of this question."),
        ({"note": "x" * 2001}, "2000"),
        ({"note": "a\x07b"}, "control characters"),
        ({"note": "\u202eevil"}, "control characters"),
        ({"revision": "9" * 30}, "1000000000"),
    ],
)
def test_a_bad_answer_gets_a_sentence_and_is_not_saved(as_alice, assessment, in_acme, values, sentence):
    response = post_answer(as_alice, assessment, **values)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Answer.objects.exists()


def test_a_forged_revision_of_an_answer_that_is_not_there_does_no_harm(as_alice, assessment, in_acme):
    assert post_answer(as_alice, assessment, revision=5).status_code == 200
    assert Answer.objects.get().rating == "full"


@pytest.mark.parametrize("charset", ["undefined", "hex", "rot13", "raw_unicode_escape", "utf-7"])
def test_only_utf8_is_taken(as_alice, assessment, charset):
    body = b"rating=full&revision=0&note=\\ud800"
    address = url("save_answer", assessment, "DS1.1.1")

    response = as_alice.generic("POST", address, body, content_type=f"application/x-www-form-urlencoded; charset={charset}")

    assert response.status_code == 400


def test_the_second_of_two_people_is_told_and_loses_nothing(as_alice, assessment, in_acme, bob):
    criterion = Criterion.objects.get(version=assessment.version, code="DS1.1.1")
    said = Said("none", note="bob was here")
    save_answer(assessment=assessment, criterion=criterion, said=said, read_revision=0, by=bob, at=NOON)

    response = post_answer(as_alice, assessment, note="alice too")

    assert response.status_code == 409
    body = response.content.decode()
    assert "Bob changed this answer at 12:00" in body
    assert "bob was here" in body
    assert "alice too" in body
    assert Answer.objects.get().note == "bob was here"


def test_user_text_is_never_markup(as_alice, assessment):
    body = post_answer(as_alice, assessment, note="<script>alert(1)</script>").content.decode()
    page = as_alice.get(url("answer_item", assessment, "DS1")).content.decode()

    assert "<script>alert(1)" not in body + page
    assert "&lt;script&gt;alert(1)" in page


def test_an_unknown_item_or_criterion_is_not_found(as_alice, assessment):
    assert as_alice.get(url("answer_item", assessment, "XX1")).status_code == 404
    assert post_answer(as_alice, assessment, code="XX1.1.1").status_code == 404


def test_start_an_assessment_of_each_questionnaire(as_alice, acme, across_tenants):
    for code in ("gbt36073-2025", "gbt36073-2018", "policy-actions"):
        data = {"questionnaire": code, "name": "N", "target": "3", "method": "nplf"}
        assert as_alice.post(reverse("start_assessment", args=["acme"]), data).status_code == 302

    rows = Assessment.objects.order_by("pk").values_list("version__code", "target", "method")
    assert list(rows) == [("gbt36073-2025", 3, "nplf"), ("gbt36073-2018", 3, "nplf"), ("policy-actions", None, "")]


@pytest.mark.parametrize("name", ["organization", "assessment", "answer_item", "result", "derivation", "gaps"])
def test_every_page_answers_for_each_questionnaire_in_both_languages(as_alice, acme, alice, name):
    for code, item in (("gbt36073-2025", "DQ1"), ("gbt36073-2018", "AP2"), ("policy-actions", "PA-101")):
        assessment = begin(acme, alice, code=code)
        args = {"organization": ["acme"], "answer_item": ["acme", assessment.pk, item]}.get(name, ["acme", assessment.pk])
        for language in ("en", "zh-hans"):
            as_alice.cookies["django_language"] = language
            response = as_alice.get(reverse(name, args=args))
            assert response.status_code == 200
            assert f'<html lang="{language}"' in response.content.decode()


@pytest.mark.parametrize(
    ("name", "args", "most"),
    [("organization", [], 12), ("assessment", ["pk"], 12), ("answer_item", ["pk", "DS1"], 12), ("result", ["pk"], 17)],
)
def test_pages_cost_the_same_number_of_queries_however_much_there_is(
    as_alice, acme, alice, assessment, django_assert_max_num_queries, name, args, most
):
    address = reverse(name, args=["acme", *(assessment.pk if arg == "pk" else arg for arg in args)])
    as_alice.get(address)
    with django_assert_max_num_queries(most) as few:
        as_alice.get(address)

    with scope(organization=acme):
        for number in range(3):
            begin(acme, alice, name=f"more {number}")
        criteria = Criterion.objects.filter(version=assessment.version)
        Answer.objects.bulk_create(
            Answer(organization=acme, assessment=assessment, criterion=row, rating="full", answered_by=alice, answered_at=NOON)
            for row in criteria
        )
    with django_assert_max_num_queries(most) as many:
        as_alice.get(address)

    assert len(many) == len(few)
