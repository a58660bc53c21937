"""What makes WeasyPrint 70 quicker at lines of text, with the same bytes in the end. Runs in the typesetter's child.

Settings of Pango are worked out once per style, a line is shaped once for layout and drawing, and glyphs are read in one go.
"""

import struct

from weasyprint.draw import text as drawing
from weasyprint.text import line_break
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import FROM_UNITS, ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description

from reports.papers.quickening import put_in_place_of

FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric",
    "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip
PARAGRAPHS = set("\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")  # what may end one
TO_THE_END = 2**32 - 1
GLYPH = struct.Struct("=IiiiI")  # PangoGlyphInfo: glyph, width, x and y offset, attributes
THOUSANDTHS = 1000  # of the font size, in which a PDF gives widths
TINY = 1e-6


def quicken_lines():
    line_break.Layout.setup, line_break.Layout.set_text = setup, set_text
    line_break.Layout.deactivate, line_break.Layout.reactivate = deactivate, reactivate
    put_in_place_of(SLOW_STRUT, strut)
    put_in_place_of(SLOW_LINE, draw_first_line)


SLOW_STRUT = line_break.strut


def strut(style) -> tuple[float, float]:
    """Line height and baseline: the same for all lines of a style."""
    if "strut" not in style.__dict__:
        style.strut = SLOW_STRUT(style)
    return style.strut


SLOW_SETUP = line_break.Layout.setup


def setup(layout, style):
    """A layout of Pango: its context is shared by all texts of one language, its font and attributes by all of one style."""
    if "setting" not in style.__dict__:
        style.setting = _setting(style)
    if style.setting is None:
        SLOW_SETUP(layout, style)
        return
    context, layout.language, font, attributes = style.setting
    layout.style, layout.first_line_direction = style, 0
    layout.ascent = layout.underline_position = layout.strikethrough_position = None
    layout.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, font)
    pango.pango_layout_set_attributes(layout.layout, attributes)


def _setting(style):
    """What all texts of a style have in common; None where spacing or decoration depends on the text."""
    if style["text_decoration_line"] != "none" or style["font_language_override"] != "normal":
        return None
    if style["letter_spacing"] not in ("normal", 0) or style["word_spacing"]:
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
    return *contexts[key], get_font_description(style), _attributes(style)


def _attributes(style):
    attributes = pango.pango_attr_list_new()
    features = font_features(*(style[name] for name in FEATURES))
    if features:
        words = ",".join(f"{key} {value}" for key, value in features.items()).encode()
        pango.pango_attr_list_insert(attributes, pango.pango_attr_font_features_new(words))
    if style["overflow_wrap"] in ("anywhere", "break-word"):
        hyphens = pango.pango_attr_insert_hyphens_new(False)
        hyphens.start_index, hyphens.end_index = 0, TO_THE_END
        pango.pango_attr_list_insert(attributes, hyphens)
    return attributes


SLOW_TEXT, DROP = line_break.Layout.set_text, line_break.Layout.deactivate


def set_text(layout, text: str, justify: bool = False):
    """Drawing asks for one paragraph: where the text is one, it is set as such already when lines are broken."""
    pango.pango_layout_set_single_paragraph_mode(layout.layout, PARAGRAPHS.isdisjoint(text))
    if layout.style.setting is None or layout.justification_spacing or "\t" in text:
        if layout.style.setting:  # attributes of its own, as they depend on the text
            pango.pango_layout_set_attributes(layout.layout, _attributes(layout.style))
        SLOW_TEXT(layout, text, justify)
        return
    end = text.find("\n")
    layout.text = text if end == -1 else text[: end + 2]
    content = layout.text.replace("\x00", "").encode()
    pango.pango_layout_set_text(layout.layout, content, len(content))


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


SLOW_LINE = drawing.draw_first_line


def draw_first_line(stream, textbox, text_overflow: str, block_ellipsis: str, matrix):
    """A line whose glyphs all have their place in a font, without pictures and without shifts."""
    if text_overflow == "ellipsis" or block_ellipsis != "none" or textbox.style["font_size"] < TINY or not textbox.text.strip():
        return SLOW_LINE(stream, textbox, text_overflow, block_ellipsis, matrix)
    pango.pango_layout_set_single_paragraph_mode(textbox.pango_layout.layout, True)
    line, _index = textbox.pango_layout.get_first_line()
    runs, run = [], line.runs[0]
    while run != ffi.NULL:
        told = _told(stream, run.data, textbox)
        if told is None:
            return SLOW_LINE(stream, textbox, text_overflow, block_ellipsis, matrix)
        runs.append(told)
        run = run.next
    stream.set_text_matrix(*matrix.values)
    string, before = "", None
    for pango_font, font, size, words in runs:
        if pango_font != before:
            if string:
                stream.show_text(string)
            before, string = pango_font, ""
            stream.set_font_size(font.hash, size)
        string += words
    stream.show_text(string)
    return []


def _told(stream, item, textbox):
    """(font of Pango, font of the PDF, size, glyphs as a PDF shows them); None where that takes more."""
    pango_font, count = item.item.analysis.font, item.glyphs.num_glyphs
    font, size = stream.add_font(pango_font)
    if font.png or font.svg or font.colr or font.bitmap or not size:
        return None
    known, words = font.__dict__.setdefault("told", {}), "<"
    glyphs = GLYPH.iter_unpack(ffi.buffer(item.glyphs.glyphs, count * GLYPH.size))
    for place, (glyph, width, x_offset, y_offset, _attr) in enumerate(glyphs):
        if x_offset or y_offset or glyph >= pango.PANGO_GLYPH_EMPTY:  # or unknown, which is still higher
            return None
        key = glyph, width, size
        if key not in known:
            known[key] = _glyph(stream, font, item, place, size, textbox)
        words += known[key]
    return pango_font, font, size, words[:-1] if words.endswith("<") else words + ">"


def _glyph(stream, font, item, place: int, size: float, textbox) -> str:
    """One glyph, with the way to the next if that is not its width."""
    info, clusters, last = item.glyphs.glyphs[place], item.glyphs.log_clusters, item.glyphs.num_glyphs - 1
    glyph = info.glyph
    if glyph not in font.to_unicode:
        start = item.item.offset
        step = -1 if item.item.analysis.level % 2 else 1
        is_last = place == (0 if step < 0 else last)
        end = item.item.length if is_last else clusters[place + step]
        text = textbox.pango_layout.text.encode()
        font.to_unicode[glyph] = text[start + clusters[place] : start + end].decode()
    if glyph not in font.widths:
        pango.pango_font_get_glyph_extents(item.item.analysis.font, glyph, stream.ink_rect, stream.logical_rect)
        font.widths[glyph] = round(stream.logical_rect.width * THOUSANDTHS * FROM_UNITS / size)
    kerning = font.widths[glyph] - info.geometry.width * THOUSANDTHS * FROM_UNITS / size
    return f"{glyph:04x}>{int(kerning)}<" if kerning else f"{glyph:04x}"
