"""What makes WeasyPrint 70 quicker on long Chinese tables, with the same bytes in the end. Runs in the typesetter's child.

Most of its time goes into what is the same for thousands of boxes: each is worked out once per style here.
"""

import re
import sys
from collections.abc import Callable
from xml.etree import ElementTree

import pydyf
from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML
from weasyprint.css import StyleFor
from weasyprint.css.functions import check_math
from weasyprint.formatting_structure.boxes import Box, PageBox
from weasyprint.html import UA, UA_COUNTER_STYLE
from weasyprint.layout import background, page, percent
from weasyprint.layout import float as floating
from weasyprint.pdf import fonts
from weasyprint.urls import URLFetcher

# notes and form fields, which no report has: six styles for every single element, a quarter of all memory
IDLE = re.compile(r"::(foot)?note|(:is\()?(input|select|button|textarea|fieldset)\b")
STYLE = CSS(
    string="\n".join(f"li{line}" if line.startswith("::marker") else line for line in UA.splitlines() if not IDLE.match(line)),
    counter_style=UA_COUNTER_STYLE,
)
VOID = re.compile(r"<(br|col|img|meta)\b([^<>]*?)/?>")
SIDES = ("top", "right", "bottom", "left")
LENGTHS = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in SIDES),
    *(f"{least}{axis}" for axis in ("width", "height") for least in ("", "min_", "max_")),
)
SHARP = dict.fromkeys((f"border_{end}_{side}_radius" for end in ("top", "bottom") for side in ("left", "right")), (0, 0))
BORDERS = tuple(f"border_{side}_width" for side in SIDES)


class Page(HTML):
    """An HTML document under the part of WeasyPrint's own style that reports use.

    Read as XML, which takes a tenth of the time, if it is well-formed but for its void elements; else as HTML.
    """

    def __init__(self, string: str, url_fetcher: URLFetcher):
        try:
            self.etree_element = ElementTree.fromstring(VOID.sub(r"<\1\2/>", string))
        except ElementTree.ParseError:
            super().__init__(string=string, url_fetcher=url_fetcher)
            return
        self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(self.etree_element, content_language=None)

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [STYLE]


class FontFile:
    """A font's file, or the part of it that is embedded. WeasyPrint copies the whole of it, 20 MB for each Chinese font in each
    process, and HarfBuzz never asks for the copy: here it is made when somebody does."""

    def __get__(self, font, _owner=None) -> bytes:
        return font.__dict__.get("embedded") or fonts.get_hb_object_data(font.hb_face)

    def __set__(self, font, content: bytes):
        if "index" in font.__dict__:  # set after what it is made with: no longer the whole file
            font.__dict__["embedded"] = content


class QuickPdf(pydyf.PDF):
    """pydyf makes the list of pages anew for every tagged element: with 300 pages most of the time of tagging."""

    @property
    def page_references(self):
        kids = self.pages["Kids"]
        known = self.__dict__.get("_known_pages", ())
        if len(known) * 3 != len(kids):
            known = self._known_pages = super().page_references
        return known


def quicken():
    pydyf.PDF = QuickPdf
    fonts.Font.file_content = FontFile()
    pydyf._to_bytes = to_bytes
    put_in_place_of(SLOW_PERCENTAGES, resolve_percentages)
    put_in_place_of(SLOW_COLLISIONS, avoid_collisions)
    put_in_place_of(SLOW_BACKGROUNDS, layout_box_backgrounds)
    Box.is_in_normal_flow = is_in_normal_flow
    StyleFor.set_computed_styles = set_computed_styles
    page.PageType, page.set_page_type_computed_styles = page_type, style_page


SLOW_STYLES = StyleFor.set_computed_styles


def set_computed_styles(self: StyleFor, element, parent, root=None, pseudo_type=None, base_url=None, target_collector=None):
    """Pseudo-elements with the same declarations share their style under the same parent: line breaks, margin boxes."""
    if pseudo_type is None:
        SLOW_STYLES(self, element, parent, root, pseudo_type, base_url, target_collector)
        return
    styles, known = self.get_computed_styles(), self.__dict__.setdefault("shared", {})
    declared = self.get_cascaded_styles().get((element, pseudo_type), {})
    key = pseudo_type, id(styles[parent, None]), *((name, id(value), str(weight)) for name, (value, weight) in declared.items())
    if key not in known:
        SLOW_STYLES(self, element, parent, root, pseudo_type, base_url, target_collector)
        known[key] = styles[element, pseudo_type]
    styles[element, pseudo_type] = known[key]


PAGE_TYPE, STYLE_PAGE = page.PageType, page.set_page_type_computed_styles


def page_type(side, blank, name, index, groups):
    """No style of reports asks for more of a page's number than whether it is the first (no ``:nth()``)."""
    return PAGE_TYPE(side, blank, name, min(index, 1), ())


def style_page(kind, html: HTML, style_for: StyleFor):
    """Pages of one kind share their styles."""
    if (kind, None) not in style_for.get_computed_styles():
        STYLE_PAGE(kind, html, style_for)


def put_in_place_of(slow: Callable, quick: Callable):
    """In every module of WeasyPrint that imported it."""
    for module in list(sys.modules.values()):
        if getattr(module, slow.__name__, None) is slow:
            setattr(module, slow.__name__, quick)


def to_bytes(item) -> bytes:
    """As pydyf's own; the frequent kinds first."""
    kind = type(item)
    if kind is bytes:
        return item
    if kind is str:
        return item.encode("ascii")
    if kind is int:
        return b"%d" % item
    if isinstance(item, float):
        return b"%d" % item if item.is_integer() else f"{item:f}".rstrip("0").encode("ascii")
    return item.data if isinstance(item, pydyf.Object) else str(item).encode("ascii")


SLOW_PERCENTAGES = percent.resolve_percentages


def resolve_percentages(box: Box, containing_block):
    """Lengths that are no percentages are the same in every containing block."""
    style = box.style
    if "lengths" not in style.__dict__:
        style.lengths = _lengths(style)
    if style.lengths is None or isinstance(box, PageBox):
        return SLOW_PERCENTAGES(box, containing_block)
    lengths, borders, is_collapsing = style.lengths
    box.__dict__.update(lengths)
    for name, value in borders:
        if not (is_collapsing and hasattr(box, name)):
            box.__dict__[name] = value


def _lengths(style):
    """(length by name, widths of borders, whether borders collapse); None where one is a percentage or has to be reckoned."""
    lengths = {}
    for name in LENGTHS:
        value = style[name]
        if value is not None and value != "auto" and (check_math(value) or value.unit != "px"):
            return None
        lengths[name] = value if value is None or value == "auto" else value.value
    if style["box_sizing"] != "content-box":
        return None
    for name in ("min_width", "min_height"):
        lengths[name] = 0 if lengths[name] == "auto" else lengths[name]
    return lengths, [(name, style[name]) for name in BORDERS], style["border_collapse"] == "collapse"


SLOW_FLOW = Box.is_in_normal_flow


def is_in_normal_flow(box: Box) -> bool:
    style = box.style
    if "flows" not in style.__dict__:
        style.flows = SLOW_FLOW(box)
    return style.flows


SLOW_COLLISIONS = floating.avoid_collisions


def avoid_collisions(context, box: Box, containing_block, outer: bool = True):
    """Where nothing floats there is nothing to avoid."""
    if outer or context.excluded_shapes or box.is_floated() or containing_block.style["direction"] != "ltr":
        return SLOW_COLLISIONS(context, box, containing_block, outer)
    left = containing_block.content_box_x()
    right = left + containing_block.width - box.margin_right
    left += box.margin_left
    return left - box.margin_left, box.border_box_y() - box.margin_top, right - left


SLOW_BACKGROUNDS = background.layout_box_backgrounds


def layout_box_backgrounds(page_box, box: Box, get_image_from_uri, layout_children: bool = True, style=None):
    """Most boxes have no background."""
    if box is page_box or style is not None or not _is_bare(box.style):
        SLOW_BACKGROUNDS(page_box, box, get_image_from_uri, layout_children, style)
        return
    box.__dict__.update(SHARP)
    box.background = None
    if layout_children:
        for child in box.all_children():
            layout_box_backgrounds(page_box, child, get_image_from_uri)


def _is_bare(style) -> bool:
    """No background, no shadow, no image and no round corner."""
    if "is_bare" not in style.__dict__:
        colour = style["background_color"]
        style.is_bare = (
            (style["color"] if colour == "currentcolor" else colour).alpha == 0
            and not style["box_shadow"]
            and all(kind == "none" for kind, _ in style["background_image"])
            and style["border_image_source"][0] == style["mask_border_source"][0] == "none"
            and all((0, "px") in style[name] for name in SHARP)
        )
    return style.is_bare
