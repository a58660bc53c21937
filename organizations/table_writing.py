"""Tables that people take along, XLSX or CSV: what is text stays text and never becomes a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

FIXED_DATE = datetime(2000, 1, 1)  # no times inside, so that the same content gives the same bytes
MOST_CHARACTERS = 32_000  # an Excel cell holds 32,767
WRITER_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # computed by spreadsheet programs


def as_text(cell):
    """A value as a cell takes it: characters that XLSX forbids are replaced visibly; nothing is cut silently."""
    if not isinstance(cell, str):
        return cell
    cell = "".join(c if c in "\n\t" or c >= " " else "�" for c in cell)
    return cell if len(cell) <= MOST_CHARACTERS else cell[:MOST_CHARACTERS] + " […]"


def as_csv_text(cell) -> str:
    """As ``as_text``; what a spreadsheet program would compute gets an apostrophe in front."""
    text = str(as_text("" if cell is None else cell))
    return f"'{text}" if text.startswith(FORMULA) and not isinstance(cell, int | float) else text


def write_csv(header: Sequence[str], rows: Iterable[Sequence]) -> bytes:
    """UTF-8 with the mark that Excel looks for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([as_csv_text(cell) for cell in row] for row in (header, *rows))
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(title: str, header: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence]) -> bytes:
    """One sheet with its header kept in sight and filters on it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, WRITER_OPTIONS) as book:
        book.set_properties({"title": as_text(title), "created": FIXED_DATE})
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for column, (name, width) in enumerate(zip(header, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, as_text(name), bold)
        count = 0
        for count, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                write = sheet.write_number if isinstance(cell, int | float) else sheet.write_string
                write(count, column, as_text(cell))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(header) - 1)
    return buffer.getvalue()
