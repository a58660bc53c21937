import secrets
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django_scopes import scope

from organizations.models import Department, Membership, Organization, Role, User
from organizations.operations.trail import record_activity


@transaction.atomic
def found_organization(
    *, name: str, by: User, at: datetime, kind: str = Organization.Kind.ENTERPRISE, slug: str | None = None
) -> Organization:
    """Make an organization and its first member, the owner. The slug tells nothing about the name unless one is given."""
    organization = Organization.objects.create(name=name, slug=slug or _new_slug(name), kind=kind)
    with scope(organization=organization):
        add_member(organization=organization, user=by, role=Role.OWNER, by=by, at=at)
        record_activity("organization.founded", organization=organization, by=by, at=at)
    return organization


@transaction.atomic
def add_member(
    *, organization: Organization, user: User, role: str, department: Department | None = None, by: User, at: datetime
) -> Membership:
    membership = Membership.objects.create(organization=organization, user=user, role=role, department=department)
    record_activity("membership.added", organization=organization, about=f"user {user.pk} as {role}", by=by, at=at)
    return membership


def _new_slug(name: str) -> str:
    """Readable where the name is in Latin letters, and never taken."""
    return "-".join(filter(None, [slugify(name)[:40].strip("-"), secrets.token_hex(4)]))
