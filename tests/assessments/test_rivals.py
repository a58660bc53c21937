"""Two consultancies at one enterprise: neither meets a trace of the other."""

import pytest
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment, Comment, Submission
from assessments.operations.discussing import write_comment
from assessments.operations.lifecycle import finalize_assessment, return_assessment
from assessments.operations.reviewing import sign_review
from assessments.queries.cockpit import cockpit_of
from assessments.queries.interviewing import proposals_of
from assessments.queries.reviewing import undecided_codes
from organizations.models import Organization, TeamRole
from organizations.operations.membership import found_organization
from reports.models import Report
from tests.assessments.reviews import AGREE, MORE, criterion_of, judge, say
from tests.assessments.test_guests import as_user
from tests.conftest import NOON, _person, engage

State = Assessment.State
TRACES = ("Sage", "Lena", "Rita", "Quizzical")  # the firm, its people, and what they wrote


@pytest.fixture
def gustav(db):
    return _person("gustav@ginkgo.example", "Gustav")


@pytest.fixture
def rival(acme, engagement, alice, gustav):
    """Another consultancy at Acme."""
    firm = found_organization(name="Ginkgo", slug="ginkgo", kind=Organization.Kind.CONSULTANCY, by=gustav, at=NOON)
    return engage(acme, firm, alice, [(gustav, TeamRole.LEAD)])


@pytest.fixture
def code(assessment):
    return next(iter(assessment.questionnaire.item_of))


def put(assessment, state):
    Assessment.objects.filter(pk=assessment.pk).update(state=state)
    assessment.state = state


def pages(acme, assessment, code):
    item, on = assessment.questionnaire.item_of[code], [acme.slug, assessment.pk]
    names = (
        "assessment",
        "review",
        "layers",
        "review_changes",
        "check_assessment",
        "result",
        "panels",
        "interviews",
        "find_criteria",
    )
    yield from (reverse(name, args=on) for name in names)
    yield from (reverse(name, args=[*on, item]) for name in ("answer_item", "review_item"))
    yield from (
        reverse(name, args=[*on, code]) for name in ("discussion", "answer_history", "verdict_history", "criterion_evidence")
    )
    yield reverse("organization", args=[acme.slug])
    for submission in Submission.objects.filter(assessment=assessment):
        yield reverse("submission", args=[*on, submission.pk])
        yield reverse("submission_file", args=[*on, submission.pk])


def traces(client, acme, assessment, code):
    found = []
    with scope(organization=acme):
        paths = list(pages(acme, assessment, code))
    for path in paths:
        response = client.get(path)
        text = b"".join(response).decode() if response.streaming else response.content.decode()
        found += [(path, word) for word in TRACES if word in text]
    return found


def test_a_question_of_a_review_is_between_its_firm_and_the_enterprise(
    acme, engagement, rival, assessment, alice, rita, gustav, code
):
    with scope(organization=acme):
        say(assessment, code, "full", alice)
        put(assessment, State.IN_REVIEW)
        judge(assessment, engagement, code, MORE, rita, note="Quizzical: where is the register?")

    assert traces(as_user(gustav), acme, assessment, code) == []
    assert "Quizzical" in as_user(alice).get(reverse("discussion", args=["acme", assessment.pk, code])).content.decode()
    assert "Quizzical" in as_user(rita).get(reverse("discussion", args=["acme", assessment.pk, code])).content.decode()


def test_the_reason_of_a_return_is_no_other_firms(acme, engagement, rival, assessment, alice, lena, gustav, code):
    with scope(organization=acme):
        put(assessment, State.IN_REVIEW)
        return_assessment(assessment=assessment, note="Quizzical answers.", engagement=engagement, by=lena, at=NOON)

    assert traces(as_user(gustav), acme, assessment, code) == []
    for person in (alice, lena):
        assert "Quizzical" in as_user(person).get(assessment.get_absolute_url()).content.decode()


def test_who_made_it_final_for_another_firm_is_not_named(acme, engagement, rival, assessment, alice, lena, rita, gustav, code):
    with scope(organization=acme):
        say(assessment, code, "full", alice)
        put(assessment, State.IN_REVIEW)
        sign_review(assessment=assessment, engagement=engagement, note="Quizzical", by=rita, at=NOON)
        left = len(undecided_codes(assessment, engagement))
        finalize_assessment(assessment=assessment, leaving=left, engagement=engagement, by=lena, at=NOON)

    assert traces(as_user(gustav), acme, assessment, code) == []


def test_neither_reopening_nor_a_report_names_another_firm(acme, engagement, rival, assessment, lena, gustav, code):
    with scope(organization=acme):
        put(assessment, State.FINAL)
        Report.objects.create(
            organization=acme, assessment=assessment, engagement=engagement, language="en", snapshot="{}", sha256="0" * 64,
            pages=1, made_by=lena, made_at=NOON,
        )  # fmt: skip
    reopened = as_user(lena).post(reverse("reopen_assessment", args=["acme", assessment.pk]), {"reason": "Quizzical"})

    assert reopened.status_code == 302
    assert traces(as_user(gustav), acme, assessment, code) == []
    assert "Quizzical" in as_user(lena).get(assessment.get_absolute_url()).content.decode()


def test_a_guest_settles_only_what_the_own_firm_asked(acme, engagement, rival, assessment, alice, dora, rita, gustav, code):
    with scope(organization=acme):
        say(assessment, code, "full", alice)
        put(assessment, State.IN_REVIEW)
        judge(assessment, engagement, code, MORE, rita, note="Quizzical")
        write_comment(assessment=assessment, criterion=criterion_of(assessment, code), text="?", asked=dora, by=alice, at=NOON)
        theirs, own = Comment.objects.order_by("pk")

    def settle(user, comment):
        return as_user(user).post(reverse("settle_question", args=["acme", assessment.pk, code, comment.pk])).status_code

    assert (settle(gustav, theirs), settle(gustav, own), settle(rita, own)) == (404, 404, 404)
    assert (settle(rita, theirs), settle(alice, own)) == (302, 302)


def test_the_question_of_one_firm_is_not_settled_by_the_same_words_of_another(
    acme, engagement, rival, assessment, alice, rita, gustav, code
):
    with scope(organization=acme):
        say(assessment, code, "full", alice)
        put(assessment, State.IN_REVIEW)
        judge(assessment, engagement, code, MORE, rita, note="Which system?")
        judge(assessment, rival, code, MORE, gustav, note="Which system?")
        judge(assessment, rival, code, AGREE, gustav)

        assert [row.settled_by for row in Comment.objects.order_by("pk")] == [None, gustav]


def test_the_cockpit_counts_the_questions_of_its_own_two_sides(acme, engagement, rival, assessment, alice, rita, code):
    with scope(organization=acme):
        say(assessment, code, "full", alice)
        put(assessment, State.IN_REVIEW)
        judge(assessment, engagement, code, MORE, rita, note="Quizzical")

        assert [cockpit_of(row, NOON.date()).figures[0].questions for row in (engagement, rival)] == [1, 0]


def test_a_question_of_another_firm_proposes_no_interview(acme, engagement, rival, assessment, alice, rita, code):
    with scope(organization=acme):
        say(assessment, code, "full", alice)
        put(assessment, State.IN_REVIEW)
        judge(assessment, engagement, code, MORE, rita, note="Quizzical")

        reasons = [
            {
                reason
                for rows in proposals_of(assessment, row, NOON.date()).values()
                for found in rows
                for reason in found.reasons
            }
            for row in (engagement, rival)
        ]
    assert "asked" in reasons[0]
    assert "asked" not in reasons[1]
