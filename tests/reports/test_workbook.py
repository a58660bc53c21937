import io

import openpyxl
import pytest

from reports.workbook import render_workbook
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
