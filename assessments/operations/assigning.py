from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from assessments.models import Assessment, Assignment
from assessments.operations.holding import hold_open
from organizations.models import Department, User
from organizations.operations.trail import record_activity
from organizations.permissions import Permission

KEEP = object()
CHANGES = ["department", "person", "due_on", "note", "assigned_by", "assigned_at"]


class NobodyNamed(Exception):
    """Some items would be with neither a department nor a person; ``item_codes`` says which."""

    def __init__(self, item_codes: list[str]):
        self.item_codes = item_codes
        super().__init__(", ".join(item_codes))


@transaction.atomic
def assign_items(
    *,
    assessment: Assessment,
    item_codes: Collection[str],
    department: Department | None | object = KEEP,
    person: User | None | object = KEEP,
    due_on: date | None | object = KEEP,
    by: User,
    at: datetime,
) -> int:
    """Hand the items to a department and/or a person until a day; KEEP leaves that part of each item as it is.

    All or nothing: raises NobodyNamed when an item would be with nobody, and Closed when the state takes no assignments.
    The note of whoever passed an item on goes when the item changes hands. Returns how many items it was.
    """
    hold_open(assessment, Permission.ASSIGN)
    found = {row.item_code: row for row in Assignment.objects.filter(assessment=assessment, item_code__in=item_codes)}
    rows = [found.get(code) or _new(assessment, code, by, at) for code in sorted(item_codes)]
    for row in rows:
        _hand_over(row, department, person, by, at)
        row.due_on = row.due_on if due_on is KEEP else due_on
    nobodys = [row.item_code for row in rows if not (row.department_id or row.person_id)]
    if nobodys:
        raise NobodyNamed(nobodys)
    _write(rows)
    about = f"assessment {assessment.pk} {' '.join(row.item_code for row in rows)}"[:120]
    record_activity("items.assigned", organization=assessment.organization, about=about, by=by, at=at)
    return len(rows)


@transaction.atomic
def clear_assignments(*, assessment: Assessment, item_codes: Collection[str], by: User, at: datetime) -> int:
    """Take the items back from whoever has them. Raises Closed when the state takes no assignments."""
    hold_open(assessment, Permission.ASSIGN)
    count, _by_model = Assignment.objects.filter(assessment=assessment, item_code__in=item_codes).delete()
    about = f"assessment {assessment.pk} {' '.join(sorted(item_codes))}"[:120]
    record_activity("items.unassigned", organization=assessment.organization, about=about, by=by, at=at)
    return count


@transaction.atomic
def pass_on(
    *,
    assessment: Assessment,
    item_code: str,
    department: Department | None,
    person: User | None,
    note: str = "",
    by: User,
    at: datetime,
) -> Assignment:
    """Hand one item on to a colleague or a department, with a note; its due date stays.

    Raises NobodyNamed without either, and Closed when the assessment is not open for answers.
    """
    hold_open(assessment, Permission.PASS_ON)
    if not (department or person):
        raise NobodyNamed([item_code])
    row = Assignment.objects.filter(assessment=assessment, item_code=item_code).first() or _new(assessment, item_code, by, at)
    row.department, row.person, row.note, row.assigned_by, row.assigned_at = department, person, note, by, at
    _write([row])
    about = f"assessment {assessment.pk} {item_code}"
    record_activity("item.passed_on", organization=assessment.organization, about=about, by=by, at=at)
    return row


def _new(assessment: Assessment, code: str, by: User, at: datetime) -> Assignment:
    organization_id = assessment.organization_id
    return Assignment(organization_id=organization_id, assessment=assessment, item_code=code, assigned_by=by, assigned_at=at)


def _hand_over(row: Assignment, department, person, by: User, at: datetime):
    before = row.department_id, row.person_id
    if department is not KEEP:
        row.department = department
    if person is not KEEP:
        row.person = person
    if (row.department_id, row.person_id) != before:
        row.note, row.assigned_by, row.assigned_at = "", by, at


def _write(rows: list[Assignment]):
    """One statement for all; of two people who assign the same item at once, the later one stands."""
    for row in rows:
        row.pk = None
    Assignment.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["assessment", "item_code"], update_fields=CHANGES
    )
