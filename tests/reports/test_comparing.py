import random
from fractions import Fraction

import pytest

from assessments.scoring import RATINGS, find_method, score, score_item
from reports.comparisons.comparing import compare, effects, side_by_side
from tests.samples import questionnaire

SAMPLE = questionnaire({"AA": {"AA1": (2, 2, 2, 2, 2), "AA2": (3, 2, 2, 1, 1)}, "BB": {"BB1": (1, 2, 3, 2, 1)}})
CODES = list(SAMPLE.item_of)
METHODS = ["staircase_080", "nplf", "strict_floor"]


def some_ratings(chance):
    return {code: rating for code in CODES if (rating := chance.choice([*RATINGS[:4], *RATINGS[:4], "na", ""]))}


@pytest.mark.parametrize("method", METHODS)
def test_effects_add_up_to_the_change_of_the_item_exactly(method):
    chance, seen = random.Random(5), 0
    for _ in range(200):
        before, after = some_ratings(chance), some_ratings(chance)
        for item in SAMPLE.items:
            sides = [score_item(item, ratings, find_method(SAMPLE, method)) for ratings in (before, after)]
            causes = effects(item, before, after, find_method(SAMPLE, method))
            if None in sides or any(cause.effect is None for cause in causes):
                continue
            seen += len(causes)
            assert sum((cause.effect for cause in causes), Fraction(0)) == sides[1].score - sides[0].score
    assert seen > 1000


def test_only_what_is_rated_differently_is_a_cause_in_the_questionnaires_order():
    before = dict.fromkeys(CODES, "full")
    after = before | {"AA1.4.2": "none", "AA1.1.1": "largely"}

    found = compare(SAMPLE, before, SAMPLE, after)

    assert [(c.code, c.before, c.after) for c in found.causes] == [("AA1.1.1", "full", "largely"), ("AA1.4.2", "full", "none")]
    first, second = found.causes
    assert first.effect == 0  # (1 + 0.8) / 2 still passes
    assert second.effect == Fraction(7, 2) - 5
    assert found.items[0].change == first.effect + second.effect
    assert [item.part.code for item in found.moved_items] == ["AA1"]


@pytest.mark.parametrize("method", METHODS)
def test_both_sides_are_scored_by_the_same_method(method):
    before, after = some_ratings(random.Random(1)), some_ratings(random.Random(2))

    found = compare(SAMPLE, before, SAMPLE, after, method)

    assert (found.whole.before, found.whole.after) == (score(SAMPLE, before, method).score, score(SAMPLE, after, method).score)
    assert (found.whole.level_before, found.whole.level_after) == (
        score(SAMPLE, before, method).level,
        score(SAMPLE, after, method).level,
    )
    assert found.method.key == method


def test_unanswered_and_not_applicable_are_counted_on_each_side():
    before, after = dict.fromkeys(CODES, "full"), dict.fromkeys(CODES[3:], "full") | {CODES[4]: "na"}

    found = compare(SAMPLE, before, SAMPLE, after)

    assert (found.unanswered, found.not_applicable) == ((0, 3), (0, 1))
    assert [cause.code for cause in found.causes if cause.is_about_applicability] == [CODES[4]]
    assert [cause.code for cause in found.causes if "" in (cause.before, cause.after)] == CODES[:3]


def test_an_item_that_does_not_apply_on_one_side_has_no_change_and_no_effects_that_pretend_one():
    item = SAMPLE.items[2]
    gone = {c.code: "na" for c in item.criteria}

    found = compare(SAMPLE, dict.fromkeys(CODES, "full"), SAMPLE, dict.fromkeys(CODES, "full") | gone)

    move = next(row for row in found.items if row.part.code == item.code)
    assert (move.before, move.after, move.change) == (5, None, None)
    assert move.causes[-1].effect is None
    assert len(move.causes) == len(item.criteria)


def test_two_versions_are_compared_by_code_and_what_stands_in_one_only_is_told():
    shorter = questionnaire({"AA": {"AA1": (2, 2, 2, 2, 2), "AA2": (3, 2, 2, 1, 1)}, "BB": {"BB1": (1, 2, 3, 2, 0)}})

    found = compare(shorter, dict.fromkeys(shorter.item_of, "full"), SAMPLE, dict.fromkeys(CODES, "full"))

    assert found.elsewhere == ("BB1.5.1",)
    assert [cause.code for cause in found.causes] == ["BB1.5.1"]


def test_policy_actions_are_compared_on_their_own_scale(questionnaires):
    actions = questionnaires["policy-actions"]
    codes = list(actions.item_of)

    found = compare(actions, dict.fromkeys(codes, "1"), actions, dict.fromkeys(codes, "1") | {codes[0]: "4"})

    assert found.method is None
    assert [(cause.code, cause.effect) for cause in found.causes] == [(codes[0], 3)]
    assert found.whole.before == 1
    assert found.whole.level_after is None


def test_side_by_side_says_where_the_sides_are_furthest_apart():
    full = dict.fromkeys(CODES, "full")
    weak = full | {code: "none" for code in CODES if code.startswith("BB")}

    found = side_by_side(SAMPLE, [(SAMPLE, full), (SAMPLE, weak), (SAMPLE, {})])

    assert found.whole.scores == (5, score(SAMPLE, weak).score, 0)
    assert found.unanswered == (0, 0, len(CODES))
    assert found.widest.spread == 5
    assert [row.part.code for row, _items in found.domains] == ["AA", "BB"]
