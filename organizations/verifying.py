"""Checking the trail: every entry against its hash and the one before it, its end against the head and exported heads."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django_scopes import scope

from organizations.models import ActivityEntry, Organization, TrailHead
from organizations.models.trail import FIELDS, FIRST, hash_of

AT_ONCE = 5_000
PRUNED = "trail.pruned"


@dataclass(frozen=True)
class Exported:
    """The end of a chain as it once was: its number and hash, kept in a file outside of the database."""

    number: int
    hash: str


@dataclass(frozen=True)
class Checked:
    """What was found in one organization's chain; ``fault`` names the first broken entry, empty if there is none."""

    organization: Organization
    entries: int
    number: int  # of the last entry
    hash: str
    fault: str


class Broken(Exception):
    """The first thing that is wrong."""


@dataclass
class _Walk:
    """Along one chain, from its first kept entry."""

    organization: int
    head: TrailHead
    number: int
    hash: str
    entries: int = 0
    known: dict[int, str] = field(default_factory=dict)  # number -> hash that it must have
    cut_is_noted: bool = False

    def step(self, row: tuple) -> None:
        _id, organization, number, verb, about, by, acting_for, at, address, result, previous, hash = row
        if number != self.number + 1:
            raise Broken(f"entry {self.number + 1} is missing; entry {number} follows {self.number}")
        if previous != self.hash:
            raise Broken(f"entry {number} does not continue entry {self.number}")
        is_hash = hash_of(
            organization=organization, number=number, verb=verb, about=about, by=by, acting_for=acting_for, at=at,
            address=address, result=result, previous=previous,
        )  # fmt: skip
        if hash != is_hash:
            raise Broken(f"entry {number} was changed ({verb}, {at:%Y-%m-%d %H:%M} UTC)")
        self.number, self.hash, self.entries = number, hash, self.entries + 1
        self.compare()
        if verb == PRUNED and about == cut_at(self.head.first_number - 1):
            self.cut_is_noted = True

    def compare(self):
        """Where it stands now, with what the head or an export said of this number."""
        if self.known.get(self.number, self.hash) != self.hash:
            raise Broken(f"entry {self.number} is another one than when the head was written down")


def cut_at(number: int) -> str:
    """How pruning says in the trail what it cut."""
    return f"entries up to {number}"


def verify(organization: Organization, exported: Exported | None = None) -> Checked:
    """Walk the organization's chain. Once more if it was pruned meanwhile."""
    with scope(organization=organization):
        before = _head(organization)
        checked = _verify(organization, before, exported)
        if checked.fault and _head(organization).first_number != before.first_number:
            checked = _verify(organization, _head(organization), exported)
    return checked


def _verify(organization: Organization, head: TrailHead, exported: Exported | None) -> Checked:
    walk = _Walk(organization.pk, head, head.first_number - 1, head.first_previous, known={head.number: head.hash})
    fault = ""
    try:
        if exported and walk.known.setdefault(exported.number, exported.hash) != exported.hash:
            raise Broken(f"entry {exported.number} is another one than when the head was written down")
        walk.compare()
        for row in _rows(organization, head.first_number):
            walk.step(row)
        _compare_end(walk, organization, exported)
    except Broken as broken:
        fault = str(broken)
    return Checked(organization, walk.entries, walk.number, walk.hash, fault)


def _compare_end(walk: _Walk, organization: Organization, exported: Exported | None) -> None:
    if walk.number < walk.head.number:
        raise Broken(f"entry {walk.number + 1} is missing: the head names {walk.head.number}")
    if exported and walk.number < exported.number:
        raise Broken(f"entry {walk.number + 1} is missing: a head that was written down names {exported.number}")
    if walk.number > _head(organization).number:
        raise Broken(f"entry {walk.number} stands beyond the head")
    if walk.head.first_number > 1 and not walk.cut_is_noted:
        raise Broken(f"entry {walk.head.first_number - 1} and all before it are gone, and no entry says that they were pruned")
    stray = ActivityEntry.objects.filter(organization=organization, number__isnull=True).values_list("pk", flat=True).first()
    before = ActivityEntry.objects.filter(organization=organization, number__lt=walk.head.first_number).order_by("number")
    if stray is not None:
        raise Broken(f"row {stray} is in no place of the chain")
    if (number := before.values_list("number", flat=True).first()) is not None:
        raise Broken(f"entry {number} stands before the first one")


def _head(organization: Organization) -> TrailHead:
    row = TrailHead.objects.filter(organization=organization).first()
    return row or TrailHead(organization=organization, number=0, hash=FIRST)


def _rows(organization: Organization, first: int) -> Iterator[tuple]:
    """The entries in their order, some thousand at a time: nothing is held for long, however many there are."""
    fields = ("id", *FIELDS)
    rows = ActivityEntry.objects.filter(organization=organization).order_by("number")
    number = first - 1
    while some := list(rows.filter(number__gt=number).values_list(*fields)[:AT_ONCE]):
        yield from some
        number = some[-1][fields.index("number")]


# The heads that are written down


def heads_file() -> Path:
    return settings.DATA_DIR / "trail" / "heads.jsonl"


def exported_heads() -> dict[int, Exported]:
    """The furthest head of each organization that was ever written down; a chain can only grow beyond it."""
    found: dict[int, Exported] = {}
    path = heads_file()
    if not path.exists():
        return found
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                _take(found, line)
    return found


def _take(found: dict[int, Exported], line: str) -> None:
    try:
        heads = {int(key): Exported(int(number), str(hash)) for key, (number, hash) in json.loads(line)["heads"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return  # half a line, from a full disk or a power cut
    for organization, head in heads.items():
        if organization not in found or head.number >= found[organization].number:
            found[organization] = head


def write_down(heads: dict[int, Exported], at: datetime) -> None:
    """Append the heads as one line, for the owner of the process alone; on the disk before this returns."""
    path = heads_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"at": at.isoformat(), "heads": {str(key): [head.number, head.hash] for key, head in heads.items()}})
    number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(number, "a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
