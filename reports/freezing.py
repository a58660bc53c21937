"""Freeze what an assessment says now: one snapshot, or one in each language for a report of both."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection, transaction
from psycopg import IsolationLevel

from assessments.models import Assessment, Assignment
from assessments.queries.reviewing import judging_engagements
from organizations.models import Department
from reports.content.changes import changes_between
from reports.content.gathering import dossier_of, engagements_told
from reports.content.parts import Snapshot
from reports.content.snapshot import as_canonical_json, read_snapshot, sha256_of
from reports.models import Report
from reports.queries import snapshot_of
from reports.rights import Place

LANGUAGES = {
    Report.Language.CHINESE: ("zh-hans",),
    Report.Language.ENGLISH: ("en",),
    Report.Language.BOTH: ("zh-hans", "en"),
}


class NothingAssigned(Exception):
    """The department has no items in this assessment."""


@dataclass(frozen=True)
class Frozen:
    """``engagements``: those whose verdicts it tells."""

    text: str
    sha256: str
    engagements: list[int]
    is_draft: bool


def freeze(assessment: Assessment, *, place: Place, language: str, on: date, since: str = "") -> Frozen:
    """What ``place`` may see of the assessment, as the canonical JSON that a Report keeps.

    ``since``: what an earlier report of it froze; the new one then tells what changed.
    """
    with at_one_moment():
        assessment.refresh_from_db(fields=["state"])
        dossier = dossier_of(assessment, place=place, on=on)
        snapshots = [snapshot_of(assessment, on=on, language=one, place=place, dossier=dossier) for one in LANGUAGES[language]]
        judged = {row.pk for row in judging_engagements(assessment)}
        engagements = [pk for pk in engagements_told(assessment, place) if pk in judged]
    if since:
        earlier = thaw(since)[0]
        snapshots = [replace(snapshot, changes=changes_between(earlier, snapshot)) for snapshot in snapshots]
    told = [as_canonical_json(snapshot) for snapshot in snapshots]
    text = told[0] if len(told) == 1 else f"[{','.join(told)}]"
    return Frozen(text, sha256_of(text), engagements, assessment.state != Assessment.State.FINAL)


@contextmanager
def at_one_moment() -> Iterator[None]:
    """All that is read inside stands as of one moment, whatever others write meanwhile, and none of them waits for it.

    Inside a transaction of the caller's, that one decides. To read only: what is written inside may fail.
    """
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    kept, name, value = (
        (connection, "transaction_mode", None)  # takes no lock, unlike the transactions that write
        if connection.vendor == "sqlite"
        else (connection.connection, "isolation_level", IsolationLevel.REPEATABLE_READ)
    )
    before = getattr(kept, name)
    setattr(kept, name, value)
    try:
        with transaction.atomic():
            yield
    finally:
        setattr(kept, name, before)


def thaw(frozen: str) -> list[Snapshot]:
    """The snapshots of a report, in the order of its languages."""
    if not frozen.startswith("["):
        return [read_snapshot(frozen)]
    return [read_snapshot(json.dumps(part)) for part in json.loads(frozen)]


def items_of(assessment: Assessment, department: Department) -> list[str]:
    """The codes of the department's items, in the questionnaire's order. Raises NothingAssigned."""
    rows = Assignment.objects.filter(assessment=assessment, department=department).order_by()
    codes = set(rows.values_list("item_code", flat=True))
    items = [item.code for item in assessment.questionnaire.items if item.code in codes]
    if not items:
        raise NothingAssigned
    return items


def departments_with_items(assessment: Assessment) -> list[Department]:
    """Those that a department volume can be made for, by name."""
    rows = Assignment.objects.filter(assessment=assessment, department__isnull=False).order_by()
    return list(Department.objects.filter(pk__in=rows.values("department")).order_by("name", "pk"))
