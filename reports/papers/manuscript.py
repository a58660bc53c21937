"""What a Word volume is made of before it is written: headings, paragraphs, lists, tables and pictures, as plain values.

A text is a string, or a pair (Chinese, English) in a volume of both languages. ``side_by_side`` makes the one out of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

Said = str | tuple[str, str]


@dataclass(frozen=True)
class Heading:
    """``is_listed``: named in the contents (those of level 3 never are)."""

    level: int
    text: Said
    is_listed: bool = True


@dataclass(frozen=True)
class Paragraph:
    """``style``: the name of a paragraph style of the document."""

    text: Said
    style: str = "Body Text"


@dataclass(frozen=True)
class Points:
    """A list with bullets, or numbered from 1."""

    texts: tuple[Said, ...]
    is_numbered: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell that is not plain: in the colour of a maturity level, or bold."""

    text: Said
    level: int | None = None
    is_bold: bool = False


@dataclass(frozen=True)
class Table:
    """``widths`` are shares of the page's width; ``figures``: columns of numbers, set to the right. Without ``head`` the first
    column names what stands in the others."""

    head: tuple[Said, ...]
    rows: tuple[tuple[Said | Cell, ...], ...]
    widths: tuple[int, ...]
    caption: Said = ""
    figures: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A PNG. ``alt`` says what it shows; without ``caption`` it is an ornament, like a logo."""

    png: bytes
    alt: Said
    millimetres: int
    caption: Said = ""


@dataclass(frozen=True)
class Contents:
    """A table of contents, of figures (``of="Figure"``) or of tables (``of="Table"``)."""

    title: Said
    hint: Said
    of: str = ""


Block = Heading | Paragraph | Points | Table | Picture | Contents
Chapter = list[Block]


def side_by_side(first: Sequence[Chapter], second: Sequence[Chapter]) -> list[Chapter]:
    """One volume of two languages: what both say alike stands once. Chapters that are not built alike follow each other."""
    if len(first) != len(second):
        return [*first, *second]
    return [_together(one, other) for one, other in zip(first, second, strict=True)]


def _together(one: Chapter, other: Chapter) -> Chapter:
    if [_shape(block) for block in one] != [_shape(block) for block in other]:
        return [*one, *other]
    return [_joined(mine, theirs) for mine, theirs in zip(one, other, strict=True)]


def _shape(block: Block) -> tuple:
    if isinstance(block, Table):
        return Table, len(block.head), block.widths, len(block.rows)
    if isinstance(block, Points):
        return Points, len(block.texts)
    return type(block), getattr(block, "level", None), getattr(block, "style", None)


def _joined(one: Block, other: Block) -> Block:
    if isinstance(one, Table):
        rows = tuple(tuple(map(_both, mine, theirs)) for mine, theirs in zip(one.rows, other.rows, strict=True))
        head = tuple(map(_both, one.head, other.head))
        return replace(one, head=head, rows=rows, caption=_both(one.caption, other.caption))
    if isinstance(one, Points):
        return replace(one, texts=tuple(map(_both, one.texts, other.texts)))
    said = [part.name for part in fields(one) if part.name in ("text", "alt", "caption", "title", "hint")]
    return replace(one, **{name: _both(getattr(one, name), getattr(other, name)) for name in said})


def _both(one, other):
    if isinstance(one, Cell):
        return replace(one, text=_both(one.text, other.text))
    return one if one == other or not other else (one, other)
