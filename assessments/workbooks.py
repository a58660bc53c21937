"""Workbooks in and out: text that is written stays text, and a file is weighed before anything opens it."""

import io
import re
import zipfile
from dataclasses import dataclass
from itertools import islice

from organizations.table_writing import FIXED_DATE as FIXED_DATE
from organizations.table_writing import WRITER_OPTIONS as WRITER_OPTIONS
from organizations.table_writing import as_text as as_text
from organizations.workbook_library import openpyxl
from organizations.workbook_parts import is_suspect

MAX_BYTES = 10_000_000
MAX_UNPACKED = 100_000_000
MAX_MEMBERS = 500
MOST_MERGED = 100_000  # of one sheet
MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?)["']""")

Bounds = tuple[int, int, int, int]  # first column, first row, last column, last row


class Unreadable(Exception):
    """These bytes are no archive, or a damaged or locked one."""


class TooHeavy(Exception):
    """The archive unpacks to more than anybody needs."""


@dataclass(frozen=True)
class Weighed:
    """What is known of a workbook without parsing it: its members, and the merged cells of each sheet's file."""

    members: tuple[str, ...]
    merged: dict[str, tuple[Bounds, ...]]
    is_suspect: bool  # something stands in it that no spreadsheet program writes


def weigh(raw: bytes, *, most_unpacked: int = MAX_UNPACKED) -> Weighed:
    """Look at the archive before a library opens it. Raises Unreadable or TooHeavy."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > most_unpacked:
                raise TooHeavy
            return _look_into(archive)
    except TooHeavy:
        raise
    except Exception as error:  # a damaged archive may raise anything, and so may its decompressors
        raise Unreadable from error


def _look_into(archive: zipfile.ZipFile) -> Weighed:
    merged, suspect = {}, False
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            content = archive.read(name)
            suspect = suspect or is_suspect(content)
            if name.startswith("xl/worksheets/"):
                merged[name] = _merged_in(content)
    return Weighed(tuple(archive.namelist()), merged, suspect)


def _merged_in(content: bytes) -> tuple[Bounds, ...]:
    found = [match[1] for match in islice(MERGED.finditer(content), MOST_MERGED + 1)]
    if len(found) > MOST_MERGED:
        raise TooHeavy
    return tuple(openpyxl.utils.range_boundaries(cells.decode()) for cells in found)


def area(bounds: Bounds) -> int:
    """How many cells a range covers."""
    left, top, right, bottom = bounds
    return (right - left + 1) * (bottom - top + 1)
