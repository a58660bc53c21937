"""Read a returned kit: whatever was moved, hidden, renamed or saved anew, rows are found by their code.

``read_kit`` gives everything that stands in the file, each row with its faults, or raises BadKit with all reasons why the
file as a whole can't be taken.
"""

import io
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.core.exceptions import ValidationError

from assessments.kit import layout
from assessments.kit.faults import in_words
from assessments.kit.signature import MARK, facts_of
from assessments.workbooks import MAX_BYTES, Bounds, TooHeavy, Unreadable, weigh
from organizations.text import printable
from organizations.workbook_library import openpyxl
from questionnaires.schema import Questionnaire

MAX_UNPACKED = 40_000_000
MAX_ROWS = 250_000  # with the empty ones, over all sheets
MAX_COLUMNS = 80
MAX_MERGED = 2_000
MAX_OTHERS = 200
MAX_TITLE = 200
MAX_TITLES = 50
ESCAPED_LINE_END = "_x000D_\n"  # how the format writes a line end pasted from Windows
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
HEADINGS_NEEDED = 3


class BadKit(Exception):
    """The file can't be taken; ``faults`` are sentences in the active language."""

    def __init__(self, *faults: tuple[str, dict]):
        self.faults = [in_words(fault, values) for fault, values in faults]
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class ReadRow:
    """What one row says; None where the file has no such column. ``faults``: (column, fault, values)."""

    code: str
    sheet: str
    row: int
    rating: str | None = None
    na_reason: str | None = None
    note: str | None = None
    evidence: tuple[str, ...] | None = None
    faults: tuple[tuple[str, str, dict], ...] = ()

    @property
    def says(self):
        return (self.rating, self.na_reason, self.note, self.evidence, self.faults)


@dataclass(frozen=True)
class Other:
    """A row that is read but can't be merged, and why."""

    sheet: str
    row: int
    fault: str
    values: dict


@dataclass(frozen=True)
class ReadKit:
    facts: dict  # what the signature says
    rows: dict[str, ReadRow]
    others: tuple[Other, ...]
    saved_at: datetime | None


@dataclass
class Sheet:
    """A sheet while it is read: its columns once their headings are found, and its merged ranges."""

    title: str
    merged: tuple[Bounds, ...]
    columns: dict[str, int] | None = None


@dataclass
class Reading:
    questionnaire: Questionnaire
    codes: dict[str, str]
    signatures: set[str] = field(default_factory=set)
    found: dict[str, list[ReadRow]] = field(default_factory=lambda: defaultdict(list))
    others: list[Other] = field(default_factory=list)
    seen: int = 0


def read_kit(raw: bytes, questionnaire: Questionnaire, assessment_id: int) -> ReadKit:
    """Everything that stands in the returned workbook of a kit of this assessment. Raises BadKit."""
    merged = _weighed(raw)
    reading = Reading(questionnaire, {code.casefold(): code for code in questionnaire.item_of})
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        for sheet in book.worksheets:
            _read_sheet(sheet, Sheet(sheet.title, merged.get(sheet._worksheet_path, ())), reading)
    except BadKit:
        raise
    except Exception as error:  # a damaged workbook may raise anything
        raise BadKit(("not_a_workbook", {})) from error
    facts = _signed(reading.signatures)
    if facts.get("assessment") != assessment_id:
        raise BadKit(("other_assessment", {}))
    if len(reading.others) > MAX_OTHERS:
        raise BadKit(("too_heavy", {}))
    if not reading.found and not reading.others:
        raise BadKit(("no_rows", {}))
    repeated = [_repeated(rows) for rows in reading.found.values() if len(rows) > 1]
    others = [*reading.others, *(other for group in repeated for other in group)]
    return ReadKit(facts, {code: _one(rows) for code, rows in reading.found.items()}, tuple(others), _saved_at(book))


def _weighed(raw: bytes) -> dict[str, tuple[Bounds, ...]]:
    """The merged ranges of each sheet, once the file proves to be a workbook of bearable size."""
    if len(raw) > MAX_BYTES:
        raise BadKit(("too_large", {"size": MAX_BYTES // 1_000_000}))
    if not raw:
        raise BadKit(("empty", {}))
    if raw.startswith(OLD_EXCEL):
        raise BadKit(("old_excel", {}))
    try:
        weighed = weigh(raw, most_unpacked=MAX_UNPACKED)
    except Unreadable as error:
        raise BadKit(("not_a_workbook", {})) from error
    except TooHeavy as error:
        raise BadKit(("too_heavy", {})) from error
    if any(name.endswith("vbaProject.bin") for name in weighed.members):
        raise BadKit(("macros", {}))
    if weighed.is_suspect:
        raise BadKit(("not_a_workbook", {}))
    if sum(map(len, weighed.merged.values())) > MAX_MERGED:
        raise BadKit(("too_heavy", {}))
    return weighed.merged


def _signed(lines: set[str]) -> dict:
    if not lines:
        raise BadKit(("no_signature", {}))
    if len(lines) > 1:
        raise BadKit(("two_signatures", {}))
    facts = facts_of(lines.pop())
    if facts is None:
        raise BadKit(("altered", {}))
    return facts


def _saved_at(book) -> datetime | None:
    modified = book.properties.modified
    return modified.replace(tzinfo=UTC) if modified and modified.tzinfo is None else modified


def _read_sheet(source, sheet: Sheet, reading: Reading):
    source.reset_dimensions()  # programs write them wrongly
    for number, cells in enumerate(source.iter_rows(max_col=MAX_COLUMNS), start=1):
        reading.seen += 1
        if reading.seen > MAX_ROWS:
            raise BadKit(("too_heavy", {}))
        filled = {place: cell for place, cell in enumerate(cells) if cell.value is not None}
        if filled:
            _read_row(number, filled, sheet, reading)


def _read_row(number: int, cells: dict, sheet: Sheet, reading: Reading):
    texts = {place: _text(cell.value) for place, cell in cells.items()}
    reading.signatures.update(text.strip() for text in texts.values() if text.strip().startswith(MARK))
    headings = _headings(texts, number, sheet)
    if headings:
        sheet.columns = headings
        return
    place, code = _code_in(texts, sheet.columns, reading)
    if code is None:
        _note_other(number, texts, sheet, reading)
        return
    columns = sheet.columns or _columns_by_position(place, code, texts, reading.questionnaire)
    if columns is None:
        reading.found[code].append(ReadRow(code, sheet.title, number, faults=(("code", "no_heading", {}),)))
        return
    reading.found[code].append(RowReader(reading.questionnaire, sheet, number, code, columns, cells, texts).read())


def _headings(texts: dict[int, str], number: int, sheet: Sheet) -> dict[str, int] | None:
    """Column -> place, if this row holds the headings, in whatever order and language."""
    named = [(layout.HEAD_WORDS.get(layout.squeezed(text)), place) for place, text in texts.items()]
    named = [(name, place) for name, place in named if name]
    columns = dict(named)
    if len(columns) < HEADINGS_NEEDED or "rating" not in columns:
        return None
    for name in (*layout.INPUTS, "code"):
        if [other for other, _place in named].count(name) > 1:
            heading = texts[columns[name]]
            raise BadKit(("column_twice", {"sheet": sheet.title, "row": number, "column": heading}))
    return columns


def _code_in(texts: dict[int, str], columns: dict[str, int] | None, reading: Reading) -> tuple[int, str | None]:
    """Where the row's code stands: in its column, else in any cell that is not one for answers."""
    inputs = {columns[name] for name in layout.INPUTS if name in columns} if columns else set()
    places = sorted(texts, key=lambda place: (place != (columns or {}).get("code"), place))
    for place in places:
        code = reading.codes.get(layout.squeezed(texts[place]))
        if code and place not in inputs:
            return place, code
    return 0, None


def _columns_by_position(place: int, code: str, texts: dict[int, str], questionnaire: Questionnaire) -> dict[str, int] | None:
    """The columns as they were written, counted from the code; None unless the statement stands where it was."""
    columns = {name: place + offset for offset, name in enumerate(layout.COLUMNS)}
    said = layout.squeezed(texts.get(columns["statement"], ""))
    known = {layout.squeezed(layout.statement(questionnaire, code, language)) for language in ("zh", "en")}
    return columns if said in known else None


def _note_other(number: int, texts: dict[int, str], sheet: Sheet, reading: Reading):
    """A row below headings that holds answers or a strange code is listed; anything else is not ours to read."""
    if sheet.columns is None:
        return
    code = texts.get(sheet.columns.get("code", -1), "").strip()
    answered = any(texts.get(sheet.columns[name], "").strip() for name in layout.INPUTS if name in sheet.columns)
    if code:
        reading.others.append(Other(sheet.title, number, "unknown_code", {"code": code[:60]}))
    elif answered:
        reading.others.append(Other(sheet.title, number, "no_code", {}))


def _one(rows: list[ReadRow]) -> ReadRow:
    """The row of a code; where several disagree, one with a fault that says so."""
    first = rows[0]
    if all(row.says == first.says for row in rows):
        return first
    values = {"code": first.code, "rows": ", ".join(f"{row.sheet} {row.row}" for row in rows)[:200]}
    return ReadRow(first.code, first.sheet, first.row, faults=(("code", "twice", values),))


def _repeated(rows: list[ReadRow]) -> list[Other]:
    alike = all(row.says == rows[0].says for row in rows)
    values = {"code": rows[0].code, "rows": ", ".join(f"{row.sheet} {row.row}" for row in rows)[:200]}
    return [Other(row.sheet, row.row, "repeated" if alike else "twice", values) for row in rows[1:]]


def _text(value) -> str:
    """A cell's value as the person sees it, near enough."""
    if isinstance(value, str):
        return value.replace(ESCAPED_LINE_END, "\n")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date | time) else str(value)


@dataclass
class RowReader:
    """One row with a code: its answer cells to clean values and faults."""

    questionnaire: Questionnaire
    sheet: Sheet
    number: int
    code: str
    columns: dict[str, int]
    cells: dict
    texts: dict[int, str]
    faults: list = field(default_factory=list)

    def read(self) -> ReadRow:
        for name in layout.INPUTS:
            if name in self.columns:
                self._check_cell(name, self.columns[name])
        rating, reason = self._rating(), self._reason()
        note, evidence = self._note(), self._evidence()
        if not self.faults:
            self._check_together(rating, reason, note)
        said = {"rating": rating, "na_reason": reason, "note": note, "evidence": evidence}
        said = dict.fromkeys(said) if self.faults else said
        return ReadRow(self.code, self.sheet.title, self.number, **said, faults=tuple(self.faults))

    def fault(self, column: str, fault: str, **values):
        self.faults.append((column, fault, values))

    def _check_cell(self, name: str, place: int):
        for bounds in self.sheet.merged:
            left, top, right, bottom = bounds
            if left <= place + 1 <= right and top <= self.number <= bottom:
                letter = openpyxl.utils.get_column_letter
                self.fault(name, "merged", cells=f"{letter(left)}{top}:{letter(right)}{bottom}")
        cell = self.cells.get(place)
        if cell is None:
            return
        if cell.data_type == "f":
            self.fault(name, "formula")
        elif cell.data_type == "e":
            self.fault(name, "error", value=self.texts[place])
        elif self.texts[place].strip():
            try:
                printable(self.texts[place])
            except ValidationError:
                self.fault(name, "characters")

    def _cell(self, name: str) -> str | None:
        return self.texts.get(self.columns[name], "") if name in self.columns else None

    def _rating(self) -> str | None:
        word = self._cell("rating")
        if word is None:
            return None
        rating = layout.rating_from(self.questionnaire, self.code, word)
        if rating is None and not self.faults:
            self.fault("rating", "rating", value=word.strip()[:60])
        return rating

    def _reason(self) -> str | None:
        word = self._cell("na_reason")
        if word is None:
            return None
        squeezed = layout.squeezed(word)
        reason = layout.REASON_WORDS.get(squeezed, "")
        if squeezed and not reason and not self.faults:
            self.fault("na_reason", "na_reason", value=word.strip()[:60])
        return reason

    def _note(self) -> str | None:
        text = self._cell("note")
        if text is None:
            return None
        note = layout.tidy(text)
        if len(note) > layout.MAX_NOTE:
            self.fault("note", "too_long", length=len(note), most=layout.MAX_NOTE)
        return note

    def _evidence(self) -> tuple[str, ...] | None:
        text = self._cell("evidence")
        if text is None:
            return None
        titles = tuple(dict.fromkeys(line.strip() for line in layout.tidy(text).split("\n") if line.strip()))
        longest = max(map(len, titles), default=0)
        if longest > MAX_TITLE:
            self.fault("evidence", "title_too_long", length=longest, most=MAX_TITLE)
        if len(titles) > MAX_TITLES:
            self.fault("evidence", "too_many_titles", most=MAX_TITLES)
        return titles

    def _check_together(self, rating: str | None, reason: str | None, note: str | None):
        """Rules between the cells, as far as the file holds them; a column that was removed is taken as left alone."""
        if rating == "na" and reason == "":
            self.fault("na_reason", "reason_missing")
        if rating == "na" and note == "":
            self.fault("note", "note_missing")
