from fractions import Fraction

import pytest

from assessments.carrying import (
    CAPPED,
    CARRIED,
    INCOMPLETE,
    KEPT,
    LOWEST,
    MAX_NOTE,
    NEW,
    WIDER_SCOPE,
    Words,
    can_cross,
    counts,
    cross,
    crossed_ratings,
    trend,
)
from assessments.scoring import score
from questionnaires.bridge import bridge
from questionnaires.bridge import counts as bridge_counts

RELATIONS = ("reworded", "widened", "narrowed", "split", "merged")


@pytest.fixture(scope="module")
def old(questionnaires):
    return questionnaires["gbt36073-2018"]


@pytest.fixture(scope="module")
def new(questionnaires):
    return questionnaires["gbt36073-2025"]


def first(new, relation, sources=1):
    rows = new.criterion_by_code.values()
    return next(row for row in rows if row.origin.relation == relation and len(row.origin.came_from) == sources)


def crossing(new, criterion, *ratings, note=""):
    said = {
        code: Words(rating, "other" if rating == "na" else "", note)
        for code, rating in zip(criterion.origin.came_from, ratings, strict=True)
    }
    return next(row for row in cross(new, said) if row.code == criterion.code)


def rated(old, rating):
    return {code: Words(rating) for code in old.criterion_by_code}


def test_a_bridge_leads_from_2018_to_2025_and_nowhere_else(questionnaires, old, new):
    ways = {(a.code, b.code) for a in questionnaires.values() for b in questionnaires.values() if can_cross(a, b)}

    assert ways == {(old.code, new.code)}


def test_carried_drafted_and_new_add_up_to_the_bank(old, new):
    found = counts(cross(new, rated(old, "full")))

    rows, dropped = bridge(old, new)
    expected = bridge_counts(rows, dropped)
    assert sum(found.values()) == len(new.criterion_by_code)
    assert found == {
        "carried": expected["same"],
        **{name: expected[name] for name in RELATIONS},
        "open": 0,
        "new": expected["new"],
    }


def test_what_was_not_answered_is_neither_carried_nor_proposed_and_the_counts_still_add_up(old, new):
    said = {code: words for n, (code, words) in enumerate(rated(old, "partly").items()) if n % 3}

    found = counts(cross(new, said))

    assert found["open"] > 0
    assert sum(found.values()) == len(new.criterion_by_code)
    assert counts(cross(new, {}))["open"] == len(new.criterion_by_code) - found["new"]


@pytest.mark.parametrize("rating", ["full", "largely", "partly", "none", "na"])
def test_the_same_criterion_is_carried_whatever_its_rating(new, rating):
    row = crossing(new, first(new, "same"), rating, note="as written")

    assert (row.rule, row.words.rating, row.words.note) == (CARRIED, rating, "as written")


@pytest.mark.parametrize("relation", ["reworded", "narrowed", "split"])
def test_a_reworded_narrowed_or_split_criterion_is_proposed_the_rating_of_then(new, relation):
    row = crossing(new, first(new, relation), "largely")

    assert (row.rule, row.words.rating) == (KEPT, "largely")


@pytest.mark.parametrize(("then", "now"), [("full", "largely"), ("largely", "largely"), ("partly", "partly"), ("none", "none")])
def test_a_widened_criterion_is_proposed_as_largely_met_at_most(new, then, now):
    row = crossing(new, first(new, "widened"), then)

    assert (row.rule, row.words.rating) == (CAPPED, now)


def test_a_widened_criterion_that_did_not_apply_is_asked_anew(new):
    row = crossing(new, first(new, "widened"), "na", note="no such data")

    assert (row.rule, row.words) == (WIDER_SCOPE, Words(note="no such data"))


@pytest.mark.parametrize(
    ("then", "now"),
    [(("full", "partly"), "partly"), (("na", "largely"), "largely"), (("none", "full"), "none"), (("na", "na"), "na")],
)
def test_a_merged_criterion_is_proposed_the_lowest_rating_that_applied(new, then, now):
    row = crossing(new, first(new, "merged", 2), *then)

    assert (row.rule, row.words.rating) == (LOWEST, now)
    assert bool(row.words.na_reason) is (now == "na")


def test_nothing_is_proposed_when_one_of_several_was_not_answered(new):
    assert crossing(new, first(new, "merged", 2), "full", "").rule == INCOMPLETE


def test_nothing_is_proposed_for_a_new_criterion(new):
    row = crossing(new, first(new, "new", 0))

    assert (row.rule, row.words) == (NEW, Words())


def test_notes_of_several_stand_together_once_each_as_long_as_there_is_room(new):
    criterion = first(new, "merged", 2)
    one, two = criterion.origin.came_from

    def note(a, b):
        rows = cross(new, {one: Words("full", "", a), two: Words("full", "", b)})
        return next(row.words.note for row in rows if row.code == criterion.code)

    assert note("a", "b") == "a\nb"
    assert note("a", "a") == "a"
    assert note("a", "b" * MAX_NOTE) == "a"


def test_only_what_is_carried_counts_before_the_drafts_are_taken_over(old, new):
    crossings = cross(new, rated(old, "full"))
    carried, drafted = (crossed_ratings(crossings, with_drafts=which) for which in (False, True))

    assert set(carried) < set(drafted) < set(new.criterion_by_code)
    assert score(new, carried).score < score(new, drafted).score < 5


def test_the_two_parts_of_a_trend_add_up_to_the_change_exactly(old, new):
    before = {code: ("full" if n % 3 else "partly") for n, code in enumerate(old.criterion_by_code)}
    after = {code: ("largely" if n % 7 else "none") for n, code in enumerate(new.criterion_by_code)}

    for method in (None, "nplf", "strict_floor"):
        found = trend(old, new, before, after, method)
        assert found.by_standard + found.by_enterprise == found.change
        assert found.change == score(new, after, method).score - score(old, before, method).score


def test_an_enterprise_that_only_takes_over_the_drafts_did_not_change_the_standard_did(old, new):
    before = dict.fromkeys(old.criterion_by_code, "full")
    after = crossed_ratings(cross(new, rated(old, "full")), with_drafts=True)

    found = trend(old, new, before, after, None)

    assert found.before == 5
    assert found.by_enterprise == 0
    assert found.by_standard == found.change == score(new, after).score - 5
    assert found.change < Fraction(0)


def test_an_enterprise_that_answers_what_is_new_gets_all_of_that_as_its_own_doing(old, new):
    before = dict.fromkeys(old.criterion_by_code, "full")
    taken = crossed_ratings(cross(new, rated(old, "full")), with_drafts=True)

    found = trend(old, new, before, dict.fromkeys(new.criterion_by_code, "full"), None)

    assert found.change == 0
    assert found.by_enterprise == 5 - score(new, taken).score == -found.by_standard


def test_there_is_no_trend_without_two_scores(old, new):
    assert trend(old, new, dict.fromkeys(old.criterion_by_code, "na"), {}, None) is None
