import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from assessments.models import Answer, Assessment, Evidence, EvidenceLink
from assessments.operations.assigning import assign_items
from assessments.queries.board import board_of
from organizations.models import Department, Membership, QueuedMail, Role, User
from questionnaires.models import Criterion
from tests.conftest import NOON, PASSWORD, begin

pytestmark = pytest.mark.usefixtures("in_english")

TODAY = date(2026, 11, 20)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def finance(in_acme):
    return Department.objects.create(organization=in_acme, name="Finance")


def answer(assessment, item, by, most=1000, rating="full"):
    rows = list(Criterion.objects.filter(version=assessment.version, item=item).order_by("position")[:most])
    Answer.objects.bulk_create(
        Answer(
            organization_id=assessment.organization_id,
            assessment=assessment,
            criterion=row,
            rating=rating,
            answered_by=by,
            answered_at=NOON,
        )
        for row in rows
    )
    return rows


def prove(assessment, criteria, removed_at=None):
    piece = Evidence.objects.create(
        organization_id=assessment.organization_id, title="Rule", added_at=NOON, removed_at=removed_at
    )
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            organization_id=assessment.organization_id, evidence=piece, assessment=assessment, criterion=row, linked_at=NOON
        )
        for row in criteria
    )


def assign(assessment, by, codes, **values):
    assign_items(assessment=assessment, item_codes=codes, **values, by=by, at=NOON)


def figures(share):
    return (len(share.items), share.progress.answered, share.proven, share.waiting, share.overdue, share.next_due)


def size(assessment, *codes):
    return Criterion.objects.filter(version=assessment.version, item__in=codes).count()


def test_the_figures_of_departments_and_people(assessment, in_acme, alice, dora, eve, data_office, finance):
    assign(assessment, alice, {"DS1"}, person=eve, due_on=YESTERDAY)  # counts for Eve's department
    assign(assessment, alice, {"DS2"}, department=finance, person=dora, due_on=TOMORROW)
    assign(assessment, alice, {"DS3"}, department=finance, due_on=YESTERDAY)
    rated = answer(assessment, "DS1", eve, most=3)
    answer(assessment, "DS3", dora)
    prove(assessment, rated[:2])

    board = board_of(assessment, TODAY)

    first, second, third = size(assessment, "DS1"), size(assessment, "DS2"), size(assessment, "DS3")
    departments = {share.name: figures(share) for share in board.departments}
    people = {share.name: figures(share) for share in board.people}
    assert departments == {
        "Data office": (1, 3, 2, first - 3, first - 3, YESTERDAY),
        "Finance": (2, third, 0, second, 0, TOMORROW),
    }
    assert people["Eve"] == (1, 3, 2, first - 3, first - 3, YESTERDAY)
    assert people["Dora"] == (1, 0, 0, second, 0, TOMORROW)
    assert people["Alice"] == (0, 0, 0, 0, 0, None)
    assert "Bob" not in people
    assert len(board.nobody.items) == len(assessment.questionnaire.items) - 3


def test_only_evidence_that_is_there_and_only_what_is_rated_counts(assessment, in_acme, alice):
    rated = answer(assessment, "DS1", alice, most=2)
    unrated = Criterion.objects.filter(version=assessment.version, item="DS2")[:2]
    prove(assessment, rated[:1], removed_at=NOON)
    prove(assessment, [rated[1], *unrated])

    assert board_of(assessment, TODAY).whole.proven == 1


def test_what_is_due_today_or_answered_is_not_overdue(assessment, in_acme, alice):
    answer(assessment, "DS1", alice)
    assign(assessment, alice, {"DS1"}, person=alice, due_on=YESTERDAY)
    assign(assessment, alice, {"DS2"}, person=alice, due_on=TODAY)

    assert board_of(assessment, TODAY).whole.overdue == 0


def test_who_left_is_still_on_the_board_with_their_items(assessment, in_acme, alice, eve):
    assign(assessment, alice, {"DS1"}, person=eve)
    Membership.objects.filter(user=eve).delete()

    people = {share.name: len(share.items) for share in board_of(assessment, TODAY).people}

    assert people == {"Alice": 0, "Eve": 1}


def test_another_organizations_rows_do_not_count(assessment, in_acme, globex, charlie, alice):
    theirs = begin(globex, charlie)
    with scope(organization=globex):
        answer(theirs, "DS1", charlie)
        assign(theirs, charlie, {"DS1"}, person=charlie)

    board = board_of(assessment, TODAY)

    assert (board.whole.progress.answered, [share.name for share in board.people]) == (0, ["Alice"])


@pytest.mark.parametrize("query", ["", "?columns=people&sort=name", "?sort=answered", "?sort=nonsense&columns=nonsense"])
def test_the_board_is_for_every_member_and_offers_reminders_to_coordinators(
    client, assessment, in_acme, alice, bob, eve, query
):
    assign(assessment, alice, {"DS1"}, person=eve, due_on=YESTERDAY)
    offered = {}
    for person in (alice, bob):
        client.force_login(person)
        body = client.get(reverse("board", args=["acme", assessment.pk]) + query).content.decode()
        offered[person] = "Remind now" in body
        assert "Eve" in body

    assert offered == {alice: True, bob: False}


def test_the_matrix_has_a_cell_for_every_item_whoever_has_it(as_alice, assessment, in_acme, alice, dora, finance):
    assign(assessment, alice, {"DS1"}, department=finance)
    assign(assessment, alice, {"DS2"}, person=dora)
    address = reverse("board", args=["acme", assessment.pk])

    pages = {columns: as_alice.get(f"{address}?columns={columns}").content.decode() for columns in ("departments", "people")}

    assert {columns: body.count('class="cell') for columns, body in pages.items()} == dict.fromkeys(
        pages, len(assessment.questionnaire.items)
    )
    rows = [re.findall(r'<th scope="row"><a .*?</tr>', body) for body in pages.values()]
    assert [{row.count("<td>") for row in page} for page in rows] == [{3}, {3}]  # one has it, the other kind, nobody
    assert {columns: body.count(">A department only<") for columns, body in pages.items()} == {"departments": 0, "people": 1}
    assert {columns: body.count(">A person only<") for columns, body in pages.items()} == {"departments": 1, "people": 0}


@pytest.mark.parametrize("code", ["gbt36073-2018", "policy-actions"])
def test_the_board_of_other_questionnaires(as_alice, acme, alice, code):
    assessment = begin(acme, alice, code=code)
    with scope(organization=acme):
        item = assessment.questionnaire.items[0].code
        assign(assessment, alice, {item}, person=alice)

    body = as_alice.get(reverse("board", args=["acme", assessment.pk])).content.decode()

    assert item in body


def test_33_items_and_40_people_cost_at_most_15_queries(as_alice, assessment, acme, alice):
    with scope(organization=acme):
        _people(acme, 1)
        _share_out(assessment, alice)
    address = reverse("board", args=["acme", assessment.pk]) + "?columns=people"
    as_alice.get(address)
    with CaptureQueriesContext(
        connection,
    ) as one:
        as_alice.get(address)
    with scope(organization=acme):
        _people(acme, 40, start=1)
        _share_out(assessment, alice)
        prove(assessment, [row for item in ("DS1", "DQ1") for row in answer(assessment, item, alice)])
    with CaptureQueriesContext(connection) as forty:
        response = as_alice.get(address)

    assert response.content.decode().count("Person 3") > 10
    assert len(one) == len(forty)
    assert len(forty) <= 15


def _people(acme, until, start=0):
    for number in range(start, until):
        department = Department.objects.create(organization=acme, name=f"Department {number}")
        user = User.objects.create_user(f"p{number}@acme.example", PASSWORD, name=f"Person {number}")
        Membership.objects.create(organization=acme, user=user, role=Role.RESPONDENT, department=department)


def _share_out(assessment, by):
    people = [row.user for row in Membership.objects.filter(role=Role.RESPONDENT).select_related("user").order_by("pk")]
    for number, item in enumerate(assessment.questionnaire.items):
        assign(assessment, by, {item.code}, person=people[number % len(people)], due_on=TODAY)


def remind(client, assessment, person):
    return client.post(reverse("remind", args=["acme", assessment.pk, person.pk]))


def test_remind_now_queues_one_mail_a_day(as_alice, assessment, in_acme, alice, eve):
    assign(assessment, alice, {"DS1"}, person=eve)

    statuses = [remind(as_alice, assessment, eve).status_code for _ in range(2)]

    eve.refresh_from_db()
    assert statuses == [302, 302]
    assert list(QueuedMail.objects.values_list("kind", "to")) == [("digest", "eve@acme.example")]
    assert eve.reminded_on == timezone.localdate()


def test_remind_now_respects_who_wants_no_mail(as_alice, assessment, in_acme, alice, eve):
    assign(assessment, alice, {"DS1"}, person=eve)
    User.objects.filter(pk=eve.pk).update(wants_digest=False)

    response = remind(as_alice, assessment, eve)

    assert response.status_code == 302
    assert not QueuedMail.objects.exists()


def test_only_members_are_reminded_by_coordinators_while_it_is_open(client, assessment, in_acme, alice, eve, charlie):
    client.force_login(eve)
    assert remind(client, assessment, alice).status_code == 403
    client.force_login(alice)
    assert remind(client, assessment, charlie).status_code == 404
    Assessment.objects.update(state=Assessment.State.FINAL)
    assert remind(client, assessment, eve).status_code == 409
    assert not QueuedMail.objects.exists()
