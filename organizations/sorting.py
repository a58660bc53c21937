"""Names in the order a Chinese reader expects: by pinyin, Latin letters in between, numbers by their value."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

from pypinyin import Style, lazy_pinyin

Row = TypeVar("Row")
NUMBER = re.compile(r"(\d+)")
DIGITS, LETTERS = 0, 1  # digits come before letters
SURNAMES = {  # characters that are read otherwise when they begin a person's name
    "曾": "zeng1", "单": "shan4", "解": "xie4", "仇": "qiu2", "区": "ou1", "查": "zha1", "任": "ren2", "翟": "zhai2",
    "盖": "ge3", "朴": "piao2", "华": "hua4", "纪": "ji3", "宁": "ning4", "乐": "yue4", "缪": "miao4", "覃": "qin2",
    "种": "chong2", "冼": "xian3", "尉": "yu4", "万俟": "mo4 qi2",
}  # fmt: skip


def collated(rows: Iterable[Row], key: Callable[[Row], str] = str) -> list[Row]:
    """The rows, sorted by the text that ``key`` gives for each."""
    return sorted(rows, key=lambda row: collation_key(key(row)))


def collated_people(rows: Iterable[Row], key: Callable[[Row], str] = str) -> list[Row]:
    """As ``collated``, for names of persons: 曾敏 under zeng, not ceng."""
    return sorted(rows, key=lambda row: _key_of_name(key(row).strip()))


def _key_of_name(name: str) -> tuple:
    surname = next((name[:length] for length in (2, 1) if name[:length] in SURNAMES), "")
    parts, _text = collation_key(name.removeprefix(surname))
    syllables = tuple(SURNAMES.get(surname, "").split())
    if parts and parts[0][0] == LETTERS:
        syllables, parts = syllables + parts[0][2], parts[1:]
    return ((LETTERS, 0, syllables), *parts) if syllables else parts, name


@lru_cache(maxsize=8192)
def collation_key(text: str) -> tuple:
    """陈 before 李 before 张 as chen, li, zhang; 2 before 10; capital and small letters alike; equals by the text itself."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return tuple(_part(part) for part in NUMBER.split(folded) if part), text


def _part(part: str) -> tuple:
    if part.isdecimal():
        return DIGITS, int(part), ()
    return LETTERS, 0, tuple(_syllables(part))


def _syllables(part: str):
    for syllable in lazy_pinyin(part, style=Style.TONE3, neutral_tone_with_five=True, errors=list):
        yield from syllable.split()
