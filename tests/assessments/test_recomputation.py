"""A second program, written apart from the engine, recomputes every number of the result JSON."""

import json
import random

import pytest

from assessments.results import assess, outcome_as_json
from assessments.scoring import ANCHORS, RATINGS
from questionnaires.export import as_json
from tests.recompute import recompute, recompute_actions

METHODS = ("staircase_080", "nplf", "strict_floor")


def random_ratings(codes, chance):
    """Answers of any mood: mostly met, mostly not, much n/a, whole items n/a, some unanswered."""
    weights = chance.choice([(6, 3, 2, 1, 0), (1, 1, 2, 5, 1), (1, 1, 1, 1, 4), (3, 3, 3, 3, 1)])
    na_items = {code.split(".")[0] for code in chance.sample(codes, 3)}
    missing = chance.choice([0, 0, 0.1, 0.5])
    ratings = {}
    for code in codes:
        if chance.random() >= missing:
            ratings[code] = "na" if code.split(".")[0] in na_items else chance.choices(RATINGS, weights)[0]
    return ratings


@pytest.mark.parametrize("seed", range(100))
def test_one_hundred_random_answer_sets(seed, questionnaires, basis):
    chance = random.Random(seed)
    bank = questionnaires["gbt36073-2025" if seed % 2 else "gbt36073-2018"]
    ratings = random_ratings(list(bank.item_of), chance)
    method, target = METHODS[seed % 3], chance.randint(1, 5)

    told = outcome_as_json(assess(bank, basis, ratings, method=method, target=target))

    again = recompute(json.loads(as_json(bank, "zh")), ratings, method, target)
    gaps = [{key: gap[key] for key in ("item", "level", "target", "criteria")} for gap in told["gaps"]]
    assert {**{key: told[key] for key in again}, "gaps": gaps} == again


@pytest.mark.parametrize("seed", range(30))
def test_policy_actions(seed, questionnaires, basis):
    chance = random.Random(seed)
    actions = questionnaires["policy-actions"]
    ratings = {code: chance.choice([*ANCHORS, "na", ""]) for code in actions.item_of}

    told = outcome_as_json(assess(actions, basis, ratings))

    again = recompute_actions(json.loads(as_json(actions, "zh")), ratings)
    assert {key: told[key] for key in again} == again
