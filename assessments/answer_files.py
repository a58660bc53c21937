"""Read answers from CSV, XLSX or JSON, or say what is wrong, place by place.

``read_answers`` either returns a complete ``AnswerSet`` or raises ``BadAnswers`` with every fault that was found.
Nothing is guessed and nothing is half taken over.
"""

import csv
import io
import json
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from assessments.kit.layout import MAX_NOTE, RATING_NAMES
from assessments.scoring import ANCHORS, NOT_APPLICABLE, RATINGS
from assessments.workbooks import MAX_BYTES, MAX_UNPACKED, TooHeavy, Unreadable, area, weigh
from organizations.workbook_library import openpyxl
from questionnaires.schema import PolicyAction, Questionnaire

MAX_ROWS = 5_000
MAX_COLUMNS = 60

SHEET_LIMITS = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}

NA_REASONS = ("not_in_scope", "done_elsewhere", "other")
NEEDED_COLUMNS = ("criterion", "rating")
OWN_COLUMNS = ("questionnaire", "version")
KNOWN_COLUMNS = (*NEEDED_COLUMNS, "na_reason", "note", *OWN_COLUMNS)
READING_AIDS = ("domain", "item", "level", "text", "evidence", "guidance")  # written by our exports for people; not read back
LABELS = {word.casefold(): key for key, name in RATING_NAMES.items() for word in (name.zh, name.en)}


@dataclass(frozen=True)
class FileFault:
    """One fault: row as counted by a spreadsheet (1 = heading), column by its heading, and a sentence."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self):
        return f"{self.file}:{self.row}:{self.column}: {self.message}"


class BadAnswers(Exception):
    """The file can't be taken; ``faults`` lists everything that is wrong with it."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass
class AnswerSet:
    """Ratings, reasons for n/a and notes, each by criterion code; unanswered criteria are absent."""

    ratings: dict[str, str] = field(default_factory=dict)
    na_reasons: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    number: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


def read_answers(path: Path, questionnaire: Questionnaire, *, allow_incomplete: bool = False) -> AnswerSet:
    """The answers in ``path`` (.csv, .xlsx or .json) to ``questionnaire``; raises BadAnswers with all faults."""
    readers = {".csv": _csv_rows, ".xlsx": _xlsx_rows, ".json": _json_rows}
    reading = Reading(path.name, questionnaire, allow_incomplete)
    reader = readers.get(path.suffix.lower())
    if reader is None:
        reading.refuse(1, "-", _("The file must be .csv, .xlsx or .json."))
    reading.check(reader(_bytes(path, reading), reading))
    return reading.answers


class Reading:
    """One file being read: collects answers and faults."""

    def __init__(self, file: str, questionnaire: Questionnaire, allow_incomplete: bool):
        self.file = file
        self.questionnaire = questionnaire
        self.allow_incomplete = allow_incomplete
        self.answers = AnswerSet()
        self.faults: list[FileFault] = []
        self.seen: dict[str, int] = {}
        self.last_row = 1

    def fault(self, row: int, column: str, message: str):
        self.faults.append(FileFault(self.file, row, column, message))

    def refuse(self, row: int, column: str, message: str):
        """Note a fault after which reading on makes no sense."""
        self.fault(row, column, message)
        raise BadAnswers(self.faults)

    def check(self, rows: list[Row]):
        if not rows and not self.faults:
            self.refuse(1, "-", _("The file holds no answers."))
        self._check_owner(rows)
        for row in rows:
            self.last_row = max(self.last_row, row.number)
            self._take(row)
        self._note_missing()
        if self.faults:
            raise BadAnswers(sorted(self.faults, key=lambda fault: fault.row))

    def _check_owner(self, rows):
        """Rows written for another questionnaire or version: say so once for each, and check no further."""
        expected = {"questionnaire": self.questionnaire.code, "version": self.questionnaire.version}
        for column, value in expected.items():
            others: dict[str, list[int]] = {}
            for row in rows:
                if row.get(column) not in ("", value):
                    others.setdefault(row.get(column), []).append(row.number)
            for other, numbers in others.items():
                message = _("%(count)d rows are for “%(other)s”, but “%(value)s” is being assessed.")
                self.fault(numbers[0], column, message % {"count": len(numbers), "other": other, "value": value})
        if self.faults:
            raise BadAnswers(self.faults)

    def _take(self, row: Row):
        code = row.get("criterion")
        if not code:
            self.fault(row.number, "criterion", _("The criterion's code is missing."))
        elif code not in self.questionnaire.item_of:
            message = _("“%(code)s” is not a criterion of %(questionnaire)s version %(version)s.")
            known = {"code": code, "questionnaire": self.questionnaire.code, "version": self.questionnaire.version}
            self.fault(row.number, "criterion", message % known)
        elif code in self.seen:
            message = _("%(code)s stands twice; the first time in row %(row)d.")
            self.fault(row.number, "criterion", message % {"code": code, "row": self.seen[code]})
        else:
            self.seen[code] = row.number
            self._take_rating(row, code)

    def _take_rating(self, row: Row, code: str):
        rating = LABELS.get(row.get("rating").casefold(), row.get("rating").casefold())
        allowed = self._allowed(code)
        if not rating:
            if not self.allow_incomplete:
                self.fault(row.number, "rating", _("%(code)s has no rating.") % {"code": code})
        elif rating not in allowed:
            message = _("“%(rating)s” is no rating of %(code)s; use one of: %(allowed)s.")
            shown = {"rating": row.get("rating"), "code": code, "allowed": ", ".join(allowed)}
            self.fault(row.number, "rating", message % shown)
        else:
            self.answers.ratings[code] = rating
        self._take_words(row, code, rating)

    def _allowed(self, code: str) -> tuple[str, ...]:
        if self.questionnaire.kind == "levels":
            return RATINGS
        action: PolicyAction = self.questionnaire.item_by_code[code]
        return (*ANCHORS, NOT_APPLICABLE) if action.allow_na else ANCHORS

    def _take_words(self, row: Row, code: str, rating: str):
        reason, note = row.get("na_reason"), row.get("note")
        if rating == NOT_APPLICABLE and reason not in NA_REASONS:
            message = _("“na” needs a reason; use one of: %(reasons)s.")
            self.fault(row.number, "na_reason", message % {"reasons": ", ".join(NA_REASONS)})
        if rating == NOT_APPLICABLE and not note:
            self.fault(row.number, "note", _("“na” needs a note that explains it."))
        if rating != NOT_APPLICABLE and reason:
            self.fault(row.number, "na_reason", _("A reason stands only beside the rating “na”."))
        if len(note) > MAX_NOTE:
            message = _("The note has %(length)d characters; at most %(most)d are kept.")
            self.fault(row.number, "note", message % {"length": len(note), "most": MAX_NOTE})
        if reason:
            self.answers.na_reasons[code] = reason
        if note:
            self.answers.notes[code] = note

    def _note_missing(self):
        if self.allow_incomplete:
            return
        for code in self.questionnaire.item_of:
            if code not in self.seen:
                self.fault(self.last_row + 1, "criterion", _("%(code)s is missing; add a row for it.") % {"code": code})

    def rows_from_table(self, table: list[tuple[int, list[str]]], *, own_columns_needed: bool = False) -> list[Row]:
        """Rows by heading from (row number, cells); blank rows are skipped, faults in the headings noted."""
        if not table:
            self.refuse(1, "-", _("The file is empty."))
        number, heads = table[0]
        heads = [head.strip().casefold() for head in heads]
        needed = (*NEEDED_COLUMNS, *OWN_COLUMNS) if own_columns_needed else NEEDED_COLUMNS
        for name in needed:
            if name not in heads:
                self.fault(number, name, _("The heading row has no column “%(name)s”.") % {"name": name})
        for name in heads:
            if name and name not in KNOWN_COLUMNS and name not in READING_AIDS:
                self.fault(number, name, _("“%(name)s” is no known column.") % {"name": name})
            if name and heads.count(name) > 1:
                self.fault(number, name, _("The column “%(name)s” stands twice.") % {"name": name})
        if self.faults:
            raise BadAnswers(dict.fromkeys(self.faults))
        return [self._row(row, heads, cells) for row, cells in table[1:] if any(cell.strip() for cell in cells)]

    def _row(self, number: int, heads: list[str], cells: list[str]) -> Row:
        if any(cell.strip() for cell in cells[len(heads) :]):
            self.fault(number, "-", _("The row has more cells than the heading row."))
        pairs = zip(heads, cells, strict=False)
        return Row(number, {head: self.clean(number, head, cell) for head, cell in pairs if head in KNOWN_COLUMNS})

    def clean(self, row: int, column: str, value: str) -> str:
        value = unicodedata.normalize("NFC", value).strip()
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\r\n\t" for c in value):
            self.fault(row, column, _("The cell holds control characters."))
        return value


def _bytes(path: Path, reading: Reading) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            reading.refuse(1, "-", _("The file is larger than %(size)d MB.") % {"size": MAX_BYTES // 1_000_000})
        return path.read_bytes()
    except OSError as error:
        reading.refuse(1, "-", _("The file can't be read: %(reason)s.") % {"reason": error.strerror})


def _csv_rows(raw: bytes, reading: Reading) -> list[Row]:
    text = _decode(raw, reading)
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        table, start = [], 1
        for cells in records:
            table.append((start, cells))
            start = records.line_num + 1
            if len(table) > MAX_ROWS:
                reading.refuse(start, "-", _("More than %(rows)d rows.") % {"rows": MAX_ROWS})
    except csv.Error as error:
        reading.refuse(records.line_num, "-", _("Not a table of comma-separated values: %(reason)s.") % {"reason": error})
    return reading.rows_from_table([(number, cells) for number, cells in table if cells])


def _decode(raw: bytes, reading: Reading) -> str:
    if not raw.strip():
        reading.refuse(1, "-", _("The file is empty."))
    if raw.startswith(b"PK") or b"\0" in raw:
        reading.refuse(1, "-", _("This is not a text file; a workbook must be named .xlsx."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    reading.refuse(1, "-", _("The encoding is neither UTF-8 nor GB18030; save the file as “CSV UTF-8”."))


def _xlsx_rows(raw: bytes, reading: Reading) -> list[Row]:
    sheet = _answer_sheet(_workbook(raw, reading))
    if (sheet.max_row or 0) > MAX_ROWS or (sheet.max_column or 0) > MAX_COLUMNS:
        limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
        reading.refuse(1, "-", _("The sheet is larger than %(rows)d rows or %(columns)d columns.") % limits)
    for merged in sheet.merged_cells.ranges:
        message = _("The cells %(cells)s are merged; unmerge them.")
        reading.fault(merged.min_row, _heading(sheet, merged.min_col), message % {"cells": merged.coord})
    table = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        table.append((number, [_cell_text(sheet, cell, reading) for cell in cells]))
    if reading.faults:
        raise BadAnswers(reading.faults)
    while table and not any(table[-1][1]):
        table.pop()
    return reading.rows_from_table(table, own_columns_needed=True)


def _workbook(raw: bytes, reading: Reading):
    """The workbook, weighed before it is opened. Its parsers raise many kinds of errors: one sentence for all."""
    refused = _("This is not an Excel workbook (.xlsx), or it is damaged.")
    try:
        weighed = weigh(raw)
    except Unreadable:
        reading.refuse(1, "-", refused)
    except TooHeavy:
        reading.refuse(1, "-", _("The workbook unpacks to more than %(size)d MB.") % {"size": MAX_UNPACKED // 1_000_000})
    if weighed.is_suspect:
        reading.refuse(1, "-", refused)
    if any(area(bounds) > MAX_ROWS * MAX_COLUMNS for ranges in weighed.merged.values() for bounds in ranges):
        reading.refuse(1, "-", _("The sheet is larger than %(rows)d rows or %(columns)d columns.") % SHEET_LIMITS)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(raw))
    except Exception:  # noqa: BLE001 - a damaged workbook may raise anything
        reading.refuse(1, "-", refused)
    if not workbook.worksheets:
        reading.refuse(1, "-", _("The workbook has no sheet."))
    return workbook


def _answer_sheet(workbook):
    """The sheet whose first row names the criterion and rating columns, wherever it stands; else the first."""
    for sheet in workbook.worksheets:
        heads = {str(cell.value).strip().casefold() for cell in sheet[1]}
        if heads >= set(NEEDED_COLUMNS):
            return sheet
    return workbook.worksheets[0]


def _heading(sheet, column: int) -> str:
    return str(sheet.cell(1, column).value or "-")


def _cell_text(sheet, cell, reading: Reading) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        message = _("The cell %(cell)s holds a formula; paste its value instead.")
        reading.fault(cell.row, _heading(sheet, cell.column), message % {"cell": cell.coordinate})
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _json_rows(raw: bytes, reading: Reading) -> list[Row]:
    text = _decode(raw, reading)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        reading.refuse(getattr(error, "lineno", 1), "-", _("This is not JSON: %(reason)s.") % {"reason": error})
    if not isinstance(data, dict) or not isinstance(data.get("answers"), list):
        reading.refuse(1, "answers", _("The JSON must be an object with “questionnaire”, “version” and a list “answers”."))
    for name in OWN_COLUMNS:
        if not isinstance(data.get(name), str) or not data[name]:
            reading.refuse(1, name, _("The JSON must name its “%(name)s”.") % {"name": name})
    return [_json_row(number, entry, data, reading) for number, entry in enumerate(data["answers"], start=1)]


def _json_row(number: int, entry, data: dict, reading: Reading) -> Row:
    """Rows of a JSON file are counted from 1, without a heading."""
    cells = {name: data[name] for name in OWN_COLUMNS}
    if not isinstance(entry, dict):
        reading.fault(number, "-", _("An answer must be an object."))
        return Row(number, cells)
    for name, value in entry.items():
        if name not in KNOWN_COLUMNS:
            reading.fault(number, name, _("“%(name)s” is no known column.") % {"name": name})
        elif isinstance(value, (str, int)) and not isinstance(value, bool):
            cells[name] = reading.clean(number, name, str(value))
        elif value is not None:
            reading.fault(number, name, _("The value must be text."))
    return Row(number, cells)
