"""Whether this machine can set a Chinese PDF: Pango, and a font with Chinese glyphs; and which characters it can't draw.

Without a Chinese font a PDF shows boxes while its text still reads perfectly, so this is asked before each report. A single
character that no font has, such as an emoji or a rare one in a name, stands in the PDF as its code point. With the packages
fonts-symbola (symbols and emoji, 3 MB) and fonts-hanazono (rare Han characters, 52 MB) few of them are left.
"""

import re
import shutil
import subprocess
import unicodedata
from bisect import bisect
from ctypes.util import find_library
from dataclasses import dataclass
from functools import lru_cache

PANGO_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
FONT_PACKAGE = "fonts-noto-cjk"
UNDRAWN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
LAST = 0x10FFFF
# what is shown as a coloured picture unless a selector says otherwise (Unicode: Emoji_Presentation)
EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be"
    "\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001faff](?!\ufe0e)"
)
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")


@dataclass(frozen=True)
class Missing:
    """Something the machine lacks; ``install`` is the command that mends it on Debian."""

    what: str
    install: str


def missing() -> list[Missing]:
    """What is missing for a readable PDF, empty if nothing is. Nothing found is remembered; something missing is not."""
    found = []
    if not all(has_library(name) for name in LIBRARIES):
        found.append(Missing("Pango", f"apt-get install {PANGO_PACKAGES}"))
    if not has_chinese_font():
        found.append(Missing("a Chinese font", f"apt-get install {FONT_PACKAGE}"))
    return found


def has_chinese_font() -> bool:
    return _found_font() if shutil.which("fc-list") else False


@lru_cache(maxsize=8)
def _library_there(name: str) -> bool:
    return find_library(name) is not None


def has_library(name: str) -> bool:
    if _library_there(name):
        return True
    _library_there.cache_clear()
    return False


def printable(text: str) -> str:
    """``text`` with each character that no font of this machine draws as its code point, such as [U+1F600], and with emoji as
    plain signs: fonts with coloured pictures give other bytes each time."""
    text = text.replace("\ufe0f", "")
    lacking = {character for character in set(text) if not character.isascii() and not _is_drawn(character)}
    if lacking:
        text = text.translate({ord(character): f"[U+{ord(character):04X}]" for character in lacking})
    return EMOJI.sub("\\g<0>\ufe0e", text)


def _is_drawn(character: str) -> bool:
    """Blanks, joiners and variation selectors need no glyph."""
    if unicodedata.category(character) in UNDRAWN or SELECTORS.match(character):
        return True
    covered = _covered()
    place = bisect(covered, (ord(character), LAST)) - 1
    return place >= 0 and ord(character) <= covered[place][1]


@lru_cache(maxsize=1)
def _covered() -> list[tuple[int, int]]:
    """What the fonts cover, as sorted (first, last) that don't touch. Pictures of letters in colour don't count."""
    command = ["fc-list", ":outline=true:color=false", "--format", "%{charset}\n"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout
    bounds = sorted({tuple(int(end, 16) for end in span.split("-")) for span in listed.split()})
    merged: list[tuple[int, int]] = []
    for first, *last in bounds:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], *last, first)
        else:
            merged.append((first, *(last or [first])))
    return merged


def _found_font() -> bool:
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, timeout=20, check=False)
    return bool(listed.stdout.strip())
