"""Whether this machine can set a Chinese PDF: Pango, and a font with Chinese glyphs.

Without a Chinese font a PDF shows boxes while its text still reads perfectly, so this is asked before each report.
"""

import shutil
import subprocess
from ctypes.util import find_library
from dataclasses import dataclass
from functools import lru_cache

PANGO_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
FONT_PACKAGE = "fonts-noto-cjk"
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


def _found_font() -> bool:
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, timeout=20, check=False)
    return bool(listed.stdout.strip())
