"""What makes WeasyPrint 70 quicker on long Chinese tables, with the same bytes in the end. Runs in the typesetter's child.

Most of its time goes into what is the same for thousands of boxes: each is worked out once per style here.
"""

import re
import sys
from xml.etree import ElementTree

import pydyf
from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML
from weasyprint.css import StyleFor
from weasyprint.css.functions import check_math
from weasyprint.formatting_structure.boxes import Box, PageBox
from weasyprint.html import UA, UA_COUNTER_STYLE
from weasyprint.layout import page, percent
from weasyprint.text import line_break
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description
from weasyprint.urls import URLFetcher

# notes and form fields, which no report has: six styles for every single element, a quarter of all memory
IDLE = re.compile(r"::(foot)?note|(:is\()?(input|select|button|textarea|fieldset)\b")
STYLE = CSS(
    string="\n".join(f"li{line}" if line.startswith("::marker") else line for line in UA.splitlines() if not IDLE.match(line)),
    counter_style=UA_COUNTER_STYLE,
)
VOID = re.compile(r"<(br|col|img|meta)\b([^<>]*?)/?>")
PARAGRAPHS = set("\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")  # what may end one
SIDES = ("top", "right", "bottom", "left")
LENGTHS = (
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in SIDES),
    *(f"{least}{axis}" for axis in ("width", "height") for least in ("", "min_", "max_")),
)
BORDERS = tuple(f"border_{side}_width" for side in SIDES)
FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric",
    "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip


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
    pydyf._to_bytes = to_bytes
    slow = percent.resolve_percentages
    for module in list(sys.modules.values()):
        if getattr(module, "resolve_percentages", None) is slow:
            module.resolve_percentages = resolve_percentages
    Box.is_in_normal_flow = is_in_normal_flow
    line_break.Layout.setup, line_break.Layout.set_text = setup, set_text
    line_break.Layout.deactivate, line_break.Layout.reactivate = deactivate, reactivate
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


SLOW_SETUP = line_break.Layout.setup


def setup(layout, style):
    """A layout of Pango: its context is shared by all texts of one language, its font by all of one style."""
    if "setting" not in style.__dict__:
        style.setting = _setting(style)
    if style.setting is None:
        return SLOW_SETUP(layout, style)
    context, layout.language, font, features = style.setting
    layout.style, layout.first_line_direction = style, 0
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    layout.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, font)
    if features:
        attributes = pango.pango_attr_list_new()
        pango.pango_attr_list_insert(attributes, features)
        pango.pango_layout_set_attributes(layout.layout, attributes)


SLOW_TEXT, DROP = line_break.Layout.set_text, line_break.Layout.deactivate


def set_text(layout, text: str, justify: bool = False):
    """Drawing asks for one paragraph: where the text is one, it is set as such already when lines are broken."""
    pango.pango_layout_set_single_paragraph_mode(layout.layout, PARAGRAPHS.isdisjoint(text))
    SLOW_TEXT(layout, text, justify)


def reactivate(layout, style):
    """For drawing, as it was kept from the layout. WeasyPrint would shape the line again."""
    layout.is_drawn = True
    if "layout" not in layout.__dict__ or layout.style is not style or layout.justification_spacing:
        layout.setup(style)
        layout.set_text(layout.text, justify=True)


def deactivate(layout):
    """Kept after the line was broken, dropped after it was drawn."""
    if "is_drawn" in layout.__dict__:
        DROP(layout)


def _setting(style):
    if style["text_decoration_line"] != "none" or style["font_language_override"] != "normal":
        return None
    contexts = style.font_config.__dict__.setdefault("contexts", {})
    key = style["lang"], style["direction"]
    if key not in contexts:
        context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
        pango.pango_context_set_round_glyph_positions(context, False)
        pango.pango_context_set_base_dir(context, PANGO_DIRECTION[style["direction"]])
        language = pango.pango_language_get_default()
        if style["lang"]:
            text, _kept = unicode_to_char_p(style["lang"])
            language = pango.pango_language_from_string(text)
            pango.pango_context_set_language(context, language)
        contexts[key] = context, language
    features = font_features(*(style[name] for name in FEATURES))
    attribute = None
    if features:
        words = ",".join(f"{key} {value}" for key, value in features.items()).encode()
        attribute = style.font_config.font_features.setdefault(words, pango.pango_attr_font_features_new(words))
    return *contexts[key], get_font_description(style), attribute
