"""Reviewing: verdicts, what reopens them, what a return asks for, who sees what."""

from datetime import date
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.models import (
    Answer,
    Assessment,
    Comment,
    EngagementScope,
    Evidence,
    EvidenceLink,
    ReturnPoint,
    Standing,
    Verdict,
    VerdictRevision,
)
from assessments.operations.assigning import assign_items
from assessments.operations.evidence import unlink_evidence
from assessments.operations.holding import Closed
from assessments.operations.lifecycle import return_assessment, submit_assessment
from assessments.operations.reviewing import (
    AnsweredSince,
    Judged,
    JudgedMeanwhile,
    agree_to_several,
    save_verdict,
)
from assessments.queries.answering import answers_in
from assessments.queries.returning import asked_points, open_points
from assessments.queries.reviewing import (
    AGAIN,
    agreeable,
    cases_of,
    reviews_seen_by,
    statuses_of,
    undecided_codes,
)
from assessments.queries.submissions import changes_since_last
from assessments.states import REVIEWED, State
from organizations.guests import guest_at
from organizations.models import ActivityEntry, Organization, QueuedMail, TeamRole
from organizations.operations.engagement import end_engagement
from organizations.operations.membership import found_organization
from organizations.queries import membership_of
from tests.assessments.reviews import ADJUST, AGREE, LATER, MORE, adjust, criterion_of, judge, say
from tests.assessments.test_checking import prove
from tests.assessments.test_lifecycle import answer_all, put
from tests.conftest import NOON, begin, engage

TODAY = date(2026, 11, 20)


@pytest.fixture
def reviewed(assessment, alice, engagement, in_acme):
    """Acme's assessment, all answered, in review by Sage."""
    answer_all(assessment, alice)
    return put(assessment, State.IN_REVIEW)


@pytest.fixture
def as_rita(client, rita, engagement):
    client.force_login(rita)
    return client


def place_of(person, slug="acme"):
    return guest_at(person, slug) or membership_of(person, slug)


def cases(assessment, person, item="DS1"):
    place, answers = place_of(person), answers_in(assessment, item)
    return cases_of(assessment, assessment.questionnaire.item_by_code[item], place, answers, TODAY)


def address(name, assessment, *more, slug="acme"):
    return reverse(name, args=[slug, assessment.pk, *more])


def form(code="DS1.1.1", **typed):
    return {"kind": "agree", "answer_revision": 1, "revision": 0, **typed}


# verdicts


def test_a_verdict_is_kept_with_its_history_its_evidence_and_its_line_in_the_trail(reviewed, engagement, alice, rita):
    link = prove(reviewed, "DS1.1.1", alice)
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita)

    verdict = adjust(reviewed, engagement, "DS1.1.1", "partly", rita)

    assert (verdict.kind, verdict.rating, verdict.reason, verdict.answer_revision) == (ADJUST, "partly", "partial", 1)
    assert (verdict.revision, verdict.evidence) == (2, [link.evidence_id])
    assert [(row.revision, row.kind, row.rating) for row in VerdictRevision.objects.all()] == [
        (2, ADJUST, "partly"), (1, AGREE, "full"),
    ]  # fmt: skip
    entry = ActivityEntry.objects.filter(verb="verdict.saved").order_by("-pk").first()
    assert (entry.about, entry.by) == (f"assessment {reviewed.pk} DS1.1.1 consultant", rita)  # the enterprise reads it


@pytest.mark.parametrize("number", [2**63, 10**30])
def test_a_piece_beyond_all_numbers_is_not_found(client, reviewed, engagement, rita, number):
    client.force_login(rita)
    assert client.get(reverse("review_evidence", args=["acme", reviewed.pk, "DS1.1.1", number])).status_code == 404


def test_the_standing_follows_the_verdict(reviewed, engagement, rita):
    for code in ("DS1.1.1", "DS1.1.2"):
        adjust(reviewed, engagement, code, "none", rita)

    scores = {row.layer: row for row in Standing.objects.filter(assessment=reviewed, part="DS1")}
    assert scores["consultant"].score < scores["self"].score
    assert (scores["consultant"].answered, scores["consultant"].engagement_id) == (2, engagement.pk)


def test_the_same_verdict_again_writes_nothing(reviewed, engagement, rita):
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita)

    again = judge(reviewed, engagement, "DS1.1.1", AGREE, rita, read=0)

    assert again.revision == 1
    assert VerdictRevision.objects.count() == 1


def test_a_verdict_over_another_that_was_not_read_changes_nothing(reviewed, engagement, rita, lena):
    adjust(reviewed, engagement, "DS1.1.1", "none", lena, note="Nothing is written down.")

    with pytest.raises(JudgedMeanwhile) as refused:
        judge(reviewed, engagement, "DS1.1.1", AGREE, rita, read=0)

    assert (refused.value.current.decided_by, refused.value.current.note) == (lena, "Nothing is written down.")
    assert Verdict.objects.get().rating == "none"


def test_an_answer_that_changed_meanwhile_is_looked_at_again(reviewed, engagement, alice, rita):
    say(reviewed, "DS1.1.1", "none", alice)

    with pytest.raises(AnsweredSince) as refused:
        save_verdict(
            engagement=engagement, assessment=reviewed, criterion=criterion_of(reviewed, "DS1.1.1"),
            judged=Judged(AGREE, "full"), answer_revision=1, read_revision=0, by=rita, at=NOON,
        )  # fmt: skip

    assert refused.value.current.rating == "none"
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("state", State)
def test_verdicts_are_given_in_review_and_while_it_is_reworked(reviewed, engagement, rita, state):
    put(reviewed, state)

    if state in REVIEWED:
        judge(reviewed, engagement, "DS1.1.1", AGREE, rita)
    else:
        with pytest.raises(Closed):
            judge(reviewed, engagement, "DS1.1.1", AGREE, rita)

    assert Verdict.objects.count() == (state in REVIEWED)


@pytest.mark.parametrize("has_it", ["eve", "dora", "alice"])
def test_need_more_asks_whoever_has_the_item(reviewed, engagement, alice, rita, request, has_it):
    person = request.getfixturevalue(has_it)
    if has_it == "eve":
        put(reviewed, State.RETURNED)
        assign_items(assessment=reviewed, item_codes=["DS1"], person=person, by=alice, at=NOON)

    QueuedMail.objects.all().delete()

    judge(reviewed, engagement, "DS1.1.1", MORE, rita, note="Which systems does the plan cover?")

    comment = Comment.objects.get()
    assert (comment.asked, comment.written_by, comment.is_question) == (person, rita, True)
    assert comment.text == "Which systems does the plan cover?"
    mail = QueuedMail.objects.get()
    assert (mail.to, comment.text in mail.text) == (person.email, False)


def test_the_question_is_settled_once_the_verdict_is_another(reviewed, engagement, rita):
    judge(reviewed, engagement, "DS1.1.1", MORE, rita, note="Which systems?")
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita, at=LATER)

    comment = Comment.objects.get()
    assert (comment.settled_by, comment.settled_at) == (rita, LATER)


# what reopens a verdict


def test_an_edit_of_the_enterprise_opens_the_verdict_again_and_tells_what_changed(reviewed, engagement, alice, rita):
    old = prove(reviewed, "DS1.1.1", alice, title="Old plan")
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita)
    put(reviewed, State.RETURNED)
    say(reviewed, "DS1.1.1", "partly", alice, note="Only the head office", at=LATER)
    unlink_evidence(assessment=reviewed, criterion=old.criterion, evidence=old.evidence, by=alice, at=LATER)
    prove(reviewed, "DS1.1.1", alice, title="New plan")

    case = cases(reviewed, rita)["DS1.1.1"]

    assert case.status == AGAIN
    assert (case.since.before.rating, case.since.before.note, case.rating) == ("full", "note 0", "partly")
    assert (case.since.added, case.since.removed) == (("New plan",), ("Old plan",))
    assert statuses_of(reviewed, engagement) == {"DS1.1.1": AGAIN}


def test_evidence_alone_does_not_reopen_but_is_told(reviewed, engagement, alice, rita):
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita)
    prove(reviewed, "DS1.1.1", alice, title="New plan")

    case = cases(reviewed, rita)["DS1.1.1"]

    assert (case.status, case.since.added) == (AGREE, ("New plan",))


# agreeing to several


def agree(assessment, person, codes, item="DS1", revision=1):
    revisions = dict.fromkeys(codes, revision)
    return agree_to_several(
        place=place_of(person), assessment=assessment, item_code=item, answer_revisions=revisions, by=person, at=NOON
    )


def test_nothing_is_agreed_at_once_where_evidence_is_missing_or_a_look_is_needed(reviewed, engagement, alice, rita):
    codes = list(cases(reviewed, rita))
    proven, unproven, none, na, judged, changed, missing = codes[:7]
    prove(reviewed, proven, alice)
    Answer.objects.filter(assessment=reviewed, criterion__code=none).update(rating="none")
    Answer.objects.filter(assessment=reviewed, criterion__code=na).update(rating="na", na_reason="other", note="Not ours")
    adjust(reviewed, engagement, judged, "none", rita)
    prove(reviewed, changed, alice)
    say(reviewed, changed, "none", alice)
    announced = prove(reviewed, missing, alice)
    announced.evidence.versions.all().delete()

    agreed = agree(reviewed, rita, codes)

    why = {code: agreeable(case) for code, case in cases(reviewed, rita).items()}
    assert agreed == [proven, none]
    assert {code: why[code] for code in (unproven, na, missing)} == {unproven: "unproven", na: "na", missing: "unproven"}
    assert Verdict.objects.get(criterion__code=judged).kind == ADJUST
    assert not Verdict.objects.filter(criterion__code=changed).exists()  # another revision than the one looked at


def test_evidence_that_the_guest_may_not_open_is_no_ground_to_agree_at_once(reviewed, engagement, alice, rita):
    link = prove(reviewed, "DS1.1.1", alice)
    Evidence.objects.filter(pk=link.evidence_id).update(confidentiality="confidential")

    case = cases(reviewed, rita)["DS1.1.1"]

    assert (agreeable(case), case.hidden, case.judged_pieces) == ("hidden", 1, [])


def test_agreeing_at_once_shows_the_list_first(as_rita, reviewed, alice):
    prove(reviewed, "DS1.1.1", alice)
    place = address("agree_item", reviewed, "DS1")

    page = as_rita.get(place).content.decode()
    nothing = as_rita.post(place, {})
    done = as_rita.post(place, {"agree": ["DS1.1.1:1", "DS1.1.2:1", "nonsense", "DS1.2.2:9"]})

    assert 'value="DS1.1.1:1" checked' in page
    assert 'value="DS1.1.2:1"' not in page
    assert (nothing.status_code, done.status_code) == (422, 302)
    assert [row.criterion.code for row in Verdict.objects.select_related("criterion")] == ["DS1.1.1"]


# the page of an item


def test_the_page_shows_the_case_and_its_verdict(as_rita, reviewed, engagement, alice, rita):
    prove(reviewed, "DS1.1.1", alice, title="Data strategy <2026>")
    adjust(reviewed, engagement, "DS1.1.2", "none", rita, note="Nobody lives it <yet>")
    judge(reviewed, engagement, "DS1.2.1", AGREE, rita)
    say(reviewed, "DS1.2.1", "none", alice, note="We were wrong")

    page = as_rita.get(address("review_item", reviewed, "DS1")).content.decode()

    assert "Data strategy &lt;2026&gt;" in page
    assert "Nobody lives it &lt;yet&gt;" in page
    assert 'data-judge="adjust"' in page
    assert 'data-judge="again"' in page
    assert "We were wrong" in page
    assert "\ue000" not in page


def test_one_click_agrees(as_rita, reviewed, engagement, rita):
    response = as_rita.post(address("verdict", reviewed, "DS1.1.1"), form(), headers={"HX-Request": "true"})

    verdict = Verdict.objects.get()
    assert (response.status_code, response["X-Saved"]) == (200, "DS1.1.1 1")
    assert (verdict.kind, verdict.rating, verdict.decided_by, verdict.engagement) == (AGREE, "full", rita, engagement)
    assert 'data-judge="agree"' in response.content.decode()
    assert 'id="count-DS1"' in response.content.decode()


def test_without_scripts_the_verdict_leads_back_to_its_place(as_rita, reviewed):
    response = as_rita.post(address("verdict", reviewed, "DS1.1.1"), form())

    assert response.url == address("review_item", reviewed, "DS1") + "#q-DS1-1-1"


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": ""},
        {"kind": "nonsense"},
        {"kind": "adjust"},
        {"kind": "adjust", "rating": "full", "reason": "partial", "note": "the same"},
        {"kind": "adjust", "rating": "4", "reason": "partial", "note": "no rating of this questionnaire"},
        {"kind": "adjust", "rating": "none", "reason": "", "note": "why?"},
        {"kind": "adjust", "rating": "none", "reason": "because", "note": "why?"},
        {"kind": "adjust", "rating": "none", "reason": "partial", "note": " "},
        {"kind": "adjust", "rating": "none", "reason": "partial", "note": "\x00"},
        {"kind": "adjust", "rating": "none", "reason": "partial", "note": "x" * 2001},
        {"kind": "more", "question": ""},
        {"kind": "agree", "revision": "-1"},
        {"kind": "agree", "answer_revision": ""},
        {"kind": "agree", "revision": "9" * 30},
    ],
)
@pytest.mark.parametrize("by_script", [True, False])
def test_a_verdict_with_faults_is_told_and_keeps_what_was_typed(as_rita, reviewed, typed, by_script):
    headers = {"HX-Request": "true"} if by_script else {}

    response = as_rita.post(address("verdict", reviewed, "DS1.1.1"), form(**typed), headers=headers)

    page = response.content.decode()
    assert response.status_code == 422
    assert 'class="stop" role="alert"' in page
    if "why?" in str(typed):
        assert "why?" in page
    assert not Verdict.objects.exists()


def test_a_conflict_shows_both_and_saves_mine_when_it_is_sent_again(as_rita, reviewed, engagement, lena):
    adjust(reviewed, engagement, "DS1.1.1", "none", lena, note="Lena's words")
    mine = form(kind="adjust", rating="partly", reason="outdated", note="Rita's words")

    first = as_rita.post(address("verdict", reviewed, "DS1.1.1"), mine, headers={"HX-Request": "true"})
    page = first.content.decode()
    second = as_rita.post(address("verdict", reviewed, "DS1.1.1"), {**mine, "revision": 1})

    assert first.status_code == 409
    assert "Lena&#x27;s words" in page
    assert page.count("Rita&#x27;s words") == 2  # beside Lena's, and still in the form
    assert 'name="revision" value="1"' in page
    assert (second.status_code, Verdict.objects.get().note) == (302, "Rita's words")


def test_an_observer_looks_on(client, reviewed, engagement, otto):
    client.force_login(otto)

    page = client.get(address("review_item", reviewed, "DS1"))

    assert page.status_code == 200
    assert "hx-post" not in page.content.decode().split("data-reviewing")[1]
    assert client.post(address("verdict", reviewed, "DS1.1.1"), form()).status_code == 403
    assert not Verdict.objects.exists()


def test_members_are_led_to_where_they_answer(as_alice, reviewed):
    response = as_alice.get(address("review_item", reviewed, "DS1"))

    assert response.url == address("answer_item", reviewed, "DS1")


def test_evidence_opens_beside_the_answer(as_rita, reviewed, alice, globex, charlie):
    link = prove(reviewed, "DS1.1.1", alice, title="Data strategy")
    hidden = prove(reviewed, "DS1.1.1", alice, title="Salaries")
    Evidence.objects.filter(pk=hidden.evidence_id).update(confidentiality="confidential")

    shown = as_rita.get(address("review_evidence", reviewed, "DS1.1.1", link.evidence_id), headers={"HX-Request": "true"})
    elsewhere = as_rita.get(address("review_evidence", reviewed, "DS1.1.2", link.evidence_id))
    confidential = as_rita.get(address("review_evidence", reviewed, "DS1.1.1", hidden.evidence_id))

    assert "Data strategy" in shown.content.decode()
    assert (elsewhere.status_code, confidential.status_code) == (404, 404)
    assert "Salaries" not in as_rita.get(address("review_item", reviewed, "DS1")).content.decode()


@pytest.mark.parametrize("code", ["gbt36073-2025", "gbt36073-2018", "policy-actions"])
def test_the_review_page_costs_at_most_fifteen_queries(
    client, acme, alice, rita, lena, engagement, in_acme, code, django_assert_max_num_queries
):
    assessment = begin(acme, alice, code)
    answer_all(assessment, alice)
    put(assessment, State.IN_REVIEW)
    item = max(assessment.questionnaire.items, key=lambda item: len(getattr(item, "criteria", "x")))
    codes = [criterion.code for criterion in getattr(item, "criteria", [item])]
    for code in codes:
        link = prove(assessment, code, alice, title=f"Plan {code}")
        judge(assessment, engagement, code, AGREE, rita)
    say(assessment, codes[0], "none" if "." in codes[0] else "0", alice)
    EvidenceLink.objects.filter(pk=link.pk).delete()
    client.force_login(rita)
    client.get(address("review_item", assessment, item.code))

    with django_assert_max_num_queries(15):
        response = client.get(address("review_item", assessment, item.code))

    assert response.status_code == 200


def test_the_review_page_costs_the_same_with_much_on_it(as_rita, reviewed, engagement, alice, rita, django_assert_num_queries):
    place = address("review_item", reviewed, "DS1")
    prove(reviewed, "DS1.1.1", alice)
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita)
    as_rita.get(place)
    from django.db import connection  # noqa: PLC0415 - counted here only
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as one:
        as_rita.get(place)
    for code in list(cases(reviewed, rita))[1:]:
        prove(reviewed, code, alice, title=f"Plan {code}")
        judge(reviewed, engagement, code, AGREE, rita)

    with django_assert_num_queries(len(one)):
        as_rita.get(place)


def test_policy_actions_are_judged_on_their_anchors(as_rita, acme, alice, engagement, rita, in_acme):
    assessment = begin(acme, alice, "policy-actions")
    answer_all(assessment, alice)
    put(assessment, State.IN_REVIEW)
    code = assessment.questionnaire.items[0].code
    typed = form(kind="adjust", rating="2", reason="no_proof", note="Only a draft exists.")

    response = as_rita.post(address("verdict", assessment, code), typed, headers={"HX-Request": "true"})
    wrong = as_rita.post(address("verdict", assessment, code), form(kind="adjust", rating="full", reason="other", note="x"))

    assert (response.status_code, wrong.status_code) == (200, 422)
    assert Verdict.objects.get().rating == "2"
    assert as_rita.get(address("review", assessment)).status_code == 200
    assert as_rita.get(address("layers", assessment)).status_code == 200


# who sees what


def test_members_see_how_far_a_review_is_and_the_verdicts_once_it_is_returned(as_alice, reviewed, engagement, rita):
    adjust(reviewed, engagement, "DS1.1.1", "none", rita, note="Nothing is written down.")
    pages = [address("review", reviewed), address("layers", reviewed), address("answer_item", reviewed, "DS1")]

    during = [as_alice.get(page).content.decode() for page in pages]
    put(reviewed, State.RETURNED)
    after = [as_alice.get(page).content.decode() for page in pages]

    total = len(reviewed.questionnaire.item_of)
    assert not any("Nothing is written down." in page for page in during)
    assert f"1 / {total}" in during[0]
    assert ["Nothing is written down." in page for page in after] == [False, True, True]


def test_guests_of_two_firms_do_not_see_each_other(client, reviewed, engagement, acme, alice, rita, charlie):
    kind = Organization.Kind.CONSULTANCY
    oak = found_organization(name="Oak", slug="oak", kind=kind, by=charlie, at=NOON)
    other = engage(acme, oak, alice, [(charlie, TeamRole.LEAD)])
    adjust(reviewed, engagement, "DS1.1.1", "none", rita, note="Sage says so.")
    adjust(reviewed, other, "DS1.1.1", "partly", charlie, note="Oak says so.")
    client.force_login(charlie)

    for state in State:
        put(reviewed, state)
        for name, more in [("review", ()), ("layers", ()), ("review_item", ["DS1"]), ("answer_item", ["DS1"]),
                           ("verdict_history", ["DS1.1.1"]), ("review_changes", ())]:  # fmt: skip
            page = client.get(address(name, reviewed, *more)).content.decode()
            assert "Sage says so." not in page
            assert "Sage" not in page
    assert reviews_seen_by(place_of(charlie), reviewed) == [other]
    assert reviews_seen_by(place_of(alice), put(reviewed, State.RETURNED)) == [engagement, other]


def test_a_guest_reviews_what_the_engagement_covers(client, reviewed, acme, alice, engagement, rita):
    covered = begin(acme, alice, name="Another")
    type(engagement).objects.filter(pk=engagement.pk).update(covers_all=False)
    EngagementScope.objects.create(organization=acme, engagement=engagement, assessment=covered)
    client.force_login(rita)

    assert client.get(address("review", reviewed)).status_code == 404
    assert client.get(address("review_item", reviewed, "DS1")).status_code == 404
    assert client.post(address("verdict", reviewed, "DS1.1.1"), form()).status_code == 404
    assert client.get(address("review", covered)).status_code == 200


def test_the_end_of_the_engagement_closes_the_review(as_rita, reviewed, engagement, alice):
    assert as_rita.get(address("review_item", reviewed, "DS1")).status_code == 200

    end_engagement(engagement=engagement, by=alice, at=timezone.now())

    assert as_rita.get(address("review_item", reviewed, "DS1")).status_code == 404
    assert as_rita.post(address("verdict", reviewed, "DS1.1.1"), form()).status_code == 404


# the overview


def test_the_overview_puts_what_is_open_again_first(as_rita, reviewed, engagement, alice, rita):
    judge(reviewed, engagement, "DQ1.1.1", AGREE, rita)
    say(reviewed, "DQ1.1.1", "none", alice)

    page = as_rita.get(address("review", reviewed)).content.decode()

    again = page[page.index('id="again"') :]
    assert again.index("/review/items/DQ1/") < again.index("/review/items/DS1/") < again.index("/review/items/DS2/")


def test_the_overview_costs_the_same_with_much_on_it(as_rita, reviewed, engagement, alice, rita, django_assert_num_queries):
    from django.db import connection  # noqa: PLC0415 - counted here only
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    place = address("review", reviewed)
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita)
    as_rita.get(place)
    with CaptureQueriesContext(connection) as one:
        as_rita.get(place)
    for code in list(cases(reviewed, rita))[1:]:
        prove(reviewed, code, alice, title=f"Plan {code}")
        adjust(reviewed, engagement, code, "none" if code[-1] != "9" else "partly", rita)

    with django_assert_num_queries(len(one)):
        as_rita.get(place)


# returning


def test_a_return_lists_questions_adjustments_and_what_lacks_proof(reviewed, engagement, alice, rita):
    Answer.objects.filter(assessment=reviewed).exclude(criterion__code="DS1.2.2").update(rating="none")
    judge(reviewed, engagement, "DS1.1.1", MORE, rita, note="Which systems?")
    adjust(reviewed, engagement, "DS1.1.2", "full", rita, note="Better than that.")

    points = open_points(reviewed, engagement, TODAY)

    assert [(point.criterion.code, point.kind, point.text) for point in points] == [
        ("DS1.1.1", "more", "Which systems?"), ("DS1.1.2", "adjust", "Better than that."), ("DS1.2.2", "unproven", ""),
    ]  # fmt: skip


def test_the_enterprise_gets_the_list_and_ticks_it_off_by_answering(as_alice, reviewed, engagement, alice, rita):
    judge(reviewed, engagement, "DS1.1.1", MORE, rita, note="Which systems?")
    judge(reviewed, engagement, "DS1.1.2", MORE, rita, note="Who decides?")
    judge(reviewed, engagement, "DS1.2.2", MORE, rita, note="Since when?")
    points = [point for point in open_points(reviewed, engagement, TODAY) if point.kind == "more"]
    return_assessment(assessment=reviewed, note="Please add", points=points, engagement=engagement, by=rita, at=NOON)
    reviewed.refresh_from_db()
    say(reviewed, "DS1.1.1", "none", alice)
    prove(reviewed, "DS1.1.2", alice)

    asked = {row.code: row.done for row in asked_points(reviewed, place_of(alice))}
    pages = [as_alice.get(address(name, reviewed)).content.decode() for name in ("assessment", "board")]

    assert asked == {"DS1.1.1": True, "DS1.1.2": True, "DS1.2.2": False}
    assert reviewed.state_note == "Please add"
    for page in pages:
        assert "Since when?" in page
        assert "2 / 3" in page


def test_the_return_form_offers_every_open_point_ticked(as_rita, reviewed, engagement, rita):
    judge(reviewed, engagement, "DS1.1.1", MORE, rita, note="Which systems?")
    place = address("return_assessment", reviewed)

    page = as_rita.get(place).content.decode()
    unknown = as_rita.post(place, {"reason": "Please add", "point": ["DS1.1.1", "XX9.9.9"]})
    done = as_rita.post(place, {"reason": "Please add", "point": ["DS1.1.1"]})

    assert 'name="point" value="DS1.1.1" checked' in page
    assert (unknown.status_code, done.status_code) == (422, 302)
    point = ReturnPoint.objects.get()
    assert (point.kind, point.text, point.engagement, point.returned_by) == ("more", "Which systems?", engagement, rita)


def test_a_resubmission_shows_only_what_changed(as_rita, assessment, engagement, alice, in_acme):
    answer_all(assessment, alice)
    submit_assessment(assessment=assessment, by=alice, at=NOON)
    put(assessment, State.RETURNED)
    say(assessment, "DS1.1.1", "none", alice, note="Only a draft")
    prove(assessment, "DG1.1.1", alice, title="Charter")
    assessment.refresh_from_db()
    live = changes_since_last(assessment)
    submit_assessment(assessment=assessment, by=alice, at=LATER)
    assessment.refresh_from_db()

    changes = changes_since_last(assessment)

    found = [(item.code, [row.code for row in rows]) for item, rows in changes.items]
    assert found == [("DS1", ["DS1.1.1"]), ("DG1", ["DG1.1.1"])]
    assert [(item.code, len(rows)) for item, rows in live.items] == [("DS1", 1), ("DG1", 1)]
    first, second = changes.items[0][1][0], changes.items[1][1][0]
    assert (first.before["rating"], first.after["rating"], first.after["note"]) == ("full", "none", "Only a draft")
    assert second.added[0].startswith("Charter")
    page = as_rita.get(address("review_changes", assessment)).content.decode()
    assert "Only a draft" in page
    assert assessment.questionnaire.criterion_by_code["DS1.1.1"].text.zh in unescape(page)
    assert "DS1.1.2" not in page


def test_resubmitting_tells_the_team(assessment, engagement, alice, lena, rita, otto, in_acme):
    answer_all(assessment, alice)

    submit_assessment(assessment=assessment, by=alice, at=NOON)

    assert {mail.to for mail in QueuedMail.objects.filter(subject__contains=assessment.name)} == {lena.email, rita.email}


def test_undecided_is_what_nobody_judged_to_the_end(reviewed, engagement, alice, rita):
    every = list(reviewed.questionnaire.item_of)
    judge(reviewed, engagement, every[0], AGREE, rita)
    adjust(reviewed, engagement, every[1], "none", rita)
    judge(reviewed, engagement, every[2], MORE, rita, note="Which?")
    judge(reviewed, engagement, every[3], AGREE, rita)
    say(reviewed, every[3], "none", alice)

    assert undecided_codes(reviewed, engagement) == every[2:]
    assert undecided_codes(reviewed) == every[2:]
    assert Assessment.objects.get(pk=reviewed.pk).state == State.IN_REVIEW
