from io import BytesIO
from zipfile import ZipFile

import pytest

from assessments.file_types import MEDIA_TYPES, Refused, may_show_in_place, media_type_of

OLE = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
EXE = b"MZ\x90\0" + b"\0" * 60
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'


def container(*names):
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


DOCX = container("[Content_Types].xml", "word/document.xml")
XLSX = container("[Content_Types].xml", "xl/workbook.xml")
PPTX = container("[Content_Types].xml", "ppt/presentation.xml")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("制度.pdf", PDF), ("a.PDF", PDF), ("a.docx", DOCX), ("a.xlsx", XLSX), ("a.pptx", PPTX), ("a.doc", OLE), ("a.xls", OLE),
        ("a.ppt", OLE), ("a.wps", OLE), ("a.wps", DOCX), ("a.et", OLE), ("a.et", XLSX), ("a.dps", PPTX), ("a.ofd", container("OFD.xml", "Doc_0/Document.xml")),
        ("a.png", PNG), ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 30), ("a.jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 30), ("a.gif", b"GIF89a" + b"\0" * 30),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 30), ("a.bmp", b"BM" + b"\0" * 60), ("a.tif", b"II*\0" + b"\0" * 30), ("a.tiff", b"MM\0*" + b"\0" * 30),
        ("a.txt", "数据".encode()), ("a.txt", "数据".encode("gb18030")), ("a.txt", "数据".encode("utf-16")), ("a.csv", b"a,b\n1,2\n"),
    ],
)  # fmt: skip
def test_a_file_is_what_content_and_ending_say_together(name, content):
    file = BytesIO(content)

    assert media_type_of(name, file) == MEDIA_TYPES[name.rpartition(".")[2].lower()]
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.zip", DOCX, "archive"), ("a.tar.gz", b"\x1f\x8b", "archive"), ("a.rar", b"Rar!", "archive"), ("a.7z", b"7z", "archive"),
        ("a.exe", EXE, "ending"), ("a.html", HTML, "ending"), ("a.svg", SVG, "ending"), ("a.docm", DOCX, "ending"), ("a.js", b"1", "ending"),
        ("a", PDF, "ending"), ("", PDF, "ending"), (".pdf.exe", EXE, "ending"),
        ("a.pdf", b"", "empty"), ("a.pdf", HTML, "content"), ("a.pdf", EXE, "content"), ("a.png", PDF, "content"), ("a.png", SVG, "content"),
        ("a.jpg", PNG, "content"), ("a.doc", HTML, "content"), ("a.doc", PDF, "content"), ("a.doc", DOCX, "content"), ("a.docx", OLE, "protected"),
        ("a.docx", container("word/document.xml"), "content"), ("a.docx", container("[Content_Types].xml", "xl/workbook.xml"), "content"),
        ("a.docx", container("payload.exe"), "content"), ("a.xlsx", XLSX[:-30], "content"), ("a.docx", b"PK\x03\x04" + b"\0" * 500, "content"),
        ("a.docx", container("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros"),
        ("a.ofd", container("Doc.xml"), "content"), ("a.txt", HTML, "content"), ("a.txt", b"  \n<svg onload=x>", "content"), ("a.csv", EXE, "content"),
        ("a.txt", b"a\0b", "content"), ("a.txt", b"#!/bin/sh", "content"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_taken(name, content, code):
    with pytest.raises(Refused) as refused:
        media_type_of(name, BytesIO(content))

    assert refused.value.code == code


def test_a_list_of_members_without_end_is_not_read():
    end = bytearray(DOCX)
    end[-10:-6] = (3 * 1024 * 1024).to_bytes(4, "little")

    with pytest.raises(Refused):
        media_type_of("a.docx", BytesIO(bytes(end)))


@pytest.mark.parametrize(
    ("media_type", "head", "shown"),
    [
        ("application/pdf", PDF, True),
        ("image/png", PNG, True),
        ("image/png", HTML, False),
        ("application/pdf", HTML, False),
        ("text/plain", b"x", False),
        ("image/bmp", b"BM" + b"\0" * 60, False),
    ],
)
def test_only_what_runs_nothing_is_shown_in_place(media_type, head, shown):
    assert may_show_in_place(media_type, head) is shown
