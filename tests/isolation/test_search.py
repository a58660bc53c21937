import base64
import gzip
import io
import zipfile
from urllib.parse import quote

import pytest
from django.core import signing
from weasyprint import HTML

from dcmm_site.isolation.search import cookie_readings, embedded, words_in

WORD = "zqk7wd5tvb"


def archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return file.getvalue()


PACKED = {
    "plain": f"<p>{WORD}</p>".encode(),
    "in capitals": WORD.upper().encode(),
    "as entities": "".join(f"&#{ord(letter)};" for letter in WORD).encode(),
    "as hex entities": "".join(f"&#x{ord(letter):x};" for letter in WORD).encode(),
    "in JSON": "".join(f"\\u{ord(letter):04x}" for letter in WORD).encode(),
    "in an address": "".join(f"%{ord(letter):02X}" for letter in WORD).encode(),
    "in an address in an address": quote("".join(f"%{ord(letter):02X}" for letter in WORD)).encode(),
    "gzip": gzip.compress(WORD.encode()),
    "in an archive": archive("a.txt", WORD.encode()),
    "as a file name": archive(f"{WORD}.txt", b""),
    "in an archive in an archive": archive("a.zip", archive("b.xlsx", WORD.encode())),
    "in a PDF": HTML(string=f"<p>Report {WORD}").write_pdf(),
    "over a line end of a PDF": HTML(string=f"<p>Report {WORD[:5]}<br>{WORD[5:]}").write_pdf(),
    "in the title of a PDF": HTML(string=f"<title>{WORD}</title>").write_pdf(),
}


@pytest.mark.parametrize("content", PACKED.values(), ids=PACKED)
def test_the_word_is_found(content):
    assert words_in(content, ["zqother222", WORD]) == [WORD]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x1f\x8b", b"%PDF-1.7", b"\xff\xfe\x00", gzip.compress(b"x", mtime=0)[:9]]
)
def test_a_damaged_file_is_read_as_it_is(content):
    assert words_in(content, [WORD]) == []


def test_what_the_caller_said_is_no_finding():
    assert words_in(f'<a href="/login/?next=/o/{WORD}/">'.encode(), [WORD], [f"/o/{WORD}/"]) == []
    assert words_in(f"/login/?next=%2Fo%2F{WORD}%2F".encode(), [WORD], [f"/o/{WORD}/"]) == []
    assert words_in(f"/o/{WORD}/ is the place of {WORD}".encode(), [WORD], [f"/o/{WORD}/"]) == [WORD]


def test_packed_cookies_and_embedded_files_are_opened():
    cookie = signing.dumps({"said": f"{WORD} " * 40}, compress=True)
    page = f'<img src="data:image/svg+xml;base64,{base64.b64encode(WORD.encode()).decode()}">'.encode()

    assert WORD not in cookie
    assert any(words_in(content, [WORD]) for content in cookie_readings(cookie))
    assert [words_in(content, [WORD]) for content in embedded(page)] == [[WORD]]
