"""The real packages: complete, clean, and true to the researched facts."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from questionnaires.linter import copied_runs, lint
from questionnaires.schema import LEVELS

SOURCES = Path(__file__).resolve().parents[3] / "shared" / "policies" / "sources"
FACTS = Path(__file__).resolve().parents[3] / "shared" / "dcmm" / "model_facts.yaml"
CHINESE = range(0x4E00, 0x9FFF + 1)


def test_no_faults(packages):
    assert lint(*packages) == []


def test_check_content_prints_the_figures(capsys):
    call_command("check_content")

    printed = capsys.readouterr().out
    assert "gbt36073-2018 1.0: 8 domains / 28 items" in printed
    assert "gbt36073-2025 1.0: 9 domains / 33 items" in printed
    assert "policy-actions 1.0: 8 groups / 36 actions" in printed
    assert "146 clauses" in printed
    assert printed.endswith("0 faults\n")


@pytest.mark.parametrize("code", ["gbt36073-2018", "gbt36073-2025"])
def test_every_item_has_two_criteria_at_every_level(questionnaires, code):
    sizes = {item.code: [len(item.at_level(level)) for level in LEVELS] for item in questionnaires[code].items}

    assert {code: row for code, row in sizes.items() if min(row) < 2} == {}


def test_every_english_text_is_english_and_every_chinese_one_chinese(packages):
    wrong = []
    for package in [*packages[0], packages[1]]:
        for text in texts_in(package):
            if any(ord(letter) in CHINESE for letter in text.en) or not any(ord(letter) in CHINESE for letter in text.zh):
                wrong.append(text)

    assert [text for text in wrong if not text.zh.isascii()] == []


def texts_in(value):
    if hasattr(value, "zh"):
        yield value
    if hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from texts_in(getattr(value, name))
    elif isinstance(value, (tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_in(part)


@pytest.mark.skipif(not SOURCES.exists(), reason="the source texts are not beside this checkout")
def test_our_words_are_ours(packages):
    sources = [path.read_text(encoding="utf-8") for path in SOURCES.glob("*.txt")]

    assert list(copied_runs([*packages[0], packages[1]], sources)) == []


def test_copied_words_are_found_and_titles_are_not(packages):
    clause = packages[1].clauses[0]
    title = packages[1].documents[0].title.zh

    faults = list(copied_runs([packages[1]], [f"前文{clause.summary.zh}后文", title]))

    assert [fault.key for fault in faults] == [clause.id]


@pytest.mark.skipif(not FACTS.exists(), reason="the researched facts are not beside this checkout")
@pytest.mark.parametrize(("code", "edition"), [("gbt36073-2018", 0), ("gbt36073-2025", 1)])
def test_items_clauses_and_crosswalk_are_those_of_the_facts(questionnaires, code, edition):
    facts = yaml.safe_load(FACTS.read_text(encoding="utf-8"))["editions"][edition]
    told = [
        (
            domain.code,
            domain.name.zh,
            domain.name.en,
            domain.clause,
            item.code,
            item.uid,
            item.name.zh,
            item.name.en,
            item.clause,
        )
        + (list(item.crosswalk.predecessors), list(item.crosswalk.successors), item.crosswalk.relation)
        for domain in questionnaires[code].domains
        for item in domain.items
    ]

    assert told == [
        (d["code"], d["zh"], d["en"], d["clause"], i["code"], i["uid"], i["zh"], i["en"], i["clause"])
        + (i.get("predecessors", []), i.get("successors", []), i.get("relation"))
        for d in facts["domains"]
        for i in d["items"]
    ]
