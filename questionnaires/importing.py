"""Turn the text of a plan or law into what the library keeps: the wording of known clauses, or a draft of units.

Pure: no Django. ``originals.py`` reads the file and clears its lines; nothing here guesses at words that are not there.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from itertools import zip_longest
from statistics import median
from typing import Literal

from questionnaires.originals import (
    CLOSING,
    FINAL,
    NUMERAL,
    Line,
    Marker,
    Squeezed,
    UnreadableDocument,
    clean,
    extract_text,
    is_broken_off,
    is_finished,
    is_heading,
    marker_of,
    read_lines,
    squeeze,
    to_int,
)
from questionnaires.schema import Original, PolicyClause

__all__ = ["Draft", "Missing", "Original", "Originals", "Unit", "UnreadableDocument", "Warning"]
__all__ += ["attach_originals", "extract_text", "split_document"]


# --- the wording of known clauses


@dataclass(frozen=True)
class Missing:
    clause: str
    reason: Literal["start_not_found", "anchor_not_in_paragraph"]


@dataclass(frozen=True)
class Originals:
    """What a text says about clauses: wordings by clause id, and what it does not hold."""

    found: dict[str, Original]
    missing: tuple[Missing, ...]


def attach_originals(text: str, clauses: Sequence[PolicyClause]) -> Originals:
    """The wording of each clause whose locator fits ``text``; clauses of one paragraph get the same paragraph."""
    lines = read_lines(text)
    document = Squeezed(line.text for line in lines)
    places = {clause.id: document.find_nth(clause.locator.start, clause.locator.nth) for clause in clauses}
    known = {place for place in places.values() if place is not None}
    walls = sorted({*known, *_heading_offsets(document, lines), len(document.key)})
    anchors = {
        clause.id: document.find(clause.locator.anchor, places[clause.id], _next(walls, places[clause.id] + 1))
        for clause in clauses
        if places[clause.id] is not None
    }
    paragraphs = _paragraphs(document, lines, walls, [(places[key], span.end) for key, span in anchors.items() if span])
    found = {
        clause.id: Original(paragraph=paragraph, quote=_sentence_with(paragraph, clause.locator.anchor))
        for clause in clauses
        if anchors.get(clause.id) and (paragraph := paragraphs[places[clause.id]])
    }
    missing = tuple(
        Missing(clause.id, "start_not_found" if places[clause.id] is None else "anchor_not_in_paragraph")
        for clause in clauses
        if clause.id not in found
    )
    return Originals(found, missing)


def _paragraphs(document: Squeezed, lines: list[Line], walls: list[int], anchors: list[tuple[int, int]]) -> dict[int, str]:
    """The paragraph at each place. ``anchors``: where a paragraph begins, and where an anchor in it ends.

    After the last of its anchors it goes on to a line that ends with its sentence, or to the next wall.
    """
    reach: dict[int, int] = {}
    for place, end in anchors:
        reach[place] = max(reach.get(place, 0), end)
    ends = [*(end for line, _, end in _line_spans(document, lines) if is_finished(line.text)), len(document.key)]
    return {place: clean(document.words(place, min(_next(ends, end), _next(walls, place + 1)))) for place, end in reach.items()}


def _next(offsets: list[int], least: int) -> int:
    """The first of the sorted ``offsets`` that is not below ``least``; the last one when all are."""
    return offsets[min(bisect_left(offsets, least), len(offsets) - 1)]


def _line_spans(document: Squeezed, lines: list[Line]) -> Iterator[tuple[Line, int, int]]:
    """Each line with the offsets where it begins and ends."""
    index = 0
    for line in lines:
        yield line, document.offset(index), document.offset(index + len(line.text))
        index += len(line.text) + 1


def _heading_offsets(document: Squeezed, lines: list[Line]) -> list[int]:
    before = [None, *lines]
    spans = zip(before, _line_spans(document, lines), strict=False)
    return [start for previous, (line, start, _) in spans if _begins_part(previous, line)]


def _begins_part(previous: Line | None, line: Line) -> bool:
    """Whether a heading, a numbered item or a box begins with ``line`` (and not a wrapped line that looks like one)."""
    if line.depth:
        return True
    if marker_of(line.text) is None:
        return False
    return previous is None or not is_broken_off(previous.text) or is_heading(line.text) or bool(ARTICLE.match(line.text))


ARTICLE = re.compile(rf"第\s*{NUMERAL}[^条]{{0,12}}条\s")  # a citation has no space after 条
SENTENCE = re.compile(rf"[^。！？；!?;]*(?:[。！？；!?;]+[{CLOSING}]*|$)")


def _sentence_with(paragraph: str, anchor: str) -> str:
    """The sentence of ``paragraph`` (or the part of an enumeration, up to its semicolon) that holds ``anchor``."""
    squeezed = Squeezed([paragraph])
    span = squeezed.find(anchor)
    first, last = squeezed.at[span.start], squeezed.at[span.end - 1]
    sentences = [match.span() for match in SENTENCE.finditer(paragraph) if match[0]]
    start = next(start for start, end in sentences if first < end)
    end = next(end for _, end in sentences if last < end)
    return paragraph[start:end].strip("—–- ")


# --- any other document: a draft of units


@dataclass(frozen=True)
class Unit:
    """A citable passage. ``path``: the headings above it, and its own when its first words are one (夯实基础。推动……).

    ``label`` is its number as printed (第十二条, （三）, 2.) or empty and not repeated in ``text``; the paragraphs of an
    article stand on lines of their own.
    """

    order: int
    label: str
    path: tuple[str, ...]
    box: str | None
    text: str


WARNINGS = {
    "empty": "The file holds no text.",
    "no_title": "No title was found. Enter it by hand.",
    "no_structure": "No headings or articles were found, so every paragraph became a passage of its own.",
    "draft": "The text calls itself a draft ({word}). Import the version that was issued.",
    "excerpt": "The text calls itself an excerpt ({word}); parts are missing.",
    "ends_open": "The text ends in the middle of a sentence (“{words}”); its end may be missing.",
    "starts_late": "The numbering begins with {label} (section: {section}); what stands before it may be missing.",
    "jumps": "{label} follows {before} (section: {section}); something between them may be missing.",
    "repeats": "{label} stands twice in a row (section: {section}).",
    "restarts": "{label} follows {before} (section: {section}); the file may hold more than one document.",
    "more": "{count} more warnings are not listed.",
    "long_unit": "Passage {order} is very long ({characters} characters); a heading in it may have been overlooked.",
    "open_boxes": "The file does not mark where a box (专栏) ends ({boxes} times); check the passages that follow its title.",
}


@dataclass(frozen=True)
class Warning:
    """Something an operator should look at; ``code`` and ``values`` are there to translate ``message``."""

    code: str
    values: dict[str, str | int] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return WARNINGS[self.code].format(**self.values)


@dataclass(frozen=True)
class Draft:
    """What a text says about itself (None where it does not), its passages in order, and what looks wrong."""

    title: str | None
    number: str | None
    issuer: str | None
    date: Date | None
    units: tuple[Unit, ...]
    warnings: tuple[Warning, ...]


def split_document(text: str) -> Draft:
    """The title, number, issuer and date that ``text`` states, and its units: articles of a law, paragraphs of a plan."""
    lines, labels = _take_labels(read_lines(text))
    segments, signatures = _take_signatures(lines)
    blocks = [block for segment in segments for block in _blocks(segment)]
    if not blocks:
        return Draft(None, None, None, None, (), (Warning("empty"),))
    begin = _body_begin(blocks)
    facts = _Facts(blocks[:begin], blocks[-8:], labels, signatures)
    splitter = _Splitter(is_law=_is_law(blocks))
    body = [block for block in blocks[:begin] if splitter.keeps_from_head(block)] + blocks[begin:]
    splitter.run([block for block in body if block.text != facts.title and not NUMBER.fullmatch(block.text)])
    return Draft(
        title=facts.title,
        number=facts.number(),
        issuer=facts.issuer(),
        date=facts.date(),
        units=tuple(splitter.units),
        warnings=_listed([*_about_text(facts, splitter), *splitter.warnings, *_about_units(splitter.units)]),
    )


# lines to paragraphs

LOOSE = FINAL + "；：:;…"
TITLE = re.compile(
    r"[^。；，]{2,80}?(?:法|法典|条例|办法|规定|规划|计划|纲要|方案|意见|通知|细则|决定|决议|标准|指南|指引|措施|公告|准则|章程|规则|战略)"
    r"[”》]*(?:解读)?(?:\s*[（(][^（）()]{2,24}[）)])*[”》]*"
)
TITLE_ADDITION = re.compile(r"[（(](?:[^（）()]*(?:年|节选|摘录|摘编)|试行|暂行|草案|[^（）()]*稿)[）)]")
BRACKETED = re.compile(r"[（(][^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*[）)]")


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph, its lines joined."""

    text: str
    marker: Marker | None
    is_heading: bool
    bold: str
    depth: int
    cell: int

    @property
    def is_prose(self) -> bool:
        return is_finished(self.text, FINAL + "；…") and not BRACKETED.fullmatch(self.text)

    @property
    def rank(self) -> float:
        """How high a heading stands; the highest has the least."""
        if self.marker:
            return RANKS[self.marker.kind]
        return 0.5 if self.depth else LEAF


RANKS = {
    "附件": 0,
    "编": 1,
    "篇": 1,
    "部分": 1,
    "分编": 2,
    "章": 3,
    "节": 4,
    "、": 5,
    "（）": 6,
    "1.": 7,
    "(1)": 8,
    "条": 9,
    "专栏": 9,
}
LEAF = 9.0


@dataclass(frozen=True)
class Layout:
    """How a text is printed: the width at which its lines are broken, None when a line is a whole paragraph."""

    width: float | None
    is_indented: bool


def _blocks(lines: list[Line]) -> list[Block]:
    layout = Layout(_line_width(lines), is_indented=sum(line.indent for line in lines) > len(lines) / 20)
    groups: list[list[Line]] = []
    for previous, line in zip([None, *lines], lines, strict=False):
        if _starts_block(previous, line, layout, is_second=bool(groups) and len(groups[-1]) == 1):
            groups.append([])
        groups[-1].append(line)
    return [_block(group) for group in groups]


def _block(lines: list[Line]) -> Block:
    text = "\n".join(line.text for line in lines)
    marker, first = marker_of(text), lines[0]
    marker = marker and replace(marker, rest=clean(marker.rest))
    return Block(clean(text), marker, is_heading(clean(text)), first.bold, first.depth, first.cell)


def _starts_block(previous: Line | None, line: Line, layout: Layout, *, is_second: bool) -> bool:
    """Whether a heading or paragraph begins with ``line``. The first line of a paragraph may be shorter by its indent."""
    if previous is None or line.depth or previous.depth or line.cell != previous.cell or _begins_part(previous, line):
        return True
    room = layout.width - _width(previous.text) if layout.width else 0
    is_full = layout.width is not None and room <= (2.5 if is_second else 1)
    if is_finished(previous.text, LOOSE):
        return not is_full or line.gap or (line.indent if layout.is_indented else bool(LEAD.match(line.text)))
    if is_heading(previous.text) or TITLE.fullmatch(previous.text):
        return not is_full
    is_long = room <= layout.width / 5 if layout.width else len(previous.text) >= 30
    return not (is_broken_off(previous.text) or (is_long and not BRACKETED.fullmatch(previous.text)))


def _line_width(lines: list[Line]) -> float | None:
    """The width at which the lines are broken; None when a line is a whole paragraph."""
    widths = [_width(line.text) for line in lines if len(line.text) >= 10 and not is_finished(line.text, LOOSE)]
    if len(widths) < max(4, len(lines) / 4):
        return None
    middle = median(widths)
    return middle if sum(abs(width - middle) <= 2.5 for width in widths) >= 0.6 * len(widths) else None


def _width(text: str) -> float:
    return sum(1 if char > "\u2000" else 0.5 for char in text)


# what a document says about itself

LABELS = {
    **dict.fromkeys(("name", "标题", "政策标题", "文件标题", "文件名称"), "title"),
    **dict.fromkeys(("发文字号", "文号", "发文号"), "number"),
    **dict.fromkeys(("发文机关", "发布机关", "制定机关", "发文单位", "印发机关"), "issuer"),
    **dict.fromkeys(("成文日期", "印发日期", "公布日期"), "date"),
    **dict.fromkeys(("发布日期", "发布时间"), "published"),
    **dict.fromkeys(("来源", "政策来源", "url", "链接", "作者", "责任编辑", "编辑", "主题词", "分类"), "ignored"),
    **dict.fromkeys(
        ("主题分类", "公文种类", "索引号", "有效性", "时效性", "施行日期", "生效日期", "字体", "浏览次数"), "ignored"
    ),
    **dict.fromkeys(("政策内容", "正文", "政策正文"), "text"),
}
LABEL = re.compile("(" + "|".join(r"\s*".join(label) for label in sorted(LABELS, key=len, reverse=True)) + r")\s*[:：]\s*")
DATE = re.compile(
    rf"(\d{{4}}|[〇○零一二三四五六七八九]{{4}})\s*年\s*({NUMERAL}{{1,3}})\s*月\s*({NUMERAL}{{1,3}})\s*日(?!起|前|以前|之前)"
    r"|(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"
)
AUTHORITY = "部|委|委员会|办公室|办公厅|厅|局|院|署|府|银行|协会|学会|联合会|中心|会议"
ORGANIZATION = re.compile(rf"[\u4e00-\u9fff、 ]{{1,40}}(?:{AUTHORITY})(?:[（(][^（）()]{{2,12}}[）)])?")
NUMBER = re.compile(r"[（(]?([\u4e00-\u9fff]{1,16})\s*[〔\[［（(【]\s*(\d{4})\s*[〕\]］）)】]\s*第?\s*(\d{1,5})\s*号\s*[）)]?")
ORDER = re.compile(rf"([\u4e00-\u9fff]{{2,30}}(?:令|公告))\s*[（(]?\s*((?:\d{{4}}\s*年)?\s*第\s*{NUMERAL}+\s*号)\s*[）)]?")
PASSED = re.compile(
    r"(?:日|由|届)(全国|[\u4e00-\u9fff]{2,9}?(?:省|市|自治区|自治州|县))(?:第[^届]{1,5}届)?(人民代表大会(?:常务委员会)?)"
)
NO_TITLE = re.compile(r"[：:）)号令]$|^附件|\d{4}年")
FOREWORD = re.compile(r"[序前引]言|序")
HEAD_LINES = 60


@dataclass(frozen=True)
class Signature:
    organizations: tuple[str, ...]
    date: Date


def _take_labels(lines: list[Line]) -> tuple[list[Line], dict[str, str]]:
    """Lines such as 发文机关：… at the top are taken out of the text; what they say comes back by its meaning."""
    labels: dict[str, str] = {}
    kept: list[Line] = []
    waiting = None  # a label whose value stands in the next line
    for index, line in enumerate(lines):
        found = list(LABEL.finditer(line.text)) if index < HEAD_LINES and LABEL.match(line.text) else []
        if waiting and not found:
            labels.setdefault(waiting, clean(line.text))
            waiting = None
            continue
        for match, following in zip_longest(found, found[1:]):
            value = line.text[match.end() : following.start() if following else None].strip()
            waiting = _note_label(labels, LABELS[squeeze(match[1])], value)
        if not found:
            kept.append(line)
    return kept, labels


def _note_label(labels: dict[str, str], meaning: str, value: str) -> str | None:
    if value:
        labels.setdefault(meaning, clean(value))
    return meaning if not value and meaning != "text" else None


def _take_signatures(lines: list[Line]) -> tuple[list[list[Line]], list[Signature]]:
    """Lines that hold nothing but a date, and the names above them, part the text; what they say comes back."""
    segments: list[list[Line]] = [[]]
    signatures = []
    for line in lines:
        date = _lone_date(line.text)
        above = segments[-1]
        if date is None or line.cell or (above and is_broken_off(above[-1].text)):
            above.append(line)
            continue
        names: list[str] = []
        while above and len(names) < 12 and ORGANIZATION.fullmatch(above[-1].text):
            names.insert(0, clean(above.pop().text))
        inline = ORGANIZATION.match(DATE.sub("", line.text).strip())
        signatures.append(Signature(tuple(names or ([clean(inline[0])] if inline else [])), date))
        segments.append([])
    return segments, signatures


def _lone_date(text: str) -> Date | None:
    """The date in a line that holds only a date, perhaps in brackets or after the name of an authority."""
    match = DATE.search(text) if len(text) <= 60 else None
    around = match and text.replace(match[0], "").strip("（）() ")
    return _date_of(match) if match and (not around or ORGANIZATION.fullmatch(around)) else None


def _date_of(match: re.Match) -> Date | None:
    try:
        return Date(*(to_int(part) or 0 for part in match.groups() if part))
    except ValueError:
        return None


def _dates(text: str) -> list[Date]:
    return [date for match in DATE.finditer(text) if (date := _date_of(match))]


class _Facts:
    """Title, number, issuer and date, from what stands before the first heading and after the last passage."""

    def __init__(self, head: list[Block], tail: list[Block], labels: dict[str, str], signatures: list[Signature]):
        self.head = [block.text for block in head if not block.is_prose]
        self.prose = [block.text for block in head if block.is_prose]
        self.tail = [block.text for block in tail if not block.is_prose]
        self.marked = [block.text for block in head if block.depth == 1]
        self.labels, self.signatures = labels, signatures
        self.title = self._title()

    def _title(self) -> str | None:
        candidates = [self.labels.get("title", ""), *_joined_titles(self.head)]
        named = [text for text in candidates if TITLE.fullmatch(text) and not text.startswith("附件")]
        plain = [
            text for text in self.head[:3] if len(text) <= 40 and not NO_TITLE.search(text) and not ORGANIZATION.fullmatch(text)
        ]
        return next((text for text in [*named[::-1], *self.marked, self.labels.get("title"), *plain] if text), None)

    def number(self) -> str | None:
        texts = [
            self.labels.get("number", ""),
            *self.head,
            *map("".join, zip(self.head, self.head[1:], strict=False)),
            *self.tail,
        ]
        for text in texts:
            if match := NUMBER.fullmatch(text):
                return f"{match[1]}〔{to_int(match[2])}〕{to_int(match[3])}号"
            if match := ORDER.fullmatch(text):
                return match[1] + squeeze(match[2])
        return self.labels.get("number")

    def issuer(self) -> str | None:
        signed = next(("、".join(each.organizations) for each in self.signatures if each.organizations), None)
        named = next((text for text in self.head if ORGANIZATION.fullmatch(text) and not TITLE.fullmatch(text)), None)
        return self.labels.get("issuer") or signed or named or self._issuer_in_words()

    def _issuer_in_words(self) -> str | None:
        for text in (*self.head, *self.prose):
            if match := PASSED.search(text):
                return match[1] + match[2]
        for text in self.head:
            match = re.match(r"([\u4e00-\u9fff、]{2,40}?)(?:关于|令)", text)
            if match and ORGANIZATION.fullmatch(match[1]):
                return match[1]
        return None

    def date(self) -> Date | None:
        in_head = [date for text in self.head for date in _dates(text)]
        known = _dates(self.labels.get("date", "")) or [each.date for each in self.signatures[:1]] or in_head[-1:]
        return next(iter(known or _dates(self.labels.get("published", ""))), None)


def _joined_titles(texts: list[str]) -> list[str]:
    """``texts`` with titles of two lines, or with an addition such as （试行） in the next line, made one."""
    joined: list[str] = []
    for text in texts:
        before = joined[-1] if joined else ""
        goes_on = re.search(r"关于|印发", before) and not TITLE.fullmatch(before)
        adds = TITLE.fullmatch(before) and TITLE_ADDITION.fullmatch(text)
        if before and len(before) <= 40 and (goes_on or adds):
            joined[-1] = before + text
        else:
            joined.append(text)
    return joined


def _body_begin(blocks: list[Block]) -> int:
    """The index of the first heading, article or box; without any, of the first paragraph."""
    for index, block in enumerate(blocks[:120]):
        starts = block.marker is not None and block.marker.kind not in ("1.", "(1)", "附件")
        if starts or FOREWORD.fullmatch(block.text) or (block.depth > 1 and not TITLE.fullmatch(block.text)):
            return index
    return next((index for index, block in enumerate(blocks) if block.is_prose), min(1, len(blocks) - 1))


def _is_law(blocks: list[Block]) -> bool:
    kinds = [block.marker.kind for block in blocks if block.marker]
    return kinds.count("条") >= max(1, kinds.count("、"))


# paragraphs to units


@dataclass(frozen=True)
class Step:
    """A heading on the way down to a passage; a bare one is a number without words, good only for what is numbered below it."""

    rank: float
    title: str
    depth: int = 0
    is_bare: bool = False


class _Splitter:
    """Walks over the blocks and keeps the headings above, the box around and the units so far."""

    def __init__(self, is_law: bool):
        self.is_law = is_law
        self.units: list[Unit] = []
        self.warnings: list[Warning] = []
        self.steps: list[Step] = []
        self.box: str | None = None
        self.box_cell = False
        self.box_items: str | None = None  # the kind of number that the first item in the box has
        self.steps_around: list[Step] = []
        self.open_boxes = 0
        self.has_headings = False
        self.in_article = False
        self.is_nameless = False  # the last box or heading has a number but no title yet
        self.last: dict[tuple, Marker] = {}

    def keeps_from_head(self, block: Block) -> bool:
        """A plan's preamble is text; a law's announcement is not."""
        return block.is_prose and not self.is_law

    def run(self, blocks: list[Block]) -> None:
        for block, following in zip_longest(blocks, blocks[1:]):
            self._take(block, following)
        self._close_box(is_marked=False)

    def _take(self, block: Block, following: Block | None) -> None:
        self._leave_box(block)
        kind = block.marker.kind if block.marker else None
        if kind == "专栏" and (block.is_heading or block.marker.rest == ""):
            self._open_box(block)
        elif self._names_last(block):
            pass
        elif kind == "条" and self.is_law:
            self._article(block)
        elif (title := self._heading_title(block, following)) is not None:
            self._heading(block, title)
        elif self.in_article:
            self.units[-1] = replace(self.units[-1], text=f"{self.units[-1].text}\n{block.text}".strip())
        else:
            self._paragraph(block)

    def _names_last(self, block: Block) -> bool:
        """A title that stands on the line below the number of its box or heading (第一章 / 总则)."""
        is_nameless, self.is_nameless = self.is_nameless, False
        if not is_nameless or block.marker or block.is_prose:
            return False
        if self.box is not None:
            self.box = f"{self.box} {block.text}"
        else:
            self.steps[-1] = replace(self.steps[-1], title=f"{self.steps[-1].title} {block.text}")
        return True

    # boxes

    def _open_box(self, block: Block) -> None:
        self._close_box(is_marked=False)
        self._check_number(block.marker, ())
        self.box, self.box_cell, self.box_items = f"{block.marker.label} {block.marker.rest}".strip(), bool(block.cell), None
        self.is_nameless = not block.marker.rest
        self.steps_around = list(self.steps)

    def _leave_box(self, block: Block) -> None:
        if self.box is None:
            return
        if self.box_cell:
            if not block.cell:
                self._close_box(is_marked=True)
        elif block.is_heading and block.rank <= RANKS["（）"]:
            self._close_box(is_marked=False)
        elif self.box_items in ("1.", "(1)") and block.marker is None:
            self._close_box(is_marked=True)
        else:
            self.box_items = self.box_items or (block.marker.kind if block.marker else "")

    def _close_box(self, *, is_marked: bool) -> None:
        if self.box is None:
            return
        self.open_boxes += not is_marked and not self.box_cell
        self.box, self.steps = None, self.steps_around

    # headings

    def _heading_title(self, block: Block, following: Block | None) -> str | None:
        """What ``block`` says as a heading; None when it is text, for example an item with nothing below it."""
        if self.in_article and (block.marker is None or block.rank > RANKS["节"]):
            return None
        if block.marker is None:
            return self._plain_title(block, following)
        title = block.marker.rest.rstrip("：:。")
        is_high = block.rank <= RANKS["节"]
        leads = following is not None and (following.marker is None or following.rank > block.rank)
        is_alone = len(title) <= 25 and not re.search(r"[，。；]", title) and following is not None and following.marker is None
        if block.is_heading:
            return title if is_high or leads else None
        return title if is_alone and leads and title else None

    def _plain_title(self, block: Block, following: Block | None) -> str | None:
        if block.cell and not block.bold:
            return None
        is_short = len(block.text) <= 30 and not re.search(r"[，。；：、！]", block.text)
        is_marked = block.depth > 0 or block.bold == block.text or FOREWORD.fullmatch(block.text)
        leads = following is not None and (following.is_prose or (is_marked and not self.is_law))
        return block.text.rstrip("：:。") if (is_short or (is_marked and not block.is_prose)) and leads else None

    def _heading(self, block: Block, title: str) -> None:
        rank = self._plain_rank(block) if block.marker is None else block.rank
        self._climb(rank, block.depth)
        label = block.marker.label if block.marker else ""
        gap = " " if label.startswith(("第", "附件")) and title else ""
        if block.marker:
            self._check_number(block.marker, self._path())
        self.steps.append(Step(rank, f"{label}{gap}{title}", block.depth))
        self.is_nameless = not title
        self.has_headings = True
        self.in_article = False
        self.is_law = self.is_law and not label.startswith("附件")

    def _plain_rank(self, block: Block) -> float:
        above = [step for step in self.steps if step.depth and step.depth < block.depth]
        return max([block.rank, *(step.rank + 0.1 for step in above)]) if block.depth else LEAF

    def _climb(self, rank: float, depth: int = 0) -> None:
        """Leave every heading that does not stand above one of ``rank``."""
        while self.steps and self.steps[-1].rank >= rank and not (depth and 0 < self.steps[-1].depth < depth):
            self.steps.pop()

    def _path(self) -> tuple[str, ...]:
        return tuple(step.title for step in self.steps)

    # passages

    def _article(self, block: Block) -> None:
        self._check_number(block.marker, tuple(step.title for step in self.steps if step.rank == 0))
        self._add(block.marker.label, self._path(), block.marker.rest)
        self.in_article = True

    def _paragraph(self, block: Block) -> None:
        """A paragraph; when it has a number, or words of its own to head it, they end its path."""
        marker = block.marker if block.marker and block.marker.kind not in ("专栏", "附件") else None
        text = marker.rest if marker else block.text
        lead = _lead(text, block.bold)
        if marker is None:
            while self.steps and self.steps[-1].is_bare:
                self.steps.pop()
            self._add("", self._path() + ((lead,) if lead else ()), text)
            return
        self._climb(block.rank)
        self._check_number(marker, self._path(), is_item=not lead)
        own = f"{marker.label}{lead}"
        self._add(marker.label, self._path() + ((own,) if lead else ()), text)
        self.steps.append(Step(block.rank, own, is_bare=not lead))

    def _add(self, label: str, path: tuple[str, ...], text: str) -> None:
        self.units.append(Unit(len(self.units) + 1, label, path, self.box, text))

    # numbers

    def _check_number(self, marker: Marker, path: tuple[str, ...], *, is_item: bool = False) -> None:
        """Warn where a number does not follow the last one of its kind under the same headings."""
        key = (marker.kind, path, self.box if marker.kind != "专栏" else None)
        last = self.last.get(key)
        if not marker.number:
            return
        self.last[key] = marker
        is_loose = is_item or marker.kind in ("1.", "(1)")
        code = _number_fault(last, marker, is_loose)
        if code:
            before = {"before": last.label} if code in ("jumps", "restarts") else {}
            self.warnings.append(Warning(code, {"label": marker.label, "section": " > ".join(path) or "—", **before}))


def _number_fault(last: Marker | None, marker: Marker, is_loose: bool) -> str | None:
    """What is wrong with a number after the ``last`` one. Loose ones may go on counting, or begin anew, anywhere."""
    if last is None:
        return "starts_late" if marker.number > 1 and not is_loose else None
    if marker.number > last.number + 1:
        return "jumps"
    if marker.label == last.label:
        return "repeats"
    return "restarts" if marker.number < last.number and not (is_loose and marker.number == 1) else None


LEAD = re.compile(r"[—–－\-]*([^，。；：！？]{2,26})。(?=.)")


def _lead(text: str, bold: str) -> str:
    """The first words of a paragraph when they are its heading: a short sentence, or what is printed bold."""
    bold = bold.strip("。：:—–- ")
    if bold and len(bold) <= 40 and bold in text[: len(bold) + 4]:
        return bold
    match = LEAD.match(text)
    return match[1] if match else ""


# what looks wrong

DRAFT_WORD = re.compile(r"征求意见稿|公开征求意见|送审稿|讨论稿|草案")
EXCERPT_WORD = re.compile(r"节选|摘录|摘编")
CUT_OFF = re.compile(r"(?:…|\.{3,}|[（(](?:节选|略|下略|未完|以下略)[）)])\s*$")
LONG = 2000
MOST_WARNINGS = 50


def _listed(warnings: list[Warning]) -> tuple[Warning, ...]:
    """Each warning once, and not more of them than one can read."""
    different = list({(warning.code, *warning.values.items()): warning for warning in warnings}.values())
    rest = len(different) - MOST_WARNINGS
    return (*different[:MOST_WARNINGS], *([Warning("more", {"count": rest})] if rest > 0 else []))


def _about_text(facts: _Facts, splitter: _Splitter) -> Iterator[Warning]:
    said = "\n".join([facts.title or "", *facts.head])
    for code, pattern in (("draft", DRAFT_WORD), ("excerpt", EXCERPT_WORD)):
        if match := pattern.search(said):
            yield Warning(code, {"word": match[0]})
    if facts.title is None:
        yield Warning("no_title")
    if not splitter.has_headings and not any(unit.label for unit in splitter.units):
        yield Warning("no_structure")
    if splitter.open_boxes:
        yield Warning("open_boxes", {"boxes": splitter.open_boxes})


def _about_units(units: list[Unit]) -> Iterator[Warning]:
    for unit in units:
        if len(unit.text) > LONG:
            yield Warning("long_unit", {"order": unit.order, "characters": len(unit.text)})
    last = units[-1].text if units else ""
    if CUT_OFF.search(last) or (len(last) >= 12 and is_broken_off(last)):
        yield Warning("ends_open", {"words": last[-12:]})
