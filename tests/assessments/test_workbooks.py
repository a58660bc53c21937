import io
import re
import zipfile

import openpyxl
import pytest

from assessments.workbooks import MOST_MERGED, TooHeavy, Unreadable, weigh


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"].number_format = "0.000"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(raw: bytes, name: str, change, **packing) -> bytes:
    """The workbook with one member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as goal:
        for member in source.namelist():
            content = source.read(member)
            if member == name:
                goal.writestr(member, change(content), **packing)
            else:
                goal.writestr(member, content)
    return out.getvalue()


def with_format(code: bytes) -> bytes:
    return changed(workbook(), "xl/styles.xml", lambda xml: re.sub(rb'formatCode="[^"]*"', b'formatCode="' + code + b'"', xml))


def test_an_honest_workbook_is_not_suspect():
    assert not weigh(workbook()).is_suspect


@pytest.mark.parametrize("code", [b"[" * 1_000, b"[" * 1_000_000])
def test_a_format_longer_than_any_program_writes_is_suspect(code):
    assert weigh(with_format(code)).is_suspect


def test_more_formats_than_any_program_writes_are_suspect():
    raw = changed(workbook(), "xl/styles.xml", lambda xml: xml + b'<numFmt formatCode="0"/>' * 1_001)

    assert weigh(raw).is_suspect


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_suspect_in_any_encoding(encoding):
    raw = changed(workbook(), "xl/styles.xml", lambda xml: ("<!DOCTYPE a>" + xml.decode()).encode(encoding))

    assert weigh(raw).is_suspect


def test_merged_cells_without_end_take_no_longer_than_their_length():
    """With an expression that runs on to the end from each of them this took hours."""
    raw = changed(workbook(), "xl/worksheets/sheet1.xml", lambda xml: xml + b"<mergeCell " * 1_000_000)

    assert weigh(raw).merged == {"xl/worksheets/sheet1.xml": ()}


def test_too_many_merged_cells_are_too_heavy():
    merged = b'<mergeCell ref="A1:B2"/>' * (MOST_MERGED + 1)

    with pytest.raises(TooHeavy):
        weigh(changed(workbook(), "xl/worksheets/sheet1.xml", lambda xml: xml + merged))


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damage_inside_any_packing_is_unreadable(packing):
    raw = bytearray(changed(workbook(), "xl/workbook.xml", lambda xml: xml, compress_type=packing))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        start = archive.getinfo("xl/workbook.xml").header_offset + 30 + len("xl/workbook.xml")
    raw[start + 9 : start + 60] = bytes(51)

    with pytest.raises(Unreadable):
        weigh(bytes(raw))
