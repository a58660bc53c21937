"""The plan as bars over weeks: where each bar, line and label stands, in units of the drawing. Pure; a template draws it.

One week is as wide as the plan lets it be, between ``LEAST`` and ``MOST``; a row stands for one action, in the plan's order.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import east_asian_width

from assessments.planning import Reckoning, first_day_of, quarter_of

LABEL, CHART = 260, 780  # widths
ROW, BAR, HEAD = 26, 14, 34  # heights
LEAST, MOST = 2, 28  # of one week
WIDE, NARROW = 13, 7.5  # of a character
NAME = 54  # of a quarter's name, with room around it
QUARTER = timedelta(days=92)  # from the first day of one into the next


@dataclass(frozen=True)
class Bar:
    number: int
    title: str
    label: str  # the title as far as it fits
    status: str
    is_on: bool
    is_quick: bool
    starts_on: date
    ends_on: date
    quarter: str
    needs: tuple[int, ...]
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        return self.y + BAR / 2

    @property
    def text_y(self) -> float:
        return self.y + BAR - 2


@dataclass(frozen=True)
class Tick:
    """Where a quarter begins; without a name where the next one stands too near."""

    name: str
    x: float

    @property
    def text_x(self) -> float:
        return self.x + 4


@dataclass(frozen=True)
class Gantt:
    """``links``: SVG paths from the end of what comes first to the beginning of what waits for it."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    links: tuple[str, ...]
    today: float | None
    width: float
    height: float


def gantt(reckoning: Reckoning, on: date) -> Gantt:
    """Closed and dropped actions are left out. ``on``: today, marked when it lies within."""
    slots = reckoning.slots
    actions = [action for action in reckoning.plan.actions if action.number in slots]
    first = min([reckoning.plan.starts_on, *(slot.starts_on for slot in slots.values())])
    last = max((slot.ends_on for slot in slots.values()), default=first)
    weeks = max(1, -(-(last - first).days // 7))
    week = min(MOST, max(LEAST, CHART / weeks))

    def place(day: date) -> float:
        return round(LABEL + (day - first).days / 7 * week, 1)

    bars = []
    for at, action in enumerate(actions):
        slot = slots[action.number]
        x, end = place(slot.starts_on), place(slot.ends_on + timedelta(days=1))
        bars.append(
            Bar(
                number=action.number,
                title=action.title,
                label=fitted(f"{action.number} {action.title}", LABEL - 12),
                status=action.status,
                is_on=action.is_on,
                is_quick=action.number in reckoning.quick_wins,
                starts_on=slot.starts_on,
                ends_on=slot.ends_on,
                quarter=slot.quarter,
                needs=action.needs,
                x=x,
                y=HEAD + at * ROW + (ROW - BAR) / 2,
                width=round(max(3, end - x), 1),
            )
        )
    return Gantt(
        bars=tuple(bars),
        ticks=_ticks([(name, max(LABEL, place(first_day_of(name)))) for name in _quarters(first, last)]),
        links=tuple(_links(bars)),
        today=place(on) if first <= on <= last else None,
        width=round(LABEL + weeks * week + MOST),
        height=HEAD + len(bars) * ROW + 8,
    )


def fitted(text: str, width: float) -> str:
    """The text, cut with an ellipsis where it would be wider."""
    room = width
    for at, character in enumerate(text):
        room -= WIDE if east_asian_width(character) in "WF" else NARROW
        if room < 0:
            return f"{text[: max(0, at - 1)]}…"
    return text


def _ticks(places: list[tuple[str, float]]) -> tuple[Tick, ...]:
    """Each with its name where there is room for it."""
    ticks: list[Tick] = []
    for name, x in reversed(places):
        named = next((tick.x for tick in reversed(ticks) if tick.name), None)
        ticks.append(Tick(name if named is None or named - x >= NAME else "", x))
    return tuple(reversed(ticks))


def _quarters(first: date, last: date) -> list[str]:
    names, day = [], first_day_of(quarter_of(first))
    while day <= last:
        names.append(quarter_of(day))
        day = first_day_of(quarter_of(day + QUARTER))
    return names


def _links(bars: list[Bar]):
    at = {bar.number: bar for bar in bars}
    for bar in bars:
        for need in bar.needs:
            if need in at:
                before = at[need]
                end = before.x + before.width
                yield f"M{end} {before.middle}H{end + 3}V{bar.middle}H{bar.x}"
