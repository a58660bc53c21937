import io
from dataclasses import replace

import openpyxl
import pytest
from django.utils.translation import override

from reports.papers.sheets import summary
from reports.papers.workbook import render_workbook
from tests.reports.conftest import random_answers, snapshot_of


@pytest.mark.parametrize("code", ["gbt36073-2025", "gbt36073-2018", "policy-actions"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_workbook_holds_every_answer(snapshots, code, language):
    snapshot = snapshots[code, language]

    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot)))

    answers = list(book[book.sheetnames[2]].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in answers] == [answer["criterion"] for answer in snapshot.answers]


def test_the_workbook_is_the_same_bytes_each_time(snapshots):
    snapshot = snapshots["gbt36073-2018", "en"]

    assert render_workbook(snapshot) == render_workbook(snapshot)


def test_no_user_text_becomes_a_formula_or_a_link(questionnaires, basis):
    bank = questionnaires["gbt36073-2018"]
    answers = random_answers(bank)
    answers.notes = dict.fromkeys(bank.item_of, '=HYPERLINK("http://x.example")\x07')

    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot_of(bank, basis, answers, organization="=1+1"))))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert [cell for cell in cells if cell.value == '=HYPERLINK("http://x.example")�']


def test_figures_are_numbers_with_the_shown_digits(snapshots):
    snapshot = snapshots["gbt36073-2025", "en"]

    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot)))

    rows = {row[0].value: row for row in book["Scores"].iter_rows(min_row=2)}
    for item in snapshot.items:
        score, level = rows[item.code][7:9]
        assert (score.data_type, score.number_format, f"{score.value:.2f}") == ("n", "0.00", item.score)
        assert (level.data_type, level.value) == ("n", item.level)


@pytest.mark.parametrize(("score", "shown"), [("0.00", 0.0), ("", "–")])
def test_a_total_of_nothing_is_a_figure_and_no_total_is_none(snapshots, score, shown):
    snapshot = replace(snapshots["policy-actions", "en"], score=score)

    with override("en"):
        assert dict(summary(snapshot).rows)["Score"] == shown


def test_sheets_can_be_filtered_scrolled_and_printed(snapshots):
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshots["gbt36073-2025", "en"])))

    for sheet in book.worksheets[:-1]:
        assert sheet.auto_filter.ref
        assert sheet.freeze_panes
        assert sheet.print_title_rows == "$1:$1"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert len(book["Charts"]._charts) == 2


def test_a_text_longer_than_a_cell_goes_on_below(questionnaires, basis):
    bank = questionnaires["policy-actions"]
    answers = random_answers(bank)
    first = next(iter(bank.item_of))
    answers.notes[first] = "长" * 70_000

    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot_of(bank, basis, answers, language="en"))))

    rows = [row for row in book["Answers"].iter_rows(min_row=2, values_only=True) if row[0].startswith(first)]
    assert [row[0] for row in rows] == [first, f"{first} (continued 1)", f"{first} (continued 2)"]
    assert "".join(row[6] for row in rows) == "长" * 70_000


def test_two_languages_stand_in_one_workbook(snapshots):
    both = [snapshots["gbt36073-2018", language] for language in ("zh-hans", "en")]

    names = openpyxl.load_workbook(io.BytesIO(render_workbook(both))).sheetnames

    assert {"摘要", "Summary"} <= set(names)
    assert len(names) == len({name.lower() for name in names})
