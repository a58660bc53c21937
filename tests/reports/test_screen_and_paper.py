"""What the result and gap pages show as numbers stands the same in workbook, Word and PDF, whatever was answered.

In the suite five assessments, of them one in Word and PDF; DCMM_ALL_PAPERS=1 takes all fifty to every output.
"""

import io
import os
import random
import re

import docx
import openpyxl
import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from lxml import html

from assessments.answer_files import AnswerSet
from reports.papers.pdf import render, volume_context
from reports.papers.word import render_word
from reports.papers.workbook import render_workbook
from tests.reports.conftest import snapshot_of
from tests.reports.test_fields import told_in_pdf

ALL = bool(os.environ.get("DCMM_ALL_PAPERS"))
SEEDS = range(50) if ALL else range(5)
ON_PAPER = SEEDS if ALL else SEEDS[:1]


def anyhow_answered(bank, seed: int) -> AnswerSet:
    """Ratings of any kind, in other proportions for each seed; some criteria are left unanswered."""
    chance = random.Random(seed)
    weights = [chance.random() for _ in range(6)]
    answers = AnswerSet()
    for code in bank.item_of:
        rating = chance.choices(["full", "largely", "partly", "none", "na", ""], weights)[0]
        if rating:
            answers.ratings[code] = rating
        if rating == "na":
            answers.na_reasons[code], answers.notes[code] = "other", "–"
    return answers


@pytest.fixture(scope="module", params=SEEDS)
def told(request, questionnaires, basis):
    """(seed, snapshot); Chinese and English in turn, every target once in a while."""
    seed = request.param
    bank, language = questionnaires["gbt36073-2025"], ("zh-hans", "en")[seed % 2]
    return seed, snapshot_of(bank, basis, anyhow_answered(bank, seed), language=language, target=2 + seed % 4)


def shown_on_the_pages(snapshot) -> dict:
    """The numbers of the derivation, result and gap pages, read from their HTML."""
    with override(snapshot.language):
        context = volume_context(snapshot)
        table = html.fromstring("<div>" + render_to_string("reports/derivation_table.html", context) + "</div>")
    rows = {}
    for row in table.xpath("//tr[@id]"):
        rows[row.get("id").removeprefix("row-")] = [cell.text_content().strip() for cell in row.xpath("td[@class='number']")]
    return rows


def test_the_workbook_has_the_numbers_of_the_screen(told):
    _seed, snapshot = told
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot)))
    rows = {row[0]: row[2:] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)}

    screen = shown_on_the_pages(snapshot)

    total = screen.pop("total")
    for code, numbers in screen.items():
        *fulfilled, score, level = numbers
        *shown, in_book, level_in_book = rows[code][:7]
        assert (f"{in_book:.2f}", str(level_in_book)) == (score, level), code
        assert ["" if cell is None else f"{cell:.2f}" for cell in shown] == [
            n.replace("n/a", "") for n in fulfilled or [""] * 5
        ]
    derived = list(book.worksheets[-2].iter_rows(values_only=True))[-1]
    assert derived[-1] is None if not total[0] else f"{derived[-1]:.2f}" == total[0]


def test_the_workbook_has_the_gaps_of_the_screen(told):
    _seed, snapshot = told
    if not snapshot.gaps:
        pytest.skip("no gap in this one")
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot)))
    sheet = next(sheet for sheet in book if sheet.max_column == 15 and sheet.title in ("差距", "Gaps"))
    rows = list(sheet.iter_rows(min_row=2, values_only=True))

    for item in snapshot.gaps:
        mine = [row for row in rows if row[0] == item.code]
        assert {(row[2], row[3]) for row in mine} == {(item.level, snapshot.target_of(item.code))}
        assert tuple(row[4] for row in mine) == item.gap.criteria
        assert [row[13] or "" for row in mine] == [", ".join(link.id for link in item.gap.direct)] * len(mine)


def test_word_and_pdf_have_the_numbers_of_the_screen(told):
    seed, snapshot = told
    if seed not in ON_PAPER:
        pytest.skip("five of fifty in the suite, one on paper")
    screen = shown_on_the_pages(snapshot)

    written = docx.Document(io.BytesIO(render_word([snapshot])))
    printed = told_in_pdf(render([snapshot]).content, "-layout")

    rows = {}
    for table in written.tables:
        for row in table.rows:
            cells = [cell.text for cell in row.cells]
            rows.setdefault(cells[0], []).append(cells)
    names = {part.code: part.name for part in (*snapshot.domains, *snapshot.items)}
    for code, numbers in screen.items():
        if code == "total":
            continue
        wanted = [code, names[code], *(numbers if len(numbers) > 2 else ["", "", "", "", "", *numbers])]
        assert [cell.replace("不适用", "n/a") for cell in wanted] in [
            [cell.replace("不适用", "n/a") for cell in row] for row in rows[code]
        ], code
        in_order = r"\s+".join(map(re.escape, filter(None, numbers)))
        assert re.search(rf"(?m)^\s*{code}\s.*\s{in_order}\s*$", printed), code
    for figure in (snapshot.score, *(method.score for method in snapshot.methods)):
        assert figure in printed
    counts = [str(snapshot.unanswered), str(snapshot.total)] if snapshot.unanswered else []
    text = "\n".join(paragraph.text for paragraph in written.paragraphs)
    assert all(re.search(rf"(?<!\d){count}(?!\d)", text) for count in counts)
