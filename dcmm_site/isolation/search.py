"""Looking for words in whatever a response carries, however it is packed."""

import base64
import binascii
import gzip
import html
import io
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, unquote

from pypdf import PdfReader
from pypdf.errors import PyPdfError

ESCAPED = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})")
DATA_URL = re.compile(r"data:[\w/+.;=-]*;base64,([\w+/=%-]+)")
PACKED = re.compile(r"\.?[\w-]{16,}={0,2}")
DEPTH = 3  # an archive in an archive in an archive


def words_in(content: bytes, words: Iterable[str], echoes: Iterable[str] = ()) -> list[str]:
    """Which of the words the content holds, in any of its readings; ``echoes`` are what the caller said, and are no finding."""
    words, found = list(words), set()
    echoes = [spelling.casefold() for echo in echoes for spelling in (echo, quote(echo, safe=""))]
    for text in readings(content):
        found |= {word for word in words if word in text and word in without(text, echoes)}
    return [word for word in words if word in found]


def without(text: str, echoes: Iterable[str]) -> str:
    for echo in echoes:
        text = text.replace(echo, " ")
    return text


def readings(content: bytes, depth: int = DEPTH) -> Iterator[str]:
    """The content as text in small letters: as it is, with escapes undone, and what it contains unpacked."""
    if content[:2] == b"\x1f\x8b":
        yield from _unpacked(gzip.decompress, content, depth)
    elif content[:4] == b"PK\x03\x04":
        yield from _members(content, depth)
    elif content[:5] == b"%PDF-":
        yield from _pdf(content)
    yield from spellings(content.decode("utf-8", errors="replace").casefold(), depth)


def spellings(text: str, depth: int = DEPTH) -> Iterator[str]:
    yield text
    if "&#" in text or "&amp;" in text:
        text = html.unescape(text).casefold()
        yield text
    if "\\u" in text or "\\x" in text:
        yield ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text).casefold()
    if "%" in text:
        once = unquote(text).casefold()
        yield once
        if "%" in once:
            yield unquote(once).casefold()


def cookie_readings(value: str) -> Iterator[bytes]:
    """What a cookie says, also where it is a signed or packed object."""
    yield value.encode()
    for part in PACKED.findall(value):
        for content in _from_base64(part.lstrip(".")):
            yield content
            try:
                yield zlib.decompress(content)
            except zlib.error:
                continue


def embedded(content: bytes) -> Iterator[bytes]:
    """What stands in the page as data addresses."""
    for found in DATA_URL.findall(content.decode("utf-8", errors="replace")):
        yield from _from_base64(unquote(found))


def _from_base64(text: str) -> Iterator[bytes]:
    try:
        yield base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return


def _unpacked(unpack, content: bytes, depth: int) -> Iterator[str]:
    if depth:
        try:
            yield from readings(unpack(content), depth - 1)
        except (OSError, EOFError, zlib.error):
            return


def _members(content: bytes, depth: int) -> Iterator[str]:
    """Workbooks and Word documents are archives too."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield " ".join(archive.namelist()).casefold()
            for name in archive.namelist() if depth else ():
                yield from readings(archive.read(name), depth - 1)
    except (zipfile.BadZipFile, zlib.error):
        return


@lru_cache(maxsize=8)
def _pdf(content: bytes) -> tuple[str, ...]:
    """The text of the pages, also with line ends taken out of words, what the document says about itself, and its headings."""
    try:
        reader = PdfReader(io.BytesIO(content))
        pages = (_by_poppler(content) or " ".join(page.extract_text() for page in reader.pages)).casefold()
        about = " ".join(str(value) for value in (reader.metadata or {}).values())
        outline = " ".join(str(getattr(entry, "title", "")) for entry in _flat(reader.outline))
    except (PyPdfError, ValueError, KeyError, TypeError):
        return ()
    return pages, "".join(pages.split()), about.casefold(), outline.casefold()


def _by_poppler(content: bytes) -> str:
    """Much faster than reading page by page, where it is installed."""
    program = shutil.which("pdftotext")
    if program is None:
        return ""
    done = subprocess.run([program, "-", "-"], input=content, capture_output=True, timeout=60, check=False)
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else ""


def _flat(outline) -> Iterator:
    for entry in outline:
        if isinstance(entry, list):
            yield from _flat(entry)
        else:
            yield entry
