"""Benchmarks: groups of enterprises that take part, their guards, and what is shown of them. Pure.

The reasons for every number here stand in docs/adr/0008-benchmark-guards.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

LEAST = 8  # other enterprises in a group, each of another holder
MOST_OF_ONE_HOLDER = Fraction(1, 4)
MOST_SEEN_BY_ONE = Fraction(1, 2)  # by one consultancy or sponsor
LEAST_CHANGE = 3  # enterprises by which two compositions that are both shown differ, if at all
WINDOW = 3  # enterprises whose mean stands for a quartile
STEP = 5
DIMENSIONS = ("industry", "size", "region")
QUARTERS = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
WHOLE = ""  # the part that is the total


@dataclass(frozen=True)
class Entry:
    """What one enterprise gives: its latest final result, exact, by part; who owns it and who sees its results anyway."""

    organization: int
    assessment: int
    revision: int
    owners: frozenset[int]
    seen_by: frozenset[int]
    place: Mapping[str, str]
    scores: Mapping[str, Fraction]

    @property
    def mark(self) -> str:
        """Another one when the enterprise's contribution is another one."""
        return f"{self.organization}:{self.assessment}:{self.revision}"


@dataclass(frozen=True)
class Frozen:
    """A group as it stands for a quarter. ``marks``: the composition that was shown last, if it is hidden now as well."""

    members: tuple[Entry, ...]
    marks: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """What is shown of one part: quartiles in tenths."""

    low: Fraction
    middle: Fraction
    high: Fraction


def keys_of(place: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """The groups that an enterprise belongs to: dimensions -> key, the widest first."""
    known = [name for name in DIMENSIONS if place.get(name)]
    found = (dims for size in range(len(known) + 1) for dims in combinations(known, size))
    return {dims: "|".join(f"{name}:{place[name]}" for name in dims) for dims in found}


def frozen_groups(entries: Iterable[Entry], last: Mapping[str, Frozen]) -> dict[str, Frozen]:
    """The groups of a new quarter. A composition changes by three enterprises or more, or not at all.

    Where fewer changed, the last composition stands; but if one of them is there no more, the group is not shown: nobody's
    figures are used longer than a quarter after they left. A group that differs from a wider one by one or two is not shown.
    """
    now: dict[str, list[Entry]] = {}
    for entry in entries:
        for key in keys_of(entry.place).values():
            now.setdefault(key, []).append(entry)
    found: dict[str, Frozen] = {}
    for key in sorted({*now, *last}, key=lambda key: (len(_parts(key)), key)):
        group = _next(now.get(key, []), last.get(key))
        wider = [other for name, other in found.items() if _parts(name) < _parts(key) and other.members]
        if any(0 < _difference(group.members, other.members) < LEAST_CHANGE for other in wider):
            group = Frozen((), last[key].marks if key in last else frozenset())
        if group.members or group.marks:
            found[key] = group
    return found


def others(members: Sequence[Entry], organization: int, owners: frozenset[int]) -> list[Entry]:
    """Without the reader's own enterprise and those that belong to the same people."""
    own = {organization} | {entry.organization for entry in members if entry.owners & owners}
    holders = holders_of(members)
    mine = {holders[pk] for pk in own if pk in holders}
    return [entry for entry in members if entry.organization != organization and holders[entry.organization] not in mine]


def may_be_shown(entries: Sequence[Entry]) -> bool:
    """Enough enterprises, none with too much weight (each weighs the same, those of one owner together), none too much seen."""
    holders, seen = Counter(holders_of(entries).values()), Counter(firm for entry in entries for firm in entry.seen_by)
    return (
        len(holders) >= LEAST
        and max(holders.values()) <= MOST_OF_ONE_HOLDER * len(entries)
        and max(seen.values(), default=0) <= MOST_SEEN_BY_ONE * len(entries)
    )


def holders_of(entries: Iterable[Entry]) -> dict[int, int]:
    """Organization -> holder: enterprises with an owner in common, directly or by way of others, have one holder."""
    holder: dict[int, int] = {}
    first_of: dict[int, int] = {}

    def root(pk: int) -> int:
        while holder[pk] != pk:
            pk = holder[pk]
        return pk

    for entry in entries:
        holder.setdefault(entry.organization, entry.organization)
        for owner in entry.owners:
            one = root(first_of.setdefault(owner, entry.organization))
            holder[root(entry.organization)] = one
    return {pk: root(pk) for pk in holder}


def figures(values: Sequence[Fraction]) -> Figures:
    """Quartiles of which each is the mean of the three nearest enterprises, in tenths: no single value is ever shown."""
    ordered = sorted(values)
    return Figures(*(_tenths(_around(ordered, share)) for share in QUARTERS))


def percentile(values: Sequence[Fraction], own: Fraction) -> int:
    """How many of a hundred stand lower, in tens downwards; equals count half."""
    below = sum(Fraction(1) if value < own else Fraction(1, 2) if value == own else Fraction(0) for value in values)
    return int(below * 10 / len(values)) * 10


def step_of(count: int) -> tuple[int, int]:
    """The number of enterprises, as the step of five that it lies in."""
    least = LEAST + (count - LEAST) // STEP * STEP
    return least, least + STEP - 1


def _next(now: list[Entry], last: Frozen | None) -> Frozen:
    marks = frozenset(entry.mark for entry in now)
    if last is None or not last.marks:
        return Frozen(tuple(now), marks) if len(now) >= LEAST else Frozen((), frozenset())
    if _changed(marks, last.marks) >= LEAST_CHANGE:
        return Frozen(tuple(now), marks) if len(now) >= LEAST else Frozen((), last.marks)
    here = {entry.organization for entry in now}
    if not last.members or any(entry.organization not in here for entry in last.members):
        stays = marks == last.marks and len(now) >= LEAST  # all are back as they were
        return Frozen(tuple(now) if stays else (), last.marks)
    return last


def _parts(key: str) -> frozenset[str]:
    return frozenset(filter(None, key.split("|")))


def _difference(one: Iterable[Entry], other: Iterable[Entry]) -> int:
    return _changed({entry.mark for entry in one}, {entry.mark for entry in other}) if one else 0


def _changed(one, other) -> int:
    """How many enterprises are in one composition only, or with another contribution."""
    return len({mark.split(":")[0] for mark in one ^ other})


def _around(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    centre = share * (len(ordered) - 1)
    distances = sorted(abs(place - centre) for place in range(len(ordered)))
    reach = distances[min(WINDOW, len(ordered)) - 1]
    near = [value for place, value in enumerate(ordered) if abs(place - centre) <= reach]
    return sum(near, Fraction(0)) / len(near)


def _tenths(value: Fraction) -> Fraction:
    return Fraction(int(value * 10 + Fraction(1, 2)), 10)
