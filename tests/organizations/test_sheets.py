import io
import zipfile

import openpyxl
import pytest

from organizations import sheets
from organizations.sheets import BadSheet, read_table


def workbook(*rows, place=1):
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, start=place):
        for column, value in enumerate(row, start=1):
            book.active.cell(number, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_and_a_csv_give_the_same_rows():
    rows = [["邮箱", "姓名"], ["a@x.example", "安\n一"], [], ["b@x.example", 7]]
    expected = [(1, ["邮箱", "姓名"]), (2, ["a@x.example", "安 一"]), (4, ["b@x.example", "7"])]

    assert read_table("People.XLSX", workbook(*rows)) == expected
    assert read_table("p.csv", "邮箱,姓名\na@x.example,安  一 ,\n\nb@x.example,7\n".encode("utf-8-sig")) == expected
    assert read_table("p.csv", "邮箱;姓名\na@x.example;安 一\n;\nb@x.example;7\n".encode("gb18030")) == expected


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.pdf", b"%PDF"),
        ("noname", b"x"),
        ("a.csv", b"PK\x03\x04"),
        ("a.csv", b"a\0b"),
        ("a.csv", b"\xff\xff\xff"),
        ("a.csv", b'"open'),
        ("a.csv", b"a," * 30),
        ("a.csv", b"x" * 1_001),
        ("a.csv", b"a\n" * 5_001),
        ("a.csv", b"x" * (sheets.MAX_BYTES + 1)),
        ("a.xlsx", b"a@x.example"),
        ("a.xlsx", b""),
        ("a.xlsx", archive(a="x")),
        ("a.xlsx", archive(**{"xl/workbook.xml": b" " * (sheets.MAX_UNPACKED + 1)})),
        ("a.xlsx", archive(**{f"m{n}": "" for n in range(201)})),
        ("a.xlsx", workbook(["far down"], place=6_000)),
        ("a.xlsx", workbook([*[None] * 30, "far right"])),
    ],
)
def test_what_is_no_small_table_is_refused(name, raw):
    with pytest.raises(BadSheet):
        read_table(name, raw)


def test_a_truncated_workbook_is_refused():
    raw = workbook(["a@x.example"])
    for end in range(0, len(raw), 97):
        with pytest.raises(BadSheet):
            read_table("a.xlsx", raw[:end])


def test_a_format_that_takes_hours_to_read_is_refused():
    """openpyxl looks for dates in formats of numbers in a time that grows by the square of their length."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["a@x.example"]))) as source, zipfile.ZipFile(out, "w") as goal:
        for name in source.namelist():
            goal.writestr(name, source.read(name))
        goal.writestr("xl/more.xml", b'<numFmt formatCode="' + b"[" * 500_000 + b'"/>')

    with pytest.raises(BadSheet):
        read_table("a.xlsx", out.getvalue())
