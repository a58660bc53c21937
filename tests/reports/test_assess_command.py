import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from tests.reports.conftest import random_answers

HEAD = "criterion,rating,na_reason,note,questionnaire,version\n"


@pytest.fixture
def answers_file(tmp_path, questionnaires):
    def write(code="gbt36073-2025", version=None, leave_out=0):
        package = questionnaires[code]
        answers = random_answers(package)
        rows = [
            f"{c},{answers.ratings[c]},{answers.na_reasons.get(c, '')},{answers.notes.get(c, '')},{code},{version or package.version}\n"
            for c in list(package.item_of)[leave_out:]
        ]
        path = tmp_path / f"{code}.csv"
        path.write_text(HEAD + "".join(rows), encoding="utf-8")
        return str(path)

    return write


def run(code, answers, *arguments):
    call_command("assess", "--questionnaire", code, "--answers", answers, "--date", "2026-11-20", *arguments)


def test_answers_in_results_out(answers_file, tmp_path):
    out = {kind: tmp_path / f"out.{kind}" for kind in ("json", "pdf", "xlsx")}

    run(
        "gbt36073-2018", answers_file("gbt36073-2018"), "--target", "3", "--lang", "en", "--organization", "Acme",
        "--json", str(out["json"]), "--pdf", str(out["pdf"]), "--xlsx", str(out["xlsx"]),
    )  # fmt: skip

    told = json.loads(out["json"].read_text())
    assert (told["questionnaire"], told["method"], told["target"]) == ("gbt36073-2018", "staircase_080", 3)
    assert told["path"]["target"] == 3
    assert out["pdf"].read_bytes().startswith(b"%PDF")
    assert openpyxl.load_workbook(out["xlsx"]).sheetnames == [
        "Summary", "Scores", "Answers", "Findings", "Gaps", "Levers", "Path", "Clauses", "Derivation", "Charts",
    ]  # fmt: skip


def test_without_outputs_the_json_is_printed(answers_file, capsys):
    run("policy-actions", answers_file("policy-actions"))

    assert set(json.loads(capsys.readouterr().out)["coverage"])


@pytest.mark.parametrize("arguments", [("--target", "3"), ("--method", "nplf")])
def test_policy_actions_refuse_method_and_target(answers_file, arguments):
    with pytest.raises(CommandError) as refused:
        run("policy-actions", answers_file("policy-actions"), *arguments)

    assert refused.value.returncode == 2


def test_an_unknown_method_is_refused(answers_file):
    with pytest.raises(CommandError, match="half_band") as refused:
        run("gbt36073-2025", answers_file(), "--method", "half_band")

    assert refused.value.returncode == 2


def test_bad_input_writes_nothing_and_lists_all_faults(answers_file, tmp_path, questionnaires):
    out = tmp_path / "out.json"

    with pytest.raises(CommandError) as refused:
        run("gbt36073-2025", answers_file(leave_out=3), "--lang", "en", "--json", str(out))

    assert refused.value.returncode == 2
    missing = list(questionnaires["gbt36073-2025"].item_of)[:3]
    row = len(questionnaires["gbt36073-2025"].item_of) - 3 + 2
    assert str(refused.value).splitlines() == [
        f"gbt36073-2025.csv:{row}:criterion: {code} is missing; add a row for it." for code in missing
    ]
    assert not out.exists()


def test_incomplete_answers_count_as_unanswered(answers_file, capsys):
    run("gbt36073-2025", answers_file(leave_out=3), "--allow-incomplete")

    assert json.loads(capsys.readouterr().out)["unanswered"] == 3


def test_answers_to_the_other_edition_are_recognised(answers_file):
    with pytest.raises(CommandError, match="gbt36073-2018") as refused:
        run("gbt36073-2025", answers_file("gbt36073-2018"))

    assert refused.value.returncode == 2


def test_an_old_version_is_recognised(answers_file):
    with pytest.raises(CommandError, match=r"0\.9"):
        run("gbt36073-2025", answers_file(version="0.9"))
