"""Small tables that people upload, CSV or XLSX, as rows of text. Weighed before they are opened, read with bounds."""

import csv
import io
import zipfile
from itertools import islice

from django.utils.translation import gettext as _

from organizations.workbook_library import openpyxl
from organizations.workbook_parts import is_suspect

MAX_BYTES = 1_000_000
MAX_UNPACKED = 20_000_000
MAX_MEMBERS = 200
MAX_ROWS = 5_000
MAX_COLUMNS = 20
MAX_CELL = 1_000
MAX_CELLS = 500_000  # empty ones included: a cell far out makes its row long

Table = list[tuple[int, list[str]]]


class BadSheet(Exception):
    """The file can't be read; says why in a sentence."""


def read_table(name: str, raw: bytes) -> Table:
    """(row number as a spreadsheet counts, cells) of every row that is not blank; raises BadSheet."""
    if len(raw) > MAX_BYTES:
        raise BadSheet(_("The file is larger than %(size)d MB.") % {"size": MAX_BYTES // 1_000_000})
    readers = {"csv": _csv_rows, "txt": _csv_rows, "xlsx": _xlsx_rows}
    reader = readers.get(name.rpartition(".")[2].casefold())
    if reader is None:
        raise BadSheet(_("The file must be .xlsx or .csv."))
    table = [(number, _trimmed(cells, number)) for number, cells in reader(raw)]
    return [(number, cells) for number, cells in table if cells]


def _trimmed(cells: list[str], number: int) -> list[str]:
    """The cells on one line each, without the empty ones at the end."""
    cells = [" ".join(cell.split()) for cell in cells]
    if any(len(cell) > MAX_CELL for cell in cells):
        raise BadSheet(_("Row %(row)d holds a cell that is too long.") % {"row": number})
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _csv_rows(raw: bytes) -> Table:
    text = _decoded(raw)
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    table, start = [], 1
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in records:
            table.append((start, cells))
            start = records.line_num + 1
            _bounded(len(table), len(cells))
    except csv.Error as error:
        raise BadSheet(_("Row %(row)d is no row of comma-separated values.") % {"row": records.line_num}) from error
    return table


def _decoded(raw: bytes) -> str:
    if raw.startswith(b"PK") or b"\0" in raw:
        raise BadSheet(_("This is not a text file; a workbook must be named .xlsx."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSheet(_("The encoding is neither UTF-8 nor GB18030; save the file as “CSV UTF-8”."))


def _xlsx_rows(raw: bytes) -> Table:
    _weigh(raw)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what the file claims its size to be is not believed
        return _cells(sheet)
    except BadSheet:
        raise
    except Exception as error:  # a damaged workbook may raise anything
        raise BadSheet(_("This is not an Excel workbook (.xlsx), or it is damaged.")) from error


def _weigh(raw: bytes):
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
                raise BadSheet(_("The workbook unpacks to more than %(size)d MB.") % {"size": MAX_UNPACKED // 1_000_000})
            suspect = any(is_suspect(archive.read(member)) for member in members if member.filename.endswith(".xml"))
    except BadSheet:
        raise
    except Exception as error:  # a damaged archive may raise anything, and so may its decompressors
        raise BadSheet(_("This is not an Excel workbook (.xlsx), or it is damaged.")) from error
    if suspect:
        raise BadSheet(_("This is not an Excel workbook (.xlsx), or it is damaged."))


def _cells(sheet) -> Table:
    table, count = [], 0
    for number, row in enumerate(islice(sheet.iter_rows(values_only=True), MAX_ROWS + 1), start=1):
        count += len(row)
        if count > MAX_CELLS:
            raise _too_large()
        cells = ["" if value is None else str(value) for value in row]
        while cells and not cells[-1].strip():
            cells.pop()
        _bounded(number, len(cells))
        table.append((number, cells))
    return table


def _bounded(rows: int, columns: int):
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise _too_large()


def _too_large() -> BadSheet:
    limits = {"rows": MAX_ROWS, "columns": MAX_COLUMNS}
    return BadSheet(_("The sheet is larger than %(rows)d rows or %(columns)d columns.") % limits)
