from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from organizations.models import Department, Organization, User
from organizations.operations.membership import hold_organization
from organizations.operations.trail import record_activity, recorded_together


class NameTaken(Exception):
    """Another department of the organization has this name, whatever the case of its letters."""


class DepartmentInUse(Exception):
    """An assessment has this department as its scope; ``names`` are those assessments."""

    def __init__(self, names: list[str]):
        self.names = names
        super().__init__()


@transaction.atomic
@recorded_together()
def add_departments(*, organization: Organization, names: Iterable[str], by: User, at: datetime) -> list[Department]:
    """Add those that are not there yet; returns them."""
    hold_organization(organization)
    taken = {name.casefold() for name in Department.objects.filter(organization=organization).values_list("name", flat=True)}
    fresh = {name.casefold(): name for name in reversed(list(names)) if name.casefold() not in taken}
    added = [Department.objects.create(organization=organization, name=name) for name in reversed(fresh.values())]
    for department in added:
        record_activity("department.added", organization=organization, about=f"department {department.pk}", by=by, at=at)
    return added


@transaction.atomic
def rename_department(*, department: Department, name: str, by: User, at: datetime):
    """Raises NameTaken."""
    organization, department = _hold(department)
    others = Department.objects.filter(organization=organization).exclude(pk=department.pk).values_list("name", flat=True)
    if name.casefold() in {other.casefold() for other in others}:
        raise NameTaken
    department.name = name
    department.save(update_fields=["name"])
    record_activity("department.renamed", organization=organization, about=f"department {department.pk}", by=by, at=at)


@transaction.atomic
def delete_department(*, department: Department, by: User, at: datetime):
    """Remove it. Items handed to a person in it stay with the person; items handed to it alone become unassigned.

    Raises DepartmentInUse while an assessment has it as its scope.
    """
    organization, department = _hold(department)
    about = f"department {department.pk}"
    department.assignments.filter(person__isnull=False).update(department=None)
    try:
        department.delete()
    except ProtectedError as error:
        raise DepartmentInUse(sorted({str(row) for row in error.protected_objects})) from error
    record_activity("department.deleted", organization=organization, about=about, by=by, at=at)


def _hold(department: Department) -> tuple[Organization, Department]:
    """Both as they are now, the organization locked; raises Department.DoesNotExist."""
    organization = hold_organization(department.organization)
    return organization, Department.objects.get(organization=organization, pk=department.pk)
