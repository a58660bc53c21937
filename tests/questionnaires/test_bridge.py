import json

from django.core.management import call_command

from questionnaires.bridge import bridge, counts


def test_every_criterion_has_its_fate_and_its_origin(questionnaires, tmp_path):
    out = tmp_path / "bridge.json"

    call_command("export_bridge", "--format", "json", "--out", str(out))

    data = json.loads(out.read_text(encoding="utf-8"))
    old, new = questionnaires["gbt36073-2018"], questionnaires["gbt36073-2025"]
    assert [row["code"] for row in data["criteria_from"]] == list(old.criterion_by_code)
    assert [row["code"] for row in data["criteria_to"]] == list(new.criterion_by_code)
    assert all(row["fates"] for row in data["criteria_from"])
    origins = {(source, row["code"]) for row in data["criteria_to"] for source in row["from"]}
    fates = {(row["code"], fate["to"]) for row in data["criteria_from"] for fate in row["fates"] if fate["to"]}
    assert origins == fates
    assert all(row["reason_zh"] and row["reason_en"] for row in data["criteria_to"] if row["relation"] != "same")


def test_the_figures_add_up_to_the_banks(questionnaires):
    old, new = questionnaires["gbt36073-2018"], questionnaires["gbt36073-2025"]

    rows, dropped = bridge(old, new)

    figures = counts(rows, dropped)
    assert sum(count for relation, count in figures.items() if relation != "dropped") == len(new.criterion_by_code)
    carried = {link.old.code for row in rows for link in row.links if link.old}
    assert len(carried) + figures["dropped"] == len(old.criterion_by_code)


def test_shared_texts_are_the_same_in_both_editions(questionnaires):
    old = questionnaires["gbt36073-2018"].criterion_by_code
    for criterion in questionnaires["gbt36073-2025"].criterion_by_code.values():
        if criterion.origin.relation == "same":
            assert criterion.text == old[criterion.origin.came_from[0]].text
