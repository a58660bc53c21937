"""Working on the plan: what is written, who may close what, what is refused, what can be undone, and what two at once do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from assessments.models import (
    ActionClosing,
    ActionNeed,
    ActionProof,
    Answer,
    Assessment,
    Evidence,
    EvidenceLink,
    ImprovementAction,
)
from assessments.operations.evidence import Address, Description, InTheBin, add_evidence, link_evidence, remove_evidence
from assessments.operations.planning import (
    ActionClosed,
    ActionGone,
    ChangedMeanwhile,
    NoProof,
    NotAsPreviewed,
    NotWaiting,
    SamePerson,
    UnknownAims,
    UnknownNeeds,
    add_action,
    add_proof,
    ask_to_close,
    change_action,
    change_settings,
    comment_action,
    confirm_closing,
    merge_actions,
    refuse_closing,
    remove_action,
    reopen_action,
    restore_action,
    set_status,
    suggest_actions,
    switch_actions,
    take_proof_off,
    unmerge,
    withdraw_closing,
)
from assessments.operations.taking_over import take_over_item, undo_take_over
from assessments.planning import CircularNeeds
from assessments.queries.answering import previous_answers
from assessments.queries.answers import ratings_of
from assessments.queries.criteria import criteria_by_code
from assessments.queries.planning import (
    actions_of,
    closed_criteria,
    due_soon,
    next_monday,
    plan_of,
    preview_closing,
    reckoning_of,
    setting_of,
    valid_proofs,
)
from assessments.scoring import RATINGS, score
from organizations.models import ActivityEntry, Membership, Organization
from questionnaires.loading import load_packages
from tests.assessments.reviews import say
from tests.assessments.test_lifecycle import answer_all
from tests.conftest import NOON, begin

State = Assessment.State
Status = ImprovementAction.Status
ON = timezone.localdate(NOON)


@pytest.fixture
def plan(assessment, in_acme):
    """The assessment, with answers such that single criteria count."""
    return assessment


def add(assessment, by, title="Write it down", codes=("DS1.1.1",), **values):
    return add_action(assessment=assessment, title=title, codes=codes, by=by, at=NOON, **values)


def piece(assessment, by, title="Minutes", **values):
    description = Description(title=title, **values)
    return add_evidence(
        organization=assessment.organization,
        description=description,
        content=Address("https://acme.example/minutes"),
        by=by,
        at=NOON,
    )


def proven(assessment, by, **values):
    action = add(assessment, by, **values)
    add_proof(action=action, evidence=piece(assessment, by), place="p. 3", by=by, at=NOON)
    return action


def asked(assessment, by, **values):
    return ask_to_close(action=proven(assessment, by, **values), note="It is done.", by=by, at=NOON)


def confirm(closing, by, expected=None, **values):
    after = preview_closing(closing.action).after.exact if expected is None else expected
    return confirm_closing(closing=closing, expected_after=after, by=by, at=NOON, **values)


def now(assessment):
    return reckoning_of(assessment).now


def entries(verb):
    return list(ActivityEntry.objects.filter(verb=verb).order_by("number").values_list("about", flat=True))


# making and changing


def test_an_action_is_added_with_aims_and_needs(plan, alice, data_office):
    first = add(plan, alice)
    second = add(
        plan, alice, "Measure it", ("DS1.2.2", "DS1.2.1"), lead="it", owner=alice, department=data_office, days=Decimal("7.5"),
        weeks=6, due_on=date(2027, 1, 31), quarter="2026Q4", needs=[1],
    )  # fmt: skip

    assert (first.number, second.number) == (1, 2)
    assert (second.codes, second.need_numbers) == (("DS1.2.1", "DS1.2.2"), (1,))
    assert (second.owner, second.department, second.days) == (alice, data_office, Decimal("7.5"))
    assert entries("action.added") == [f"assessment {plan.pk} action 1", f"assessment {plan.pk} action 2"]


@pytest.mark.parametrize("state", State)
def test_the_plan_goes_on_in_every_state(plan, alice, state):
    Assessment.objects.filter(pk=plan.pk).update(state=state)

    assert add(plan, alice).status == Status.OPEN


def test_unknown_criteria_and_actions_are_named(plan, alice):
    with pytest.raises(UnknownAims) as aims:
        add(plan, alice, codes=["DS1.1.1", "ZZ1.1.1"])
    with pytest.raises(UnknownNeeds) as needs:
        add(plan, alice, needs=[7])

    assert (aims.value.codes, needs.value.numbers) == (("ZZ1.1.1",), (7,))
    assert actions_of(plan) == []


def test_a_change_states_the_revision_it_read(plan, alice, dora):
    action = add(plan, alice)
    changed = change_action(action=action, revision=1, changes={"title": "Publish it", "codes": ["DS1.1.2"]}, by=dora, at=NOON)

    assert (changed.title, changed.codes, changed.revision) == ("Publish it", ("DS1.1.2",), 2)
    with pytest.raises(ChangedMeanwhile) as stale:
        change_action(action=action, revision=1, changes={"title": "Print it"}, by=alice, at=NOON)
    assert stale.value.current.title == "Publish it"
    again = change_action(action=action, revision=1, changes={"title": "Publish it"}, by=dora, at=NOON)
    assert again.revision == 2
    assert len(entries("action.changed")) == 1


def test_needs_that_close_a_ring_are_refused(plan, alice):
    one = add(plan, alice)
    two = add(plan, alice, needs=[1])
    add(plan, alice, needs=[2])

    with pytest.raises(CircularNeeds) as ring:
        change_action(action=one, revision=1, changes={"needs": [3], "title": "x"}, by=alice, at=NOON)
    with pytest.raises(CircularNeeds):
        change_action(action=two, revision=1, changes={"needs": [2]}, by=alice, at=NOON)

    assert ring.value.numbers == (1, 2, 3)
    assert [row.need_numbers for row in actions_of(plan)] == [(), (1,), (2,)]


def test_status_by_hand(plan, alice):
    action = add(plan, alice)

    assert set_status(action=action, status=Status.DOING, by=alice, at=NOON).status == Status.DOING
    set_status(action=action, status=Status.DOING, by=alice, at=NOON)
    assert len(entries("action.changed")) == 1
    with pytest.raises(ValueError, match="closed"):
        set_status(action=action, status=Status.CLOSED, by=alice, at=NOON)


def test_removed_and_brought_back(plan, alice):
    first, second = add(plan, alice), add(plan, alice, needs=[1])

    remove_action(action=first, by=alice, at=NOON)
    remove_action(action=first, by=alice, at=NOON)

    assert [(row.number, row.need_numbers) for row in actions_of(plan)] == [(2, ())]
    assert [row.number for row in actions_of(plan, removed=True)] == [1, 2]
    with pytest.raises(ActionGone):
        comment_action(action=first, text="Late", by=alice, at=NOON)
    assert add(plan, alice).number == 3
    restore_action(action=first, by=alice, at=NOON)
    assert [(row.number, row.need_numbers) for row in actions_of(plan)] == [(1, ()), (2, (1,)), (3, ())]
    assert len(entries("action.removed")) == len(entries("action.restored")) == 1
    assert second.need_numbers == (1,)


def test_an_action_that_would_close_a_ring_stays_removed(plan, alice):
    first, second = add(plan, alice), add(plan, alice, needs=[1])
    remove_action(action=second, by=alice, at=NOON)
    ActionNeed.objects.create(organization=plan.organization, action=first, needs=second)

    with pytest.raises(CircularNeeds):
        restore_action(action=second, by=alice, at=NOON)

    assert [row.number for row in actions_of(plan)] == [1]


def test_merging_and_taking_apart(plan, alice, dora):
    one = proven(plan, alice, days=Decimal(3), weeks=2, lead="it", text="One", due_on=date(2027, 1, 1))
    two = add(plan, alice, codes=["DS1.2.1"], days=Decimal(4), weeks=8, text="Two", needs=[1], owner=dora)
    add(plan, alice, codes=["DS1.2.2"])
    follower = add(plan, alice, needs=[2])
    before = [(row.number, row.title, row.codes, row.need_numbers) for row in actions_of(plan)]

    merged = merge_actions(assessment=plan, actions=[two, one], title="Both", by=alice, at=NOON)

    assert (merged.number, merged.codes, merged.need_numbers) == (5, ("DS1.1.1", "DS1.2.1"), ())
    assert (merged.days, merged.weeks, merged.lead, merged.owner) == (Decimal(7), 8, "it", dora)
    assert (merged.text, merged.due_on, len(merged.proof_rows)) == ("One\n\nTwo", date(2027, 1, 1), 1)
    assert [(row.number, row.need_numbers) for row in actions_of(plan)] == [(3, ()), (follower.number, (5,)), (5, ())]
    assert entries("action.merged") == [f"assessment {plan.pk} action 5 from 1 2"]

    assert [row.number for row in unmerge(action=merged, by=alice, at=NOON)] == [1, 2]
    assert [(row.number, row.title, row.codes, row.need_numbers) for row in actions_of(plan)] == before


def test_merging_that_closes_a_ring_is_refused(plan, alice):
    one, _two = add(plan, alice), add(plan, alice, needs=[1])
    three = add(plan, alice, needs=[2])

    with pytest.raises(CircularNeeds):
        merge_actions(assessment=plan, actions=[one, three], title="x", by=alice, at=NOON)

    assert [row.number for row in actions_of(plan)] == [1, 2, 3]


def test_settings_state_the_revision_they_read(plan, alice):
    words = {"starts_on": date(2027, 1, 4), "rates": {"it": Decimal("1500.50")}, "currency": "CNY", "parallel": 2}
    assert setting_of(plan).starts_on == next_monday(timezone.localdate())

    saved = change_settings(assessment=plan, revision=0, **words, by=alice, at=NOON)
    change_settings(assessment=plan, revision=0, **words, by=alice, at=NOON)

    assert saved.revision == 1
    assert setting_of(plan).rates == {"it": "1500.50"}
    with pytest.raises(ChangedMeanwhile):
        change_settings(assessment=plan, revision=0, **words | {"parallel": 4}, by=alice, at=NOON)
    assert len(entries("plan.settings_changed")) == 1


@pytest.mark.parametrize(
    ("today", "monday"), [(date(2026, 11, 22), date(2026, 11, 23)), (date(2026, 11, 23), date(2026, 11, 30))]
)
def test_a_plan_begins_on_the_monday_after(today, monday):
    assert next_monday(today) == monday


def test_switching(plan, alice):
    for _ in range(3):
        add(plan, alice)

    switch_actions(assessment=plan, shown={1, 2, 3}, on={1, 3}, by=alice, at=NOON)
    switch_actions(assessment=plan, shown={1, 2, 3}, on={1, 3}, by=alice, at=NOON)

    assert [row.is_on for row in actions_of(plan)] == [True, False, True]
    assert len(entries("plan.switched")) == 1


def test_switching_touches_nothing_that_somebody_else_switched_meanwhile(plan, alice):
    for _ in range(3):
        add(plan, alice)
    switch_actions(assessment=plan, shown={1}, on=set(), by=alice, at=NOON)

    switch_actions(assessment=plan, shown={2}, on={1}, by=alice, at=NOON)

    assert [row.is_on for row in actions_of(plan)] == [False, False, True]


@pytest.mark.parametrize(("off", "is_on"), [({1, 2}, False), ({1}, True)])
def test_merging_what_is_switched_off_leaves_it_so(plan, alice, off, is_on):
    for _ in range(2):
        add(plan, alice)
    switch_actions(assessment=plan, shown=off, on=set(), by=alice, at=NOON)

    merged = merge_actions(assessment=plan, actions=actions_of(plan), title="Both", by=alice, at=NOON)

    assert merged.is_on == is_on


# from the bank


@pytest.mark.parametrize("merge", [False, True])
def test_suggested_actions_skip_what_is_aimed_at(plan, alice, merge):
    answer_all(plan, alice)
    taken = add(plan, alice, codes=["DS1.2.1"])
    add(plan, alice, codes=["DS1.2.2"])
    dropped = set_status(action=actions_of(plan)[1], status=Status.DROPPED, by=alice, at=NOON)

    made = suggest_actions(assessment=plan, scope="gaps", merge_by_item=merge, language="zh-hans", by=alice, at=NOON)
    again = suggest_actions(assessment=plan, scope="gaps", merge_by_item=merge, language="zh-hans", by=alice, at=NOON)

    codes = [code for row in made for code in row.codes]
    assert made
    assert again == []
    assert len(codes) == len(set(codes))
    assert not set(codes) & set(taken.codes)
    ratings = ratings_of(plan)
    assert all(ratings[code] != "full" for code in codes)
    assert dropped.number not in {row.number for row in made}
    assert any(row.need_numbers for row in made)
    assert entries("plan.suggested") == [f"assessment {plan.pk} {len(made)}"]


def test_the_suggested_path_reaches_the_target(plan, alice):
    suggest_actions(assessment=plan, scope="path", language="en", by=alice, at=NOON)

    found = reckoning_of(plan)

    assert (found.now.level, found.after.level) == (1, 3)
    assert found.path_count == sum(len(row.criteria) for row in found.plan.actions)
    assert max(effect.level for effect in found.effects.values()) == 3


# closing


def test_closing_raises_exactly_what_was_previewed_and_can_be_undone(plan, alice, dora):
    answer_all(plan, alice)
    say(plan, "DS1.1.1", "none", alice)
    before, answers = now(plan), list(Answer.objects.order_by("pk").values_list("rating", "revision"))
    closing = asked(plan, dora)
    preview = preview_closing(closing.action)

    confirmed = confirm(closing, alice, preview.after.exact, decision="Seen")

    raised = score(plan.questionnaire, ratings_of(plan) | {"DS1.1.1": "full"}, plan.method)
    assert preview.before == before
    assert now(plan) == preview.after
    assert now(plan).score == raised.score > before.score
    assert (confirmed.before, confirmed.after) == (str(before.score), str(raised.score))
    assert list(Answer.objects.order_by("pk").values_list("rating", "revision")) == answers
    assert entries("action.closed") == [f"assessment {plan.pk} action 1"]
    assert {code: [row.title for row in rows] for code, rows in closed_criteria(plan).items()} == {"DS1.1.1": ["Minutes"]}

    action = reopen_action(action=closing.action, why="The minutes are of another year.", by=alice, at=NOON)

    assert now(plan) == before
    assert (action.status, closed_criteria(plan)) == (Status.DOING, {})
    undone = ActionClosing.objects.get(pk=closing.pk)
    assert (undone.outcome, undone.undone_by) == (ActionClosing.Outcome.UNDONE, alice)
    with pytest.raises(NotWaiting):
        reopen_action(action=closing.action, why="x", by=alice, at=NOON)


@pytest.mark.parametrize("flaw", ["none", "no content", "expired", "in the bin"])
def test_without_valid_proof_nothing_is_closed(plan, alice, flaw):
    action = add(plan, alice)
    if flaw != "none":
        valid_until = ON - timedelta(days=1) if flaw == "expired" else None
        description = Description(title="Minutes", valid_until=valid_until)
        content = None if flaw == "no content" else Address("https://acme.example/x")
        evidence = add_evidence(organization=plan.organization, description=description, content=content, by=alice, at=NOON)
        add_proof(action=action, evidence=evidence, by=alice, at=NOON)
        if flaw == "in the bin":
            remove_evidence(evidence=evidence, by=alice, at=NOON)

    with pytest.raises(NoProof):
        ask_to_close(action=action, by=alice, at=NOON)

    assert actions_of(plan)[0].status == Status.OPEN


def test_proof_that_went_meanwhile_stops_the_second_person(plan, alice, dora):
    closing = asked(plan, dora)
    remove_evidence(evidence=Evidence.objects.get(), by=dora, at=NOON)

    with pytest.raises(NoProof):
        confirm(closing, alice)


def test_proof_is_put_on_once_and_taken_off(plan, alice):
    action, evidence = add(plan, alice), piece(plan, alice)

    add_proof(action=action, evidence=evidence, place="p. 1", by=alice, at=NOON)
    add_proof(action=action, evidence=evidence, place="p. 2", by=alice, at=NOON)

    assert [row.place for row in ActionProof.objects.all()] == ["p. 2"]
    assert [row.evidence for row in valid_proofs(action, ON)] == [evidence]
    take_proof_off(action=action, evidence=evidence, by=alice, at=NOON)
    take_proof_off(action=action, evidence=evidence, by=alice, at=NOON)
    assert not ActionProof.objects.exists()
    remove_evidence(evidence=evidence, by=alice, at=NOON)
    with pytest.raises(InTheBin):
        add_proof(action=action, evidence=evidence, by=alice, at=NOON)


def test_who_asks_does_not_confirm(plan, alice, dora):
    closing = asked(plan, alice)

    with pytest.raises(SamePerson):
        confirm(closing, alice)

    assert actions_of(plan)[0].status == Status.CLOSING
    confirm(closing, dora)


def test_alone_only_where_nobody_else_could(plan, alice, bob):
    """Bob may only look."""
    confirm(asked(plan, alice), alice)

    assert entries("action.closed") == [f"assessment {plan.pk} action 1 alone"]


def test_an_adviser_is_somebody_else(plan, alice, engagement, lena):
    closing = asked(plan, alice)

    with pytest.raises(SamePerson):
        confirm(closing, alice)

    confirm(closing, lena)


def test_an_effect_that_changed_is_shown_again(plan, alice, dora):
    closing = asked(plan, dora)
    seen = preview_closing(closing.action).after.exact
    say(plan, "DS1.2.1", "full", alice)
    say(plan, "DQ1.1.1", "full", alice)

    with pytest.raises(NotAsPreviewed) as changed:
        confirm(closing, alice, seen)

    assert changed.value.preview.after.exact != seen
    assert actions_of(plan)[0].status == Status.CLOSING
    confirm(closing, alice, changed.value.preview.after.exact)


def test_refused_and_withdrawn_go_on(plan, alice, dora):
    closing = asked(plan, dora)
    refuse_closing(closing=closing, decision="The minutes are unsigned.", by=alice, at=NOON)
    with pytest.raises(NotWaiting):
        confirm(closing, alice, "1")

    again = ask_to_close(action=closing.action, by=dora, at=NOON)
    withdraw_closing(closing=again, by=dora, at=NOON)

    assert actions_of(plan)[0].status == Status.DOING
    rows = ActionClosing.objects.order_by("pk").values_list("outcome", "decision")
    assert list(rows) == [("refused", "The minutes are unsigned."), ("withdrawn", "")]


CLOSED_TO = {
    "change": lambda action, by: change_action(action=action, revision=9, changes={"title": "x"}, by=by, at=NOON),
    "status": lambda action, by: set_status(action=action, status=Status.OPEN, by=by, at=NOON),
    "remove": lambda action, by: remove_action(action=action, by=by, at=NOON),
    "merge": lambda action, by: merge_actions(assessment=action.assessment, actions=[action], title="x", by=by, at=NOON),
    "proof": lambda action, by: take_proof_off(action=action, evidence=Evidence.objects.get(), by=by, at=NOON),
    "ask": lambda action, by: ask_to_close(action=action, by=by, at=NOON),
}


@pytest.mark.parametrize("what", CLOSED_TO)
@pytest.mark.parametrize("confirmed", [False, True])
def test_what_waits_or_is_closed_stays_as_it_is(plan, alice, dora, what, confirmed):
    closing = asked(plan, dora)
    if confirmed:
        confirm(closing, alice)

    with pytest.raises(ActionClosed):
        CLOSED_TO[what](closing.action, alice)

    comment_action(action=closing.action, text="Well done", by=alice, at=NOON)


def test_the_next_cycle_starts_from_what_was_closed(plan, alice, dora):
    answer_all(plan, alice)
    say(plan, "DS1.1.1", "none", alice, note="Nobody")
    not_here = {"rating": "na", "na_reason": "not_in_scope", "note": "No such thing here"}
    Answer.objects.filter(assessment=plan, criterion__code="DS1.1.2").update(**not_here)
    confirm(asked(plan, dora, codes=["DS1.1.1", "DS1.1.2"]), alice)
    after = begin(plan.organization, alice, name="2027")
    Assessment.objects.filter(pk=after.pk).update(started_at=NOON + timedelta(days=300))
    previous = previous_answers(after, "DS1")

    allowed = dict.fromkeys(previous, RATINGS)
    take_over_item(assessment=after, item_code="DS1", previous=previous, allowed=allowed, by=alice, at=NOON)

    ratings = ratings_of(after)
    assert (ratings["DS1.1.1"], ratings["DS1.1.2"]) == ("full", "na")
    assert ratings["DS1.2.1"] == ratings_of(plan)["DS1.2.1"]
    links = EvidenceLink.objects.filter(assessment=after).order_by("criterion__code")
    assert list(links.values_list("criterion__code", "evidence__title"))[0] == ("DS1.1.1", "Minutes")
    assert ratings_of(plan)["DS1.1.1"] == "none"


def test_taking_back_what_was_taken_over_takes_its_proof_back(plan, alice, dora):
    answer_all(plan, alice)
    confirm(asked(plan, dora, codes=["DS1.1.1", "DS1.1.2"]), alice)
    after = begin(plan.organization, alice, name="2027")
    Assessment.objects.filter(pk=after.pk).update(started_at=NOON + timedelta(days=300))
    previous, minutes = previous_answers(after, "DS1"), Evidence.objects.get()
    criteria, later = criteria_by_code(after.version), NOON + timedelta(minutes=5)
    about = {"assessment": after, "by": alice}
    link_evidence(criterion=criteria["DS1.2.1"], evidence=minutes, **about, at=NOON)
    take_over_item(item_code="DS1", previous=previous, allowed=dict.fromkeys(previous, RATINGS), **about, at=later)
    link_evidence(criterion=criteria["DS1.1.2"], evidence=minutes, place="p. 3", **about, at=later)
    before = set(EvidenceLink.objects.filter(assessment=after).values_list("criterion__code", flat=True))

    undo_take_over(item_code="DS1", **about, at=later + timedelta(minutes=1))

    left = set(EvidenceLink.objects.filter(assessment=after).values_list("criterion__code", flat=True))
    assert before == {"DS1.1.1", "DS1.1.2", "DS1.2.1"}
    assert left == {"DS1.1.2", "DS1.2.1"}


# reading


def test_the_plan_as_values(plan, alice, dora, data_office):
    secret = piece(plan, alice, "Secret minutes", confidentiality="confidential")
    first = add(plan, alice, owner=dora, department=data_office)
    add_proof(action=first, evidence=secret, by=alice, at=NOON)
    add_proof(action=first, evidence=piece(plan, alice), place="p. 3", by=alice, at=NOON)
    comment_action(action=first, text="On its way", by=dora, at=NOON)
    confirm(ask_to_close(action=first, note="Board met.", by=dora, at=NOON), alice)
    add(plan, alice, needs=[1])

    told = plan_of(plan).by_number

    assert told[1].proofs == ("", "Minutes, p. 3")
    assert (told[1].comments, told[1].owner, told[1].department) == (("On its way",), "Dora", "Data office")
    assert (told[1].closed_on, told[1].closing_note, told[2].needs) == (ON, "Board met.", (1,))


def test_no_actions_no_plan(plan):
    assert plan_of(plan) is None
    assert reckoning_of(plan).plan.actions == ()


def test_the_plan_costs_the_same_with_one_and_with_three_hundred(plan, alice, dora):
    asked(plan, dora, needs=[])
    comment_action(action=actions_of(plan)[0], text="x", by=alice, at=NOON)

    def cost(read):
        read(plan)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read(plan)
        return len(queries)

    one = [cost(actions_of), cost(plan_of), cost(reckoning_of)]
    suggest_actions(assessment=plan, scope="gaps", language="en", by=alice, at=NOON)
    assert len(actions_of(plan)) > 200
    assert [cost(actions_of), cost(plan_of), cost(reckoning_of)] == one
    assert one[0] == 5


def test_due_soon_over_all_organizations(plan, acme, globex, alice, charlie, dora):
    for days in (-3, 0, 7, 8):
        add(plan, alice, str(days), owner=dora, due_on=ON + timedelta(days=days))
    add(plan, alice, "nobody's", due_on=ON)
    remove_action(action=add(plan, alice, "removed", owner=dora, due_on=ON), by=alice, at=NOON)
    confirm(asked(plan, dora, title="closed", owner=dora, due_on=ON), alice)
    theirs = begin(globex, charlie)
    with scope(organization=globex):
        add(theirs, charlie, "theirs", owner=charlie, due_on=ON)
        add(theirs, charlie, "gone", owner=dora, due_on=ON)

    found = due_soon(ON)

    assert [(row.action.title, row.is_late) for row in found] == [("-3", True), ("0", False), ("7", False), ("theirs", False)]
    Membership.objects.filter(user=dora).delete()
    assert [row.action.title for row in due_soon(ON)] == ["theirs"]


# two at once


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_two_numbers_and_one_decision(acme, alice, dora, packages):
    load_packages([*packages[0], packages[1]], at=NOON)  # a test with transactions of its own empties every table
    assessment = begin(acme, alice)
    with scope(organization=acme):
        closing = asked(assessment, dora)
        after = preview_closing(closing.action).after.exact

    def act(turn):
        try:
            with scope(organization=acme):
                add(assessment, alice)
                if turn % 2:
                    return confirm_closing(closing=closing, expected_after=after, by=alice, at=NOON).outcome
                return refuse_closing(closing=closing, decision="No", by=alice, at=NOON).outcome
        except NotWaiting:
            return "too late"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(act, range(8)))

    with scope(organization=acme):
        assert [row.number for row in actions_of(assessment)] == list(range(1, 10))
        assert outcomes.count("too late") == 7
        status = actions_of(assessment)[0].status
        assert (status == Status.CLOSED) == (ActionClosing.objects.get().outcome == "confirmed")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_needs_at_once_never_close_a_ring(acme, alice, packages):
    load_packages([*packages[0], packages[1]], at=NOON)
    assessment = begin(acme, alice)
    with scope(organization=acme):
        actions = {1: add(assessment, alice), 2: add(assessment, alice)}

    def need(number):
        try:
            with scope(organization=acme):
                change_action(action=actions[number], revision=1, changes={"needs": [3 - number]}, by=alice, at=NOON)
                return True
        except CircularNeeds:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(need, (1, 2))) == [False, True]


def test_another_organization_sees_none_of_it(plan, alice, globex):
    add(plan, alice)

    with scope(organization=globex):
        assert not ImprovementAction.objects.exists()
    assert Organization.objects.count() == 2
    assert Fraction(reckoning_of(plan).after.exact) >= 0
