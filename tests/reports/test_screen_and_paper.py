"""What the result, gap and derivation pages show as numbers stands the same in workbook, Word and PDF, whatever was answered.

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
from django.urls import reverse
from django.utils.translation import override
from lxml import html

from assessments.answer_files import AnswerSet
from reports.papers.pdf import FULL, render, volume_context, volume_html
from reports.papers.word import render_word
from reports.papers.workbook import render_workbook
from tests.reports.conftest import snapshot_of
from tests.reports.screen_numbers import EFFORT, gaps_on_paper, gaps_page, result_on_paper, result_page
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


def shown_as_derivation(snapshot) -> dict:
    """The numbers of the derivation page, read from its HTML: of domains and items by code."""
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

    screen = shown_as_derivation(snapshot)

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


@pytest.fixture
def pages(told, as_alice, assessment, monkeypatch):
    """(result page, gaps page) of the snapshot, as the views make them."""
    _seed, snapshot = told
    monkeypatch.setattr("reports.views.result.snapshot_of", lambda *_args, **_how: snapshot)
    path, said = [assessment.organization.slug, assessment.pk], snapshot.language
    return [as_alice.get(reverse(name, args=path), HTTP_ACCEPT_LANGUAGE=said).content.decode() for name in ("result", "gaps")]


def test_the_pages_show_what_the_volume_prints(told, pages):
    _seed, snapshot = told
    volume = volume_html([snapshot], FULL)

    screen, paper = result_page(pages[0]), result_on_paper(volume)

    assert screen.big == paper.big == [snapshot.score, str(snapshot.level), str(snapshot.target)]
    assert (screen.domains, screen.items, screen.heat) == (paper.domains, paper.items, paper.heat)
    assert [len(screen.domains), len(screen.items)] == [len(snapshot.domains), len(snapshot.items)]
    assert screen.levers == paper.levers[:5]
    assert bool(screen.levers) == bool(snapshot.path.levers)
    assert gaps_page(pages[1]) == gaps_on_paper(volume)
    assert gaps_page(pages[1]).keys() == {item.code for item in snapshot.gaps}


def test_the_workbook_has_the_numbers_of_the_pages(told, pages):
    _seed, snapshot = told
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot)))
    sheets = {tuple(cell.value for cell in next(sheet.iter_rows(max_row=1))): sheet for sheet in book}
    screen = result_page(pages[0])

    values = [row[1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    figures = [f"{value:.2f}" if isinstance(value, float) else str(value) for value in values]
    score, level, target = screen.big
    assert figures[figures.index(score) :][:3] == [score, f"{level} {snapshot.level_name}", target]
    levers = [sheet for sheet in sheets.values() if sheet.max_column == 6 and sheet.cell(2, 1).value in screen.items]
    rows = [row for sheet in levers for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [_as_shown(row) for row in rows][:5] == screen.levers


def _as_shown(lever: tuple) -> tuple[str, ...]:
    code, _name, count, before, after, gain = lever
    return code, str(count), f"{before:.2f}", f"{after:.2f}", f"+{gain:.2f}" if gain is not None else "–"


def test_the_workbook_has_the_gaps_of_the_page(told, pages):
    _seed, snapshot = told
    if not snapshot.gaps:
        pytest.skip("no gap in this one")
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(snapshot)))
    sheet = next(sheet for sheet in book if sheet.max_column == 15 and sheet.title in ("差距", "Gaps"))
    rows = list(sheet.iter_rows(min_row=2, values_only=True))

    screen = gaps_page(pages[1])

    assert [row[0] for row in rows] == [code for code, gap in screen.items() for _criterion in gap.criteria]
    for item in snapshot.gaps:
        gap, mine = screen[item.code], [row for row in rows if row[0] == item.code]
        assert {(str(row[2]), str(row[3])) for row in mine} == {(gap.level, gap.target)}
        assert {row[5]: (row[4].split(".")[1], row[6], *map(str, row[10:13])) for row in mine} == gap.criteria
        assert [row[13] or "" for row in mine] == [", ".join(link.id for link in item.gap.direct)] * len(mine)


def needs_paper(seed: int):
    if seed not in ON_PAPER:
        pytest.skip("five of fifty in the suite, one on paper")


@pytest.fixture(scope="module")
def written(told):
    """The Word volume of the snapshot."""
    needs_paper(told[0])
    return docx.Document(io.BytesIO(render_word([told[1]])))


@pytest.fixture(scope="module")
def pdf(told) -> bytes:
    needs_paper(told[0])
    return render([told[1]]).content


def test_word_has_the_numbers_of_the_pages(told, pages, written):
    _seed, snapshot = told
    result, gaps = result_page(pages[0]), gaps_page(pages[1])

    rows = [tuple(cell.text for cell in row.cells) for table in written.tables for row in table.rows]

    score, level, target = result.big
    assert (score, f"{level} {snapshot.level_name}", f"{target} {snapshot.target_name}") in rows
    names = {str(level.level): level.name for level in snapshot.levels}
    for name, (score, level) in result.domains.items():
        assert any(row[1:] == (name, score, f"{level} {names[level]}") for row in rows), name
    for code, (score, level) in result.items.items():
        assert any((row[0], *row[2:]) == (code, score, f"{level} {names[level]}") for row in rows), code
    levers = [(row[0], row[2], *row[3].split(" → "), row[4]) for row in rows if len(row) == 5 and " → " in row[3]]
    assert levers == result.levers
    hints = [paragraph.text for paragraph in written.paragraphs if paragraph.style.name == "Hint"]
    efforts = [found.groups() for found in map(EFFORT.search, hints) if found]
    assert efforts == [numbers[2:] for gap in gaps.values() for numbers in gap.criteria.values()]
    for gap in gaps.values():
        for words, (_level, answer, *_numbers) in gap.criteria.items():
            assert any(row[1:3] == (words, answer) for row in rows), words


def test_the_pdf_has_the_numbers_of_the_pages(told, pages, pdf):
    result, gaps = result_page(pages[0]), gaps_page(pages[1])

    printed = "".join(told_in_pdf(pdf, "-raw").split())

    for _code, count, before, after, gain in result.levers:
        assert f"{count}{before}→{after}{gain}" in printed
    for gap in gaps.values():
        for words, (_level, answer, least, most, _weeks) in gap.criteria.items():
            assert is_printed("".join((answer + words).split()), printed), words
            assert f"{least}–{most}" in printed


def is_printed(words: str, printed: str) -> bool:
    """In one piece, or in two where a row breaks across pages."""
    return words in printed or any(words[:n] in printed and words[n:] in printed for n in range(8, len(words) - 8))


def rows_of(screen: dict, snapshot):
    """(code, name, numbers) of the domains and items; without the total."""
    names = {part.code: part.name for part in (*snapshot.domains, *snapshot.items)}
    return [(code, names[code], numbers) for code, numbers in screen.items() if code != "total"]


def test_word_has_the_derivation_of_the_screen(told, written):
    _seed, snapshot = told
    rows = {}
    for table in written.tables:
        for row in table.rows:
            cells = [cell.text.replace("不适用", "n/a") for cell in row.cells]
            rows.setdefault(cells[0], []).append(cells)

    for code, name, numbers in rows_of(shown_as_derivation(snapshot), snapshot):
        wanted = [code, name, *(numbers if len(numbers) > 2 else ["", "", "", "", "", *numbers])]
        assert [cell.replace("不适用", "n/a") for cell in wanted] in rows[code], code
    counts = [str(snapshot.unanswered), str(snapshot.total)] if snapshot.unanswered else []
    text = "\n".join(paragraph.text for paragraph in written.paragraphs)
    assert all(re.search(rf"(?<!\d){count}(?!\d)", text) for count in counts)


def test_the_pdf_has_the_derivation_of_the_screen(told, pdf):
    _seed, snapshot = told

    printed = told_in_pdf(pdf, "-layout")

    for code, _name, numbers in rows_of(shown_as_derivation(snapshot), snapshot):
        in_order = r"\s+".join(map(re.escape, filter(None, numbers)))
        assert re.search(rf"(?m)^\s*{code}\s.*\s{in_order}\s*$", printed), code
    for figure in (snapshot.score, *(method.score for method in snapshot.methods)):
        assert figure in printed
