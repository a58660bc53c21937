from datetime import date

import pytest
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment
from assessments.operations.assigning import assign_items
from assessments.operations.editing import edit_assessment
from assessments.operations.holding import Closed
from organizations.models import Department
from tests.conftest import NOON, begin

pytestmark = pytest.mark.usefixtures("in_english")

START = {"questionnaire": "gbt36073-2025", "name": "N", "target": "3", "method": "nplf"}
EDIT = {"name": "New name", "target": "4", "method": "nplf"}


def start(client, **values):
    return client.post(reverse("start_assessment", args=["acme"]), {**START, **values})


def edit(client, assessment, **values):
    return client.post(reverse("edit_assessment", args=["acme", assessment.pk]), {**EDIT, **values})


def test_start_with_scope_period_and_preparation(as_alice, in_acme, data_office):
    values = {"department": data_office.pk, "period_from": "2026-01-01", "period_until": "2026-12-31", "prepare_first": "on"}

    response = start(as_alice, **values)

    row = Assessment.objects.get()
    assert response.status_code == 302
    assert (row.department, row.period_from, row.period_until) == (data_office, date(2026, 1, 1), date(2026, 12, 31))
    assert row.state == Assessment.State.PREPARING


def test_start_with_nothing_but_a_name_is_the_whole_organization_and_open(as_alice, in_acme):
    start(as_alice)

    row = Assessment.objects.get()
    assert (row.department, row.period_from, row.state) == (None, None, Assessment.State.ANSWERING)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "a\x07"}, "control characters"),
        ({"period_from": "2026-02-01", "period_until": "2026-01-01"}, "The period ends before it begins."),
        ({"period_from": "soon"}, "Enter a valid date."),
        ({"target": "6"}, "not one of the available choices"),
        ({"method": "mine"}, "not one of the available choices"),
        ({"department": "theirs"}, "not one of the available choices"),
        ({"questionnaire": "no-such"}, "not one of the available choices"),
    ],
)
def test_a_bad_start_gets_a_sentence(as_alice, in_acme, globex, values, sentence):
    if values.get("department"):
        with scope(organization=globex):
            values = {"department": Department.objects.create(organization=globex, name="Theirs").pk}

    response = start(as_alice, **values)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Assessment.objects.exists()


def test_edit_name_scope_and_targets(as_alice, in_acme, assessment, data_office):
    values = {"department": data_office.pk, "period_until": "2026-12-31", "target_DS": "2", "target_DS1": "5", "target_DQ1": ""}

    response = edit(as_alice, assessment, **values)

    assessment.refresh_from_db()
    assert response.status_code == 302
    assert (assessment.name, assessment.department, assessment.period_until) == ("New name", data_office, date(2026, 12, 31))
    assert (assessment.target, assessment.method) == (4, "nplf")
    assert assessment.targets == {"DS": 2, "DS1": 5}


def test_the_edit_page_shows_what_is_set(as_alice, in_acme, assessment):
    edit(as_alice, assessment, target_DS1="5")

    body = as_alice.get(reverse("edit_assessment", args=["acme", assessment.pk])).content.decode()

    field = body.split('name="target_DS1"')[1].split("</select>")[0]
    assert '<option value="5" selected>' in field
    assert body.count('<details class="fold target-fold" open>') == 1


@pytest.mark.parametrize(
    "values", [{"target": "6"}, {"target": ""}, {"target_DS1": "0"}, {"target_DS": "x"}, {"method": "mine"}, {"name": ""}]
)
def test_a_bad_edit_changes_nothing_and_keeps_what_was_typed(as_alice, in_acme, assessment, values):
    response = edit(as_alice, assessment, **{"target_DQ1": "4", **values})

    assessment.refresh_from_db()
    field = response.content.decode().split('name="target_DQ1"')[1].split("</select>")[0]
    assert response.status_code == 422
    assert '<option value="4" selected>' in field
    assert (assessment.name, assessment.targets) == ("2026 self-assessment", {})


def test_policy_actions_have_neither_target_nor_method(as_alice, acme, alice):
    assessment = begin(acme, alice, code="policy-actions")

    response = edit(as_alice, assessment, target_G1="3")

    body = as_alice.get(reverse("edit_assessment", args=["acme", assessment.pk])).content.decode()
    with scope(organization=acme):
        assessment.refresh_from_db()
    assert response.status_code == 302
    assert (assessment.name, assessment.target, assessment.targets, assessment.method) == ("New name", None, {}, "")
    assert 'name="target"' not in body


@pytest.mark.parametrize("state", ["submitted", "in_review", "final"])
def test_nothing_is_edited_once_submitted(as_alice, in_acme, assessment, alice, state):
    Assessment.objects.update(state=state)

    assert edit(as_alice, assessment).status_code == 409
    assert "disabled" in as_alice.get(reverse("edit_assessment", args=["acme", assessment.pk])).content.decode()
    with pytest.raises(Closed):
        edit_assessment(
            assessment=assessment, name="x", department=None, period_from=None, period_until=None, by=alice, at=NOON
        )


def test_respondents_neither_start_nor_edit(client, assessment, eve):
    client.force_login(eve)

    assert client.get(reverse("start_assessment", args=["acme"])).status_code == 403
    assert client.get(reverse("edit_assessment", args=["acme", assessment.pk])).status_code == 403


def test_the_organization_page_shows_state_and_due_date(as_alice, in_acme, assessment, alice):
    assign_items(assessment=assessment, item_codes={"DS1"}, person=alice, due_on=date(2026, 12, 1), by=alice, at=NOON)
    assign_items(assessment=assessment, item_codes={"DS2"}, person=alice, due_on=date(2026, 12, 9), by=alice, at=NOON)

    body = as_alice.get(reverse("organization", args=["acme"])).content.decode()

    assert "Answering" in body
    assert "2026-12-09" in body
