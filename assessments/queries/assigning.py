"""Who has which item, and who may answer it. One rule, asked by every page and import that takes answers."""

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from assessments.models import Assessment, Assignment
from organizations.models import Department, Membership, Role
from organizations.permissions import Permission, allows
from organizations.sorting import collated

ANSWERING_ROLES = [role for role in Role if allows(role, Permission.ANSWER_WRITE)]


def assignments_of(assessment: Assessment) -> dict[str, Assignment]:
    """Item code -> assignment, in one query; an item that is not in it is assigned to nobody."""
    rows = Assignment.objects.filter(assessment=assessment).select_related("department", "person", "assigned_by")
    return {row.item_code: row for row in rows}


def may_answer_item(membership: Membership, assignment: Assignment | None) -> bool:
    """Who hands out items answers all of them. Others who answer have what is theirs, their department's, or nobody's."""
    if allows(membership.role, Permission.ASSIGN):
        return True
    if not allows(membership.role, Permission.ANSWER_WRITE):
        return False
    return assignment is None or is_for(membership, assignment)


def is_for(membership: Membership, assignment: Assignment) -> bool:
    """The item is this person's, or their department's as long as no person is named."""
    if assignment.person_id:
        return assignment.person_id == membership.user_id
    return assignment.department_id is not None and assignment.department_id == membership.department_id


def items_open_to(assessment: Assessment, membership: Membership) -> frozenset[str]:
    """The codes of the items that this member may answer; at most one query."""
    codes = frozenset(item.code for item in assessment.questionnaire.items)
    if allows(membership.role, Permission.ASSIGN):
        return codes
    if not allows(membership.role, Permission.ANSWER_WRITE):
        return frozenset()
    rows = Assignment.objects.filter(assessment=assessment)
    return codes - {row.item_code for row in rows if not is_for(membership, row)}


def people_who_answer() -> list[Membership]:
    """The active members of the current organization who may be given items, by name."""
    rows = Membership.objects.select_related("user", "department").filter(user__is_active=True, role__in=ANSWERING_ROLES)
    return collated(rows, key=lambda row: str(row.user))


def departments_here() -> list[Department]:
    """The departments of the current organization, by name."""
    return collated(Department.objects.all())


def in_hands_of(membership: Membership) -> Q:
    """Assignments that are for this person (``is_for`` as a condition of a query)."""
    mine = Q(person_id=membership.user_id)
    if membership.department_id:
        mine |= Q(person__isnull=True, department_id=membership.department_id)
    return mine


def with_due_date(assessments: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Each assessment with ``due_on``, the day by which all that was handed out is due."""
    last = Assignment.objects.filter(assessment=OuterRef("pk")).order_by().values("assessment")
    return assessments.annotate(due_on=Subquery(last.annotate(last=Max("due_on")).values("last")))
