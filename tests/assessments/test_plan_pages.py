"""The improvement plan on screen: every page in every role's view, the what-if, closing by two, undo, and stale edits."""

import re
from datetime import date, timedelta
from fractions import Fraction
from time import perf_counter

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from assessments.models import ActionClosing, ActionComment, EngagementScope, Evidence, ImprovementAction, PlanSetting
from assessments.operations.evidence import Address, Description, add_evidence
from assessments.operations.plan_reminding import remind_of_actions, render_due_actions
from assessments.operations.planning import add_action, ask_to_close, confirm_closing, suggest_actions
from assessments.queries.plan_reading import closings_of, known_people
from assessments.queries.planning import preview_closing, setting_of
from assessments.scoring import show
from assessments.views.plan_rows import A_PAGE
from organizations.models import QueuedMail, Role, TeamRole
from organizations.operations.membership import add_member
from tests.conftest import NOON, begin, engage

Status = ImprovementAction.Status
PAGES = ("plan", "plan_timeline", "plan_board", "plan_calendar", "plan_settings")


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def planned(assessment, in_acme, alice, eve):
    """Three actions: the second waits for the first, which is Eve's; the third is nobody's and raises nothing."""
    first = add_action(
        assessment=assessment, title="Write the strategy", codes=["DS1.1.1", "DS1.2.1"], lead="data_office", owner=eve,
        days=4, weeks=2, due_on=date(2026, 12, 1), by=alice, at=NOON,
    )  # fmt: skip
    second = add_action(
        assessment=assessment, title="Train the people", codes=["DS2.1.1"], days=6, weeks=4, needs=[1], by=alice, at=NOON
    )
    third = add_action(assessment=assessment, title="=Celebrate & <b>rest</b>", by=alice, at=NOON)
    return [first, second, third]


@pytest.fixture
def piece(in_acme, alice):
    description = Description(title="Minutes of the board")
    return add_evidence(
        organization=in_acme, description=description, content=Address("https://acme.example/m"), by=alice, at=NOON
    )


def signed_in(person) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def at(name, assessment, *parts):
    return reverse(name, args=[assessment.organization.slug, assessment.pk, *parts])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def prove(client, assessment, action, piece):
    return client.post(at("prove_action", assessment, action.pk), {"evidence": piece.pk, "place": "p. 2"})


def test_without_a_plan_there_is_one_thing_to_do(assessment, in_acme, alice, bob):
    owners, looker = (text_of(signed_in(person).get(at("plan", assessment))) for person in (alice, bob))

    assert "Suggest actions" in owners
    assert owners.count("btn-primary") == 1
    assert "Suggest actions" not in looker
    assert "There is no plan yet" in looker


def test_without_a_target_the_plan_asks_for_one(acme, alice):
    assessment = begin(acme, alice, target=None)

    assert "Set a target" in text_of(signed_in(alice).get(at("plan", assessment)))


@pytest.mark.parametrize(("scope_of", "merge"), [("path", "on"), ("path", ""), ("gaps", "on")])
def test_gaps_become_actions(assessment, in_acme, alice, scope_of, merge):
    client = signed_in(alice)

    response = client.post(at("suggest_actions", assessment), {"scope": scope_of, "merge": merge}, follow=True)

    count = ImprovementAction.objects.filter(assessment=assessment).count()
    assert count > 5
    assert f"{count} actions were added." in text_of(response)
    again = client.post(at("suggest_actions", assessment), {"scope": scope_of, "merge": merge}, follow=True)
    assert "Nothing was added" in text_of(again)
    assert ImprovementAction.objects.filter(assessment=assessment).count() == count


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_for_members_and_guests(planned, assessment, alice, bob, eve, lena, otto, engagement, name):
    for person in (alice, bob, eve, lena, otto):
        response = signed_in(person).get(at(name, assessment))

        assert response.status_code == 200
        assert "<b>rest" not in response.content.decode()


def test_the_table_says_what_is_planned(planned, assessment, bob):
    page = text_of(signed_in(bob).get(at("plan", assessment)))

    assert "Write the strategy" in page
    assert "=Celebrate &amp; &lt;b&gt;rest&lt;/b&gt;" in page
    assert "2026-12-01" in page
    assert page.count('type="checkbox" name="on"') == page.count("checked disabled") == 3


@pytest.mark.parametrize("group", ["steps", "quarter", "domain", "owner", "status", "none", "nonsense"])
@pytest.mark.parametrize("sort", ["priority", "gain", "days", "due", "number"])
def test_the_table_is_grouped_and_sorted(planned, assessment, alice, group, sort):
    response = signed_in(alice).get(at("plan", assessment), {"group": group, "sort": sort})

    groups = response.context["groups"]
    assert sorted(row.row.number for entry in groups for row in entry.rows) == [1, 2, 3]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"q": "train"}, [2]),
        ({"q": "DS1.2"}, [1]),
        ({"owner": "none"}, [2, 3]),
        ({"domain": "DS"}, [1, 2]),
        ({"status": "doing"}, []),
        ({"q": "nowhere"}, []),
    ],
)
def test_the_table_is_filtered(planned, assessment, alice, query, numbers):
    response = signed_in(alice).get(at("plan", assessment), query)

    assert sorted(row.row.number for entry in response.context["groups"] for row in entry.rows) == numbers
    assert ("No action fits" in text_of(response)) == (not numbers)


def test_what_is_due_is_found_by_its_day(planned, assessment, alice):
    today = timezone.localdate()
    for action, days in zip(planned, (-1, 30, 31), strict=True):
        ImprovementAction.objects.filter(pk=action.pk).update(due_on=today + timedelta(days=days))

    def numbers(due):
        groups = signed_in(alice).get(at("plan", assessment), {"due": due}).context["groups"]
        return [row.row.number for entry in groups for row in entry.rows]

    assert numbers("late") == [1]
    assert numbers("soon") == [2]


def test_a_long_plan_is_shown_in_pages(assessment, in_acme, alice):
    for n in range(A_PAGE + 1):
        add_action(assessment=assessment, title=f"No. {n}", codes=[], days=1, by=alice, at=NOON)
    client, url = signed_in(alice), at("plan", assessment)

    first, second = client.get(url, {"group": "none"}), client.get(url, {"group": "none", "page": "2"})

    assert [len(page.context["groups"][0].shown) for page in (first, second)] == [A_PAGE, 1]
    assert first.context["groups"][0].days == second.context["groups"][0].days == A_PAGE + 1
    assert second.context["shown"] == [A_PAGE + 1]  # what is switched is what the page shows
    assert "101–101 of 101" in text_of(second)
    assert "page=2" in text_of(first)


def test_quick_choices_say_how_many(planned, assessment, eve):
    page = signed_in(eve).get(at("plan", assessment), {"sort": "due"})

    found = {row.label: (row.count, row.query) for row in page.context["quick"]}
    assert found["All actions"] == (3, "sort=due")
    assert found["My actions"] == (1, f"sort=due&owner={eve.pk}")
    assert "To be confirmed" not in found


def test_switching_answers_with_the_new_total(planned, assessment, alice):
    client, url = signed_in(alice), at("switch_actions", assessment)

    begun = perf_counter()
    less = client.post(url, {"shown": "1,2,3", "on": ["2"]}, headers={"hx-request": "true"})
    print(f"what-if: {(perf_counter() - begun) * 1000:.0f} ms")
    more = client.post(url, {"shown": "1,2,3", "on": ["1", "2"]}, headers={"hx-request": "true"})

    after = [response.context["what_if"].after.score for response in (less, more)]
    assert after[0] < after[1]
    assert "1 of 3 open actions count" in text_of(less)
    assert show(after[1]) in text_of(more)
    assert [row.is_on for row in ImprovementAction.objects.order_by("number")] == [True, True, False]


def test_switching_leaves_what_the_page_did_not_show(planned, assessment, alice):
    signed_in(alice).post(at("switch_actions", assessment), {"shown": "2", "on": []})

    assert [row.is_on for row in ImprovementAction.objects.order_by("number")] == [True, False, True]


def test_a_new_action_is_written_and_changed(planned, assessment, alice, eve, data_office):
    client = signed_in(alice)
    words = {
        "title": "Appoint stewards", "text": "One per domain", "lead": "business", "owner": eve.pk,
        "department": data_office.pk, "days": "2.5", "weeks": 3, "starts_on": "2026-12-01", "due_on": "2027-01-15",
        "quarter": "2026Q4", "needs": "1、2", "codes": ["DG1.1.1"],
    }  # fmt: skip

    response = client.post(at("new_action", assessment), words)

    action = ImprovementAction.objects.get(number=4)
    assert response["Location"] == at("action", assessment, action.pk)
    page = text_of(client.get(response["Location"]))
    for said in ("Appoint stewards", "One per domain", "2027-01-15", "Eve", "Data office", "DG1.1.1", "Write the strategy"):
        assert said in page
    words |= {"title": "Appoint data stewards", "revision": 1, "needs": "", "codes": []}
    client.post(at("edit_action", assessment, action.pk), words)
    action.refresh_from_db()
    assert (action.title, action.revision, action.aims.count(), action.needs.count()) == ("Appoint data stewards", 2, 0, 0)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "This field is required"),
        ("needs", "one", "write the numbers of actions"),
        ("needs", "99", "no action 99"),
        ("days", "-1", "greater than or equal to 0"),
        ("due_on", "2026-11-01", "cannot be due before it begins"),
        ("codes", "XX9.9.9", "XX9.9.9"),
        ("quarter", "1999Q1", "1999Q1"),
    ],
)
def test_what_is_wrong_is_said(planned, assessment, alice, field, value, said):
    words = {"title": "T", "days": "1", "weeks": "1", "starts_on": "2026-12-01", "due_on": "", field: value}

    response = signed_in(alice).post(at("new_action", assessment), words)

    assert response.status_code == 422
    assert said in text_of(response)
    assert ImprovementAction.objects.count() == 3


def test_a_ring_is_refused_in_words(planned, assessment, alice):
    words = {"title": "T", "days": "1", "weeks": "1", "needs": "2", "revision": 1}

    response = signed_in(alice).post(at("edit_action", assessment, planned[0].pk), words)

    assert response.status_code == 422
    assert "Actions 1, 2 would wait for each other" in text_of(response)


def test_criteria_are_found_by_words_without_saving(planned, assessment, alice):
    words = {"title": "Kept", "days": "1", "weeks": "1", "revision": 1, "codes": ["DS1.1.1"], "q": "DS1.3", "act": "find"}

    response = signed_in(alice).post(at("edit_action", assessment, planned[0].pk), words)

    page = text_of(response)
    assert response.status_code == 200
    assert 'value="Kept"' in page
    assert 'name="codes" value="DS1.1.1" checked' in page
    assert 'name="codes" value="DS1.3.1">' in page
    planned[0].refresh_from_db()
    assert planned[0].title == "Write the strategy"


def test_a_stale_edit_shows_both_and_loses_neither(planned, assessment, alice):
    client, url = signed_in(alice), at("edit_action", assessment, planned[0].pk)
    words = {"days": "1", "weeks": "1", "revision": 1, "codes": ["DS1.1.1", "DS1.2.1"]}
    client.post(url, {**words, "title": "Theirs"})

    response = client.post(url, {**words, "title": "Mine"})

    page = text_of(response)
    assert response.status_code == 409
    assert "<td>Theirs</td><td>Mine</td>" in page
    assert 'value="Mine"' in page
    planned[0].refresh_from_db()
    assert planned[0].title == "Theirs"
    client.post(url, {**words, "title": "Mine", "revision": 2})
    planned[0].refresh_from_db()
    assert planned[0].title == "Mine"


def test_settings_price_the_plan_and_refuse_a_stale_change(planned, assessment, alice):
    client, url = signed_in(alice), at("plan_settings", assessment)
    words = {"starts_on": "2026-12-07", "parallel": 2, "currency": "CNY", "revision": 0, "rate_data_office": "1500"}

    client.post(url, words)

    assert "6,000" in text_of(client.get(at("plan", assessment)))
    stale = client.post(url, {**words, "parallel": 4})
    assert stale.status_code == 409
    assert "Somebody changed these settings" in text_of(stale)
    assert PlanSetting.objects.get().parallel == 2
    assert client.post(url, {**words, "revision": 1, "currency": "yuan"}).status_code == 422


def test_what_is_removed_can_be_brought_back(planned, assessment, alice):
    client = signed_in(alice)

    gone = client.post(at("remove_action", assessment, planned[2].pk), follow=True)

    assert "is out of the plan" in text_of(gone)
    assert [row.row.number for entry in gone.context["groups"] for row in entry.rows] != [1, 2, 3]
    client.post(at("restore_action", assessment, planned[2].pk))
    planned[2].refresh_from_db()
    assert planned[2].removed_at is None


def test_merging_is_undone(planned, assessment, alice):
    client = signed_in(alice)
    assert client.post(at("merge_actions", assessment), {"number": ["1"], "title": "One"}).status_code == 422

    merged = client.post(at("merge_actions", assessment), {"number": ["1", "2"], "title": "Both"}, follow=True)

    assert "Merged into action 4" in text_of(merged)
    one = ImprovementAction.objects.get(number=4)
    assert one.aims.count() == 3
    client.post(at("unmerge_action", assessment, one.pk))
    left = ImprovementAction.objects.filter(removed_at=None).order_by("number")
    assert [row.number for row in left] == [1, 2, 3]


def test_merging_more_than_one_action_holds_is_refused(planned, assessment, alice):
    ImprovementAction.objects.filter(pk=planned[0].pk).update(text="a" * 3999)
    ImprovementAction.objects.filter(pk=planned[1].pk).update(text="b")

    refused = signed_in(alice).post(at("merge_actions", assessment), {"number": ["1", "2"], "title": "Both"})

    assert refused.status_code == 422
    assert "more than 4000 characters" in text_of(refused)
    assert list(ImprovementAction.objects.filter(removed_at=None).order_by("number").values_list("number", flat=True)) == [
        1,
        2,
        3,
    ]


def test_the_board_moves_actions(planned, assessment, eve):
    client = signed_in(eve)

    response = client.post(at("set_action_status", assessment, planned[0].pk), {"status": "doing", "back": "board"})

    assert response["Location"] == at("plan_board", assessment)
    planned[0].refresh_from_db()
    assert planned[0].status == Status.DOING
    client.post(at("set_action_status", assessment, planned[0].pk), {"status": "closed"})
    planned[0].refresh_from_db()
    assert planned[0].status == Status.DOING


def test_the_board_answers_a_script_with_its_columns(planned, assessment, eve, bob):
    client, url = signed_in(eve), at("set_action_status", assessment, planned[0].pk)

    moved = client.post(url, {"status": "dropped"}, headers={"HX-Request": "true"})
    refused = client.post(url, {"status": "closed"}, headers={"HX-Request": "true"})

    assert moved.status_code == 200
    assert [row.row.number for row in moved.context["columns"][-1].rows] == [1]
    assert refused.status_code == 422
    assert "with proof, and a second person" in text_of(refused)
    planned[0].refresh_from_db()
    assert planned[0].status == Status.DROPPED
    assert signed_in(bob).post(url, {"status": "open"}, headers={"HX-Request": "true"}).status_code == 403


def test_a_closing_that_waits_is_not_dragged_away(planned, assessment, eve, piece):
    client = signed_in(eve)
    prove(client, assessment, planned[0], piece)
    client.post(at("ask_to_close", assessment, planned[0].pk), {"note": "Done."})

    response = client.post(
        at("set_action_status", assessment, planned[0].pk), {"status": "open"}, headers={"HX-Request": "true"}
    )

    assert response.status_code == 422
    assert "waits for a second person" in text_of(response)
    planned[0].refresh_from_db()
    assert planned[0].status == Status.CLOSING


def test_comments_are_said_and_an_empty_one_is_refused(planned, assessment, eve, bob):
    client, url = signed_in(eve), at("comment_action", assessment, planned[0].pk)

    client.post(url, {"text": "The board <meets> in May"})

    assert "The board &lt;meets&gt; in May" in text_of(client.get(at("action", assessment, planned[0].pk)))
    assert client.post(url, {"text": " "}).status_code == 422
    assert signed_in(bob).post(url, {"text": "Hm"}).status_code == 403
    assert ActionComment.objects.count() == 1


def test_proof_is_linked_and_taken_off(planned, assessment, eve, piece):
    client = signed_in(eve)

    prove(client, assessment, planned[0], piece)

    page = text_of(client.get(at("action", assessment, planned[0].pk)))
    assert "Minutes of the board" in page
    assert "p. 2" in page
    client.post(at("unprove_action", assessment, planned[0].pk, piece.pk))
    assert planned[0].proofs.count() == 0


def test_confidential_proof_is_not_named_to_guests(planned, assessment, eve, lena, otto, engagement, piece):
    prove(signed_in(eve), assessment, planned[0], piece)
    Evidence.objects.filter(pk=piece.pk).update(confidentiality="confidential")

    for person in (lena, otto):
        client = signed_in(person)
        for url in (at("action", assessment, planned[0].pk), at("plan_csv", assessment), at("plan", assessment)):
            assert "Minutes of the board" not in client.get(url).content.decode("utf-8-sig")
    assert "Confidential document" in text_of(client.get(at("action", assessment, planned[0].pk)))


def test_two_people_close_an_action_and_it_raises_what_was_shown(planned, assessment, eve, dora, alice, piece):
    eves, doras, action = signed_in(eve), signed_in(dora), planned[0]
    before = eves.get(at("plan", assessment)).context["what_if"].now.score
    assert "Closing needs proof" in text_of(eves.post(at("ask_to_close", assessment, action.pk), follow=True))
    prove(eves, assessment, action, piece)
    eves.post(at("ask_to_close", assessment, action.pk), {"note": "Published in May"})
    closing = ActionClosing.objects.get()
    url = at("decide_closing", assessment, closing.pk)
    assert eves.get(url).status_code == 403

    page = doras.get(url)
    shown = page.context["preview"]
    assert show(shown.after.score) in text_of(page)
    assert "Published in May" in text_of(page)
    said = doras.post(url, {"outcome": "confirm", "after": shown.after.exact}, follow=True)

    now = doras.get(at("plan", assessment)).context["what_if"].now.score
    assert now == shown.after.score == before + (shown.after.score - shown.before.score)
    assert now > before
    assert f"The score is {show(now)} now" in text_of(said)
    doras.post(at("reopen_action", assessment, action.pk), {"why": ""})
    assert doras.get(at("plan", assessment)).context["what_if"].now.score == now
    doras.post(at("reopen_action", assessment, action.pk), {"why": "Not in the subsidiaries"})
    assert doras.get(at("plan", assessment)).context["what_if"].now.score == before
    history = text_of(doras.get(at("action", assessment, action.pk)))
    assert "Not in the subsidiaries" in history
    assert f"{show(shown.before.score)} → {show(shown.after.score)}" in history


def test_a_closing_whose_effect_changed_is_shown_anew(planned, assessment, eve, dora, alice, piece):
    prove(signed_in(eve), assessment, planned[0], piece)
    closing = ask_to_close(action=planned[0], by=eve, at=NOON)

    response = signed_in(dora).post(
        at("decide_closing", assessment, closing.pk), {"outcome": "confirm", "after": str(Fraction(1, 7))}
    )

    assert response.status_code == 409
    assert "look at the figures again" in text_of(response)
    closing.refresh_from_db()
    assert closing.outcome == ""


def test_who_asked_cannot_confirm_and_a_refusal_needs_words(planned, assessment, dora, alice, piece):
    doras, url = signed_in(dora), None
    prove(doras, assessment, planned[1], piece)
    doras.post(at("ask_to_close", assessment, planned[1].pk))
    closing = ActionClosing.objects.get()
    url, after = at("decide_closing", assessment, closing.pk), preview_closing(planned[1]).after.exact

    own = doras.post(url, {"outcome": "confirm", "after": after})
    wordless = signed_in(alice).post(url, {"outcome": "refuse"})

    assert own.status_code == wordless.status_code == 422
    assert "Ask a colleague" in text_of(own)
    assert "say what is still missing" in text_of(wordless)
    signed_in(alice).post(url, {"outcome": "refuse", "decision": "The list is missing"})
    assert "The list is missing" in text_of(doras.get(at("action", assessment, planned[1].pk)))
    assert signed_in(alice).get(url)["Location"].startswith(at("action", assessment, planned[1].pk))


def test_a_waiting_action_is_not_edited_but_withdrawn(planned, assessment, eve, alice, piece):
    eves = signed_in(eve)
    prove(eves, assessment, planned[0], piece)
    eves.post(at("ask_to_close", assessment, planned[0].pk))
    closing = ActionClosing.objects.get()

    removed = signed_in(alice).post(at("remove_action", assessment, planned[0].pk), follow=True)

    assert "Withdraw the closing first" in text_of(removed)
    eves.post(at("withdraw_closing", assessment, closing.pk))
    planned[0].refresh_from_db()
    assert planned[0].status == Status.DOING


def test_a_guest_is_not_told_who_of_another_firm_confirmed(
    planned, assessment, in_acme, eve, lena, rita, alice, engagement, piece
):
    prove(signed_in(eve), assessment, planned[0], piece)
    closing = ask_to_close(action=planned[0], by=eve, at=NOON)
    after = preview_closing(planned[0]).after.exact
    stranger = type(lena).objects.create_user("zoe@other.example", "x", name="Zoe of Other")
    confirm_closing(closing=closing, expected_after=after, decision="Seen by Other", by=stranger, at=NOON)

    guests, members = (text_of(signed_in(person).get(at("action", assessment, planned[0].pk))) for person in (lena, alice))

    assert "Zoe of Other" in members
    assert "Zoe of Other" not in guests
    assert "Seen by Other" not in guests
    assert known_people(in_acme.memberships.get(user=alice)) is None
    assert closings_of(planned[0], {eve.pk})[0].decided_by is None


def test_a_guest_may_plan_and_confirm_but_not_work(planned, assessment, lena, engagement):
    client = signed_in(lena)

    assert client.get(at("new_action", assessment)).status_code == 200
    assert client.post(at("comment_action", assessment, planned[0].pk), {"text": "x"}).status_code == 403


def test_the_calendar_shows_the_month(planned, assessment, bob):
    client = signed_in(bob)

    december = client.get(at("plan_calendar", assessment), {"month": "2026-12"})

    assert "Write the strategy" in text_of(december)
    empty = text_of(client.get(at("plan_calendar", assessment), {"month": "2001-02"}))
    assert "Nothing is due in this month" in empty
    for odd in ("", "2026-13", "x", "9999-12", "0001-01"):
        assert client.get(at("plan_calendar", assessment), {"month": odd}).status_code == 200


def test_the_timeline_draws_bars_in_order(planned, assessment, bob):
    response = signed_in(bob).get(at("plan_timeline", assessment))

    page = response.content.decode()
    bars = {
        int(n): (float(x), float(width))
        for x, width, n in re.findall(r'<rect x="([\d.]+)" .*?width="([\d.]+)".*?<title>(\d+) ', page)
    }
    assert sorted(bars) == [1, 2, 3]
    assert bars[2][0] >= sum(bars[1]) - 0.2
    assert page.count("<polyline") == 1
    assert f'<a href="{at("action", assessment, planned[1].pk)}"><text' in page
    assert "=Celebrate &amp; &lt;b&gt;rest" in response.context["chart"]


def test_policy_actions_have_a_plan_too(acme, alice):
    assessment = begin(acme, alice, code="policy-actions", target=None)
    client = signed_in(alice)
    with scope(organization=acme):
        code = next(iter(assessment.questionnaire.item_of))
        action = add_action(assessment=assessment, title="Do it", codes=[code], by=alice, at=NOON)

    for url in (at("plan", assessment), at("action", assessment, action.pk), at("plan_timeline", assessment)):
        assert client.get(url).status_code == 200
    assert "Suggest" not in text_of(client.get(at("plan", assessment)))


def test_the_plan_of_the_cycle_before_is_linked(planned, acme, assessment, alice):
    newer = begin(acme, alice, name="2027 self-assessment")

    assert f'href="{at("plan", assessment)}"' in text_of(signed_in(alice).get(at("plan", newer)))


def test_an_action_is_reached_through_its_own_assessment_only(planned, acme, assessment, alice):
    other = begin(acme, alice, name="Other")
    client = signed_in(alice)

    for name in ("action", "edit_action"):
        assert client.get(at(name, other, planned[0].pk)).status_code == 404
    assert client.get(at("action", assessment, 10**12)).status_code == 404


def test_my_work_names_my_actions_and_closings(planned, assessment, eve, dora, lena, engagement, piece):
    mine = text_of(signed_in(eve).get(reverse("home")))
    assert "My improvement actions" in mine
    assert "Write the strategy" in mine

    prove(signed_in(eve), assessment, planned[0], piece)
    ask_to_close(action=planned[0], by=eve, at=NOON)

    for person in (dora, lena):
        page = text_of(signed_in(person).get(reverse("home")))
        assert "To confirm: is it done?" in page
        assert "Write the strategy" in page
    assert "To confirm" not in text_of(signed_in(eve).get(reverse("home")))


def test_a_consultant_for_another_assessment_is_not_asked(planned, acme, assessment, eve, alice, lena, sage, piece):
    other = begin(acme, alice, name="Other")
    engagement = engage(acme, sage, alice, [(lena, TeamRole.LEAD)])
    with scope(organization=acme):
        type(engagement).objects.filter(pk=engagement.pk).update(covers_all=False)
        EngagementScope.objects.create(organization=acme, engagement=engagement, assessment=other)
        prove(signed_in(eve), assessment, planned[0], piece)
        ask_to_close(action=planned[0], by=eve, at=NOON)

    assert "Write the strategy" not in text_of(signed_in(lena).get(reverse("home")))


def queries_of(client, url, count) -> int:
    with count as context:
        response = client.get(url)
    assert response.status_code == 200
    return len(context)


@pytest.mark.parametrize("name", PAGES)
def test_pages_cost_the_same_with_one_action_and_with_300(
    assessment, in_acme, alice, bob, eve, name, django_assert_max_num_queries
):
    client, url = signed_in(alice), at(name, assessment)
    add_action(assessment=assessment, title="One", codes=["DS1.1.1"], owner=eve, days=3, weeks=2, by=alice, at=NOON)
    client.get(url)
    one = queries_of(client, url, django_assert_max_num_queries(60))
    made = suggest_actions(assessment=assessment, scope="gaps", language="en", by=alice, at=NOON)
    assert len(made) >= 250
    ImprovementAction.objects.filter(number__gt=3).update(owner=alice, due_on=date.today())

    many = queries_of(client, url, django_assert_max_num_queries(60))

    assert many == one


def test_reminders_go_out_once_per_stage(planned, assessment, eve, alice):
    day = NOON.replace(day=25, hour=1)  # six days before it is due
    remind_of_actions(day - timedelta(days=2))
    assert not QueuedMail.objects.filter(kind="due_actions").exists()

    for hours in (0, 24, 48):
        remind_of_actions(day + timedelta(hours=hours))
    mail = QueuedMail.objects.get(kind="due_actions")
    assert mail.to == eve.email
    subject, text = render_due_actions(mail.payload, day)
    assert subject == "1 improvement action is due"
    assert "Write the strategy" in text
    assert "due 2026-12-01" in text

    late = day + timedelta(days=9)
    for hours in (0, 24):
        remind_of_actions(late + timedelta(hours=hours))
    assert QueuedMail.objects.filter(kind="due_actions").count() == 2
    assert render_due_actions(mail.payload, late)[0] == "1 improvement action is due, 1 overdue"


def test_a_reminder_of_what_is_done_or_unwanted_is_dropped(planned, assessment, eve, acme, alice):
    day = NOON.replace(day=28)
    remind_of_actions(day)
    payload = QueuedMail.objects.get(kind="due_actions").payload
    ImprovementAction.objects.filter(number=1).update(status=Status.DROPPED)
    assert render_due_actions(payload, day) is None
    ImprovementAction.objects.filter(number=1).update(status=Status.OPEN)
    assert render_due_actions(payload, day) is not None

    type(eve).objects.filter(pk=eve.pk).update(wants_digest=False)

    assert render_due_actions(payload, day) is None
    QueuedMail.objects.all().delete()
    remind_of_actions(day + timedelta(days=10))
    assert not QueuedMail.objects.exists()


def test_somebody_who_left_is_not_reminded(planned, acme, eve, alice):
    acme.memberships.get(user=eve).delete()

    remind_of_actions(NOON.replace(day=28))

    assert not QueuedMail.objects.filter(kind="due_actions").exists()


def test_the_action_page_offers_what_the_role_may(planned, assessment, alice, bob, eve):
    alices, bobs, eves = (
        text_of(signed_in(person).get(at("action", assessment, planned[0].pk))) for person in (alice, bob, eve)
    )

    assert "/edit/" in alices
    assert f"{at('edit_action', assessment, planned[0].pk)}" not in eves
    assert "It is done" in eves
    assert "It is done" not in bobs
    assert setting_of(assessment).parallel == 3


def test_an_owner_who_left_stays_until_somebody_changes_it(planned, assessment, alice, eve, acme):
    acme.memberships.get(user=eve).delete()
    client, url = signed_in(alice), at("edit_action", assessment, planned[0].pk)

    form = client.get(url).context["form"]

    assert form["owner"].value() == str(eve.pk)
    client.post(url, {"title": "New", "days": "4", "weeks": "2", "owner": eve.pk, "revision": 1})
    planned[0].refresh_from_db()
    assert (planned[0].title, planned[0].owner_id) == ("New", eve.pk)


def test_a_coordinator_may_all_but_a_viewer_only_looks(planned, assessment, acme, alice, bob):
    with scope(organization=acme):
        viewer = signed_in(bob)
        for name in ("new_action", "merge_actions"):
            assert viewer.get(at(name, assessment)).status_code == 403
        for name in ("suggest_actions", "switch_actions", "plan_settings"):
            assert viewer.post(at(name, assessment)).status_code == 403
        coordinator = type(alice).objects.create_user("cora@acme.example", "x", name="Cora")
        add_member(organization=acme, user=coordinator, role=Role.COORDINATOR, by=alice, at=NOON)

    assert signed_in(coordinator).post(at("suggest_actions", assessment), {"scope": "path"}).status_code == 302
