"""Read the original of a plan or law: its bytes as text, and its text as lines without what the page added to it.

Pure: no Django. Page numbers, running heads, footnotes, tables of contents and foreign articles are what the page added;
``importing.py`` makes quotations and units out of the lines that are left.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PureWindowsPath
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from pypdf import PdfReader
from pypdf.errors import DependencyError

MAX_MEGABYTES = 10
MAX_UNPACKED_MEGABYTES = 100
MAX_PAGES = 600
MAX_CHARACTERS = 4_000_000
MEGABYTE = 1024 * 1024
UNREADABLE = {
    "wrong_kind": "Files ending in “{ending}” cannot be read. Save the document as .docx, .pdf, .txt or .md.",
    "too_large": "The file is larger than {megabytes} MB. Remove its pictures, or save only the text.",
    "encoding": "The characters of this text file cannot be told. Save it as UTF-8 and try again.",
    "not_text": "The file ends in .txt or .md, but holds something other than text. Check that it is the right file.",
    "damaged": "The file is damaged, or is not what its ending ({ending}) says. Open it, save it again and try once more.",
    "encrypted": "The file is protected by a password. Save a copy without the password.",
    "old_word": "The file is an old Word file or protected by a password. Save it as .docx without a password.",
    "unpacked_too_large": "Unpacked, the file is larger than {megabytes} MB. Remove its pictures, or save only the text.",
    "too_many_pages": "The file has more than {pages} pages. Save only the pages that hold the document.",
    "no_text_layer": "The PDF holds pictures of pages but no text. Run character recognition (OCR) on it first.",
    "text_layer_garbled": "The text in this PDF cannot be read: its fonts do not name their characters. Use another copy.",
    "too_much_text": "The file holds more than {characters} characters, which is more than any plan or law.",
}


class UnreadableDocument(Exception):
    """A file that cannot be imported. ``code`` and ``values`` are there to translate; the text tells what to do about it."""

    def __init__(self, code: str, **values: str | int):
        self.code = code
        self.values = values
        super().__init__(UNREADABLE[code].format(**values))


# --- bytes to text


def extract_text(name: str, raw: bytes) -> str:
    """The text of a .txt, .md, .docx or .pdf file; raises UnreadableDocument.

    Form feeds part the pages of a PDF. Of a Word file, headings get ``#``, bold first words ``**``, table rows ``|``.
    """
    if len(raw) > MAX_MEGABYTES * MEGABYTE:
        raise UnreadableDocument("too_large", megabytes=MAX_MEGABYTES)
    ending = PureWindowsPath(name).suffix.lower()
    if ending not in READERS:
        raise UnreadableDocument("wrong_kind", ending=ending or name)
    text = READERS[ending](raw)
    if len(text) > MAX_CHARACTERS:
        raise UnreadableDocument("too_much_text", characters=MAX_CHARACTERS)
    return text


OLD_WORD = b"\xd0\xcf\x11\xe0"
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")


def _from_plain(raw: bytes) -> str:
    if raw.startswith((b"%PDF", b"PK\x03\x04", OLD_WORD)):
        raise UnreadableDocument("not_text")
    for encoding, is_likely in (("utf-8-sig", _has_no_controls), ("gb18030", _is_common_chinese)):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if is_likely(text):
            return text
    raise UnreadableDocument("encoding")


def _has_no_controls(text: str) -> bool:
    return "\x00" not in text and len(CONTROLS.findall(text)) <= len(text) // 1000


def _is_common_chinese(text: str) -> bool:
    """Any bytes make some GB18030; real text is made of the characters of GB 2312, hardly of the rare ones."""
    beyond_ascii = [char for char in text if char > "\x7f"]
    common = "".join(beyond_ascii).encode("gb2312", errors="ignore").decode("gb2312")
    return _has_no_controls(text) and len(common) >= 0.8 * len(beyond_ascii)


def _from_word(raw: bytes) -> str:
    if raw.startswith(OLD_WORD):
        raise UnreadableDocument("old_word")
    try:
        _refuse_archive(raw)
        document = docx.Document(BytesIO(raw))
        return "\n".join(_word_lines(document.element.body, document))
    except UnreadableDocument:
        raise
    except Exception as error:  # python-docx, lxml and zipfile fail in many ways on a broken file
        raise UnreadableDocument("damaged", ending=".docx") from error


def _refuse_archive(raw: bytes) -> None:
    with ZipFile(BytesIO(raw)) as archive:
        members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableDocument("encrypted")
    if sum(member.file_size for member in members) > MAX_UNPACKED_MEGABYTES * MEGABYTE:
        raise UnreadableDocument("unpacked_too_large", megabytes=MAX_UNPACKED_MEGABYTES)
    if "word/document.xml" not in {member.filename for member in members}:
        raise BadZipFile("not a Word file")


def _word_lines(container, document) -> Iterator[str]:
    """The lines of the paragraphs and tables in a body, a cell or a text box, in order."""
    for child in container:
        if child.tag == qn("w:p"):
            yield from _word_paragraph(child, document)
        elif child.tag == qn("w:tbl"):
            for row in child.xpath("./w:tr | ./w:sdt/w:sdtContent/w:tr"):
                yield from _word_row(row, document)
        elif child.tag == qn("w:sdt") and not _is_contents(child):
            yield from _word_lines(child.find(qn("w:sdtContent")), document)


def _is_contents(control) -> bool:
    return any(part.get(qn("w:val")) == "Table of Contents" for part in control.iter(qn("w:docPartGallery")))


def _word_row(row, document) -> Iterator[str]:
    """A row of one cell keeps its paragraphs apart (a box); a row of several is one line."""
    cells = [list(_word_lines(cell, document)) for cell in row.xpath("./w:tc | ./w:sdt/w:sdtContent/w:tc")]
    rows = cells[0] if len(cells) == 1 else [" | ".join(" ".join(lines) for lines in cells)]
    yield from (f"| {line.strip('| ')} |" for line in rows if line.strip("| "))


RUN_PARTS = "./w:r[not(ancestor::w:moveFrom)] | ./*[not(self::w:del or self::w:moveFrom)]//w:r[not(ancestor::w:txbxContent)]"


def _word_paragraph(element, document) -> Iterator[str]:
    paragraph = Paragraph(element, document)
    style = (paragraph.style.name or "").lower() if paragraph.style is not None else ""
    if not style.startswith("toc"):
        depth = re.fullmatch(r"(?:heading|标题) ?([1-6])", style)
        text = _word_text(element, mark_bold=not depth)
        yield from (f"{'#' * int(depth[1])} {line}" if depth and line.strip() else line for line in text.split("\n"))
    for box in element.iter(qn("w:txbxContent")):
        if not any(above.tag.endswith("}Fallback") for above in box.iterancestors()):
            yield from (f"| {line.strip('| ')} |" for line in _word_lines(box, document) if line.strip("| "))


def _word_text(element, *, mark_bold: bool) -> str:
    runs = [(_run_text(run), _is_bold(run)) for run in element.xpath(RUN_PARTS)]
    runs = [(text, bold) for text, bold in runs if text]
    plain = next((index for index, (_, bold) in enumerate(runs) if not bold), len(runs))
    first, rest = ("".join(text for text, _ in part) for part in (runs[:plain], runs[plain:]))
    if mark_bold and 0 < len(first.strip()) <= 40 and "\n" not in first:
        first = f"**{first.strip()}**"
    return first + rest


def _run_text(run) -> str:
    signs = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    return "".join(part.text or "" if part.tag == qn("w:t") else signs.get(part.tag, "") for part in run)


def _is_bold(run) -> bool:
    marks = run.xpath("./w:rPr/w:b")
    return bool(marks) and marks[0].get(qn("w:val")) not in ("0", "false", "off")


def _from_pdf(raw: bytes) -> str:
    if b"%PDF" not in raw[:1024]:
        raise UnreadableDocument("damaged", ending=".pdf")
    try:
        pages = list(_pdf_pages(raw))
    except UnreadableDocument:
        raise
    except DependencyError as error:
        raise UnreadableDocument("encrypted") from error
    except Exception as error:  # pypdf fails in many ways on a broken file
        raise UnreadableDocument("damaged", ending=".pdf") from error
    text = RADICALS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), "\f".join(pages))
    letters = squeeze(text)
    if len(letters) < 5 * len(pages):
        raise UnreadableDocument("no_text_layer")
    if len(UNMAPPED.findall(letters)) > len(letters) // 10:
        raise UnreadableDocument("text_layer_garbled")
    return text


RADICALS = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff]")
UNMAPPED = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x1f]|\(cid:\d+\)")


def _pdf_pages(raw: bytes) -> Iterator[str]:
    reader = PdfReader(BytesIO(raw))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument("encrypted")
    if len(reader.pages) > MAX_PAGES:
        raise UnreadableDocument("too_many_pages", pages=MAX_PAGES)
    room = MAX_CHARACTERS
    for page in reader.pages:
        text = page.extract_text().replace("\f", "\n")
        room -= len(text)
        if room < 0:
            raise UnreadableDocument("too_much_text", characters=MAX_CHARACTERS)
        yield text


READERS = {".txt": _from_plain, ".md": _from_plain, ".docx": _from_word, ".pdf": _from_pdf}

# --- words and numerals

SPACE = re.compile(r"\s+")
SPACE_BY_CHINESE = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")
CLOSING = "”’」』）)》】"
FINAL = "。！？!?"
PLAIN_SIGNS = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys("“”„〝〞", '"')
    | dict.fromkeys("‘’", "'")
    | dict.fromkeys("—–‐―", "-")
)
CHINESE_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "两": 2}
CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}


def squeeze(text: str) -> str:
    """``text`` without white space."""
    return SPACE.sub("", text)


def clean(text: str) -> str:
    """``text`` on one line, without bold marks and without the spaces that line ends leave between Chinese characters."""
    text = SPACE_BY_CHINESE.sub("", SPACE.sub(" ", text.replace("**", ""))).strip()
    return re.sub(r" ?\| ?", " | ", text)


def to_int(numeral: str) -> int | None:
    """``12``, ``１２``, ``十二``, ``一百零二`` or ``二〇二一`` as a number; None when it is none."""
    numeral = unicodedata.normalize("NFKC", squeeze(numeral))
    if not 0 < len(numeral) <= 12:
        return None
    if numeral.isdecimal():
        return int(numeral)
    if all(char in CHINESE_DIGITS for char in numeral):
        return int("".join(str(CHINESE_DIGITS[char]) for char in numeral))
    return _counted(numeral)


def _counted(numeral: str) -> int | None:
    total, digit = 0, 0
    for char in numeral:
        if char in CHINESE_UNITS:
            total, digit = total + (digit or 1) * CHINESE_UNITS[char], 0
        elif char in CHINESE_DIGITS:
            digit = CHINESE_DIGITS[char]
        else:
            return None
    return total + digit


# --- markers: what begins a part of a document


@dataclass(frozen=True)
class Marker:
    """What a line begins with: ``kind`` is one of 编 篇 分编 部分 章 节 条 、 （） 1. (1) 专栏 附件; ``rest`` follows it."""

    kind: str
    number: int
    label: str
    rest: str


NUMERAL = r"[〇○零一二三四五六七八九十百千\d]"
NUMBERED = rf"{NUMERAL}(?:\s*{NUMERAL}){{0,9}}"
CHINESE = r"[一二三四五六七八九十百](?:\s*[一二三四五六七八九十百]){0,4}"
ORDINAL = re.compile(rf"第\s*({NUMBERED})\s*(分\s*编|编|篇|部\s*分|章|节|条)(\s*之\s*[一二三四五六七八九十]{{1,2}}(?![、，]))?")
MARKS = (
    ("、", re.compile(rf"({CHINESE})\s*[、．.](?!\s*{NUMERAL}+\s*[、，和类级])"), "{}、"),
    ("（）", re.compile(rf"[（(]\s*({CHINESE})\s*[）)]"), "（{}）"),
    ("(1)", re.compile(r"[（(]\s*(\d{1,3})\s*[）)]|(\d{1,2})\s*[）)]"), "（{}）"),
    ("1.", re.compile(r"(\d{1,3})\s*\\?[.．、](?!\d)"), "{}."),
    ("专栏", re.compile(rf"专\s*栏\s*({NUMBERED})\s*[:：]?"), "专栏{}"),
    ("附件", re.compile(rf"附\s*件\s*({NUMBERED})?\s*[:：]?"), "附件{}"),
)
CITATION = re.compile(rf"(?:规定|所[列称述]|的|[、，和与及至]|或者?第|第\s*{NUMERAL}+\s*[条款项章节]|以外|中的|[款项])")


def marker_of(line: str) -> Marker | None:
    """The marker at the beginning of ``line``; None also where a line merely begins with a citation (第五条规定的…)."""
    match = ORDINAL.match(line)
    if match:
        return _ordinal(match, line[match.end() :])
    for kind, pattern, label in MARKS:
        match = pattern.match(line)
        if match:
            numeral = unicodedata.normalize("NFKC", squeeze(next(filter(None, match.groups()), "")))
            marker = Marker(kind, to_int(numeral) or 0, label.format(numeral), line[match.end() :].strip())
            return None if kind in ("（）", "(1)") and re.match(r"[项款目]|[、和至或及]\s*[（(]", marker.rest) else marker
    return None


def _ordinal(match: re.Match, rest: str) -> Marker | None:
    if CITATION.match(rest):
        return None
    numeral, kind = unicodedata.normalize("NFKC", squeeze(match[1])), squeeze(match[2])
    return Marker(kind, to_int(numeral) or 0, f"第{numeral}{kind}{squeeze(match[3] or '')}", rest.strip())


def is_finished(text: str, ends: str = FINAL) -> bool:
    """Whether ``text`` ends a sentence (closing brackets and quotes aside)."""
    return text.rstrip(CLOSING + " ")[-1:] in tuple(ends)


def is_heading(line: str) -> bool:
    """Whether ``line`` is a marker and a title, and not the beginning of a paragraph."""
    marker = marker_of(line)
    if marker is None or marker.kind == "条":
        return False
    title = marker.rest.rstrip("：:？?")
    return (
        len(title) <= 45
        and not is_finished(title)
        and not re.search(r"[。；]", title)
        and not title.endswith(("，", "、", ";", ","))
    )


# --- text to lines


@dataclass(frozen=True)
class Line:
    """One line without its marks: ``depth`` counts its ``#``, ``bold`` is what stood in ``**`` at its beginning.

    Lines of one table cell share a number in ``cell`` (0: no table). ``gap``: a blank line stood before it.
    """

    text: str
    bold: str = ""
    depth: int = 0
    cell: int = 0
    page: int = 0
    gap: bool = False
    indent: bool = False


def read_lines(text: str) -> list[Line]:
    """The lines of ``text`` that belong to the document; what the page added is left out."""
    lines = list(_scan(text))
    for hidden in (_running_heads, _page_numbers, _footnotes, _contents, _foreign_articles):
        lines = _without(lines, set(hidden(lines)))
    lines = [replace(line, text=FOOTNOTE_MARK.sub("", line.text)) for line in lines]
    return _without_doubled_ends(lines)


LINE_ENDS = re.compile(r"\r\n?|[\x0b\x85\u2028\u2029]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\xad]")
JUMP = re.compile(r"[（(\[【]\s*(下转|上接)\s*第?\s*(\d{1,3})\s*[页版][^）)\]】\n]{0,6}[）)\]】]")
END_MARK = re.compile(r"\*\*[A-Z■●◆]\*\*\s*$")
INLINE_PAGE = re.compile(
    r"(?<![\d\s])\s*(?:—\s?\d{1,3}\s?—|\s[-－–]\s\d{1,3}\s[-－–]\s|第 ?\d{1,3} ?页\s*[,，/]?\s*共 ?\d{1,3} ?页)(?!\s*\d)"
)
NO_WORDS = re.compile(r"[\s:|\-=_*—~·.]*|#\s*-\*-.*-\*-")
BOLD = re.compile(r"(\W{0,3})\*\*(.+?)\*\*")


def _scan(text: str) -> Iterator[Line]:
    """Every line that holds words; a Markdown table row may go on over several lines."""
    text = JUMP.sub(r"\n\g<0>\n", INVISIBLE.sub("", LINE_ENDS.sub("\n", text)))
    gap, cell, in_row = False, 0, False
    for page, body in enumerate(text.split("\f")):
        for raw in body.split("\n"):
            stripped = raw.strip()
            begins, ends = stripped.startswith("|"), stripped.endswith("|") and stripped != "|"
            cell, in_row = cell + begins, (begins or in_row) and bool(stripped)
            words = stripped.strip("| ")
            if NO_WORDS.fullmatch(words):
                gap, in_row = gap or not stripped, in_row and not (ends or stripped == "|")
                continue
            indent = raw[:2].isspace() or raw.startswith("\u3000")
            yield _line(words, cell=cell if in_row else 0, page=page, gap=gap, indent=indent)
            gap, in_row = False, in_row and not ends


def _line(words: str, **place) -> Line:
    marks = re.match(r"(#{1,6})\s+|[-*+]\s+", words)
    words = END_MARK.sub("", words[marks.end() if marks else 0 :])
    words = INLINE_PAGE.sub("", words).strip() or words
    bold = BOLD.match(words)
    depth = len(marks[1] or "") if marks else 0
    return Line(words.replace("**", "").strip(), bold=clean(bold[2]) if bold else "", depth=depth, **place)


def _without(lines: list[Line], hidden: set[int]) -> list[Line]:
    """``lines`` without the hidden ones; a blank line before a hidden one still counts."""
    kept, gap = [], False
    for index, line in enumerate(lines):
        if index in hidden:
            gap = gap or line.gap
        elif line.text:
            kept.append(replace(line, gap=line.gap or gap))
            gap = False
    return kept


DASHES = r"[—–－\-_~·•]*"
PAGE_NUMBER = re.compile(
    rf"{DASHES}\d{{1,3}}{DASHES}|[—–－\-]+\d{{4}}[—–－\-]+|第?(?:\d{{1,4}}|[一二三四五六七八九十百]{{1,6}})页"
    r"(?:[,，/]?[共总]\d{1,4}页)?|\d{1,4}/\d{1,4}|[Pp]age\d{1,4}(?:of\d{1,4})?|[ivxIVX]{1,5}"
)


TITLE_LINES = 12  # so far down may a line that later heads every page be the title itself


def _is_page_number(line: Line) -> bool:
    return not line.cell and len(line.text) <= 24 and bool(PAGE_NUMBER.fullmatch(squeeze(line.text)))


def _page_numbers(lines: list[Line]) -> Iterator[int]:
    return (index for index, line in enumerate(lines) if _is_page_number(line))


def is_broken_off(text: str) -> bool:
    """Whether ``text`` is prose that goes on in the next line."""
    return not is_finished(text, FINAL + "；：:;…") and bool(re.search(r"[，。；]|[、（(《“—]$", text))


def _running_heads(lines: list[Line]) -> Iterator[int]:
    """Short lines that come again and again at the edge of a page, or in the middle of a sentence."""
    short = {
        index: re.sub(r"\d+", "#", squeeze(line.text))
        for index, line in enumerate(lines)
        if len(line.text) <= 45 and not line.cell and not re.search(r"[，。；！？、]", line.text) and not _is_page_number(line)
    }
    times = Counter(short.values())
    least = 2 if lines and lines[-1].page else 3
    edges = {i: _is_edge(lines, i) for i, key in short.items() if times[key] >= least and not marker_of(lines[i].text)}
    at_edge = Counter(short[index] for index, edge in edges.items() if edge)
    seen: set[str] = set()
    for index, edge in edges.items():
        key = short[index]
        may_be_title = key not in seen and "#" not in key and index < TITLE_LINES and not _is_by_page_number(lines, index)
        seen.add(key)
        if edge and at_edge[key] >= 2 and not may_be_title:
            yield index


def _is_edge(lines: list[Line], index: int) -> bool:
    near = _neighbours(lines, index)
    turned = lines[-1].page > 0 and (len(near) < 2 or any(line.page != lines[index].page for line in near))
    return turned or _is_by_page_number(lines, index) or is_broken_off(_text_before(lines, index))


def _is_by_page_number(lines: list[Line], index: int) -> bool:
    return any(map(_is_page_number, _neighbours(lines, index)))


def _neighbours(lines: list[Line], index: int) -> list[Line]:
    return [lines[i] for i in (index - 1, index + 1) if 0 <= i < len(lines)]


def _text_before(lines: list[Line], index: int) -> str:
    """The line before, page numbers aside."""
    return next((lines[i].text for i in range(index - 1, -1, -1) if not _is_page_number(lines[i])), "")


FOOTNOTE_MARK = re.compile(r"(?<=[^\x00-\x7f])[¹²³⁰⁴-⁹]{1,3}|^[¹²³⁰⁴-⁹]{1,3}")
FOOTNOTE = re.compile(r"[¹²³⁴-⁹][¹²³⁰⁴-⁹]{0,2}\s*\S")


def _footnotes(lines: list[Line]) -> Iterator[int]:
    """Lines that begin with a raised figure; a footnote may go on for three lines when a gap or a new page ends it."""
    for index, line in enumerate(lines):
        if FOOTNOTE.match(line.text):
            ahead = range(index + 1, min(index + 5, len(lines)))
            ended = (i for i in ahead if lines[i].gap or lines[i].page != line.page or FOOTNOTE.match(lines[i].text))
            yield from range(index, next(ended, index + 1))


MOST_ENTRIES = 600
ENTRY = re.compile(r"(?P<title>.*?[^\s\d.．…·・_\-—])(?P<leader>[\s.．…·・_\-—]*)(?P<page>\d{1,3})")


def _key(text: str) -> str:
    return squeeze(text).translate(PLAIN_SIGNS)


def _entry_key(line: Line) -> str:
    """The title that an entry of a table of contents names, page number and leader aside."""
    entry = ENTRY.fullmatch(line.text) if len(line.text) <= 120 else None
    return _key(entry["title"] if entry else line.text.rstrip(" .…·"))


def _contents(lines: list[Line]) -> Iterator[int]:
    """The lines of tables of contents: after the word 目录, or a run of titles with page numbers that come again later."""
    last = {_key(line.text): index for index, line in enumerate(lines)}
    index = 0
    while index < len(lines):
        end = index + 1
        if squeeze(lines[index].text) in ("目录", "目次"):
            end = _contents_end(lines, index + 1, last)
            yield from range(index, end)
        elif _is_entry(lines[index]):
            end = next((i for i in range(index, len(lines)) if not _is_entry(lines[i])), len(lines))
            if end - index >= 3 and any(last.get(_entry_key(lines[i]), 0) >= end for i in range(index, end)):
                yield from range(index, end)
        index = end


def _is_entry(line: Line) -> bool:
    entry = ENTRY.fullmatch(line.text) if len(line.text) <= 120 and not line.cell else None
    return bool(entry) and (len(entry["leader"]) > 1 or marker_of(line.text) is not None)


def _contents_end(lines: list[Line], start: int, last: dict[str, int]) -> int:
    """Where the table of contents that begins at ``start`` ends: where its titles begin to come again, or at its last entry."""
    most = min(start + MOST_ENTRIES, len(lines))
    stop = next((i for i in range(start, most) if len(lines[i].text) > 90 or is_finished(lines[i].text, "。；")), most)
    seen: set[str] = set()
    end = start
    for index in range(start, stop):
        key = _entry_key(lines[index])
        if key in seen:
            return index
        seen.add(key)
        if _is_entry(lines[index]) or last.get(key, 0) >= stop:
            end = index + 1
    return end


def _foreign_articles(lines: list[Line]) -> Iterator[int]:
    """From （下转第 18 页） to the （上接第 17 页） that takes it up again; marks without a partner alone."""
    jumps = [(index, match[1], int(match[2])) for index, line in enumerate(lines) if (match := JUMP.fullmatch(line.text))]
    done = -1
    for place, (index, way, page) in enumerate(jumps):
        if index <= done:
            continue
        done = index
        if way == "下转":
            ahead = jumps[place + 1 : place + 20]
            later = (back for back, kind, origin in ahead if kind == "上接" and origin < page)
            done = next(later, index)
        yield from range(index, done + 1)


DOUBLED = re.compile(r"[^，。；\s]{1,6}。")


def _without_doubled_ends(lines: list[Line]) -> list[Line]:
    """A page break may print the end of a line twice (…新业态。/ 态。支持…): the first print goes."""
    result = list(lines)
    for index in range(1, len(lines)):
        doubled = DOUBLED.match(lines[index].text)
        before = result[index - 1]
        if doubled and len(doubled[0]) < len(before.text) and before.text.endswith(doubled[0]):
            result[index - 1] = replace(before, text=before.text.removesuffix(doubled[0]))
    return result


# --- searching without white space


class Span(NamedTuple):
    start: int
    end: int


class Squeezed:
    """Lines as locators see them: without white space and asterisks, half-width and full-width signs alike.

    Offsets are those of ``key``; ``words`` leads back to the text.
    """

    def __init__(self, lines: Iterable[str]):
        self.text = "\n".join(lines)
        self.at = [index for index, char in enumerate(self.text) if not char.isspace() and char != "*"]
        self.key = _plain("".join(self.text[index] for index in self.at))

    def find(self, words: str, start: int = 0, end: int | None = None) -> Span | None:
        """Where ``words`` stand for the first time between two offsets."""
        key = _plain(squeeze(words).replace("*", ""))
        place = self.key.find(key, start, len(self.key) if end is None else end)
        return Span(place, place + len(key)) if key and place >= 0 else None

    def find_nth(self, words: str, nth: int) -> int | None:
        """Where ``words`` stand for the ``nth`` time."""
        found = self.find(words)
        for _ in range(nth - 1):
            found = found and self.find(words, found.start + 1)
        return found.start if found else None

    def words(self, start: int, end: int) -> str:
        """The text between two offsets, white space and all."""
        return self.text[self.at[start] : self.at[end - 1] + 1] if start < end else ""

    def offset(self, index: int) -> int:
        """The offset of the first sign at or after ``index`` of the text."""
        return bisect_left(self.at, index)


def _plain(text: str) -> str:
    return text.translate(PLAIN_SIGNS)
