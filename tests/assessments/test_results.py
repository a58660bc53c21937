import json

from assessments.results import assess, outcome_as_json

KEYS = [
    "questionnaire", "version", "method", "target", "unanswered", "excluded_items", "items", "domains", "overall", "lowest",
    "methods", "gaps", "path",
]  # fmt: skip


def test_the_json_has_just_the_keys_of_the_contract(questionnaires, basis):
    bank = questionnaires["gbt36073-2025"]

    told = outcome_as_json(assess(bank, basis, dict.fromkeys(bank.item_of, "largely"), target=3))

    assert list(told) == KEYS
    assert told["items"][0] == {
        "code": "DS1",
        "fulfilment": dict.fromkeys("12345", "0.8000"),
        "score": "5.0000",
        "level": 5,
    }
    assert told["overall"] == {"score": "5.0000", "level": 5}
    assert list(told["methods"]) == ["staircase_080", "nplf", "strict_floor"]
    assert told["path"] == {"target": 3, "raises": [], "count": 0}
    assert json.loads(json.dumps(told)) == told


def test_without_target_there_are_no_gaps_and_no_path(questionnaires, basis):
    told = outcome_as_json(assess(questionnaires["gbt36073-2018"], basis, {}))

    assert (told["target"], told["gaps"], told["path"]) == (None, [], None)


def test_every_gap_names_actions_and_direct_clauses_or_none(questionnaires, basis):
    bank = questionnaires["gbt36073-2025"]

    told = outcome_as_json(assess(bank, basis, {}, target=3))

    assert len(told["gaps"]) == 33
    for gap in told["gaps"]:
        item = bank.item_by_code[gap["item"]]
        expected = [link.id for link in basis.library.basis_by_uid[item.uid].direct]
        advised = ["{}.A{}{}".format(*code.split(".")) for code in gap["criteria"]]
        assert gap["clauses"] == expected
        assert gap["actions"][: len(advised)] == advised
        assert all(code.startswith("PA-") for code in gap["actions"][len(advised) :])
        assert gap["actions"]
    assert next(gap for gap in told["gaps"] if gap["item"] == "DS2")["clauses"] == []


def test_policy_actions_have_coverage_instead(questionnaires, basis):
    actions = questionnaires["policy-actions"]

    told = outcome_as_json(assess(actions, basis, dict.fromkeys(actions.item_of, "3")))

    assert list(told) == [*KEYS, "coverage"]
    assert told["overall"] == {"score": "3.0000", "level": None}
    assert (told["method"], told["target"], told["methods"], told["gaps"], told["path"]) == (None, None, {}, [], None)
    assert told["items"][0]["fulfilment"] is None
    assert set(told["coverage"].values()) == {"0.7500"}


def test_targets_of_domains_and_items_move_their_gaps_only(questionnaires, basis):
    bank = questionnaires["gbt36073-2025"]
    first, second = bank.domains[0], bank.domains[1]
    targets = {first.code: 4, first.items[0].code: 1, second.items[0].code: 5}

    plain = outcome_as_json(assess(bank, basis, {}, target=3))
    told = outcome_as_json(assess(bank, basis, {}, target=3, targets=targets))

    expected = {item.code: 3 for item in bank.items} | {item.code: 4 for item in first.items} | {second.items[0].code: 5}
    del expected[first.items[0].code]  # target 1 is reached
    assert {gap["item"]: gap["target"] for gap in told["gaps"]} == expected
    widest = next(gap for gap in told["gaps"] if gap["item"] == second.items[0].code)
    assert widest["criteria"] == [criterion.code for criterion in second.items[0].criteria]
    assert {**told, "gaps": plain["gaps"]} == plain


def test_a_target_of_one_item_needs_no_overall_one(questionnaires, basis):
    bank = questionnaires["gbt36073-2025"]

    told = outcome_as_json(assess(bank, basis, {}, targets={"DQ2": 3}))

    assert ([gap["item"] for gap in told["gaps"]], told["target"], told["path"]) == (["DQ2"], None, None)
