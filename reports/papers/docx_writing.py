"""Write the blocks of a manuscript as DOCX: real styles, contents as fields, no text boxes. Same blocks, same bytes.

The body is written as one piece of XML: python-docx's own calls take a dozen times as long for tables of this size.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from lxml import etree

from reports.charts import LEVEL_COLOURS, ON_LEVEL
from reports.papers.manuscript import Block, Cell, Contents, Heading, Paragraph, Picture, Points, Said, Table

INK, SECONDARY, LINE, BAND = "1B2733", "52606D", "E4E9EE", "F7F9FB"
FACE, CHINESE_FACE = "Calibri", "Microsoft YaHei"
PAGE, MARGIN = (210, 297), 22  # millimetres
ROOM = PAGE[0] - 2 * MARGIN
TWIPS, EMU = 56.6929, 36_000  # of a millimetre
MOST_PROPERTY = 255  # characters
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
FORBIDDEN = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HAN = re.compile("[\u3400-\u9fff]")
OF_BOTH_SCRIPTS = re.compile("[“”‘’…—·×]")  # Word sets them in the Latin face unless told otherwise
NUMBERED, BULLETS = 90, 91  # abstract lists of our own
LISTED = 2  # levels of headings in the contents


@dataclass(frozen=True)
class Dress:
    """What stands around the blocks. ``language``: of the words, e.g. ``zh-CN``; ``accent`` without the hash sign."""

    title: str
    author: str
    subject: str
    language: str
    on: datetime
    header: str
    footer: str
    accent: str
    label: dict[str, str]  # how captions call a "Figure" and a "Table", with %(number)s


def write_docx(blocks: Sequence[Block], dress: Dress) -> bytes:
    document = Document()
    _style(document, dress)
    _frame(document, dress)
    writer = _Writer(document, dress)
    body = document.element.body
    last = body.sectPr
    written = "".join(writer.block(block) for block in blocks)
    _number(document.part.numbering_part.element, writer)
    fresh = parse_xml(f"<w:body {nsdecls('w', 'wp', 'a', 'pic', 'r')}>{writer.contents_in(written, blocks)}</w:body>")
    for child in list(body):
        if child is not last:
            body.remove(child)
    for child in list(fresh):
        last.addprevious(child)
    _set(document.settings.element)
    _describe(document.core_properties, dress)
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _number(numbering, writer: "_Writer"):
    """Word reads an abstract list only before the first list that uses one."""
    first = numbering.find(qn("w:num"))
    for element in map(parse_xml, writer.lists()):
        if element.tag == qn("w:abstractNum"):
            first.addprevious(element)
        else:
            numbering.append(element)


def _set(settings):
    """Word asks once, when the file is opened, and then fills in the page numbers of the contents; Chinese is Chinese to it."""
    settings.find(qn("w:compat")).addprevious(parse_xml(f'<w:updateFields {nsdecls("w")} w:val="true"/>'))
    settings.find(qn("w:themeFontLang")).set(qn("w:eastAsia"), "zh-CN")


def _describe(about, dress: Dress):
    about.title, about.subject, about.language = _short(dress.title), _short(dress.subject), dress.language
    about.author = about.last_modified_by = _short(dress.author)
    about.comments, about.keywords, about.revision = "", "DCMM", 1
    about.created = about.modified = dress.on


def _short(text: str) -> str:
    return clean(text)[:MOST_PROPERTY]


def text_of(docx: bytes) -> str:
    """Every text of a DOCX, its headers, feet, properties and alternative texts included."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    return "\n".join(_told(etree.fromstring(part)) for part in parts)


def _told(root) -> str:
    found = []
    for element in root.iter(etree.Element):
        found += [element.text or "", *map(str, element.attrib.values())]
        if element.tag in (qn("w:p"), qn("w:br")):
            found.append("\n")
    return "".join(found)


def _without_times(raw: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, ZIP_DATE), old.read(name), zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def clean(text: str) -> str:
    """Without the characters that XML forbids: they are replaced visibly."""
    return FORBIDDEN.sub("�", text)


class _Writer:
    """Turns blocks into XML, and remembers what the contents list: headings and captions with their bookmarks."""

    def __init__(self, document, dress: Dress):
        self.part, self.dress = document.part, dress
        self.headings: list[tuple[int, str, str]] = []
        self.captions: dict[str, list[tuple[int, str, str]]] = {"Figure": [], "Table": []}
        self.bookmarks = self.pictures = self.numbered = 0

    def block(self, block: Block) -> str:
        return getattr(self, f"_{type(block).__name__.lower()}")(block)

    def lists(self) -> list[str]:
        """Our two kinds of lists, and a numbering of its own for each numbered one, so that each begins at 1."""
        xml = nsdecls("w")
        found = [
            _abstract(NUMBERED, "decimal", "%1.", xml),
            _abstract(BULLETS, "bullet", "•", xml),
            f'<w:num {xml} w:numId="{BULLETS}"><w:abstractNumId w:val="{BULLETS}"/></w:num>',
        ]
        return found + [
            f'<w:num {xml} w:numId="{100 + n}"><w:abstractNumId w:val="{NUMBERED}"/><w:lvlOverride w:ilvl="0">'
            f'<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
            for n in range(1, self.numbered + 1)
        ]

    def contents_in(self, written: str, blocks: Sequence[Block]) -> str:
        """The text with its tables of contents, which can be filled only when everything else is written."""
        for block in blocks:
            if isinstance(block, Contents):
                written = written.replace(_mark(block), self._filled(block), 1)
        return written

    def _heading(self, block: Heading) -> str:
        name, opening, closing = self._bookmark()
        if block.is_listed and block.level <= LISTED:
            self.headings.append((block.level, _plain(block.text), name))
        style = f"Heading{block.level}" if block.is_listed else "UnlistedHeading"
        return _paragraph(style, opening + _runs(block.text) + closing)

    def _paragraph(self, block: Paragraph) -> str:
        return _paragraph(block.style.replace(" ", ""), _runs(block.text))

    def _points(self, block: Points) -> str:
        number = BULLETS
        if block.is_numbered:
            self.numbered += 1
            number = 100 + self.numbered
        about = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
        return "".join(_paragraph("ListParagraph", _runs(text), about) for text in block.texts)

    def _contents(self, block: Contents) -> str:
        return _mark(block)

    def _table(self, block: Table) -> str:
        wide = [round(ROOM * TWIPS * share / sum(block.widths)) for share in block.widths]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in wide)
        rows = [_row(block.head, wide, block.figures, is_head=True)] if block.head else []
        rows += [_row(row, wide, block.figures, names_first=not block.head) for row in block.rows]
        look, first = ("0420", 1) if block.head else ("0400", 0)
        told = quoteattr(clean(_plain(block.caption))) if block.caption else '""'
        caption = self._caption("Table", block.caption) if block.caption else ""
        return (
            f'{caption}<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/><w:tblW w:type="dxa" w:w="{sum(wide)}"/>'
            f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="{look}" w:firstRow="{first}" w:lastRow="0" '
            f'w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/><w:tblCaption w:val={told}/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>{_paragraph('AfterTable', '')}"
        )

    def _picture(self, block: Picture) -> str:
        relation, image = self.part.get_or_add_image(io.BytesIO(block.png))
        self.pictures += 1
        wide = block.millimetres * EMU
        tall = round(wide * image.px_height / image.px_width)
        alt = quoteattr(clean(_plain(block.alt)))
        frame = f'<a:off x="0" y="0"/><a:ext cx="{wide}" cy="{tall}"/>'
        drawing = (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{tall}"/>'
            f'<wp:docPr id="{self.pictures}" name="Picture {self.pictures}" descr={alt}/><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{self.pictures}" name="Picture {self.pictures}" descr={alt}/><pic:cNvPicPr/></pic:nvPicPr>'
            f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
            f'<a:xfrm>{frame}</a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
            "</w:drawing></w:r>"
        )
        if not block.caption:
            return _paragraph("BodyText", drawing)
        return _paragraph("BodyText", drawing, "<w:keepNext/>") + self._caption("Figure", block.caption, stays=False)

    def _caption(self, kind: str, text: Said, stays: bool = True) -> str:
        name, opening, closing = self._bookmark()
        number = len(self.captions[kind]) + 1
        before, after = self.dress.label[kind].split("%(number)s")
        self.captions[kind].append((1, f"{before}{number}{after}  {_plain(text)}", name))
        count = _field(f"SEQ {kind} \\* ARABIC", str(number))
        inside = opening + _runs(before) + count + _runs(f"{after}  ") + _runs(text) + closing
        return _paragraph("Caption", inside, "<w:keepNext/>" if stays else '<w:keepNext w:val="0"/>')

    def _bookmark(self) -> tuple[str, str, str]:
        self.bookmarks += 1
        name = f"_Toc{100000 + self.bookmarks}"
        start = f'<w:bookmarkStart w:id="{self.bookmarks}" w:name="{name}"/>'
        return name, start, f'<w:bookmarkEnd w:id="{self.bookmarks}"/>'

    def _filled(self, block: Contents) -> str:
        """A field with its entries; when it is updated the page numbers come, and the hint that says so goes."""
        entries = self.captions[block.of] if block.of else self.headings
        code = f'TOC \\h \\z \\c "{block.of}"' if block.of else f'TOC \\o "1-{LISTED}" \\h \\z'
        start = f'<w:r><w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>'
        start = _mark_of("begin") + start + _mark_of("separate")
        lines = [_paragraph("Hint", start + _runs(block.hint))]
        lines += [
            _paragraph(
                f"TOC{level}", f'<w:hyperlink w:anchor="{name}" w:history="1">{_runs(text)}{_page_of(name)}</w:hyperlink>'
            )
            for level, text, name in entries
        ]
        begins = "" if block.of else "<w:pageBreakBefore/>"
        return _paragraph("TOCHeading", _runs(block.title), begins) + "".join(lines) + _paragraph("AfterTable", _mark_of("end"))


def _mark(block: Contents) -> str:
    return f"<!--contents of {block.of or 'headings'}-->"


def _abstract(number: int, form: str, text: str, xml: str) -> str:
    return (
        f'<w:abstractNum {xml} w:abstractNumId="{number}"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0">'
        f'<w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="397" w:hanging="397"/></w:pPr></w:lvl></w:abstractNum>'
    )


def _paragraph(style: str, inside: str, about: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{about}</w:pPr>{inside}</w:p>'


def _runs(text: Said, about: str = "") -> str:
    if isinstance(text, tuple):
        below = about if "<w:color" in about else f'{about}<w:color w:val="{SECONDARY}"/>'
        return _runs(text[0], about) + "<w:r><w:br/></w:r>" + _runs(text[1], f'{below}<w:lang w:val="en-US"/>')
    if OF_BOTH_SCRIPTS.search(text) and HAN.search(text):
        about = f'<w:rFonts w:hint="eastAsia"/>{about}'
    about = f"<w:rPr>{about}</w:rPr>" if about else ""
    lines = escape(clean(text)).replace("\t", " ").split("\n")
    inside = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' if line else "" for line in lines)
    return f"<w:r>{about}{inside}</w:r>"


def _plain(text: Said) -> str:
    return " · ".join(text) if isinstance(text, tuple) else text


def _field(code: str, shown: str) -> str:
    return f'<w:fldSimple w:instr="{escape(code)}">{_runs(shown)}</w:fldSimple>'


def _page_of(bookmark: str) -> str:
    return "<w:r><w:tab/></w:r>" + _field(f"PAGEREF {bookmark} \\h", "")


def _mark_of(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _row(cells, wide, figures, *, is_head: bool = False, names_first: bool = False) -> str:
    written = [
        _cell(cell, wide[place], place in figures, is_bold=is_head, is_name=names_first and place == 0)
        for place, cell in enumerate(cells)
    ]
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_head else ''}</w:trPr>{''.join(written)}</w:tr>"


def _cell(cell: Said | Cell, width: int, is_figure: bool, *, is_bold: bool, is_name: bool) -> str:
    given = cell if isinstance(cell, Cell) else Cell(cell)
    about, shade = "<w:b/>" if is_bold or given.is_bold else "", ""
    if given.level:
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{LEVEL_COLOURS[given.level][1:].upper()}"/>'
        about += f'<w:color w:val="{ON_LEVEL[given.level][1:].upper()}"/>'
    elif is_name:
        about += f'<w:color w:val="{SECONDARY}"/>'
    side = '<w:jc w:val="right"/>' if is_figure else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/>{shade}</w:tcPr>'
        f"{_paragraph('TableText', _runs(given.text, about), side)}</w:tc>"
    )


# styles, page


def _style(document, dress: Dress):
    styles = document.styles
    root = styles.element
    for style in root.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:styleId")) != "TableNormal":
            root.remove(style)
    defaults = root.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for child in list(defaults):
        defaults.remove(child)
    for xml in (_fonts(), f'<w:sz {nsdecls("w")} w:val="21"/>', f'<w:szCs {nsdecls("w")} w:val="21"/>', _language(dress)):
        defaults.append(parse_xml(xml))
    # name: (size, colour, bold, space before, space after)
    looks = {
        "Normal": (10.5, INK, None, 0, 0), "Body Text": (10.5, INK, None, 0, 6), "Title": (27, INK, True, 6, 12),
        "Subtitle": (16, INK, False, 0, 36), "Heading 1": (20, INK, True, 0, 10), "Heading 2": (14, INK, True, 16, 6),
        "Heading 3": (11.5, INK, True, 10, 4), "Caption": (9, SECONDARY, False, 8, 4), "List Paragraph": (10, INK, None, 0, 3),
        "TOC Heading": (20, INK, True, 0, 10), "Quote": (9.5, SECONDARY, None, 0, 6),
    }  # fmt: skip
    for name, look in looks.items():
        _dressed(styles[name], *look)
    ours = {
        "Hint": (9, SECONDARY, None, 0, 6), "Intro": (9, SECONDARY, None, 0, 6),
        "Lead": (12.5, INK, None, 0, 8), "Cover Rule": (4, INK, None, 150, 18),
        "Table Text": (9, INK, None, 2, 2), "After Table": (4, INK, None, 0, 4), "Warning": (10, dress.accent, True, 0, 6),
        "Action Title": (10.5, INK, True, 8, 2),
        "Unlisted Heading": (14, INK, True, 16, 6), "toc 1": (10, INK, True, 4, 1), "toc 2": (9, SECONDARY, None, 0, 0),
    }  # fmt: skip
    for name, look in ours.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc"))
        style.base_style = styles["Normal"]
        _dressed(style, *look)
    for level in (1, 2):
        _style_of_contents(styles[f"toc {level}"], level)
    outline = f'<w:outlineLvl {nsdecls("w")} w:val="1"/>'
    styles["Unlisted Heading"].element.get_or_add_pPr().append(parse_xml(outline))
    for name in ("Heading 1", "Heading 2", "Heading 3", "Action Title", "Unlisted Heading", "TOC Heading", "Intro"):
        styles[name].paragraph_format.keep_with_next = True
    styles["Heading 1"].paragraph_format.page_break_before = True
    styles["TOC Heading"].paragraph_format.page_break_before = False
    _ruled(styles["Cover Rule"], dress.accent)
    root.append(parse_xml(_TABLE_STYLE))


def _style_of_contents(style, level: int):
    style.element.set(qn("w:styleId"), f"TOC{level}")
    style.paragraph_format.left_indent = Mm(5 * (level - 1))
    style.paragraph_format.tab_stops.add_tab_stop(Mm(ROOM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _fonts() -> str:
    faces = f'w:ascii="{FACE}" w:hAnsi="{FACE}" w:cs="{FACE}" w:eastAsia="{CHINESE_FACE}"'
    return f"<w:rFonts {nsdecls('w')} {faces}/>"


def _language(dress: Dress) -> str:
    return f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'


def _dressed(style, size, colour, bold, before, after):
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(colour)
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")) + properties.findall(qn("w:spacing")) + properties.findall(qn("w:kern")):
        properties.remove(old)
    properties.insert(0, parse_xml(_fonts()))
    about = style.element.get_or_add_pPr()
    for old in about.findall(qn("w:pBdr")) + about.findall(qn("w:contextualSpacing")):
        about.remove(old)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)


def _ruled(style, colour: str):
    border = f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="24" w:space="1" w:color="{colour}"/></w:pBdr>'
    style.element.get_or_add_pPr().insert(0, parse_xml(border))
    style.paragraph_format.right_indent = Mm(ROOM - 42)


_TABLE_STYLE = (
    f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="Report Table"/>'
    f'<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/><w:tblPr><w:tblStyleRowBandSize w:val="1"/>'
    f'<w:tblBorders><w:top w:val="single" w:sz="4" w:color="{LINE}"/><w:bottom w:val="single" w:sz="4" w:color="{LINE}"/>'
    f'<w:insideH w:val="single" w:sz="4" w:color="{LINE}"/></w:tblBorders><w:tblCellMar><w:left w:w="57" w:type="dxa"/>'
    f'<w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr>'
    f'<w:tcBorders><w:bottom w:val="single" w:sz="8" w:color="{INK}"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>'
)


def _frame(document, dress: Dress):
    """A4 with running heads and feet, none on the cover."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    section.left_margin = section.right_margin = section.bottom_margin = Mm(MARGIN)
    section.top_margin, section.header_distance, section.footer_distance = Mm(24), Mm(12), Mm(11)
    section.different_first_page_header_footer = True
    chapter = _field("STYLEREF 1", "")
    pages = _field("PAGE", "1") + _runs(" / ") + _field("NUMPAGES", "1")
    for part, left, right in ((section.header, dress.header, chapter), (section.footer, dress.footer, pages)):
        part.is_linked_to_previous = False
        root = part._element
        for child in list(root):
            root.remove(child)
        tabs = f'<w:tabs><w:tab w:val="right" w:pos="{round(ROOM * TWIPS)}"/></w:tabs>'
        inside = _runs(left) + "<w:r><w:tab/></w:r>" + right
        xml = _paragraph("Header" if part is section.header else "Footer", inside, tabs)
        root.append(parse_xml(xml.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))
    for name in ("Header", "Footer"):
        about = document.styles[name].element.get_or_add_pPr()
        for tabs in about.findall(qn("w:tabs")):
            about.remove(tabs)
        _dressed(document.styles[name], 8.5, SECONDARY, None, 0, 0)
