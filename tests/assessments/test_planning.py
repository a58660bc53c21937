"""The pure plan: effects against scoring again from scratch, priorities by the table, schedule, cost, and what the bank advises."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.planning import (
    CLOSED,
    DOING,
    DROPPED,
    OPEN,
    CircularNeeds,
    Effect,
    Plan,
    PlanAction,
    Priority,
    Reason,
    cost,
    effects,
    first_day_of,
    gains,
    in_a_ring,
    is_quick_win,
    merged_by_item,
    priorities,
    quarter_of,
    ratings_now,
    reckon,
    schedule,
    standing,
    strengths_of,
    suggest,
    sums_per_quarter,
    what_if,
)
from assessments.results import assess
from assessments.scoring import RATINGS, score
from tests.samples import METHODS, questionnaire

SAMPLE = questionnaire({"AA": {"AA1": (1, 2, 2, 1, 1)}, "BB": {"BB1": (1, 1, 2, 0, 1), "BB2": (2, 1, 1, 1, 0)}})
CODES = list(SAMPLE.item_of)
MONDAY = date(2026, 11, 23)
KEYS = [method.key for method in METHODS]
EVERYTHING = dict.fromkeys(CODES, "none")


def action(number, *codes, **values):
    return PlanAction(number, f"Action {number}", codes, **{"days": Decimal(10), "weeks": 4, **values})


def plan(*actions, **values):
    return Plan(MONDAY, actions, **values)


def ranks(a_plan, **points):
    """Priorities with these points, as ``_1=9``."""
    return {row.number: Priority("B", points.get(f"_{row.number}", 0), ()) for row in a_plan.actions}


def raised(ratings, actions):
    """From scratch: not applicable stays so."""
    codes = {code for row in actions for code in row.criteria}
    return ratings | {code: "full" for code in codes if ratings.get(code) != "na"}


some_ratings = st.fixed_dictionaries({}, optional=dict.fromkeys(CODES, st.sampled_from([*RATINGS, ""])))
some_actions = st.lists(
    st.builds(
        lambda codes, status, is_on: (tuple(codes), status, is_on),
        st.lists(st.sampled_from(CODES), max_size=4, unique=True),
        st.sampled_from([OPEN, DOING, CLOSED, DROPPED]),
        st.booleans(),
    ),
    max_size=6,
)


def made(rows):
    return plan(*(action(n, *codes, status=status, is_on=is_on) for n, (codes, status, is_on) in enumerate(rows, start=1)))


# effects


@settings(max_examples=150, deadline=None)
@given(ratings=some_ratings, rows=some_actions, key=st.sampled_from(KEYS))
def test_every_effect_is_that_of_scoring_again(ratings, rows, key):
    a_plan = made(rows)
    closed = [row for row in a_plan.actions if row.status == CLOSED]

    def total(actions):
        return score(SAMPLE, raised(ratings, actions), key)

    now, found, running = total(closed), effects(SAMPLE, ratings, key, a_plan), list(closed)
    for row in a_plan.actions:
        effect = found[row.number]
        if now.score is None:
            assert effect.alone is None
        elif row.status == CLOSED:
            assert effect == Effect(now.score - total([one for one in closed if one is not row]).score, now.score, now.level)
        else:
            assert effect.alone == total([*closed, row]).score - now.score >= 0
            if not row.counts:
                assert (effect.total, effect.level) == (None, None)
        if row.counts:
            running.append(row)
            assert (effect.total, effect.level) == (total(running).score, total(running).level)


@settings(max_examples=100, deadline=None)
@given(ratings=some_ratings, rows=some_actions, key=st.sampled_from(KEYS), on=st.sets(st.integers(1, 6)))
def test_what_if_is_that_of_scoring_again(ratings, rows, key, on):
    a_plan = made(rows)
    closed = [row for row in a_plan.actions if row.status == CLOSED]
    chosen = [row for row in a_plan.actions if row.number in on and row.status in (OPEN, DOING)]
    before, after = score(SAMPLE, raised(ratings, closed), key), score(SAMPLE, raised(ratings, closed + chosen), key)

    answer = what_if(SAMPLE, ratings, key, a_plan, on)

    assert (answer.now.score, answer.now.level) == (before.score, before.level)
    assert (answer.after.score, answer.after.level) == (after.score, after.level)
    expected = [
        (one.code, one.score, two.score, one.level, two.level) for one, two in zip(before.domains, after.domains, strict=True)
    ]
    told = [(row.code, row.before, row.after, row.level_before, row.level_after) for row in answer.domains]
    assert told == expected
    assert standing(SAMPLE, ratings, key, a_plan, only=on) == answer.after
    assert standing(SAMPLE, ratings, key, a_plan, only=()) == answer.now


@settings(max_examples=60, deadline=None)
@given(ratings=some_ratings, rows=some_actions, key=st.sampled_from(KEYS), which=st.integers(0, 5))
def test_closing_and_opening_again_gives_the_score_back_exactly(ratings, rows, key, which):
    a_plan = made(rows)
    if which >= len(rows):
        return
    opened = replace(a_plan.actions[which], status=OPEN)
    one = replace(a_plan, actions=tuple(opened if row.number == opened.number else row for row in a_plan.actions))
    closed = replace(opened, status=CLOSED)
    two = replace(a_plan, actions=tuple(closed if row.number == opened.number else row for row in a_plan.actions))
    before, gain = standing(SAMPLE, ratings, key, one, only=()), effects(SAMPLE, ratings, key, one)[opened.number].alone

    after = standing(SAMPLE, ratings, key, two, only=())

    assert after == standing(SAMPLE, ratings, key, one, only={opened.number})
    if before.score is not None:
        assert after.score == before.score + gain
        assert effects(SAMPLE, ratings, key, two)[opened.number].alone == gain


def test_after_everything_that_is_on():
    a_plan = plan(action(1, "AA1.1.1"), action(2, "AA1.2.1", "AA1.2.2", is_on=False), action(3, "BB1.1.1", status=DROPPED))

    assert standing(SAMPLE, EVERYTHING, "staircase_080", a_plan).exact == "1/2"  # AA: one level of one item, of two domains
    assert standing(SAMPLE, EVERYTHING, "staircase_080", a_plan, only={1, 2, 3}).exact == "1"
    assert standing(SAMPLE, dict.fromkeys(CODES, "na"), "staircase_080", a_plan).exact == ""


def test_not_applicable_and_unknown_criteria_are_left_alone():
    a_plan = plan(action(1, "AA1.1.1", "ZZ9.1.1", status=CLOSED))

    assert ratings_now(SAMPLE, {"AA1.1.1": "na"}, a_plan) == {"AA1.1.1": "na"}
    assert ratings_now(SAMPLE, {}, a_plan) == {"AA1.1.1": "full"}


def test_policy_actions_rise_to_the_highest_anchor(questionnaires):
    actions = questionnaires["policy-actions"]
    code = next(iter(actions.item_of))

    found = effects(actions, {code: "1"}, None, plan(action(1, code)))

    group = actions.domain_of[code]
    assert found[1].alone == Fraction(3, len(group.items) * len(actions.domains))
    assert found[1].level is None


# priority


def test_the_points_of_the_worked_example():
    """That of docs/planning.md: every line of the table counts once."""
    ratings = {**EVERYTHING, "AA1.1.1": "full"}
    a_plan = plan(action(1, "AA1.2.1", "AA1.2.2", days=Decimal("8"), weeks=6), action(2, "AA1.3.1", needs=(1,)))
    alone = gains(SAMPLE, ratings, "staircase_080", a_plan)

    found = priorities(
        SAMPLE,
        ratings,
        "staircase_080",
        a_plan,
        alone=alone,
        goals=dict.fromkeys(SAMPLE.item_by_code, 3),
        path={"AA1.2.1", "AA1.2.2"},
        strengths={"AA1": "encouragement"},
    )

    assert alone[1] == Fraction(1, 2)
    assert found[1] == Priority(
        "A",
        12,
        (
            Reason("distance", 2, "2"),
            Reason("effect", 3, "0.6250"),
            Reason("path", 3, "2"),
            Reason("needed", 1, "1"),
            Reason("policy", 1, "encouragement"),
            Reason("effort", 2, "8"),
        ),
    )
    assert (found[2].letter, found[2].points) == ("C", 5)
    assert [reason.key for reason in found[2].reasons] == ["distance", "policy", "effort"]


def test_only_direct_clauses_that_speak_to_enterprises_count(questionnaires, basis):
    edition = questionnaires["gbt36073-2025"]
    strengths = strengths_of(edition, basis.library)

    for item in edition.items:
        direct = [basis.library.clause_by_id[link.id] for link in basis.direct_clauses(item.uid)]
        kinds = {clause.kind for clause in direct if clause.addressee in ("enterprise", "all")}
        if strengths[item.code] == "requirement":
            assert "requirement" in kinds
        elif strengths[item.code] == "encouragement":
            assert kinds
            assert "requirement" not in kinds
        else:
            assert not kinds
    assert set(strengths.values()) == {"requirement", "encouragement", "supporting"}


@pytest.mark.parametrize(
    ("values", "alone", "settled", "quick"),
    [
        ({}, Fraction(1, 100), (), True),
        ({"days": Decimal("10.5")}, Fraction(1, 100), (), False),
        ({"weeks": 9}, Fraction(1, 100), (), False),
        ({}, Fraction(0), (), False),
        ({}, None, (), False),
        ({"needs": (2,)}, Fraction(1), (), False),
        ({"needs": (2,)}, Fraction(1), (2,), True),
        ({"status": CLOSED}, Fraction(1), (), False),
    ],
)
def test_quick_wins(values, alone, settled, quick):
    assert is_quick_win(action(1, "AA1.1.1", **values), Effect(alone, None, None), settled=settled) is quick


# schedule


def weeks(slots):
    return {number: (slot.start_week, slot.end_week) for number, slot in slots.items()}


def test_first_what_others_need_then_by_points():
    a_plan = plan(action(1, needs=(3,)), action(2), action(3), action(4), parallel=1)

    slots = schedule(a_plan, ranks(a_plan, _1=9, _2=5, _4=7))

    assert weeks(slots) == {4: (0, 4), 2: (4, 8), 3: (8, 12), 1: (12, 16)}
    assert (slots[2].starts_on, slots[2].ends_on) == (date(2026, 12, 21), date(2027, 1, 17))
    assert slots[2].quarter == "2026Q4"


def test_own_dates_and_pinned_quarters_stand():
    a_plan = plan(
        action(1, starts_on=date(2026, 12, 1), due_on=date(2026, 12, 20)),
        action(2, due_on=date(2027, 3, 31)),
        action(3, starts_on=date(2026, 11, 1)),
        action(4, quarter="2027Q2"),
        action(5, status=CLOSED),
        action(6, status=DROPPED),
        action(7, needs=(5, 6, 99)),
    )

    slots = schedule(a_plan, ranks(a_plan))

    assert set(slots) == {1, 2, 3, 4, 7}
    assert (slots[1].starts_on, slots[1].ends_on) == (date(2026, 12, 1), date(2026, 12, 20))
    assert (slots[2].starts_on, slots[2].ends_on) == (date(2027, 3, 4), date(2027, 3, 31))
    assert (slots[3].starts_on, slots[3].start_week) == (date(2026, 11, 1), 0)
    assert slots[4].quarter == "2027Q2"
    assert slots[4].starts_on >= first_day_of("2027Q2")
    assert slots[7].start_week == 0


def test_a_pinned_quarter_stands_even_when_it_is_full():
    a_plan = plan(action(1, weeks=40), action(2, quarter="2027Q1"), parallel=1)

    slots = schedule(a_plan, ranks(a_plan, _1=9))

    assert slots[2].quarter == "2027Q1"


def test_what_is_switched_off_gives_way():
    a_plan = plan(action(1, is_on=False), action(2), parallel=1)

    assert weeks(schedule(a_plan, ranks(a_plan, _1=9))) == {2: (0, 4), 1: (4, 8)}


def test_rings_are_named():
    a_plan = plan(action(1, needs=(2,)), action(2, needs=(3,)), action(3, needs=(2,)), action(4))

    with pytest.raises(CircularNeeds) as error:
        schedule(a_plan, ranks(a_plan))

    assert error.value.numbers == (2, 3)
    assert in_a_ring({1: {2}, 2: {3}, 3: set()}) == set()


some_plans = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from(["", "2026Q4", "2027Q1"]), st.sets(st.integers(1, 8))),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(rows=some_plans, parallel=st.integers(1, 3), points=st.lists(st.integers(0, 15), min_size=8, max_size=8))
def test_a_schedule_keeps_order_and_load(rows, parallel, points):
    """Needs point to lower numbers, so every order works out."""
    a_plan = plan(
        *(
            action(n, weeks=length, is_on=is_on, quarter=quarter, needs=tuple(need for need in needs if need < n))
            for n, (length, is_on, quarter, needs) in enumerate(rows, start=1)
        ),
        parallel=parallel,
    )
    scale = {row.number: Priority("B", points[row.number - 1], ()) for row in a_plan.actions}

    slots = schedule(a_plan, scale)

    free = [row for row in a_plan.actions if not row.quarter]
    load = Counter(week for slot in slots.values() for week in range(slot.start_week, slot.end_week))
    for row in a_plan.actions:
        slot = slots[row.number]
        assert slot.end_week - slot.start_week == row.weeks
        assert slot.starts_on == MONDAY + timedelta(weeks=slot.start_week)
        assert all(slots[need].end_week <= slot.start_week for need in row.needs)
        assert not row.quarter or slot.starts_on >= min(first_day_of(row.quarter), slot.starts_on)
    if len(free) == len(a_plan.actions):
        assert all(count <= parallel for count in load.values())
    assert slots == schedule(a_plan, scale)


def test_quarters():
    assert [quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 9, 10, 12)] == [
        "2026Q1", "2026Q1", "2026Q2", "2026Q3", "2026Q4", "2026Q4",
    ]  # fmt: skip
    assert first_day_of("2027Q3") == date(2027, 7, 1)


# cost and the whole


def test_money_is_exact():
    rates = {"it": Decimal("1500.50")}
    a_plan = plan(
        action(1, lead="it", days=Decimal("2.5")),
        action(2, lead="it", is_on=False),
        action(3, lead="legal", weeks=20),
        rates=rates,
    )

    slots = schedule(a_plan, ranks(a_plan))

    assert cost(a_plan.actions[0], rates) == Decimal("3751.25")
    assert [(row.name, row.actions, row.days, row.cost) for row in sums_per_quarter(a_plan, slots)] == [
        ("2026Q4", (1, 3), Decimal("12.5"), Decimal("3751.25"))
    ]


def test_a_reckoning_holds_together():
    a_plan = plan(
        action(1, "AA1.3.1", needs=(2,)), action(2, "AA1.2.1", lead="it"), action(3, "BB1.1.1", status=CLOSED),
        action(4, "BB2.1.1", status=DROPPED), rates={"it": Decimal(100)},
    )  # fmt: skip

    found = reckon(SAMPLE, EVERYTHING, None, a_plan, goals={}, path=None, strengths={})

    assert [row.number for row in found.plan.actions] == [3, 2, 1, 4]
    assert (found.days, found.total, found.unpriced) == (Decimal(20), Decimal(1000), (1,))
    assert found.now == standing(SAMPLE, EVERYTHING, None, a_plan, only=())
    assert found.effects[1].total == found.after.score
    assert found.path_count is None
    empty = reckon(SAMPLE, {}, None, plan(), goals={}, path=frozenset(), strengths={})
    assert (empty.now, empty.after, empty.path_count) == (empty.after, empty.now, 0)


# from the bank


@pytest.fixture(scope="module")
def bank(questionnaires, basis):
    edition = questionnaires["gbt36073-2025"]
    return edition, assess(edition, basis, dict.fromkeys(edition.item_of, "partly"), target=3)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_one_suggestion_per_criterion_of_the_path(bank, language):
    edition, outcome = bank

    found = suggest(edition, outcome, scope="path", language=language)

    assert [row.criteria for row in found] == [(step.criterion,) for step in outcome.path.raises]
    advice = edition.criterion_by_code[found[0].criteria[0]].action
    assert found[0].title == advice.title.in_language(language)
    assert found[0].days == Decimal(sum(advice.days)) / 2
    assert all(step.in_language(language) in found[0].text for step in advice.steps)
    assert advice.closed_when.in_language(language) in found[0].text


def test_suggestions_for_all_gaps_come_in_an_order_that_works_out(bank):
    edition, outcome = bank
    found = suggest(edition, outcome, scope="gaps", language="en")
    wanted = {code for row in found for code in row.criteria}

    assert wanted == {code for gap in outcome.gaps for code in gap.criteria}
    assert all(set(row.needs) <= wanted for row in found)
    assert any(row.needs for row in found)
    assert in_a_ring({row.criteria[0]: set(row.needs) for row in found}) == set()


def test_one_action_per_item_and_level(bank):
    edition, outcome = bank
    single = suggest(edition, outcome, scope="gaps", language="zh-hans")

    merged = merged_by_item(single, edition, "zh-hans")

    places = [(edition.item_of[row.criteria[0]], edition.criterion_by_code[row.criteria[0]].level) for row in merged]
    assert len(places) == len(set(places)) < len(single)
    assert sum(row.days for row in merged) == sum(row.days for row in single)
    assert [code for row in merged for code in row.criteria] == [code for row in single for code in row.criteria]
    assert all(len(row.text) <= 4000 and len(row.title) <= 200 for row in merged)
    at = {code: number for number, row in enumerate(merged) for code in row.criteria}
    assert in_a_ring({number: {at[code] for code in row.needs} for number, row in enumerate(merged)}) == set()


def test_without_a_target_nothing_is_suggested(bank, basis):
    edition, _outcome = bank
    outcome = assess(edition, basis, {})

    assert (
        suggest(edition, outcome, scope="path", language="en") == suggest(edition, outcome, scope="gaps", language="en") == []
    )
