from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assessments.path import shortest_path
from assessments.scoring import CREDITS, RATINGS, score
from tests.samples import METHODS, questionnaire

METHOD = {method.key: method for method in METHODS}
SMALL = questionnaire({"AA": {"AA1": (1, 1, 1, 1, 1)}, "BB": {"BB1": (1, 0, 2, 0, 1), "BB2": (1, 1, 0, 0, 0)}})
FLAT = questionnaire({"AA": {"AA1": (1, 2, 2, 0, 0), "AA2": (2, 2, 1, 0, 0)}})


def by_brute_force(sample, ratings, method, target):
    """Try every set of criteria, smallest first; among equals least effort, then first in order."""
    result = score(sample, ratings, method.key)
    if result.score is None:
        return None
    codes = list(sample.item_of)
    open_codes = [c for c in codes if ratings.get(c) != "na" and CREDITS.get(ratings.get(c), Fraction(0)) < 1]
    for size in range(len(open_codes) + 1):
        reaching = [
            chosen
            for chosen in combinations(open_codes, size)
            if score(sample, {**ratings, **dict.fromkeys(chosen, "full")}, method.key).level >= target
        ]
        if reaching:
            return min(
                reaching,
                key=lambda chosen: (
                    sum(1 - CREDITS.get(ratings.get(c), Fraction(0)) for c in chosen),
                    [codes.index(c) for c in chosen],
                ),
            )
    raise AssertionError("all full reaches every level")


def codes_of(path):
    return None if path is None else tuple(step.criterion for step in path.raises)


def some_ratings(sample):
    rating = st.sampled_from([*RATINGS, "none", "partly", ""])
    return st.fixed_dictionaries(dict.fromkeys(sample.item_of, rating))


@pytest.mark.parametrize("sample", [pytest.param(SMALL, id="three items"), pytest.param(FLAT, id="one domain")])
@pytest.mark.parametrize("method", METHOD.values(), ids=METHOD)
def test_the_path_is_the_shortest_by_brute_force(sample, method):
    @settings(max_examples=20, deadline=None)
    @example(ratings=dict.fromkeys(sample.item_of, "na"), target=3)
    @example(ratings=dict.fromkeys(sample.item_of, "none"), target=3)
    @given(ratings=some_ratings(sample), target=st.integers(1, 5))
    def agrees(ratings, target):
        path = shortest_path(sample, ratings, method, target)

        assert codes_of(path) == by_brute_force(sample, ratings, method, target)

    agrees()


def test_nothing_to_raise_when_the_target_is_reached():
    path = shortest_path(SMALL, dict.fromkeys(SMALL.item_of, "full"), METHOD["staircase_080"], 5)

    assert codes_of(path) == ()


def test_no_path_when_nothing_applies():
    assert shortest_path(SMALL, dict.fromkeys(SMALL.item_of, "na"), METHOD["nplf"], 3) is None


def test_a_raise_tells_where_it_started():
    ratings = {**dict.fromkeys(SMALL.item_of, "full"), "AA1.5.1": "partly", "BB1.5.1": ""}

    path = shortest_path(SMALL, ratings, METHOD["strict_floor"], 5)

    assert [(step.criterion, step.before) for step in path.raises] == [("AA1.5.1", "partly"), ("BB1.5.1", None)]


@pytest.mark.parametrize("method", METHOD)
@pytest.mark.parametrize("target", [2, 3, 4, 5])
def test_the_path_on_the_real_bank_reaches_the_target_and_not_one_raise_less(questionnaires, method, target):
    bank = questionnaires["gbt36073-2025"]
    choices = ["full", "partly", "none", "largely", "na", "full", "partly"]
    ratings = {code: choices[(7 * n + n // 5) % 7] for n, code in enumerate(bank.item_of)}

    path = shortest_path(bank, ratings, bank.method_by_key[method], target)

    raised = {**ratings, **dict.fromkeys(codes_of(path), "full")}
    assert score(bank, raised, method).level >= target
    for code in codes_of(path)[:20]:
        assert score(bank, {**raised, code: ratings[code]}, method).level < target
