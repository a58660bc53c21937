"""Pack the fonts of a PDF. Runs in the typesetter's child.

A subset of a Chinese font keeps a place for each of its 65,535 glyphs, and the list of their offsets rises by one from glyph to
glyph: Flate finds nothing there that repeats. The differences from row to row do repeat, so rows of such lists are written as
differences (PNG predictor "Up", ISO 32000-1 7.4.4.4), and each other row as it is. That takes a quarter of a megabyte off a
full volume.
"""

import struct
import zlib

import pydyf

COLUMNS = 192  # bytes in a row: a multiple of all sizes that an offset can have (1-4)
AS_IT_IS, UP = b"\x00", b"\x02"
ANY_PNG = 15
THREES = struct.Struct("3s" * (COLUMNS // 3))


def pack_fonts(pdf: pydyf.PDF):
    """Change the embedded OpenType fonts of ``pdf`` in place."""
    for row in pdf.objects:
        if isinstance(row, pydyf.Stream) and row.extra.get("Subtype") == "/OpenType" and row.compress:
            content = b"".join(row.stream)
            row.stream, row.compress = [zlib.compress(predicted(content), 9)], False
            row.extra["Filter"] = "/FlateDecode"
            row.extra["DecodeParms"] = pydyf.Dictionary({"Predictor": ANY_PNG, "Columns": COLUMNS})


def predicted(content: bytes) -> bytes:
    """``content``, filled up with zeros to whole rows, each with its filter before it."""
    content += bytes(-len(content) % COLUMNS)
    ups, rows = differences(content, bytes(COLUMNS) + content[:-COLUMNS]), []
    for start in range(0, len(content), COLUMNS):
        row, up = content[start : start + COLUMNS], ups[start : start + COLUMNS]
        rows += (UP, up) if _rough(up) * 2 < _rough(row) else (AS_IT_IS, row)
    return b"".join(rows)


def differences(first: bytes, second: bytes) -> bytes:
    """Byte by byte, modulo 256, all at once: the highest bit of each byte apart, so that none borrows from its neighbour."""
    size = len(first)
    one, other = int.from_bytes(first), int.from_bytes(second)
    high, low = int.from_bytes(b"\x80" * size), int.from_bytes(b"\x7f" * size)
    return (((one | high) - (other & low)) ^ ((one ^ other ^ high) & high)).to_bytes(size)


def _rough(row: bytes) -> int:
    """How many different bytes follow each other in threes: few where a pattern repeats."""
    return len(set(THREES.unpack(row)))
