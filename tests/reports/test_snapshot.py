import json
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from assessments.results import assess
from reports.content import findings
from reports.content.snapshot import as_canonical_json, take_snapshot
from reports.papers.pdf import volume_context
from tests.reports.conftest import DAY, random_answers, snapshot_of


def test_equal_answers_give_equal_bytes(questionnaires, basis):
    bank = questionnaires["gbt36073-2025"]

    first, second = (snapshot_of(bank, basis, random_answers(bank)) for _ in range(2))

    assert as_canonical_json(first) == as_canonical_json(second)


@pytest.mark.parametrize("code", ["gbt36073-2025", "gbt36073-2018", "policy-actions"])
def test_shown_numbers_are_those_of_the_result_json(snapshots, code):
    snapshot = snapshots[code, "zh-hans"]
    result = snapshot.result

    assert abs(Decimal(snapshot.score) - Decimal(result["overall"]["score"])) <= Decimal("0.005")
    assert snapshot.level == result["overall"]["level"]
    assert [(d.code, d.level) for d in snapshot.domains] == [(d["code"], d["level"]) for d in result["domains"]]
    for shown, told in zip(snapshot.items, result["items"], strict=True):
        assert (shown.code, shown.level) == (told["code"], told["level"])
        assert abs(Decimal(shown.score) - Decimal(told["score"])) <= Decimal("0.005")


def test_every_gap_has_actions_and_direct_clauses_or_says_that_none_exists(snapshots):
    for language in ("zh-hans", "en"):
        for item in snapshots["gbt36073-2025", language].gaps:
            assert [criterion.code for criterion in item.open_criteria] == list(item.gap.criteria)
            assert all(criterion.action and criterion.evidence for criterion in item.open_criteria)
            assert bool(item.gap.direct) != bool(item.gap.no_direct_note)
            assert all(ref.strength == "direct" for ref in item.gap.direct)


def test_clauses_that_address_only_government_are_never_shown(snapshots, basis):
    background = {clause.id for clause in basis.library.clauses if clause.is_background}
    assert background
    for snapshot in snapshots.values():
        assert not background & set(snapshot.clause_by_id)


def test_every_cited_document_states_its_validity(snapshots):
    for snapshot in snapshots.values():
        by_code = snapshot.document_by_code
        assert {code: document.status for code, document in by_code.items()}.items() <= {
            "BDP14": "period_ended", "BDP13": "historical", "BDP14I": "interpretive", "NIP14": "period_ended",
        }.items()  # fmt: skip
        assert all(document.validity and document.status_label for document in by_code.values())


def test_the_sentence_for_the_chief(snapshots):
    snapshot = snapshots["gbt36073-2025", "en"]

    with override("en"):
        verdict = findings.verdict(snapshot)

    assert verdict.startswith(f"Self-assessed level {snapshot.level} (")
    assert snapshot.score in verdict
    lowest = min(snapshot.items, key=lambda item: item.share)
    assert lowest.name in verdict


def test_nothing_half_translated(snapshots):
    """No Chinese in the English sentences, labels and content; titles of sections are quoted in Chinese."""
    snapshot = snapshots["gbt36073-2025", "en"]
    data = json.loads(as_canonical_json(snapshot))
    for key in ("organization", "assessment", "answers"):
        data.pop(key)
    for document in data["documents"]:
        document.pop("number")
        for clause in document["clauses"]:
            clause.pop("section"), clause.pop("box")
    for domain in data["domains"]:
        for item in domain["items"]:
            for level in item["levels"]:
                for criterion in level["criteria"]:
                    criterion.pop("note")

    text = json.dumps(data, ensure_ascii=False)

    assert [letter for letter in text if "\u4e00" <= letter <= "\u9fff"] == []


@pytest.mark.parametrize("rating", ["na", None])
def test_everything_not_applicable_or_unanswered_can_be_told(questionnaires, basis, rating):
    bank = questionnaires["gbt36073-2025"]
    answers = random_answers(bank)
    answers.ratings = dict.fromkeys(bank.item_of, rating) if rating else {}

    snapshot = snapshot_of(bank, basis, answers)

    with override("zh-hans"):
        assert volume_context(snapshot)["verdict"]
    assert (snapshot.score, snapshot.level) == (("", None) if rating else ("0.00", 1))


def test_own_targets_are_frozen_only_where_they_differ(questionnaires, basis):
    bank = questionnaires["gbt36073-2025"]
    answers = random_answers(bank)
    same, other = (
        take_snapshot(
            assess(bank, basis, answers.ratings, target=3, targets=targets), basis, answers, organization="Acme", assessment="2026",
            on=DAY, language="en",
        )
        for targets in ({"DS1": 3}, {"DS1": 5})
    )  # fmt: skip

    assert "targets" not in json.loads(as_canonical_json(same))
    assert json.loads(as_canonical_json(other))["targets"] == {"DS1": 5}
    assert (other.target_of("DS1"), other.target_of("DS2")) == (5, 3)


def test_the_printed_gap_names_the_items_own_target(questionnaires, basis):
    bank = questionnaires["gbt36073-2025"]
    outcome = assess(bank, basis, {}, target=3, targets={"DS1": 5})
    snapshot = take_snapshot(
        outcome, basis, random_answers(bank), organization="Acme", assessment="2026", on=DAY, language="en"
    )

    with override("en"):
        printed = [
            render_to_string("reports/pdf/item.html", {"snapshot": snapshot, "item": item, **volume_context(snapshot)})
            for item in snapshot.items[:2]
        ]

    assert ["To prepare for level 5" in page for page in printed] == [True, False]
    assert ["To prepare for level 3" in page for page in printed] == [False, True]
