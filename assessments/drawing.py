"""What every drawing is made of: the tokens of the design, a text, the frame. Pure: plain values in, SVG as text out.

Texts are escaped here. Colours are given as attributes (see ``dcmm_site/static/site/tokens.css``), because a page allows no
inline styles.
"""

from collections.abc import Iterable
from html import escape

INK, SECONDARY, LINE, BAND, ACCENT, PAPER = "#1b2733", "#52606d", "#e4e9ee", "#f7f9fb", "#b83a26", "#ffffff"
HINT, FAINT, WARN = "#66727f", "#8492a0", "#9a6700"
LEVEL_COLOURS = {1: "#dbe4ec", 2: "#a9c6da", 3: "#5f9cc2", 4: "#2a6b99", 5: "#0f3c60"}
FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Source Han Sans SC, sans-serif"


def frame(width, height, title: str, parts: Iterable[str], *, css: str = "chart", role: str = "img") -> str:
    """The SVG element around the parts of a drawing; ``title`` says what it shows."""
    return (
        f'<svg class="{css}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="{role}" font-family="{FONT}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def text(x: float, y: float, words: str, *, size, anchor: str = "start", fill: str = INK, weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{fill}">'
        f"{escape(words)}</text>"
    )


def width_of(words: str, size: float) -> float:
    """About how wide a text is: a Chinese character takes its size, a Latin one a little over half of it."""
    return sum(size if ord(letter) > 0x2E80 else size * 0.56 for letter in words)


def clipped(words: str, size: float, most: float) -> str:
    """As much of a text as fits, with an ellipsis where something was left out."""
    if width_of(words, size) <= most:
        return words
    while words and width_of(words, size) > most - size:
        words = words[:-1]
    return words.rstrip() + "…"
