"""The plan as bars over weeks: one drawing for the page and for paper. Pure: plain values in, SVG as text out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from assessments.drawing import (
    ACCENT,
    FAINT,
    HINT,
    INK,
    LEVEL_COLOURS,
    LINE,
    PAPER,
    SECONDARY,
    WARN,
    clipped,
    frame,
    text,
    width_of,
)
from assessments.planning import Reckoning, first_day_of, quarter_of

STEP, TOP = 22, 26  # heights of a row, and of what stands above the first
LABEL, SPAN, MARGIN = 228, 330, 26  # widths of the names, of the time, and of what stands right of it
NAME_SIZE, MARK_SIZE = 11, 9
QUARTER = timedelta(days=92)  # from the first day of one into the next
LOOK = {  # state -> fill, outline, sign behind the bar
    "closed": (LEVEL_COLOURS[5], "", "✓"),
    "doing": (LEVEL_COLOURS[4], "", "◐"),
    "closing": (PAPER, f' stroke="{WARN}" stroke-width="1.5"', "?"),
    "quick": (LEVEL_COLOURS[3], "", "★"),
    "open": (LEVEL_COLOURS[3], "", ""),
    "off": (PAPER, f' stroke="{FAINT}" stroke-dasharray="3 2"', ""),
}


@dataclass(frozen=True)
class Row:
    """One action. ``begin``, ``end``: in weeks from the first day of the drawing; ``state``: one of ``LOOK``."""

    number: int
    name: str
    begin: float
    end: float
    state: str
    said: str = ""  # when pointed at
    address: str = ""  # where its name leads


def draw(
    rows: Sequence[Row],
    *,
    marks: Sequence[tuple[float, str]],
    needs: Iterable[tuple[int, int]],
    title: str,
    span: float = SPAN,
    today: float | None = None,
) -> str:
    """When actions run, as SVG.

    ``marks``: (week, name) of the quarters, of which those are named that have room for it; ``needs``: (number before,
    number after), drawn as an arrow where both are here; ``today``: in weeks. State is told by fill and by sign.
    """
    weeks = max([row.end for row in rows] + [week for week, _name in marks] + [1])
    width, height = LABEL + span + MARGIN, TOP + STEP * len(rows) + 6

    def across(week: float) -> float:
        return LABEL + span * week / weeks

    parts = []
    for x, name in named([(across(week), name) for week, name in marks], width):
        parts.append(f'<line x1="{x:.1f}" y1="14" x2="{x:.1f}" y2="{height - 4}" stroke="{LINE}"/>')
        if name:
            parts.append(text(x + 3, 11, name, size=MARK_SIZE, fill=SECONDARY))
    if today is not None:
        x = across(today)
        parts.append(f'<line x1="{x:.1f}" y1="14" x2="{x:.1f}" y2="{height - 4}" stroke="{ACCENT}" stroke-dasharray="4 3"/>')
    place = {row.number: TOP + STEP * n for n, row in enumerate(rows)}
    ends = {row.number: (across(row.begin), across(max(row.end, row.begin + 1))) for row in rows}
    for before, after in needs:
        if before in place and after in place:
            parts.append(_arrow(ends[before][1], place[before] + 8, ends[after][0], place[after] + 8))
    for row in rows:
        parts += _row(row, place[row.number], *ends[row.number])
    return frame(width, height, title, parts, role="group" if any(row.address for row in rows) else "img")


def named(places: Sequence[tuple[float, str]], end: float) -> list[tuple[float, str]]:
    """Each place with its name, or without one where the next named place, or the drawing's end, stands too near."""
    found: list[tuple[float, str]] = []
    next_name = end
    for x, name in reversed(places):
        if x + 3 + width_of(name, MARK_SIZE) + 3 <= next_name:
            next_name = x
            found.append((x, name))
        else:
            found.append((x, ""))
    return found[::-1]


def _row(row: Row, y: float, begin: float, end: float) -> list[str]:
    fill, outline, sign = LOOK[row.state]
    name = text(22, y + 12, clipped(row.name, NAME_SIZE, LABEL - 32), size=NAME_SIZE, fill=HINT if row.state == "off" else INK)
    bar = f'<rect x="{begin:.1f}" y="{y + 3}" width="{end - begin:.1f}" height="11" fill="{fill}"{outline}'
    bar += f"><title>{escape(row.said)}</title></rect>" if row.said else "/>"
    shown = f'<a href="{escape(row.address)}">{name}{bar}</a>' if row.address else name + bar
    parts = [text(0, y + 12, str(row.number), size=10, fill=SECONDARY), shown]
    if sign:
        parts.append(text(end + 4, y + 13, sign, size=10, fill=WARN if row.state == "closing" else fill))
    return parts


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    """From the end of a bar down or up to the beginning of the one that waits for it."""
    turn = max(x1 + 4, x2 - 5)
    head = f"{x2:.1f},{y2:.1f} {x2 - 4:.1f},{y2 - 3:.1f} {x2 - 4:.1f},{y2 + 3:.1f}"
    return (
        f'<polyline points="{x1:.1f},{y1:.1f} {turn:.1f},{y1:.1f} {turn:.1f},{y2:.1f} {x2:.1f},{y2:.1f}" fill="none" '
        f'stroke="{SECONDARY}" stroke-width="0.8"/><polygon points="{head}" fill="{SECONDARY}"/>'
    )


@dataclass(frozen=True)
class Time:
    """The stretch of days that a plan's drawing shows."""

    first: date
    last: date

    def week(self, day: date) -> float:
        return (day - self.first).days / 7

    @property
    def marks(self) -> list[tuple[float, str]]:
        """The quarters, each where it begins, the first where the drawing does."""
        found, day = [], first_day_of(quarter_of(self.first))
        while day <= self.last:
            found.append((max(0.0, self.week(day)), quarter_of(day)))
            day = first_day_of(quarter_of(day + QUARTER))
        return found


def time_of(reckoning: Reckoning) -> Time:
    """From the first day that anything is planned for to the last."""
    slots = reckoning.slots.values()
    first = min([reckoning.plan.starts_on, *(slot.starts_on for slot in slots)])
    return Time(first, max((slot.ends_on for slot in slots), default=first))
