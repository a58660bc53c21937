import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import Answer, Assessment, BlindRating, Layer, PanelItem, PanelRater, Standing, Verdict
from assessments.operations.answering import Said, save_answer
from assessments.operations.holding import Closed
from assessments.operations.panel import (
    AlreadyFinished,
    NotAllRated,
    NotRevealed,
    RatedMeanwhile,
    Revealed,
    TooFewRaters,
    call_panel,
    finish_rating,
    rate_again,
    reveal_panel,
    save_blind_rating,
    settle_criterion,
    settle_unanimous,
)
from assessments.operations.reviewing import AnsweredSince, JudgedMeanwhile
from assessments.queries.criteria import criteria_by_code
from assessments.queries.panel import Spread, ballots_of, most_disputed_first
from organizations.models import ActivityEntry, QueuedMail, TeamRole, User
from organizations.operations.membership import found_organization
from tests.conftest import NOON, begin, engage

HTMX = {"HX-Request": "true"}
ITEM = "DS1"


@pytest.fixture
def reviewed(assessment, acme):
    return set_state(assessment, acme, Assessment.State.IN_REVIEW)


@pytest.fixture
def panel(reviewed, engagement, acme, lena, rita):
    with scope(organization=acme):
        return call(reviewed, engagement, [ITEM], [lena, rita], lena)[0]


def set_state(assessment, organization, state):
    with scope(organization=organization):
        Assessment.objects.filter(pk=assessment.pk).update(state=state)
    assessment.state = state
    return assessment


def call(assessment, engagement, items, raters, by):
    return call_panel(engagement=engagement, assessment=assessment, item_codes=items, raters=raters, by=by, at=NOON)


def codes_of(panel):
    return [criterion.code for criterion in panel.assessment.questionnaire.item_by_code[panel.item_code].criteria]


def criterion(panel, code):
    return criteria_by_code(panel.assessment.version)[code]


def place(panel, user):
    row = PanelRater.objects.get(panel=panel, user=user)
    row.panel = panel
    return row


def rate(panel, user, code, rating, note="", read=0):
    return save_blind_rating(
        rater=place(panel, user),
        criterion=criterion(panel, code),
        rating=rating,
        note=note,
        read_revision=read,
        by=user,
        at=NOON,
    )


def rate_all(panel, user, rating="partly", note="", finish=True):
    for code in codes_of(panel):
        rate(panel, user, code, rating, note)
    if finish:
        finish_rating(rater=place(panel, user), by=user, at=NOON)


def answer(assessment, organization, by, code, rating, note="", read=0):
    with scope(organization=organization):
        state = Assessment.objects.get(pk=assessment.pk).state
        set_state(assessment, organization, Assessment.State.ANSWERING)
        save_answer(
            assessment=assessment,
            criterion=criteria_by_code(assessment.version)[code],
            said=Said(rating, "", note),
            read_revision=read,
            by=by,
            at=NOON,
        )
        set_state(assessment, organization, state)


def settle(panel, code, rating, by, reason="", note="", answer_revision=0, read=0):
    return settle_criterion(
        panel=panel,
        criterion=criterion(panel, code),
        rating=rating,
        reason=reason,
        note=note,
        answer_revision=answer_revision,
        read_revision=read,
        by=by,
        at=NOON,
    )


class During:
    """Does something once, right after the first statement with these words: what a colleague does at the same moment."""

    def __init__(self, words, act):
        self.words, self.act, self.done = words, act, False

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if self.words in sql and not self.done:
            self.done = True
            self.act()
        return result


def signed_in(person):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person)
    return client


def address(panel, name="panel", *more):
    kept = [] if name == "panels" else [panel.pk]
    return reverse(name, args=["acme", panel.assessment_id, *kept, *more])


# ---- calling


def test_a_panel_needs_two_who_may_review(reviewed, engagement, in_acme, lena, rita, otto):
    for raters in ([lena], [lena, lena], [lena, otto]):
        with pytest.raises(TooFewRaters):
            call(reviewed, engagement, [ITEM], raters, lena)

    assert not PanelItem.objects.exists()


def test_whoever_is_called_gets_one_mail_and_the_trail_a_line_per_item(reviewed, engagement, in_acme, lena, rita):
    call(reviewed, engagement, ["DS1", "DG1"], [lena, rita], lena)

    (mail,) = QueuedMail.objects.filter(subject__contains="DS1, DG1")
    assert mail.to == rita.email
    assert ActivityEntry.objects.filter(verb="panel.called").count() == 2


def test_an_item_that_has_a_panel_keeps_it(panel, engagement, in_acme, lena, rita):
    assert call(panel.assessment, engagement, [ITEM], [lena, rita], lena) == []


@pytest.mark.parametrize("state", [state for state in Assessment.State if state not in ("in_review", "returned")])
def test_only_what_is_reviewed_takes_a_panel(reviewed, engagement, in_acme, lena, rita, state):
    set_state(reviewed, in_acme, state)

    with pytest.raises(Closed):
        call(reviewed, engagement, [ITEM], [lena, rita], lena)


# ---- blind


def test_ratings_are_kept_by_rater_and_the_same_again_does_no_harm(panel, in_acme, lena, rita):
    rate(panel, lena, "DS1.1.1", "full", "plan seen")
    again = rate(panel, lena, "DS1.1.1", "full", "plan seen", read=0)
    rate(panel, rita, "DS1.1.1", "none")

    assert again.revision == 1
    assert sorted(BlindRating.objects.values_list("rating", flat=True)) == ["full", "none"]


def test_a_rating_saved_elsewhere_is_not_written_over(panel, in_acme, lena):
    rate(panel, lena, "DS1.1.1", "full")
    with pytest.raises(RatedMeanwhile) as error:
        rate(panel, lena, "DS1.1.1", "none", read=0)

    assert error.value.current.rating == "full"


def test_finishing_needs_all_and_the_last_one_opens_the_ratings(panel, in_acme, lena, rita):
    rate(panel, lena, "DS1.1.1", "full")
    with pytest.raises(NotAllRated) as error:
        finish_rating(rater=place(panel, lena), by=lena, at=NOON)
    assert error.value.codes == codes_of(panel)[1:]

    for code in codes_of(panel)[1:]:
        rate(panel, lena, code, "full")
    finish_rating(rater=place(panel, lena), by=lena, at=NOON)
    with pytest.raises(AlreadyFinished):
        rate(panel, lena, "DS1.1.1", "none", read=1)
    rate_again(rater=place(panel, lena), by=lena, at=NOON)
    rate(panel, lena, "DS1.1.1", "none", read=1)
    finish_rating(rater=place(panel, lena), by=lena, at=NOON)
    panel.refresh_from_db()
    assert panel.revealed_at is None

    rate_all(panel, rita)
    panel.refresh_from_db()
    assert panel.revealed_at == NOON


def test_nothing_changes_once_the_ratings_are_open(panel, in_acme, lena, rita):
    rate(panel, rita, "DS1.1.1", "full")
    reveal_panel(panel=panel, by=lena, at=NOON)

    with pytest.raises(Revealed):
        rate(panel, rita, "DS1.1.1", "none", read=1)
    with pytest.raises(Revealed):
        finish_rating(rater=place(panel, rita), by=rita, at=NOON)


def test_nobody_sees_anothers_rating_before_it_is_open(panel, acme, alice, lena, rita, otto):
    """On no page of the panel, as whoever; note and rating are looked for, and found once it is open."""
    with scope(organization=acme):
        rate_all(panel, rita, "largely", note="RITA-SAYS", finish=True)
        rate(panel, lena, "DS1.1.1", "none", note="LENA-SAYS")
    codes, found = codes_of(panel), []
    for person in (lena, otto, alice):
        client = signed_in(person)
        for path in (
            address(panel),
            address(panel, "panels"),
            reverse("answer_item", args=["acme", panel.assessment_id, ITEM]),
        ):
            found.append(client.get(path).content.decode())
        body = {"rating": "full", "note": "", "revision": 0}
        found.append(client.post(address(panel, "rate_blind", codes[1]), body, headers=HTMX).content.decode())
        found.append(client.post(address(panel, "rate_blind", codes[1]), body).content.decode())
        found.append(client.post(address(panel, "settle_criterion", codes[1]), body, follow=True).content.decode())

    assert not [page for page in found if "RITA-SAYS" in page]
    assert 'value="largely" data-key="2" checked' not in "".join(found)
    assert "LENA-SAYS" in found[0]
    own = signed_in(rita).get(address(panel)).content.decode()
    assert "RITA-SAYS" in own
    assert "LENA-SAYS" not in own

    signed_in(lena).post(address(panel, "reveal_panel"))
    for person in (lena, rita, otto):
        page = signed_in(person).get(address(panel)).content.decode()
        assert "RITA-SAYS" in page
        assert "LENA-SAYS" in page


def test_the_own_rating_and_the_verdict_are_not_on_the_raters_page(panel, acme, alice, engagement, lena, rita):
    answer(panel.assessment, acme, alice, "DS1.1.1", "full", "NOTE-OF-ACME")

    page = signed_in(rita).get(address(panel)).content.decode()

    assert "NOTE-OF-ACME" in page
    assert '" checked' not in page


def test_observers_see_what_comes_of_a_panel_and_nothing_before(panel, acme, otto, lena, rita):
    watching = signed_in(otto)
    with scope(organization=acme):
        rate(panel, rita, "DS1.1.1", "full", "RITA-SAYS")
    page = watching.get(address(panel)).content.decode()
    assert "The raters are at work." in page
    assert not [word for word in ("Rita", "Lena", "RITA-SAYS", "DS1.1.1") if word in page]
    assert ITEM not in watching.get(address(panel, "panels")).content.decode().split("</nav>")[-1]

    signed_in(lena).post(address(panel, "reveal_panel"))

    assert watching.get(address(panel)).status_code == 200
    assert "settle_criterion" not in watching.get(address(panel)).content.decode()
    assert watching.post(address(panel, "settle_unanimous")).status_code == 403


def test_the_enterprise_and_other_firms_do_not_see_the_panel(panel, acme, alice, lena):
    stranger = User.objects.create_user("sam@oak.example", name="Sam")
    oak = found_organization(name="Oak", slug="oak", by=stranger, at=NOON)
    engage(acme, oak, alice, [(stranger, TeamRole.LEAD)])
    signed_in(lena).post(address(panel, "reveal_panel"))

    assert signed_in(alice).get(address(panel)).status_code == 403
    assert signed_in(stranger).get(address(panel)).status_code == 404
    assert signed_in(stranger).post(address(panel, "settle_unanimous")).status_code == 404


# ---- on the page


def test_saving_says_so_and_the_header_names_the_revision(panel, acme, rita):
    response = signed_in(rita).post(
        address(panel, "rate_blind", "DS1.1.1"), {"rating": "largely", "note": "n", "revision": 0}, headers=HTMX
    )

    assert response["X-Saved"] == "DS1.1.1 1"
    assert "✓" in response.content.decode()


def test_a_second_tab_is_asked_which_one_stands(panel, acme, rita):
    client, path = signed_in(rita), address(panel, "rate_blind", "DS1.1.1")
    client.post(path, {"rating": "largely", "note": "", "revision": 0}, headers=HTMX)

    response = client.post(path, {"rating": "none", "note": "mine", "revision": 0}, headers=HTMX)

    assert response.status_code == 409
    assert "X-Closed" not in response
    assert 'data-take="theirs" data-rating="largely"' in response.content.decode()
    assert 'name="revision" value="1"' in response.content.decode()


def test_who_is_not_on_the_panel_rates_nothing(panel, engagement, acme, sage, lena, rita):
    extra = User.objects.create_user("remo@sage.example", name="Remo")
    with scope(organization=acme):
        PanelRater.objects.filter(panel=panel, user=rita).update(user=extra)

    response = signed_in(rita).post(address(panel, "rate_blind", "DS1.1.1"), {"rating": "full", "revision": 0}, headers=HTMX)

    assert response.status_code == 403
    assert response["X-Refused"]


def test_too_late_is_final_for_the_queue(panel, acme, lena, rita):
    signed_in(lena).post(address(panel, "reveal_panel"))

    response = signed_in(rita).post(address(panel, "rate_blind", "DS1.1.1"), {"rating": "full", "revision": 0}, headers=HTMX)

    assert response.status_code == 409
    assert response["X-Closed"]


def test_a_rating_that_the_question_does_not_take_is_refused_with_words(panel, acme, rita):
    response = signed_in(rita).post(address(panel, "rate_blind", "DS1.1.1"), {"rating": "4", "revision": 0}, headers=HTMX)

    assert response.status_code == 422
    assert "This is no rating of this question." in response.content.decode()


def queries_of(client, path) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_the_rating_page_costs_the_same_before_and_after_rating(panel, acme, rita):
    client, path = signed_in(rita), address(panel)
    queries_of(client, path)
    before = queries_of(client, path)
    with scope(organization=acme):
        rate_all(panel, rita, finish=False)

    assert queries_of(client, path) == before <= 16


def test_the_list_and_the_consensus_cost_the_same_with_one_and_with_many(panel, engagement, acme, lena, rita):
    client, places = signed_in(lena), (address(panel, "panels"), address(panel))
    client.post(address(panel, "reveal_panel"))
    few = [queries_of(client, path) for path in places]
    with scope(organization=acme):
        PanelItem.objects.update(revealed_at=None)
        rate_all(panel, lena)
        rate_all(panel, rita)
        call(panel.assessment, engagement, ["DG1", "DG2", "DG3"], [lena, rita], lena)

    assert [queries_of(client, path) for path in places] == few


# ---- settling


def test_agreeing_with_the_enterprise_is_an_agreement_and_anything_else_an_adjustment(panel, acme, alice, lena, rita):
    answer(panel.assessment, acme, alice, "DS1.1.1", "full")
    with scope(organization=acme):
        reveal_panel(panel=panel, by=lena, at=NOON)
        same = settle(panel, "DS1.1.1", "full", lena, answer_revision=1)
        other = settle(panel, "DS1.1.2", "partly", lena, reason="no_proof", note="Only a draft.")

        assert (same.layer, same.kind, same.answer_revision) == (Layer.PANEL, Verdict.Kind.AGREE, 1)
        assert (other.kind, other.reason, other.note) == (Verdict.Kind.ADJUST, "no_proof", "Only a draft.")
        assert other.revisions.count() == 1
        assert Standing.objects.filter(layer=Layer.PANEL, part=ITEM, engagement=panel.engagement_id).get().answered == 2


def test_settling_looks_at_what_stands_there(panel, acme, alice, lena):
    with scope(organization=acme):
        with pytest.raises(NotRevealed):
            settle(panel, "DS1.1.1", "full", lena)
        reveal_panel(panel=panel, by=lena, at=NOON)
        settle(panel, "DS1.1.1", "full", lena, reason="other", note="Shown in the meeting.")
        with pytest.raises(JudgedMeanwhile):
            settle(panel, "DS1.1.1", "none", lena, reason="other", note="No.")
    answer(panel.assessment, acme, alice, "DS1.1.1", "partly")
    with scope(organization=acme):
        with pytest.raises(AnsweredSince):
            settle(panel, "DS1.1.1", "none", lena, reason="other", note="No.", read=1)
        assert ballots_of(panel.assessment, PanelItem.objects.get())[0].is_open_again


def test_all_unanimous_ones_are_settled_at_once(panel, acme, alice, lena, rita):
    codes = codes_of(panel)
    for code in codes[:4]:
        answer(panel.assessment, acme, alice, code, "full" if code == codes[0] else "partly")
    with scope(organization=acme):
        for code in codes:
            rate(panel, lena, code, "full")
            rate(panel, rita, code, "none" if code == codes[2] else "full")
        for person in (lena, rita):
            finish_rating(rater=place(panel, person), by=person, at=NOON)
    answer(panel.assessment, acme, alice, codes[3], "none", read=1)
    with scope(organization=acme):
        alone = settle_unanimous(panel=panel, by=lena, at=NOON)
        rest = settle_unanimous(panel=panel, reason="modest", note="Better than said.", by=lena, at=NOON)
        settled = dict(Verdict.objects.filter(layer=Layer.PANEL).values_list("criterion__code", "kind"))

    assert (alone, rest) == (1, len(codes) - 3)  # without the disputed one and the one that changed
    assert settled[codes[0]] == Verdict.Kind.AGREE
    assert set(settled) == set(codes) - {codes[2], codes[3]}


def test_an_adjustment_without_reason_and_note_is_refused_with_words(panel, acme, lena):
    client = signed_in(lena)
    client.post(address(panel, "reveal_panel"))

    response = client.post(
        address(panel, "settle_criterion", "DS1.1.1"), {"rating": "full", "revision": 0, "answer_revision": 0}
    )

    assert response.status_code == 422
    assert "Please choose why it differs from the self-assessment." in response.content.decode()


def test_settling_on_the_page(panel, acme, lena):
    client = signed_in(lena)
    client.post(address(panel, "reveal_panel"))
    body = {"rating": "partly", "reason": "no_proof", "note": "Draft only", "revision": 0, "answer_revision": 0}

    response = client.post(address(panel, "settle_criterion", "DS1.1.1"), body, follow=True)

    assert "DS1.1.1 is settled." in response.content.decode()
    with scope(organization=acme):
        assert Verdict.objects.get(layer=Layer.PANEL).rating == "partly"


def test_what_is_called_off_meanwhile_is_not_found(panel, acme, lena, rita):
    """The lead calls the panel off between the page's own look at it and the act."""
    calling_off = During("SELECT state", panel.delete)
    client = signed_in(rita)
    with connection.execute_wrapper(calling_off):
        late = client.post(address(panel, "rate_blind", "DS1.1.1"), {"rating": "full", "revision": 0})

    assert calling_off.done
    assert late.status_code == 404


def test_final_locks_the_panel(panel, acme, lena, rita):
    set_state(panel.assessment, acme, Assessment.State.FINAL)

    for name, more in (("rate_blind", ["DS1.1.1"]), ("settle_criterion", ["DS1.1.1"])):
        assert signed_in(lena).post(address(panel, name, *more), {"rating": "full", "revision": 0}).status_code == 409
    for name in ("finish_rating", "reveal_panel", "withdraw_panel", "settle_unanimous"):
        assert signed_in(lena).post(address(panel, name)).status_code == 409
    with scope(organization=acme):
        for act in (
            lambda: rate(panel, rita, "DS1.1.1", "full"),
            lambda: finish_rating(rater=place(panel, rita), by=rita, at=NOON),
            lambda: reveal_panel(panel=panel, by=lena, at=NOON),
            lambda: settle(panel, "DS1.1.1", "full", lena),
            lambda: settle_unanimous(panel=panel, by=lena, at=NOON),
        ):
            with pytest.raises(Closed):
                act()


def test_policy_actions_have_panels_too(acme, alice, engagement, lena, rita):
    actions = set_state(begin(acme, alice, "policy-actions"), acme, Assessment.State.IN_REVIEW)
    code = actions.questionnaire.items[0].code
    answer(actions, acme, alice, code, "2")
    with scope(organization=acme):
        (panel,) = call(actions, engagement, [code], [lena, rita], lena)
    for person, rating in ((lena, "1"), (rita, "3")):
        client = signed_in(person)
        client.post(address(panel, "rate_blind", code), {"rating": rating, "note": "", "revision": 0})
        page = client.post(address(panel, "finish_rating"), follow=True).content.decode()

    assert "spread 0.50" in page
    with scope(organization=acme):
        assert Answer.objects.get(assessment=actions).rating == "2"


# ---- the spread


@pytest.mark.parametrize(
    ("ratings", "width", "same", "is_equal", "is_between"),
    [
        pytest.param(("full", "full"), 0, 2, True, False, id="equal"),
        pytest.param(("full", "none", "full"), 1, 2, False, False, id="wide"),
        pytest.param(("full", "na"), None, 1, False, True, id="applies or not"),
        pytest.param(("na", "na"), None, 2, True, False, id="neither applies"),
        pytest.param(("1", "4"), 0.75, 1, False, False, id="anchors"),
        pytest.param(("full",), None, 1, False, False, id="one alone"),
        pytest.param((), None, 0, False, False, id="nobody"),
    ],
)
def test_the_spread(ratings, width, same, is_equal, is_between):
    spread = Spread(ratings)

    assert (spread.width, spread.same, spread.is_equal, spread.is_between) == (width, same, is_equal, is_between)


def test_the_most_disputed_stand_first(panel, in_acme, lena, rita):
    codes = codes_of(panel)
    for code, theirs in zip(codes, ("full", "largely", "na", "none"), strict=False):
        rate(panel, lena, code, "full")
        rate(panel, rita, code, theirs)
    reveal_panel(panel=panel, by=lena, at=NOON)
    panel.refresh_from_db()

    order = [row.code for row in most_disputed_first(ballots_of(panel.assessment, panel))]

    assert order[:3] == [codes[2], codes[3], codes[1]]
    assert order[-1] == codes[0]
