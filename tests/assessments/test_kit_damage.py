"""Edited and damaged workbooks: each merges as stated here or is refused with the place. Nothing is half taken over."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from datetime import date

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import PatternFill
from openpyxl.worksheet.cell_range import CellRange

from assessments.kit import layout
from assessments.kit.reading import MAX_MERGED, MAX_UNPACKED
from assessments.kit.writing import HIDDEN
from tests.assessments.kits import (
    PLACES,
    address,
    answer,
    apply,
    book_of,
    counts,
    file_of,
    fill,
    hand_out,
    returned,
    row_of,
    said_in,
    saved,
    upload,
)
from tests.conftest import begin

pytestmark = pytest.mark.usefixtures("in_english")

FIRST, SECOND = "DS1.1.1", "DS1.1.2"
FILLED = {FIRST: ("full", "", "已印发"), SECOND: ("partly", "", "")}
OTHER_ROW = {SECOND: FILLED[SECOND]}


@pytest.fixture
def kit(assessment, alice):
    return hand_out(assessment, alice)


def filled(kit):
    book = book_of(kit)
    fill(book, FIRST, rating="满足", note="已印发")
    fill(book, SECOND, rating="部分满足")
    return book


def sheets(book):
    """The sheets of the domains."""
    return book.worksheets[1:-1]


def cell(book, name, code=FIRST):
    sheet, row = row_of(book, code)
    return sheet.cell(row, PLACES[name])


def put(**cells):
    return lambda book: fill(book, FIRST, **cells)


# edits that any person makes and that must do no harm


def rows_reversed(book):
    for sheet in sheets(book):
        rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
        for number, values in enumerate(reversed(rows), start=2):
            for place, value in enumerate(values, start=1):
                sheet.cell(number, place).value = value


def rows_moved_down(book):
    for sheet in sheets(book):
        sheet.insert_rows(1, amount=7)
        sheet["A1"] = "请各部门认真填写"


def columns_reversed(book):
    for sheet in sheets(book):
        for row in sheet.iter_rows(max_col=len(PLACES)):
            values = [c.value for c in row]
            for target, value in zip(row, reversed(values), strict=True):
                target.value = value


def columns_hidden(book):
    for sheet in sheets(book):
        for letter in "ABCE":
            sheet.column_dimensions[letter].hidden = True
        sheet.row_dimensions[2].hidden = True


def column_inserted(book):
    for sheet in sheets(book):
        sheet.insert_cols(PLACES["rating"])
        sheet.cell(1, PLACES["rating"]).value = "经办人"
        sheet.cell(2, PLACES["rating"]).value = "王工"


def sheets_renamed(book):
    for number, sheet in enumerate(sheets(book)):
        sheet.title = f"第{number}张"


def sheets_reordered(book):
    book._sheets.reverse()


def instructions_deleted(book):
    del book[book.sheetnames[0]]


def domain_deleted(book):
    del book[book.sheetnames[2]]


def sheets_united(book):
    one, two = sheets(book)
    for row in list(two.iter_rows(values_only=True)):
        one.append(row)
    book.remove(two)


def headings_in_english(book):
    for sheet in sheets(book):
        for place, (heading, _width) in enumerate(layout.COLUMNS.values(), start=1):
            sheet.cell(1, place).value = f" {heading.en.upper()} "


def headings_deleted(book):
    for sheet in sheets(book):
        sheet.delete_rows(1)


def view_changed(book):
    for sheet in sheets(book):
        sheet.freeze_panes = None
        sheet.protection.sheet = False
        sheet.auto_filter.ref = "A1:J9"
        sheet.auto_filter.add_filter_column(4, ["满足"])


def rich_text(book):
    book_font = InlineFont(b=True)
    cell(book, "note").value = CellRichText("已", TextBlock(book_font, "印发"))
    cell(book, "rating").value = CellRichText(TextBlock(book_font, "满"), "足")


def hidden_sheet_shown(book):
    book[HIDDEN].sheet_state = "visible"
    book[HIDDEN].title = "Sheet99"
    book[HIDDEN if HIDDEN in book.sheetnames else "Sheet99"].insert_rows(1)


def own_sheet_added(book):
    sheet = book.create_sheet("汇总", 0)
    sheet["A1"] = "=SUM(1,2)"
    sheet["B2"] = "部门汇总"


def many_empty_rows(book):
    for sheet in sheets(book):
        sheet.cell(100_000, 5).fill = PatternFill("solid", fgColor="FFFF00")


def row_twice_alike(book):
    sheet, row = row_of(book, FIRST)
    sheet.append([c.value for c in sheet[row]])


def statement_cells_merged(book):
    sheet, row = row_of(book, FIRST)
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=PLACES["item"], end_column=PLACES["item"])


HARMLESS = {
    "rows sorted the other way": rows_reversed,
    "rows moved down, a title above": rows_moved_down,
    "columns in reverse order": columns_reversed,
    "columns and rows hidden": columns_hidden,
    "a column inserted before the rating": column_inserted,
    "sheets renamed": sheets_renamed,
    "sheets in reverse order": sheets_reordered,
    "instructions deleted": instructions_deleted,
    "another domain's sheet deleted": domain_deleted,
    "two sheets put into one": sheets_united,
    "headings in the other language, upper case": headings_in_english,
    "headings deleted": headings_deleted,
    "filter set, panes and protection off": view_changed,
    "rich text": rich_text,
    "hidden sheet shown, renamed and moved": hidden_sheet_shown,
    "an own sheet with formulas added": own_sheet_added,
    "100,000 empty rows": many_empty_rows,
    "a row twice, alike": row_twice_alike,
    "cells of the question merged": statement_cells_merged,
    "spaces around the rating": put(rating="  满足\n"),
    "full-width and blank inside the rating": put(rating="满　足"),
    "the rating in English, lower case": put(rating="fully met"),
    "the rating's key": put(rating="FULL"),
    "a tick": put(rating="√"),
    "note with Windows line ends around it": put(note="\r\n已印发\r\n"),
}


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS)
def test_an_edit_that_does_no_harm(as_alice, assessment, kit, edit):
    book = filled(kit)
    edit(book)

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    response = apply(as_alice, kit_return)

    assert response.status_code == 302
    assert said_in(assessment) == FILLED


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        pytest.param({"note": "第一行\n第二行"}, "第一行\n第二行", id="line breaks"),
        pytest.param({"note": "好😀𠮷𪚥"}, "好😀𠮷𪚥", id="emoji and rare Han"),
        pytest.param({"note": date(2026, 3, 1)}, "2026-03-01", id="a date in the note"),
        pytest.param({"note": 12.0}, "12", id="a number in the note"),
        pytest.param({"note": "Cafe\u0301"}, "Café", id="decomposed letters"),
        pytest.param({"note": "x" * layout.MAX_NOTE}, "x" * layout.MAX_NOTE, id="the longest note"),
        pytest.param({"note": "<script>alert(1)</script>"}, "<script>alert(1)</script>", id="markup stays text"),
    ],
)
def test_a_note_is_kept_as_typed(as_alice, assessment, kit, cells, kept):
    book = filled(kit)
    fill(book, FIRST, **cells)

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    apply(as_alice, kit_return)

    assert said_in(assessment) == {**OTHER_ROW, FIRST: ("full", "", kept)}
    assert b"<script>alert" not in as_alice.get(address("kit_return", assessment, kit_return.pk)).content


def test_a_reason_left_over_from_na_goes_with_it(as_alice, assessment, alice):
    answer(assessment, FIRST, alice, "na", "other", "why")
    book = book_of(hand_out(assessment, alice))
    fill(book, FIRST, rating="满足")

    apply(as_alice, returned(upload(as_alice, assessment, saved(book)), assessment))

    assert said_in(assessment) == {FIRST: ("full", "", "why")}


def test_a_formula_typed_as_text_stays_text(as_alice, assessment, kit):
    book = filled(kit)
    note = cell(book, "note")
    note.value, note.data_type = "=cmd|' /C calc'!A0", "s"

    apply(as_alice, returned(upload(as_alice, assessment, saved(book)), assessment))

    assert said_in(assessment)[FIRST] == ("full", "", "=cmd|' /C calc'!A0")


# edits that make one row unusable: it is left alone and named with its place, the others are taken over


def merged_ratings(book):
    sheet, row = row_of(book, FIRST)
    sheet.merge_cells(start_row=row, end_row=row, start_column=PLACES["rating"], end_column=PLACES["na_reason"])


def row_twice_different(book):
    sheet, row = row_of(book, FIRST)
    sheet.append([c.value if c.column != PLACES["rating"] else "不满足" for c in sheet[row]])


def control_characters(book):
    cell(book, "note").value = "a\u202eb"


def error_value(book):
    cell(book, "rating").value = "#REF!"
    cell(book, "rating").data_type = "e"


SPOILT_ROWS = {
    "an unknown rating": (put(rating="优秀"), "Rating: “优秀” is no rating here."),
    "a number as rating": (put(rating=3), "Rating: “3” is no rating here."),
    "n/a without a reason": (put(rating="不适用"), "Reason: Not applicable needs a reason from the list."),
    "n/a without a note": (put(rating="不适用", na_reason="其他", note=None), "Note: Not applicable needs a note"),
    "an unknown reason": (put(rating="不适用", na_reason="尚未开展"), "Reason: “尚未开展” is no reason."),
    "a reason without n/a": (put(na_reason="其他"), "A reason stands only beside"),
    "a note too long": (put(note="x" * 2001), "Note: The note has 2001 characters; at most 2000 are kept."),
    "a title of evidence too long": (put(evidence="x" * 201), "Evidence: A title of evidence has 201 characters"),
    "51 titles of evidence": (put(evidence="\n".join(map(str, range(51)))), "Evidence: More than 50 titles"),
    "a formula in the rating": (put(rating='=IF(1,"满足","")'), "Rating: The cell holds a formula."),
    "a formula in the note": (put(note="=HYPERLINK(\"http://evil.example\")"), "Note: The cell holds a formula."),
    "a formula to another file": (put(note="='[1]Sheet1'!$A$1"), "Note: The cell holds a formula."),
    "an error value": (error_value, "Rating: The cell holds the error #REF!."),
    "marks that turn the text": (control_characters, "Note: The cell holds control characters."),
    "merged answer cells": (merged_ratings, "Rating: The cell is merged with others (E"),
    "a row twice, different": (row_twice_different, f"{FIRST} stands in several rows with different content"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "sentence"), SPOILT_ROWS.values(), ids=SPOILT_ROWS)
def test_a_spoilt_row_is_left_alone_and_named(as_alice, assessment, kit, edit, sentence):
    book = filled(kit)
    sheet, row = row_of(book, FIRST)
    place = f"sheet “{sheet.title}”, row {row}"
    edit(book)

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    page = re.sub(r"<[^>]+>", "", as_alice.get(address("kit_return", assessment, kit_return.pk)).content.decode())
    response = apply(as_alice, kit_return)

    assert sentence in page
    assert place in page
    assert response.status_code == 302
    assert said_in(assessment) == OTHER_ROW
    assert counts(as_alice, kit_return)["refused"] == 1


def test_without_headings_and_with_columns_moved_nothing_is_guessed(as_alice, assessment, kit):
    book = filled(kit)
    for sheet in sheets(book):
        sheet.delete_rows(1)
        sheet.insert_cols(3)

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    apply(as_alice, kit_return)

    assert counts(as_alice, kit_return) == {"refused": kit.question_count}
    assert said_in(assessment) == {}


@pytest.mark.parametrize(
    ("value", "fault"),
    [("DS9.9.9", "unknown_code"), ("DQ1.1.1", "not_in_kit"), (None, "no_code"), ("ds1.1.2 bis", "unknown_code")],
)
def test_a_changed_code_is_never_guessed(as_alice, assessment, kit, value, fault):
    book = filled(kit)
    cell(book, "code").value = value

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    apply(as_alice, kit_return)

    assert said_in(assessment) == OTHER_ROW
    assert [other["fault"] for other in kit_return.rows["others"]] == [fault]
    assert counts(as_alice, kit_return)["missing"] == 1


# files that are refused as a whole


def rewritten(content: bytes, change) -> bytes:
    """The archive with each member passed through ``change(name, bytes)``; None drops it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            changed = change(name, source.read(name))
            if changed is not None:
                target.writestr(name, changed)
    return buffer.getvalue()


def without_strings(kit):
    return rewritten(file_of(kit), lambda name, raw: None if name.endswith("sharedStrings.xml") else raw)


def broken_sheet(kit):
    return rewritten(file_of(kit), lambda name, raw: raw[:-300] if name.endswith("sheet2.xml") else raw)


def with_entities(kit):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    declared = re.compile(rb"<\?xml[^>]*\?>")
    return rewritten(file_of(kit), lambda name, raw: declared.sub(bomb, raw, 1) if name.endswith("sheet2.xml") else raw)


def zip_bomb(kit):
    def blow(name, raw):
        return raw + b" " * (MAX_UNPACKED + 1) if name.endswith("sheet2.xml") else raw

    return rewritten(file_of(kit), blow)


def with_macros(kit):
    buffer = io.BytesIO(file_of(kit))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return buffer.getvalue()


def many_merges(kit):
    book = filled(kit)
    sheet = sheets(book)[0]
    sheet.merged_cells.ranges.update(CellRange(f"L{row}:M{row}") for row in range(1, MAX_MERGED + 2))
    return saved(book)


def signature_changed(kit):
    book = filled(kit)
    signed = book[HIDDEN]["A1"]
    signed.value = signed.value[:-3] + ("abc" if not signed.value.endswith("abc") else "xyz")
    return saved(book)


def hidden_sheet_deleted(kit):
    book = filled(kit)
    del book[HIDDEN]
    return saved(book)


def column_twice(kit):
    book = filled(kit)
    sheets(book)[0].cell(1, 15).value = "评分"
    return saved(book)


def any_workbook(_kit):
    book = openpyxl.Workbook()
    book.active.append(["编号", "评分", "备注"])
    book.active.append([FIRST, "满足", ""])
    return saved(book)


def opendocument(_kit):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    return buffer.getvalue()


DAMAGED = "This is not an Excel workbook (.xlsx), or it is damaged."
REFUSED = {
    "truncated": (lambda kit: file_of(kit)[:-2000], DAMAGED),
    "empty": (lambda kit: b"", "empty"),
    "a csv named xlsx": (lambda kit: f"编号,评分\n{FIRST},满足\n".encode(), DAMAGED),
    "an HTML page named xls": (lambda kit: b"<html><table><tr><td>x</td></tr></table></html>", DAMAGED),
    "encrypted, or an old xls": (lambda kit: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096, "protected by a password"),
    "another kind of archive": (opendocument, DAMAGED),
    "strings missing": (without_strings, DAMAGED),
    "a sheet cut short": (broken_sheet, DAMAGED),
    "entities": (with_entities, DAMAGED),
    "a zip bomb": (zip_bomb, "far larger than a kit can be"),
    "thousands of merged cells": (many_merges, "far larger than a kit can be"),
    "macros": (with_macros, "holds macros"),
    "signature altered": (signature_changed, "The signature does not match"),
    "hidden sheet deleted": (hidden_sheet_deleted, "its signature is missing"),
    "any other workbook": (any_workbook, "its signature is missing"),
    "the rating column twice": (column_twice, "row 1: the column “评分” stands twice."),
}  # fmt: skip


@pytest.mark.parametrize(("make", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_refused(as_alice, assessment, kit, make, sentence):
    response = upload(as_alice, assessment, make(kit))

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert said_in(assessment) == {}


def test_the_kit_of_another_assessment_is_refused(as_alice, assessment, acme, alice):
    other = hand_out(begin(acme, alice, name="other"), alice)
    actions = hand_out(begin(acme, alice, "policy-actions", "actions", None), alice, items=["PA-101"])

    for kit in (other, actions):
        response = upload(as_alice, assessment, file_of(kit))

        assert response.status_code == 422
        assert "This kit belongs to another assessment." in response.content.decode()


def test_the_kit_of_another_organization_tells_nothing_about_it(as_alice, assessment, globex, charlie):
    response = upload(as_alice, assessment, file_of(hand_out(begin(globex, charlie, name="Secret plans"), charlie)))

    page = response.content.decode()
    assert response.status_code == 422
    assert "This kit belongs to another assessment." in page
    assert "Secret plans" not in page
    assert "Globex" not in page


def test_two_kits_in_one_workbook_are_refused(as_alice, assessment, alice, kit):
    book = filled(kit)
    book.create_sheet("x")["A1"] = book_of(hand_out(assessment, alice))[HIDDEN]["A1"].value

    response = upload(as_alice, assessment, saved(book))

    assert response.status_code == 422
    assert "more than one kit" in response.content.decode()


def test_an_older_kit_is_compared_with_what_it_held(as_alice, assessment, alice, kit):
    book = filled(kit)
    answer(assessment, FIRST, alice, "none")
    hand_out(assessment, alice)

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)

    assert counts(as_alice, kit_return) == {"conflict": 1, "added": 1, "unchanged": kit.question_count - 2}
    assert (
        "Kit 2 was handed out after this one."
        in as_alice.get(address("kit_return", assessment, kit_return.pk)).content.decode()
    )


def test_strings_are_read_inline_and_from_their_table(as_alice, assessment, kit):
    """Some programs write a table of strings, others each string into its cell."""
    with zipfile.ZipFile(io.BytesIO(file_of(kit))) as by_table, zipfile.ZipFile(io.BytesIO(saved(filled(kit)))) as inline:
        assert "xl/sharedStrings.xml" in by_table.namelist()
        assert b't="inlineStr"' in inline.read("xl/worksheets/sheet2.xml")

    untouched = returned(upload(as_alice, assessment, file_of(kit)), assessment)
    edited = returned(upload(as_alice, assessment, saved(filled(kit))), assessment)

    assert counts(as_alice, untouched) == {"unchanged": kit.question_count}
    assert counts(as_alice, edited) == {"added": 2, "unchanged": kit.question_count - 2}


def test_a_giant_merge_is_named_and_costs_nothing(as_alice, assessment, kit):
    book = filled(kit)
    sheets(book)[0].merged_cells.ranges.add(CellRange("A1:XFD1048576"))

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    apply(as_alice, kit_return)

    assert said_in(assessment) == {}
    assert "(A1:XFD1048576)" in as_alice.get(address("kit_return", assessment, kit_return.pk)).content.decode()


SOFFICE = shutil.which("soffice")


@pytest.mark.skipif(not SOFFICE and os.environ.get("CI") != "true", reason="LibreOffice is not installed")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_saved_by_libreoffice_nothing_changes_but_what_was_filled_in(as_alice, assessment, alice, tmp_path, language):
    answer(assessment, "DS1.2.1", alice, "na", "done_elsewhere", "line one\nline two 𠮷😀 _x0041_")
    kit = hand_out(assessment, alice, language=language)
    book = book_of(kit)
    fill(book, FIRST, rating=layout.RATING_NAMES["full"].in_language(language), note="已印发")
    fill(book, SECOND, rating=layout.RATING_NAMES["partly"].in_language(language))
    (tmp_path / "kit.xlsx").write_bytes(saved(book))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [SOFFICE, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", "out", "kit.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)

    kit_return = returned(upload(as_alice, assessment, (tmp_path / "out" / "kit.xlsx").read_bytes()), assessment)

    assert counts(as_alice, kit_return) == {"added": 2, "unchanged": kit.question_count - 2}
    apply(as_alice, kit_return)
    assert {code: said for code, said in said_in(assessment).items() if code in FILLED} == FILLED
