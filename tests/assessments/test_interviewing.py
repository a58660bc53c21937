from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment, InterviewNote, InterviewSheet, Layer, Verdict
from assessments.operations.discussing import set_mark, write_comment
from assessments.operations.holding import Closed
from assessments.operations.interviewing import (
    Meeting,
    NotedMeanwhile,
    change_meeting,
    make_sheet,
    remove_sheet,
    save_interview_note,
)
from assessments.queries.criteria import criteria_by_code
from assessments.queries.interviewing import interview_notes_of, lead_of, proposals_of, questions_of
from organizations.models import ActivityEntry, TeamRole, User
from organizations.operations.membership import found_organization
from tests.assessments.test_panel import HTMX, During, answer, set_state, signed_in
from tests.conftest import NOON, begin, engage

DAY = date(2026, 11, 20)
MEETING = Meeting("Li Na", "data_office", DAY, "Room 3")
CODE, OTHER = "DS1.3.1", "DS1.3.2"


@pytest.fixture
def reviewed(assessment, acme):
    return set_state(assessment, acme, Assessment.State.IN_REVIEW)


@pytest.fixture
def sheet(reviewed, engagement, acme, rita):
    with scope(organization=acme):
        return make_sheet(engagement=engagement, assessment=reviewed, meeting=MEETING, codes=[CODE, OTHER], by=rita, at=NOON)


def note(sheet, by, outcome="", words="", read=0, code=CODE):
    criterion = criteria_by_code(sheet.assessment.version)[code]
    return save_interview_note(
        sheet=sheet, criterion=criterion, outcome=outcome, note=words, read_revision=read, by=by, at=NOON
    )


def address(sheet, name="interview", *more):
    kept = [] if name in ("interviews", "new_interview") else [sheet.pk]
    return reverse(name, args=["acme", sheet.assessment_id, *kept, *more])


# ---- what is worth asking


def reasons(assessment, engagement):
    found = proposals_of(assessment, engagement, DAY)
    return {row.code: row.reasons for rows in found.values() for row in rows}


def test_nothing_stands_out_where_nothing_is_said(reviewed, engagement, in_acme):
    assert proposals_of(reviewed, engagement, DAY) == {}


def test_why_a_criterion_is_worth_asking_about(reviewed, engagement, acme, alice, dora, rita):
    criteria = criteria_by_code(reviewed.version)
    answer(reviewed, acme, alice, "DS1.3.1", "full")  # a claim without evidence and note
    answer(reviewed, acme, alice, "DS1.3.2", "full", "We do.")
    answer(reviewed, acme, alice, "DS1.3.3", "partly")  # claims little
    with scope(organization=acme):
        set_mark(assessment=reviewed, criterion=criteria["DS1.1.1"], marked=True, by=alice, at=NOON)
        write_comment(assessment=reviewed, criterion=criteria["DS1.1.2"], text="Who?", asked=dora, by=alice, at=NOON)
        Verdict.objects.create(
            organization=acme, engagement=engagement, assessment=reviewed, layer=Layer.CONSULTANT, criterion=criteria["DS2.1.1"],
            kind=Verdict.Kind.MORE, note="Show us.", answer_revision=0, decided_by=rita, decided_at=NOON,
        )  # fmt: skip

        found = reasons(reviewed, engagement)

    assert found == {
        "DS1.3.1": ("unproven", "silent"),
        "DS1.3.2": ("unproven",),
        "DS1.1.1": ("marked",),
        "DS1.1.2": ("asked",),
        "DS2.1.1": ("disputed",),
    }


def test_proposals_stand_by_the_role_that_leads_the_action_the_most_telling_first(reviewed, engagement, acme, alice):
    criteria = reviewed.questionnaire.criterion_by_code
    answer(reviewed, acme, alice, "DS1.3.1", "full")
    answer(reviewed, acme, alice, "DS1.3.2", "full", "We do.")
    with scope(organization=acme):
        found = proposals_of(reviewed, engagement, DAY)

    for lead, rows in found.items():
        assert {lead_of(criteria[row.code]) for row in rows} == {lead}
        assert [row.weight for row in rows] == sorted((row.weight for row in rows), reverse=True)
    assert sum(map(len, found.values())) == 2


def test_policy_actions_are_worth_asking_about_too(acme, alice, engagement):
    actions = begin(acme, alice, "policy-actions")
    answer(actions, acme, alice, actions.questionnaire.items[0].code, "4")
    with scope(organization=acme):
        assert reasons(actions, engagement) == {actions.questionnaire.items[0].code: ("unproven", "silent")}


# ---- notes


def test_a_note_counts_its_saves_and_the_same_again_does_no_harm(sheet, in_acme, rita):
    first = note(sheet, rita, "confirms", "Saw the plan.")
    again = note(sheet, rita, "confirms", "Saw the plan.")
    second = note(sheet, rita, "contradicts", "Only a draft.", read=1)

    assert (first.revision, again.revision, second.revision) == (1, 1, 2)
    assert not ActivityEntry.objects.filter(about__contains="draft").exists()
    assert ActivityEntry.objects.filter(verb="interview.noted").count() == 2


def test_a_colleagues_note_is_not_written_over(sheet, in_acme, lena, rita):
    note(sheet, lena, "confirms")

    with pytest.raises(NotedMeanwhile) as error:
        note(sheet, rita, "contradicts")

    assert error.value.current.outcome == "confirms"


def test_notes_stand_beside_the_answer(sheet, engagement, in_acme, rita):
    note(sheet, rita, "promised", "Will send the minutes.")

    found = interview_notes_of(sheet.assessment, engagement, "DS1")

    assert list(found) == [CODE]
    assert (found[CODE][0].note, found[CODE][0].sheet.interviewee) == ("Will send the minutes.", "Li Na")


def test_questions_stand_in_the_questionnaires_order(sheet, in_acme):
    ((item, rows),) = questions_of(sheet.assessment, sheet)

    assert (item.code, [row.code for row in rows]) == ("DS1", [CODE, OTHER])


def test_final_locks_sheets_and_notes(sheet, engagement, acme, rita):
    set_state(sheet.assessment, acme, Assessment.State.FINAL)
    client = signed_in(rita)

    with scope(organization=acme):
        for act in (
            lambda: note(sheet, rita, "confirms"),
            lambda: change_meeting(sheet=sheet, meeting=MEETING, by=rita, at=NOON),
            lambda: remove_sheet(sheet=sheet, by=rita, at=NOON),
            lambda: make_sheet(
                engagement=engagement, assessment=sheet.assessment, meeting=MEETING, codes=[CODE], by=rita, at=NOON
            ),
        ):
            with pytest.raises(Closed):
                act()
    assert client.post(address(sheet, "note_interview", CODE), {"rating": "confirms", "revision": 0}).status_code == 409
    assert client.get(address(sheet)).status_code == 200


# ---- on the page


def test_making_a_sheet_and_going_through_it(reviewed, engagement, acme, alice, rita):
    answer(reviewed, acme, alice, CODE, "full", "NOTE-OF-ACME")
    client, lead = signed_in(rita), lead_of(reviewed.questionnaire.criterion_by_code[CODE])
    page = client.get(reverse("interviews", args=["acme", reviewed.pk])).content.decode()
    assert f"?role={lead}" in page
    new = reverse("new_interview", args=["acme", reviewed.pk])
    assert f'value="{CODE}" checked' in client.get(f"{new}?role={lead}").content.decode()

    body = {"lead": lead, "interviewee": "Li Na", "held_on": "2026-11-20", "place": "", "criterion": [CODE]}
    response = client.post(new, body, follow=True)
    path = f"{response.request['PATH_INFO']}notes/{CODE}/"
    saved = client.post(path, {"rating": "contradicts", "note": "SAID-BY-LI", "revision": 0}, headers=HTMX)

    assert saved["X-Saved"] == f"{CODE} 1"
    page = client.get(response.request["PATH_INFO"]).content.decode()
    assert "SAID-BY-LI" in page
    assert "NOTE-OF-ACME" in page
    assert 'value="contradicts" data-key="2" checked' in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"criterion": []}, "Please choose at least one question."),
        ({"held_on": "9999-12-31"}, "Please enter a date between 2000 and 2100."),
        ({"interviewee": ""}, "This field is required."),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_with_words(reviewed, engagement, acme, alice, rita, change, sentence):
    answer(reviewed, acme, alice, CODE, "full")
    lead = lead_of(reviewed.questionnaire.criterion_by_code[CODE])
    body = {"lead": lead, "interviewee": "Li Na", "held_on": "2026-11-20", "criterion": [CODE], **change}

    response = signed_in(rita).post(reverse("new_interview", args=["acme", reviewed.pk]), body)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    with scope(organization=acme):
        assert not InterviewSheet.objects.exists()


def test_the_second_of_two_colleagues_is_asked_which_one_stands(sheet, acme, lena, rita):
    path = address(sheet, "note_interview", CODE)
    signed_in(lena).post(path, {"rating": "confirms", "note": "Hers", "revision": 0}, headers=HTMX)

    response = signed_in(rita).post(path, {"rating": "contradicts", "note": "His", "revision": 0}, headers=HTMX)

    assert response.status_code == 409
    assert 'data-take="theirs" data-rating="confirms"' in response.content.decode()
    with scope(organization=acme):
        assert InterviewNote.objects.get(criterion__code=CODE).note == "Hers"


def test_what_is_not_on_the_sheet_is_not_found(sheet, acme, rita):
    assert signed_in(rita).post(address(sheet, "note_interview", "DS1.1.1"), {"revision": 0}).status_code == 404


@pytest.mark.parametrize("name", ["note_interview", "edit_interview"])
def test_a_sheet_that_a_colleague_removes_meanwhile_is_not_found(sheet, acme, rita, name):
    removing = During("SELECT state", sheet.delete)
    more = (CODE,) if name == "note_interview" else ()
    data = {"rating": "", "note": "Late", "revision": 0, "lead": "it", "interviewee": "Zhao", "held_on": "2026-11-20"}
    client, path = signed_in(rita), address(sheet, name, *more)
    with connection.execute_wrapper(removing):
        late = client.post(path, data)

    assert removing.done
    assert late.status_code == 404


def test_changing_the_meeting_and_removing_the_sheet(sheet, acme, rita):
    client = signed_in(rita)
    body = {"lead": "it", "interviewee": "Wang", "held_on": "2026-12-01", "place": "Hall"}
    assert "Wang" in client.post(address(sheet, "edit_interview"), body, follow=True).content.decode()

    client.post(address(sheet, "remove_interview"))

    with scope(organization=acme):
        assert not InterviewSheet.objects.exists()


def test_interviews_are_the_firms_own_papers(sheet, acme, alice, bob, otto, rita):
    """Neither the enterprise nor the observers, nor another firm on the same assessment, reads a word of them."""
    sam = User.objects.create_user("sam@oak.example", name="Sam")
    oak = found_organization(name="Oak", slug="oak", by=sam, at=NOON)
    engage(acme, oak, alice, [(sam, TeamRole.LEAD)])
    with scope(organization=acme):
        note(sheet, rita, "contradicts", "SAID-BY-LI")

    for person, status in ((alice, 403), (bob, 403), (otto, 403), (sam, 404)):
        client = signed_in(person)
        response = client.get(address(sheet))
        assert (person.name, response.status_code) == (person.name, status)
        for path in (address(sheet, "interviews"), reverse("answer_item", args=["acme", sheet.assessment_id, "DS1"])):
            page = client.get(path).content.decode()
            assert "SAID-BY-LI" not in page
            assert "Li Na" not in page
        assert client.post(address(sheet, "note_interview", CODE), {"revision": 1, "note": "x"}).status_code == status
    with scope(organization=acme):
        assert interview_notes_of(sheet.assessment, oak_engagement(acme, oak), "DS1") == {}


def oak_engagement(acme, oak):
    return acme.engagements.get(consultancy=oak)


def queries_of(client, path) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_the_pages_cost_the_same_with_one_and_with_many(sheet, engagement, acme, alice, rita):
    client, lead = signed_in(rita), lead_of(sheet.assessment.questionnaire.criterion_by_code[CODE])
    answer(sheet.assessment, acme, alice, CODE, "full")
    places = [address(sheet), address(sheet, "interviews"), f"{address(sheet, 'new_interview')}?role={lead}"]
    few = [queries_of(client, path) for path in places]
    for code in ("DS1.3.2", "DS1.3.3", "DG1.3.1", "DG1.3.2"):
        answer(sheet.assessment, acme, alice, code, "full", "note")
    with scope(organization=acme):
        for _n in range(3):
            make_sheet(engagement=engagement, assessment=sheet.assessment, meeting=MEETING, codes=[CODE], by=rita, at=NOON)
        criteria = criteria_by_code(sheet.assessment.version)
        InterviewNote.objects.bulk_create(
            InterviewNote(organization=acme, sheet=sheet, criterion=criteria[code], noted_by=rita)
            for code in ("DG1.3.1", "DG1.3.2", "DQ1.1.1")
        )

    assert [queries_of(client, path) for path in places] == few
