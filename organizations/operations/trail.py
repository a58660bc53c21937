"""Writing the trail. Every organization has a chain; whoever appends holds its head until the transaction ends."""

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django_scopes import scope
from django_scopes.state import get_scope

from organizations.acting import circumstances
from organizations.models import ActivityEntry, Organization, TrailHead, User
from organizations.models.trail import FIELDS, Result, hash_of
from organizations.queries import organizations_of
from organizations.verifying import PRUNED, cut_at

ENTRIES, HEADS = ActivityEntry._meta.db_table, TrailHead._meta.db_table
HOLD_HEAD = f"SELECT number, hash FROM {HEADS} WHERE organization_id = %s"
MOVE_HEAD = f"UPDATE {HEADS} SET number = %s, hash = %s WHERE organization_id = %s"
APPEND = f"INSERT INTO {ENTRIES} ({', '.join(FIELDS)}) VALUES "
ROW = f"({', '.join(['%s'] * len(FIELDS))})"
CUT = f"DELETE FROM {ENTRIES} WHERE organization_id = %s AND number <= %s"
AT_ONCE = 500  # rows of one statement
LONGEST_ABOUT = ActivityEntry._meta.get_field("about").max_length


class TooYoung(Exception):
    """Entries are kept for ``settings.TRAIL_KEPT``."""


@dataclass(frozen=True)
class Noted:
    """An entry that has no place in its chain yet."""

    organization: int
    verb: str
    about: str
    by: int | None
    acting_for: int | None
    at: datetime
    address: str
    result: str


_waiting: ContextVar[list[Noted] | None] = ContextVar("waiting_entries", default=None)


def record_activity(
    verb: str, *, organization: Organization, about: str = "", by: User | None, at: datetime, result: str = Result.DONE
) -> None:
    """Add one line to the organization's trail. Holds no answers, notes or secrets.

    Call it last in the transaction of the act: others who write to the same trail wait from here to its end. What records
    several times, or before it writes something else, does so inside ``recorded_together``.
    """
    here = circumstances()
    address, firm = (here.address, here.firm) if here else ("", None)
    acting_for = firm if firm != organization.pk else None
    by_id = by.pk if by else None
    noted = Noted(organization.pk, verb, about[:LONGEST_ABOUT], by_id, acting_for, at, address, str(result))
    if here:
        here.entries += 1
    waiting = _waiting.get()
    if waiting is None:
        append([noted])
    else:
        waiting.append(noted)


@contextmanager
def recorded_together():
    """Entries of this block (or function) wait for its end, and are written there at once; dropped if it fails.

    Inside ``transaction.atomic``. So a long act takes the head of the chain when all else is written: two acts never wait for
    each other, one with the head and the other with a row.
    """
    if _waiting.get() is not None:
        yield
        return
    waiting: list[Noted] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    append(waiting)


@transaction.atomic
def record_for_person(
    verb: str,
    *,
    person: User,
    about: str = "",
    by: User | None,
    at: datetime,
    address: str | None = None,
    result: str = Result.DONE,
) -> None:
    """The same line in the trail of each organization that the person is a member of."""
    here, by_id = circumstances(), by.pk if by else None
    address = here.address if address is None and here else address or ""
    organizations = organizations_of(person)
    append([Noted(row.pk, verb, about, by_id, None, at, address, str(result)) for row in organizations])


def append(entries: list[Noted]) -> None:
    """Chain the entries to their organizations' trails, one organization after the other in the order of their ids."""
    for organization in sorted({entry.organization for entry in entries}):
        with transaction.atomic(savepoint=False), _scope_of(organization), connection.cursor() as cursor:
            _append(cursor, organization, [entry for entry in entries if entry.organization == organization])


def _append(cursor, organization: int, entries: list[Noted]) -> None:
    last, previous = _held_head(cursor, organization)
    rows = []
    for number, entry in enumerate(entries, start=last + 1):
        hash = hash_of(**vars(entry), number=number, previous=previous)
        at = connection.ops.adapt_datetimefield_value(entry.at)
        who = (entry.by, entry.acting_for)
        rows.append((organization, number, entry.verb, entry.about, *who, at, entry.address, entry.result, previous, hash))
        previous = hash
    head = [last + len(rows), previous, organization]
    if connection.vendor == "postgresql" and len(rows) <= AT_ONCE:  # one round trip less
        cursor.execute(f"WITH moved AS ({MOVE_HEAD}) {APPEND}{_rows(rows)}", [*head, *_flat(rows)])
        return
    cursor.execute(MOVE_HEAD, head)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        cursor.execute(APPEND + _rows(some), _flat(some))


def _held_head(cursor, organization: int) -> tuple[int, str]:
    """The end of the chain, for this transaction alone. SQLite has one writer at a time anyway."""
    hold = HOLD_HEAD + (" FOR UPDATE" if connection.vendor == "postgresql" else "")
    cursor.execute(hold, [organization])
    head = cursor.fetchone()
    if head is None:
        TrailHead._base_manager.bulk_create([TrailHead(organization_id=organization)], ignore_conflicts=True)
        cursor.execute(hold, [organization])
        head = cursor.fetchone()
    return head


def _rows(rows: list) -> str:
    return ", ".join([ROW] * len(rows))


def _flat(rows: list[tuple]) -> list:
    return [value for row in rows for value in row]


def _scope_of(organization: int):
    """The scope of the trail that is written, unless it is open already."""
    current = get_scope().get("organization")
    return nullcontext() if getattr(current, "pk", current) == organization else scope(organization=organization)


@transaction.atomic
def prune_trail(*, organization: Organization, before: datetime, at: datetime) -> int:
    """Drop the entries from before this moment, up to the first younger one; returns how many. For the operator.

    The head remembers where the rest begins, so that it still verifies, and an entry says what was cut. Raises TooYoung.
    """
    if before > at - settings.TRAIL_KEPT:
        raise TooYoung
    with scope(organization=organization), connection.cursor() as cursor:
        _held_head(cursor, organization.pk)
        entries = ActivityEntry.objects.filter(organization=organization)
        oldest = TrailHead.objects.get(organization=organization).first_number
        kept = entries.filter(at__gte=before).aggregate(first=Min("number"))["first"]
        cut = entries.filter(number__lt=kept) if kept else entries
        last = cut.order_by("number").values_list("number", "hash").last()
        if last is None or last[0] < oldest:
            return 0
        cursor.execute(CUT, [organization.pk, last[0]])
        TrailHead.objects.filter(organization=organization).update(first_number=last[0] + 1, first_previous=last[1])
        record_activity(PRUNED, organization=organization, about=cut_at(last[0]), by=None, at=at)
        return last[0] - oldest + 1
