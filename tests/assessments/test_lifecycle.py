"""The way of an assessment from preparing to final: operations, what is frozen, mail, pages."""

import json

import pytest
from django.urls import reverse

from assessments.models import Answer, AnswerRevision, Assessment, Submission
from assessments.operations.answering import Said, save_answer
from assessments.operations.holding import Closed
from assessments.operations.lifecycle import (
    MORE_THAN_A_STEP,
    NotReadyToSubmit,
    finalize_assessment,
    move_assessment,
    reopen_assessment,
    submit_assessment,
)
from assessments.queries.answers import current_basis, ratings_of
from assessments.queries.submission import content_to_freeze, sha256_of
from assessments.results import assess, outcome_as_json
from assessments.states import TRANSITIONS, State
from organizations.models import ActivityEntry, QueuedMail
from organizations.permissions import Permission
from questionnaires.models import Criterion
from tests.assessments.test_checking import prove
from tests.conftest import NOON, begin

STEPS = [permission for permission in TRANSITIONS if permission not in MORE_THAN_A_STEP]
BY_CLICK = [*STEPS, Permission.ASSESSMENT_FINALIZE, Permission.ASSESSMENT_REOPEN]
ROUTES = {
    Permission.ASSESSMENT_OPEN: "open_assessment",
    Permission.ASSESSMENT_WITHDRAW: "withdraw_assessment",
    Permission.REVIEW_BEGIN: "begin_review",
    Permission.REVIEW_RETURN: "return_assessment",
    Permission.ASSESSMENT_FINALIZE: "finalize_assessment",
    Permission.ASSESSMENT_REOPEN: "reopen_assessment",
}
FILLED = {"reason": "DS1: 请补充证据", "confirmed": "on"}


def answer_all(assessment, by):
    ratings = ("full", "largely", "partly") if assessment.questionnaire.kind == "levels" else ("4", "2", "1")
    rows = [
        Answer(
            organization=assessment.organization, assessment=assessment, criterion=criterion, rating=ratings[n % 3],
            note=f"note {n}", answered_by=by, answered_at=NOON,
        )
        for n, criterion in enumerate(Criterion.objects.filter(version=assessment.version))
    ]  # fmt: skip
    Answer.objects.bulk_create(rows)
    AnswerRevision.objects.bulk_create(
        AnswerRevision(organization=row.organization, answer=row, revision=1, rating=row.rating, note=row.note, by=by, at=NOON)
        for row in rows
    )


def put(assessment, state):
    Assessment.objects.filter(pk=assessment.pk).update(state=state)
    assessment.refresh_from_db()
    return assessment


@pytest.fixture
def answered(assessment, alice, in_acme):
    answer_all(assessment, alice)
    return assessment


# submitting


def test_submit_waits_for_every_answer(answered, alice):
    Answer.objects.filter(assessment=answered, criterion__code="DS1.1.1").update(rating="", note="")

    with pytest.raises(NotReadyToSubmit) as refused:
        submit_assessment(assessment=answered, by=alice, at=NOON)

    answered.refresh_from_db()
    assert [(error.code, error.criteria) for error in refused.value.errors] == [("unanswered", ("DS1.1.1",))]
    assert answered.state == State.ANSWERING
    assert not Submission.objects.exists()


def test_submit_freezes_answers_evidence_and_result(answered, alice):
    prove(answered, "DS1.3.1", alice, title="数据战略")
    Assessment.objects.filter(pk=answered.pk).update(targets={"DS1": 5})

    submission = submit_assessment(assessment=answered, by=alice, at=NOON)

    frozen = json.loads(submission.frozen)
    assert list(frozen) == sorted(frozen)
    assert (frozen["questionnaire"], frozen["version"], frozen["method"], frozen["target"], frozen["targets"]) == (
        "gbt36073-2025", answered.version.number, "staircase_080", 3, {"DS1": 5},
    )  # fmt: skip
    assert frozen["answers"]["DS1.1.1"] == {"rating": "full", "na_reason": "", "note": "note 0", "revision": 1}
    assert frozen["evidence"] == {"DS1.3.1": [{"title": "数据战略", "sha256": "", "place": "p. 4"}]}
    assert submission.sha256 == sha256_of(submission.frozen)
    answered.refresh_from_db()
    assert answered.state == State.SUBMITTED


@pytest.mark.parametrize("code", ["gbt36073-2025", "gbt36073-2018", "policy-actions"])
def test_the_frozen_result_is_what_the_frozen_answers_give(acme, alice, in_acme, code):
    assessment = begin(acme, alice, code)
    answer_all(assessment, alice)

    frozen = json.loads(submit_assessment(assessment=assessment, by=alice, at=NOON).frozen)

    ratings = {code: said["rating"] for code, said in frozen["answers"].items()}
    outcome = assess(
        assessment.questionnaire, current_basis(), ratings, method=frozen["method"] or None, target=frozen["target"],
        targets=frozen["targets"],
    )  # fmt: skip
    assert ratings == ratings_of(assessment)
    assert frozen["result"] == json.loads(json.dumps(outcome_as_json(outcome)))


def test_a_submitted_assessment_takes_no_answer(answered, alice):
    submit_assessment(assessment=answered, by=alice, at=NOON)
    criterion = Criterion.objects.get(version=answered.version, code="DS1.1.1")

    with pytest.raises(Closed):
        save_answer(assessment=answered, criterion=criterion, said=Said("none"), read_revision=1, by=alice, at=NOON)

    assert content_to_freeze(answered) == json.loads(Submission.objects.get().frozen)


def test_each_submission_is_kept(answered, alice):
    for permission in (Permission.REVIEW_BEGIN, Permission.REVIEW_RETURN):
        if permission == Permission.REVIEW_BEGIN:
            submit_assessment(assessment=answered, by=alice, at=NOON)
        move_assessment(assessment=answered, permission=permission, note="DS1", by=alice, at=NOON)

    submit_assessment(assessment=answered, by=alice, at=NOON)

    assert Submission.objects.count() == 2


# steps


@pytest.mark.parametrize("permission", STEPS)
@pytest.mark.parametrize("state", State)
def test_a_step_leads_from_its_states_only(assessment, alice, in_acme, permission, state):
    put(assessment, state)
    transition = TRANSITIONS[permission]

    if state in transition.before:
        move_assessment(assessment=assessment, permission=permission, by=alice, at=NOON)
    else:
        with pytest.raises(Closed):
            move_assessment(assessment=assessment, permission=permission, by=alice, at=NOON)

    assessment.refresh_from_db()
    assert assessment.state == (transition.after if state in transition.before else state)


@pytest.mark.parametrize("permission", sorted(MORE_THAN_A_STEP))
def test_what_freezes_or_begins_a_revision_is_no_mere_step(assessment, alice, in_acme, permission):
    with pytest.raises(ValueError, match=permission.value):
        move_assessment(assessment=assessment, permission=permission, by=alice, at=NOON)


@pytest.mark.parametrize("state", State)
def test_final_and_reopened_are_reached_from_their_states_only(assessment, alice, in_acme, state):
    put(assessment, state)
    acts = {
        State.IN_REVIEW: lambda: finalize_assessment(assessment=assessment, by=alice, at=NOON),
        State.FINAL: lambda: reopen_assessment(assessment=assessment, reason="New proof", by=alice, at=NOON),
    }

    for begins, act in acts.items():
        if state != begins:
            with pytest.raises(Closed):
                act()

    assessment.refresh_from_db()
    assert (assessment.state, Submission.objects.count()) == (state, 0)


def test_a_step_is_on_the_trail_without_its_reason(assessment, alice, in_acme):
    put(assessment, State.IN_REVIEW)

    move_assessment(assessment=assessment, permission=Permission.REVIEW_RETURN, note="secret", by=alice, at=NOON)

    entry = ActivityEntry.objects.first()
    assert (entry.verb, entry.about, entry.by) == ("assessment.returned", f"assessment {assessment.pk} returned", alice)


def test_owners_and_coordinators_are_told_in_their_language(assessment, alice, dora, eve, in_acme, settings):
    dora.language = "en"
    dora.save()
    put(assessment, State.IN_REVIEW)

    move_assessment(assessment=assessment, permission=Permission.REVIEW_RETURN, note="DS1", by=alice, at=NOON)

    mail = QueuedMail.objects.get()
    assert (mail.to, mail.subject) == (dora.email, "Returned: 2026 self-assessment")
    assert mail.text.startswith("Alice returned 2026 self-assessment of Acme 数据公司.")
    assert mail.text.endswith(settings.SITE_URL + assessment.get_absolute_url())


@pytest.mark.parametrize("permission", [Permission.ASSESSMENT_OPEN, Permission.REVIEW_BEGIN])
def test_small_steps_send_no_mail(assessment, alice, dora, in_acme, permission):
    put(assessment, next(iter(TRANSITIONS[permission].before)))

    move_assessment(assessment=assessment, permission=permission, by=alice, at=NOON)

    assert not QueuedMail.objects.exists()


# pages


def address(assessment, name):
    return reverse(name, args=["acme", assessment.pk])


def test_the_owner_submits_with_a_confirmation(as_alice, answered):
    page = as_alice.get(address(answered, "check_assessment")).content.decode()
    refused = as_alice.post(address(answered, "submit_assessment"))
    done = as_alice.post(address(answered, "submit_assessment"), {"confirmed": "on"})

    assert address(answered, "submit_assessment") in page
    assert (refused.status_code, 'id="not-confirmed"' in refused.content.decode()) == (422, True)
    assert (done.status_code, done.url) == (302, answered.get_absolute_url())
    assert as_alice.post(address(answered, "submit_assessment"), {"confirmed": "on"}).status_code == 409
    assert Submission.objects.count() == 1


def test_submitting_with_errors_shows_them(as_alice, assessment):
    response = as_alice.post(address(assessment, "submit_assessment"), {"confirmed": "on"})

    assert response.status_code == 422
    assert "#q-DS1-1-1" in response.content.decode()


def test_a_coordinator_is_told_that_the_owner_submits(client, answered, dora):
    client.force_login(dora)

    page = client.get(address(answered, "check_assessment")).content.decode()

    assert address(answered, "submit_assessment") not in page
    assert client.post(address(answered, "submit_assessment"), {"confirmed": "on"}).status_code == 403


@pytest.mark.parametrize("permission", BY_CLICK)
def test_each_step_has_its_button_and_its_page(as_alice, assessment, in_acme, permission):
    put(assessment, next(iter(TRANSITIONS[permission].before)))
    route = address(assessment, ROUTES[permission])

    offered = route in as_alice.get(address(assessment, "assessment")).content.decode()
    response = as_alice.post(route, FILLED)

    assessment.refresh_from_db()
    assert offered
    assert (response.status_code, assessment.state) == (302, TRANSITIONS[permission].after)
    assert as_alice.post(route, FILLED).status_code == 409


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("return_assessment", {}),
        ("return_assessment", {"reason": "\x00"}),
        ("return_assessment", {"reason": "x" * 2001}),
        ("finalize_assessment", {}),
    ],
)
def test_a_form_with_faults_changes_nothing(as_alice, assessment, in_acme, name, typed):
    put(assessment, State.IN_REVIEW)

    response = as_alice.post(address(assessment, name), typed)

    assessment.refresh_from_db()
    assert (response.status_code, assessment.state) == (422, State.IN_REVIEW)
    assert as_alice.get(address(assessment, name)).status_code == 200


def test_the_form_of_a_step_that_is_not_due_leads_back(as_alice, assessment):
    assert as_alice.get(address(assessment, "return_assessment")).url == assessment.get_absolute_url()


def test_the_reason_of_a_return_is_shown_where_people_answer(as_alice, assessment, in_acme):
    put(assessment, State.IN_REVIEW)
    as_alice.post(address(assessment, "return_assessment"), {"reason": "DS1 <b>needs</b> proof\r\nDS2 too"})

    overview = as_alice.get(address(assessment, "assessment")).content.decode()
    item = as_alice.get(reverse("answer_item", args=["acme", assessment.pk, "DS1"])).content.decode()

    assert "DS1 &lt;b&gt;needs&lt;/b&gt; proof<br>DS2 too" in overview
    assert "DS1 &lt;b&gt;needs&lt;/b&gt; proof<br>DS2 too" in item


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_pages(as_alice, assessment, in_acme, state):
    put(assessment, state)

    for name in ("assessment", "check_assessment"):
        assert as_alice.get(address(assessment, name)).status_code == 200
