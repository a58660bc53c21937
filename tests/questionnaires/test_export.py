import io
import json

import openpyxl
import pytest
from django.core.management import call_command

from questionnaires.export import as_json, as_workbook


def test_json_is_as_contracted(questionnaires, tmp_path):
    out = tmp_path / "q.json"

    call_command("export_questionnaire", "gbt36073-2025", "--format", "json", "--out", str(out))

    data = json.loads(out.read_text(encoding="utf-8"))
    assert list(data) == ["code", "version", "edition", "lang", "domains"]
    item = data["domains"][0]["items"][0]
    assert list(item) == ["code", "name_zh", "name_en", "clause", "criteria"]
    assert list(item["criteria"][0]) == ["code", "level", "text_zh", "text_en", "evidence"]
    codes = [c["code"] for d in data["domains"] for i in d["items"] for c in i["criteria"]]
    assert codes == list(questionnaires["gbt36073-2025"].item_of)


def test_policy_actions_have_anchors_in_place_of_criteria(questionnaires):
    data = json.loads(as_json(questionnaires["policy-actions"], "en"))

    item = data["domains"][0]["items"][0]
    assert list(item) == ["code", "name_zh", "name_en", "clause", "anchors", "allow_na", "clauses"]
    assert [anchor["score"] for anchor in item["anchors"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("code", ["gbt36073-2018", "policy-actions"])
def test_the_workbook_has_a_row_for_every_question(questionnaires, code):
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(questionnaires[code], "zh")))

    rows = list(book["answers"].iter_rows(values_only=True))
    assert rows[0][:6] == ("criterion", "rating", "na_reason", "note", "questionnaire", "version")
    assert [row[0] for row in rows[1:]] == list(questionnaires[code].item_of)
    assert {row[4] for row in rows[1:]} == {code}


def test_the_workbook_is_the_same_bytes_each_time(questionnaires):
    assert as_workbook(questionnaires["gbt36073-2025"], "en") == as_workbook(questionnaires["gbt36073-2025"], "en")
