from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scoring import RATINGS, UnknownMethod, climb, level_of, score, score_all_methods, show
from tests.samples import METHODS, questionnaire

METHOD = {method.key: method for method in METHODS}
TENS = questionnaire({"AA": {"AA1": (10, 10, 10, 10, 10)}})
PAIR = questionnaire({"AA": {"AA1": (2, 2, 2, 2, 2)}, "BB": {"BB1": (2, 2, 2, 2, 2), "BB2": (1, 1, 1, 1, 1)}})
ORDER = ["none", "partly", "largely", "full"]


def rated(sample, wanted, rest="full"):
    """Ratings for all criteria: ``wanted`` maps a beginning of codes to a rating, the longest beginning counts."""
    ratings = {}
    for code in sample.item_of:
        keys = [key for key in wanted if code.startswith(key)]
        ratings[code] = wanted[max(keys, key=len)] if keys else rest
    return ratings


def f(*values):
    return [None if value is None else Fraction(value) for value in values]


@pytest.mark.parametrize(
    ("fulfilments", "staircase", "nplf"),
    [
        pytest.param(f("1", "0.9", "0.7", "0.2", "0"), ("2.70", 2), ("3.00", 3), id="worked example"),
        pytest.param(f("0", "0", "0", "0", "0"), ("0.00", 1), ("1.00", 1), id="nothing"),
        pytest.param(f("1", "1", "1", "1", "1"), ("5.00", 5), ("5.00", 5), id="everything"),
        pytest.param(f("0.8", "0", "0", "0", "0"), ("1.00", 1), ("1.00", 1), id="exactly at the gate"),
        pytest.param(f("0.79", "1", "1", "1", "1"), ("0.79", 1), ("1.00", 1), id="just below the gate, nothing above helps"),
        pytest.param(f("1", "0.8", "0.8", "0", "0"), ("3.00", 3), ("2.00", 2), id="gate passed, but not F"),
        pytest.param(f("0.85", "1", "0", "0", "0"), ("2.00", 2), ("1.00", 1), id="exactly 85 % is L"),
        pytest.param(f("0.851", "0.51", "0", "0", "0"), ("1.51", 1), ("2.00", 2), id="just above 85 and 50 %"),
        pytest.param(f("1", "0.5", "1", "1", "1"), ("1.50", 1), ("1.00", 1), id="exactly 50 % is P"),
        pytest.param(f("1", None, "1", "0", "0"), ("3.00", 3), ("3.00", 3), id="a level n/a counts as passed"),
        pytest.param(f(None, None, "0.3", "0", "0"), ("2.30", 2), ("2.00", 2), id="two levels n/a"),
    ],
)
def test_an_item_climbs(fulfilments, staircase, nplf):
    total, reached = climb(fulfilments, METHOD["staircase_080"].item)
    assert (show(total), max(1, reached)) == staircase

    total, reached = climb(fulfilments, METHOD["nplf"].item)
    assert (show(total), max(1, reached)) == nplf


def test_worked_example_from_ratings():
    ratings = rated(TENS, {"AA1.2": "full", "AA1.3": "full", "AA1.4": "none", "AA1.5": "none"})
    ratings["AA1.2.10"] = "none"
    ratings |= dict.fromkeys(["AA1.3.8", "AA1.3.9", "AA1.3.10"], "none")
    ratings |= dict.fromkeys(["AA1.4.1", "AA1.4.2"], "full")

    result = score(TENS, ratings)

    assert [show(level.fulfilment, 1) for level in result.items[0].levels] == ["1.0", "0.9", "0.7", "0.2", "0.0"]
    assert (show(result.score), result.items[0].level, result.level) == ("2.70", 2, 2)
    assert score(TENS, ratings, "nplf").level == 3


@pytest.mark.parametrize(
    ("mean", "level"),
    [
        ("4.8", 5), ("4.7999", 4), ("3.8", 4), ("3.7999", 3), ("2.8", 3), ("2.7999", 2), ("1.8", 2), ("1.7999", 1), ("0", 1), ("5", 5),
    ],
)  # fmt: skip
def test_a_mean_is_read_by_bands(mean, level):
    assert level_of(Fraction(mean), METHOD["staircase_080"]) == level


def test_thirds_never_miss_a_threshold():
    sample = questionnaire({"AA": {"AA1": (3, 3, 3, 3, 3), "AA2": (3, 3, 3, 3, 3), "AA3": (3, 3, 3, 3, 3)}})
    ratings = rated(sample, {"AA1.3": "none", "AA1.4": "none", "AA1.5": "none"}, rest="full")
    ratings |= rated(sample, {"AA2.4": "none", "AA2.5": "none", "AA3.4": "none", "AA3.5": "none"}, rest="full")
    ratings |= {"AA1.3.1": "partly", "AA1.3.2": "partly", "AA1.3.3": "partly", "AA1.4.1": "none"}
    ratings |= {"AA2.3.1": "full", "AA2.3.2": "full", "AA2.3.3": "partly"}  # 5/6 passes; then 0/3 at level 4
    ratings |= {"AA2.4.1": "largely", "AA3.4.1": "partly", "AA3.4.2": "largely"}

    result = score(sample, ratings)

    assert [item.score for item in result.items] == [Fraction(5, 2), 3 + Fraction(4, 15), 3 + Fraction(13, 30)]
    assert result.score == (Fraction(5, 2) + 6 + Fraction(7, 10)) / 3


def test_an_item_without_applicable_criteria_is_left_out():
    ratings = rated(PAIR, {"BB1": "na"}, rest="full")

    result = score(PAIR, ratings)

    assert result.excluded_items == ("BB1",)
    assert [domain.code for domain in result.domains] == ["AA", "BB"]
    assert result.score == 5


def test_a_domain_without_items_is_left_out():
    result = score(PAIR, rated(PAIR, {"BB": "na"}, rest="none"))

    assert result.excluded_items == ("BB1", "BB2")
    assert [domain.code for domain in result.domains] == ["AA"]


@pytest.mark.parametrize("method", METHOD)
def test_everything_not_applicable_gives_no_score(method):
    result = score(PAIR, rated(PAIR, {}, rest="na"), method)

    assert (result.score, result.level, result.lowest_item, result.lowest_domain) == (None, None, None, None)


def test_unanswered_counts_as_not_met_and_is_counted():
    result = score(PAIR, {"AA1.1.1": "full"})

    assert len(result.unanswered) == len(PAIR.item_of) - 1
    assert show(result.domains[0].score) == "0.50"


def test_strict_floor_takes_the_lowest_level_but_items_keep_their_fraction():
    ratings = rated(PAIR, {"BB2.3": "partly", "BB2.4": "none", "BB2.5": "none"})

    result = score(PAIR, ratings, "strict_floor")

    assert [(show(item.score), item.level) for item in result.items] == [("5.00", 5), ("5.00", 5), ("2.50", 2)]
    assert [(show(domain.score), domain.level) for domain in result.domains] == [("5.00", 5), ("2.00", 2)]
    assert (show(result.score), result.level) == ("2.00", 2)


def test_lowest_is_the_first_among_equals():
    result = score(PAIR, rated(PAIR, {}, rest="partly"))

    assert (result.lowest_item.code, result.lowest_domain.code) == ("AA1", "AA")


def test_all_methods_stand_side_by_side():
    results = score_all_methods(PAIR, rated(PAIR, {}))

    assert {key: result.level for key, result in results.items()} == {"staircase_080": 5, "nplf": 5, "strict_floor": 5}


def test_an_unknown_method_is_refused():
    with pytest.raises(UnknownMethod):
        score(PAIR, {}, "half_band")


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        ("2.705", 2, "2.71"),
        ("2.7049999", 2, "2.70"),
        ("0.5", 0, "1"),
        ("2/3", 4, "0.6667"),
        ("5", 4, "5.0000"),
        ("0", 2, "0.00"),
    ],
)
def test_numbers_are_shown_half_up(value, places, shown):
    assert show(Fraction(value), places) == shown


ratings_of_pair = st.fixed_dictionaries({code: st.sampled_from(RATINGS) for code in PAIR.item_of})


@settings(max_examples=150, deadline=None)
@given(ratings=ratings_of_pair, code=st.sampled_from(list(PAIR.item_of)), method=st.sampled_from(list(METHOD)))
def test_raising_a_rating_never_lowers_a_score(ratings, code, method):
    if ratings[code] in ("na", "full"):
        return
    raised = {**ratings, code: ORDER[ORDER.index(ratings[code]) + 1]}

    before, after = score(PAIR, ratings, method), score(PAIR, raised, method)

    assert after.score >= before.score
    assert after.level >= before.level
    assert all(new.score >= old.score for new, old in zip(after.items, before.items, strict=True))


@settings(max_examples=50, deadline=None)
@given(ratings=ratings_of_pair, seed=st.randoms(use_true_random=False), method=st.sampled_from(list(METHOD)))
def test_the_order_of_answers_never_matters(ratings, seed, method):
    shuffled = list(ratings.items())
    seed.shuffle(shuffled)

    assert score(PAIR, dict(shuffled), method) == score(PAIR, ratings, method)
