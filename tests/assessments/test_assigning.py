from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment, Assignment
from assessments.operations.assigning import NobodyNamed, assign_items, clear_assignments, pass_on
from assessments.operations.holding import Closed
from assessments.queries.assigning import assignments_of, items_open_to, may_answer_item
from organizations.models import ActivityEntry, Department, Membership, Role
from organizations.operations.membership import add_member
from tests.conftest import NOON

pytestmark = pytest.mark.usefixtures("in_english")

DUE = date(2026, 12, 1)
ITEMS = {"DS1", "DS2"}


@pytest.fixture
def finance(in_acme):
    return Department.objects.create(organization=in_acme, name="Finance")


@pytest.fixture
def as_dora(client, dora):
    client.force_login(dora)
    return client


def url(name, assessment, *args):
    return reverse(name, args=["acme", assessment.pk, *args])


def assign(assessment, by, codes=ITEMS, **values):
    return assign_items(assessment=assessment, item_codes=codes, **values, by=by, at=NOON)


def membership(user):
    return Membership.objects.get(user=user)


def hands(assessment):
    return {code: (row.department, row.person, row.due_on) for code, row in assignments_of(assessment).items()}


def test_many_items_are_handed_out_at_once(assessment, in_acme, alice, eve, data_office):
    count = assign(assessment, alice, department=data_office, person=eve, due_on=DUE)

    assert count == 2
    assert hands(assessment) == dict.fromkeys(ITEMS, (data_office, eve, DUE))
    assert ActivityEntry.objects.first().verb == "items.assigned"


def test_what_is_not_named_stays_as_it_is(assessment, in_acme, alice, eve, data_office):
    assign(assessment, alice, department=data_office, due_on=DUE)

    assign(assessment, alice, codes={"DS1"}, person=eve)
    assign(assessment, alice, codes={"DS2"}, due_on=DUE + timedelta(days=1))

    assert hands(assessment) == {"DS1": (data_office, eve, DUE), "DS2": (data_office, None, DUE + timedelta(days=1))}


def test_an_item_with_nobody_stops_all_of_them(assessment, in_acme, alice, eve):
    assign(assessment, alice, codes={"DS1"}, person=eve)

    with pytest.raises(NobodyNamed) as caught:
        assign(assessment, alice, due_on=DUE)

    assert caught.value.item_codes == ["DS2"]
    assert hands(assessment) == {"DS1": (None, eve, None)}


def test_the_database_holds_no_assignment_to_nobody(assessment, in_acme):
    row = Assignment(organization=in_acme, assessment=assessment, item_code="DS1", assigned_at=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_items_are_taken_back(assessment, in_acme, alice, eve):
    assign(assessment, alice, person=eve)

    assert clear_assignments(assessment=assessment, item_codes={"DS1"}, by=alice, at=NOON) == 1
    assert set(hands(assessment)) == {"DS2"}


def test_nothing_is_handed_out_once_submitted(assessment, in_acme, alice, eve):
    Assessment.objects.update(state=Assessment.State.SUBMITTED)

    with pytest.raises(Closed):
        assign(assessment, alice, person=eve)
    with pytest.raises(Closed):
        clear_assignments(assessment=assessment, item_codes=ITEMS, by=alice, at=NOON)
    with pytest.raises(Closed):
        pass_on(assessment=assessment, item_code="DS1", department=None, person=eve, by=alice, at=NOON)


def test_a_note_goes_along_until_the_item_changes_hands(assessment, in_acme, alice, dora, eve):
    assign(assessment, alice, codes={"DS1"}, person=eve, due_on=DUE)
    pass_on(assessment=assessment, item_code="DS1", department=None, person=dora, note="yours", by=eve, at=NOON)

    assign(assessment, alice, codes={"DS1"}, due_on=DUE + timedelta(days=7))
    kept = assignments_of(assessment)["DS1"]
    assign(assessment, alice, codes={"DS1"}, person=eve)

    assert (kept.person, kept.note, kept.assigned_by, kept.due_on) == (dora, "yours", eve, DUE + timedelta(days=7))
    assert assignments_of(assessment)["DS1"].note == ""


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("nobody", {"alice": True, "dora": True, "eve": True, "bob": False}),
        ("eve", {"alice": True, "dora": True, "eve": True, "bob": False}),
        ("dora", {"alice": True, "dora": True, "eve": False, "bob": False}),
        ("eves department", {"alice": True, "dora": True, "eve": True, "bob": False}),
        ("dora in eves department", {"alice": True, "dora": True, "eve": False, "bob": False}),
        ("another department", {"alice": True, "dora": True, "eve": False, "bob": False}),
    ],
)
def test_who_may_answer_an_item(assessment, in_acme, alice, dora, eve, bob, data_office, finance, to, expected):
    values = {
        "eve": {"person": eve},
        "dora": {"person": dora},
        "eves department": {"department": data_office},
        "dora in eves department": {"department": data_office, "person": dora},
        "another department": {"department": finance},
    }.get(to)
    if values:
        assign(assessment, alice, codes={"DS1"}, **values)
    assignment = assignments_of(assessment).get("DS1")
    people = {"alice": alice, "dora": dora, "eve": eve, "bob": bob}

    assert {name: may_answer_item(membership(user), assignment) for name, user in people.items()} == expected
    assert {name: "DS1" in items_open_to(assessment, membership(user)) for name, user in people.items()} == expected


def test_a_person_without_department_has_no_departments_items(assessment, in_acme, alice, data_office):
    member = Membership(organization=in_acme, user=alice, role=Role.RESPONDENT)
    assign(assessment, alice, codes={"DS1"}, person=alice)
    Assignment.objects.update(person=None, department=data_office)

    assert not may_answer_item(member, assignments_of(assessment)["DS1"])


def test_the_page_hands_out_a_domain_and_single_items(as_dora, assessment, in_acme, eve, data_office):
    domain = assessment.questionnaire.domains[0]
    other = assessment.questionnaire.domains[1].items[0].code
    data = {"domain": [domain.code], "item": [other], "department": data_office.pk, "person": eve.pk, "due_on": "2026-12-01"}

    response = as_dora.post(url("assign", assessment), {**data, "action": "assign"})

    assert response.status_code == 302
    assert set(hands(assessment)) == {other, *(item.code for item in domain.items)}
    assert set(hands(assessment).values()) == {(data_office, eve, DUE)}


def test_a_domain_of_the_filtered_page_means_its_unassigned_items(as_dora, assessment, in_acme, dora, eve):
    domain = assessment.questionnaire.domains[0]
    first, *others = (item.code for item in domain.items)
    assign(assessment, dora, codes={first}, person=dora)

    as_dora.post(url("assign", assessment) + "?show=unassigned", {"domain": [domain.code], "person": eve.pk})

    assert {code: row[1] for code, row in hands(assessment).items()} == {first: dora, **dict.fromkeys(others, eve)}


def test_the_page_takes_items_back(as_dora, assessment, in_acme, dora, eve):
    assign(assessment, dora, person=eve)

    as_dora.post(url("assign", assessment), {"item": ["DS1"], "action": "clear"})

    assert set(hands(assessment)) == {"DS2"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"person": "eve"}, "Select the items first."),
        ({"item": ["DS1"]}, "Choose a department, a person or a due date."),
        ({"item": ["DS1"], "due_on": "2026-12-01"}, "Nobody has DS1: choose a department or a person as well."),
        ({"item": ["DS1"], "person": "none"}, "Nobody has DS1"),
        ({"item": ["DS1"], "person": "eve", "due_on": "tomorrow"}, "Enter a valid date."),
        ({"item": ["XX9"], "person": "eve"}, "XX9 is not one of the available choices."),
        ({"item": ["DS1"], "person": "bob"}, "not one of the available choices"),
        ({"item": ["DS1"], "person": "charlie"}, "not one of the available choices"),
        ({"item": ["DS1"], "person": "9" * 30}, "not one of the available choices"),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(
    as_dora, assessment, in_acme, eve, bob, charlie, globex, values, sentence
):
    people = {"eve": eve.pk, "bob": bob.pk, "charlie": charlie.pk}
    data = {**values, "person": people.get(values.get("person"), values.get("person", ""))}

    response = as_dora.post(url("assign", assessment), data)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert hands(assessment) == {}


def test_another_organizations_department_is_no_choice(as_dora, assessment, globex, in_acme):
    with scope(organization=globex):
        theirs = Department.objects.create(organization=globex, name="Theirs")

    response = as_dora.post(url("assign", assessment), {"item": ["DS1"], "department": theirs.pk})

    assert response.status_code == 422
    assert "Theirs" not in response.content.decode()


def test_unassigned_items_stand_out(as_dora, assessment, in_acme, dora, eve):
    assign(assessment, dora, codes={item.code for item in assessment.questionnaire.items} - {"DS1"}, person=eve)

    body = as_dora.get(url("assign", assessment)).content.decode()
    filtered = as_dora.get(url("assign", assessment) + "?show=unassigned").content.decode()

    assert "1 item not assigned" in body
    assert body.count('class="nobody"') == 1
    assert filtered.count('name="item"') == 1


def test_assign_is_for_who_hands_out(client, assessment, eve):
    client.force_login(eve)

    assert client.get(url("assign", assessment)).status_code == 403
    assert client.post(url("assign", assessment)).status_code == 403


def test_the_page_costs_the_same_whatever_is_handed_out(
    as_dora, assessment, acme, dora, eve, data_office, django_assert_max_num_queries
):
    address = url("assign", assessment)
    as_dora.get(address)
    with django_assert_max_num_queries(12) as few:
        as_dora.get(address)

    with scope(organization=acme):
        codes = {item.code for item in assessment.questionnaire.items}
        assign(assessment, dora, codes=codes, department=data_office, person=eve)
    with django_assert_max_num_queries(12) as many:
        as_dora.get(address)

    assert len(many) == len(few)


def test_a_respondent_passes_an_item_on_with_a_note(client, assessment, in_acme, dora, eve, data_office):
    assign(assessment, dora, codes={"DS1"}, department=data_office, due_on=DUE)
    client.force_login(eve)

    response = client.post(url("pass_on", assessment, "DS1"), {"person": dora.pk, "note": "  Rather yours, see 3.2 "})

    row = assignments_of(assessment)["DS1"]
    assert response.status_code == 302
    assert (row.person, row.department, row.note, row.assigned_by, row.due_on) == (
        dora,
        None,
        "Rather yours, see 3.2",
        eve,
        DUE,
    )


def test_only_who_may_answer_an_item_passes_it_on(client, assessment, in_acme, dora, eve, bob):
    assign(assessment, dora, codes={"DS1"}, person=dora)

    for person in (eve, bob):
        client.force_login(person)
        assert client.get(url("pass_on", assessment, "DS1")).status_code == 403
        assert client.post(url("pass_on", assessment, "DS1"), {"person": dora.pk}).status_code == 403
    client.force_login(eve)
    assert client.get(url("pass_on", assessment, "DS2")).status_code == 200
    assert client.get(url("pass_on", assessment, "XX1")).status_code == 404


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choose a colleague or a department."),
        ({"person": "eve"}, "not one of the available choices"),
        ({"person": "dora", "note": "x" * 501}, "500"),
        ({"person": "dora", "note": "a\x07"}, "control characters"),
    ],
)
def test_passing_on_badly_keeps_what_was_typed(client, assessment, in_acme, dora, eve, values, sentence):
    client.force_login(eve)
    person = {"eve": eve.pk, "dora": dora.pk}.get(values.get("person"), "")

    response = client.post(url("pass_on", assessment, "DS1"), {**values, "person": person})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert hands(assessment) == {}


def test_a_person_who_left_is_shown_as_such(as_dora, assessment, in_acme, dora, eve):
    assign(assessment, dora, codes={"DS1"}, person=eve)
    Membership.objects.filter(user=eve).delete()

    assert "answers here no more" in as_dora.get(url("assign", assessment)).content.decode()


def test_the_overview_shows_who_has_what_and_mine_only(client, assessment, in_acme, dora, eve):
    assign(assessment, dora, codes={"DS1"}, person=eve, due_on=DUE)
    client.force_login(eve)

    everything = client.get(url("assessment", assessment)).content.decode()
    mine = client.get(url("assessment", assessment) + "?mine").content.decode()

    assert "due 2026-12-01" in everything or "overdue since 2026-12-01" in everything
    assert everything.count("Not assigned") == len(assessment.questionnaire.items) - 1
    assert mine.count('class="holder"') == 1
    assert "Not assigned" not in mine


def test_go_on_leads_to_what_this_person_may_answer(client, assessment, in_acme, dora, eve, alice):
    codes = [item.code for item in assessment.questionnaire.items]
    assign(assessment, dora, codes=set(codes[:-1]), person=dora)
    client.force_login(eve)

    body = client.get(url("assessment", assessment)).content.decode()

    assert f'class="btn btn-primary" href="{url("answer_item", assessment, codes[-1])}"' in body


def test_add_member_gives_a_respondent_the_departments_items(assessment, in_acme, alice, charlie, data_office):
    assign(assessment, alice, codes={"DS1"}, department=data_office)
    add_member(organization=in_acme, user=charlie, role=Role.RESPONDENT, department=data_office, by=alice, at=NOON)

    assert "DS1" in items_open_to(assessment, membership(charlie))
