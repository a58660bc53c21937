from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment, Comment
from assessments.operations.assigning import assign_items, pass_on
from assessments.queries.waiting import work_of
from organizations.models import Department, Membership, Role, User
from organizations.operations.membership import add_member, found_organization
from questionnaires.models import Criterion
from tests.assessments.test_board import answer
from tests.conftest import NOON, PASSWORD, begin

pytestmark = pytest.mark.usefixtures("in_english")

TODAY = date(2026, 11, 20)
HOME = "/"


def assign(assessment, by, *codes, days=None, **values):
    due = {} if days is None else {"due_on": TODAY + timedelta(days=days)}
    assign_items(assessment=assessment, item_codes=codes, **due, **values, by=by, at=NOON)


def waiting(user):
    return [(row.assessment.name, row.item.code, row.is_late) for row in work_of(user, TODAY).items]


def test_what_waits_for_me_the_overdue_first(assessment, in_acme, alice, eve, data_office):
    assign(assessment, alice, "DS1", person=eve)
    assign(assessment, alice, "DS2", person=eve, days=5)
    assign(assessment, alice, "DS3", department=data_office, days=-2)
    assign(assessment, alice, "DG1", department=data_office, person=alice, days=-9)

    assert [(code, late) for _name, code, late in waiting(eve)] == [("DS3", True), ("DS2", False), ("DS1", False)]


def test_an_item_is_gone_when_it_is_answered_and_leads_to_its_first_open_question(assessment, in_acme, alice, eve):
    assign(assessment, alice, "DS1", "DS2", person=eve)
    answer(assessment, "DS1", eve)
    given = answer(assessment, "DS2", eve, most=2)

    (row,) = work_of(eve, TODAY).items

    assert (row.item.code, row.progress.answered) == ("DS2", 2)
    assert row.first_open not in {criterion.code for criterion in given}
    assert row.first_open == Criterion.objects.filter(version=assessment.version, item="DS2").order_by("position")[2].code


@pytest.mark.parametrize("state", sorted(set(Assessment.State) - {Assessment.State.ANSWERING, Assessment.State.RETURNED}))
def test_nothing_waits_in_an_assessment_that_takes_no_answers(assessment, in_acme, alice, eve, state):
    assign(assessment, alice, "DS1", person=eve)
    Assessment.objects.update(state=state)

    assert waiting(eve) == []


def test_work_spans_organizations_and_tells_nothing_of_others(acme, globex, alice, charlie, eve):
    ours, theirs = begin(acme, alice, name="ours"), begin(globex, charlie, name="theirs")
    with scope(organization=acme):
        assign(ours, alice, "DS1", person=eve)
    with scope(organization=globex):
        assign(theirs, charlie, "DS2", person=charlie)

    assert waiting(eve) == [("ours", "DS1", False)]
    assert [row.assessment.name for row in work_of(eve, TODAY).standings] == ["ours"]

    with scope(organization=globex):
        add_member(organization=globex, user=eve, role=Role.RESPONDENT, by=charlie, at=NOON)
        assign(theirs, charlie, "DG1", person=eve)

    assert set(waiting(eve)) == {("ours", "DS1", False), ("theirs", "DG1", False)}


def test_a_department_of_one_organization_opens_nothing_in_another(acme, globex, alice, charlie, eve):
    theirs = begin(globex, charlie)
    with scope(organization=globex):
        add_member(organization=globex, user=eve, role=Role.RESPONDENT, by=charlie, at=NOON)
        department = Department.objects.create(organization=globex, name="Data office")
        assign(theirs, charlie, "DS1", department=department)

    assert waiting(eve) == []


def test_who_left_or_may_only_look_has_no_work(assessment, in_acme, alice, eve):
    assign(assessment, alice, "DS1", person=eve)
    Membership.objects.filter(user=eve).update(role=Role.VIEWER)
    as_viewer = waiting(eve)
    Membership.objects.filter(user=eve).delete()

    assert (as_viewer, waiting(eve)) == ([], [])


def test_questions_of_colleagues_until_they_are_settled(assessment, in_acme, alice, eve):
    criterion = Criterion.objects.get(version=assessment.version, code="DS1.1.1")
    comment = Comment.objects.create(
        organization=in_acme, assessment=assessment, criterion=criterion, text="Since when?", asked=eve, is_question=True,
        written_by=alice, written_at=NOON,
    )  # fmt: skip

    asked = [(row.comment, row.item_code) for row in work_of(eve, TODAY).questions]
    others = work_of(alice, TODAY).questions
    Comment.objects.update(settled_at=NOON)

    assert asked == [(comment, "DS1")]
    assert (others, work_of(eve, TODAY).questions) == ([], [])


def test_what_a_coordinator_has_to_arrange(assessment, in_acme, alice, dora, eve, data_office):
    codes = [item.code for item in assessment.questionnaire.items]
    assign(assessment, alice, *codes[2:], person=alice)
    assign(assessment, alice, codes[2], department=data_office, person=eve, days=-1)

    (standing,) = work_of(dora, TODAY).to_arrange

    assert (standing.unassigned, standing.late, standing.decide) == (2, [("Data office", 1)], False)
    assert work_of(eve, TODAY).to_arrange == []


@pytest.mark.parametrize(
    ("state", "whom"), [("preparing", "dora"), ("submitted", "dora"), ("in_review", "dora"), ("returned", "dora")]
)
def test_states_that_wait_for_a_decision(assessment, in_acme, dora, eve, state, whom):
    Assessment.objects.update(state=state)

    people = {"dora": dora, "eve": eve}
    assert {name for name, user in people.items() if work_of(user, TODAY).to_arrange} == {whom}


def test_the_owner_is_told_when_all_is_answered(client, assessment, in_acme, alice, dora, eve):
    assign(assessment, alice, *[item.code for item in assessment.questionnaire.items], person=eve)
    for item in assessment.questionnaire.items:
        answer(assessment, item.code, alice)

    assert {user.name for user in (alice, dora, eve) if work_of(user, TODAY).to_arrange} == {"Alice"}
    client.force_login(alice)
    assert reverse("check_assessment", args=["acme", assessment.pk]) in client.get(HOME).content.decode()


def test_who_works_alone_is_not_told_that_items_are_with_nobody(globex, charlie):
    begin(globex, charlie)

    assert work_of(charlie, TODAY).to_arrange == []


def test_a_person_with_nothing_assigned_goes_on_where_something_is_open(assessment, in_acme, alice, eve, bob):
    answer(assessment, "DS1", alice)
    assign(assessment, alice, "DS2", person=alice)

    steps = {user.name: [row.go_on for row in work_of(user, TODAY).standings] for user in (alice, eve, bob)}

    assert steps == {"Alice": ["DS2"], "Eve": ["DS3"], "Bob": [""]}


def test_the_page_says_it_all(client, assessment, in_acme, alice, dora, eve):
    assign(assessment, alice, "DS1", person=dora, days=-5)
    pass_on(assessment=assessment, item_code="DS1", department=None, person=eve, note="<b>see</b> 3.2", by=dora, at=NOON)
    client.force_login(eve)

    body = client.get(HOME).content.decode()

    assert "1 item waits for you" in body
    assert "Dora" in body
    assert "&lt;b&gt;see&lt;/b&gt; 3.2" in body
    assert f"{reverse('answer_item', args=['acme', assessment.pk, 'DS1'])}#q-DS1-1-1" in body


def test_a_stranger_to_every_organization_founds_one(client, db):
    client.force_login(User.objects.create_user("new@acme.example", PASSWORD))

    assert client.get(HOME).url == reverse("found_organization")


def test_one_organization_without_assessments_is_shown_at_once(as_alice, acme):
    assert as_alice.get(HOME).url == reverse("organization", args=["acme"])


def test_other_methods_are_refused(as_alice, acme):
    assert as_alice.post(HOME).status_code == 405


def test_one_assessment_or_thirty_cost_the_same(client, acme, alice, eve, data_office):
    _assessments(acme, alice, eve, 1)
    client.force_login(eve)
    client.get(HOME)
    with CaptureQueriesContext(connection) as one:
        client.get(HOME)
    _assessments(acme, alice, eve, 24)
    for number in range(5):
        owner = User.objects.create_user(f"o{number}@x.example", PASSWORD)
        other = _organization(number, owner, eve)
        _assessments(other, owner, eve, 1)
    with CaptureQueriesContext(connection) as thirty:
        body = client.get(HOME).content.decode()

    assert len(work_of(eve, TODAY).standings) == 30
    assert "48 more" in body
    assert len(one) == len(thirty)
    assert len(thirty) <= 12


def _organization(number, owner, member):
    organization = found_organization(name=f"Client {number}", by=owner, at=NOON)
    with scope(organization=organization):
        add_member(organization=organization, user=member, role=Role.COORDINATOR, by=owner, at=NOON)
    return organization


def _assessments(organization, by, person, count):
    for number in range(count):
        assessment = begin(organization, by, name=f"{organization.name} {number}")
        with scope(organization=organization):
            assign(assessment, by, "DS1", "DS2", person=person, days=-1)
            answer(assessment, "DS1", by, most=2)
