import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django_scopes import scope

from organizations.models import Department, Membership, Organization, Role, User
from organizations.operations.trail import record_activity, recorded_together
from organizations.queries import is_last_owner

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that are mistaken for another; 12 of them are 60 bits


class LastOwner(Exception):
    """An organization keeps at least one owner."""


@transaction.atomic
@recorded_together()
def found_organization(
    *,
    name: str,
    kind: str = Organization.Kind.ENTERPRISE,
    industry: str = "",
    size: str = "",
    region: str = "",
    slug: str | None = None,
    by: User,
    at: datetime,
) -> Organization:
    """Make an organization and its first member, the owner. The slug tells nothing about the name unless one is given."""
    organization = Organization.objects.create(
        name=name, slug=slug or _new_slug(name), kind=kind, industry=industry, size=size, region=region
    )
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


@transaction.atomic
def change_membership(
    *, membership: Membership, role: str, department: Department | None, by: User, at: datetime
) -> Membership:
    """Give a member another role or department; raises LastOwner if nobody would own the organization."""
    membership = hold_membership(membership)
    if role != Role.OWNER and is_last_owner(membership):
        raise LastOwner
    if department is not None:  # it may have been deleted since the form was checked
        department = Department.objects.filter(organization=membership.organization, pk=department.pk).first()
    membership.role, membership.department = role, department
    membership.save(update_fields=["role", "department"])
    about = f"user {membership.user_id} as {role}" + (f" in department {department.pk}" if department else "")
    record_activity("membership.changed", organization=membership.organization, about=about, by=by, at=at)
    return membership


@transaction.atomic
@recorded_together()
def remove_member(*, membership: Membership, by: User, at: datetime):
    """End somebody's place here, from their next request on; what they did stays. Raises LastOwner.

    A member who removes themselves leaves. What other rooms do about it stands in the setting WHEN_MEMBER_LEAVES: this one does
    not know them.
    """
    membership = hold_membership(membership)
    if is_last_owner(membership):
        raise LastOwner
    verb = "membership.left" if membership.user_id == by.pk else "membership.removed"
    record_activity(verb, organization=membership.organization, about=f"user {membership.user_id}", by=by, at=at)
    for path in settings.WHEN_MEMBER_LEAVES:
        import_string(path)(membership=membership, by=by, at=at)
    membership.delete()


@transaction.atomic
def edit_organization(
    *,
    organization: Organization,
    name: str,
    requires_second_factor: bool,
    kind: str,
    industry: str,
    size: str,
    region: str,
    shares_scores: bool,
    by: User,
    at: datetime,
):
    """``shares_scores``: its scores may count, nameless, in benchmarks; since when is kept as long as they may."""
    organization = hold_organization(organization)
    notes = []
    if organization.requires_second_factor != requires_second_factor:
        notes.append(f"second factor {'on' if requires_second_factor else 'off'}")
    if bool(organization.benchmark_since) != shares_scores:
        notes.append(f"benchmark {'on' if shares_scores else 'off'}")
        organization.benchmark_since = at if shares_scores else None
    if organization.kind != kind:
        notes.append(f"kind {kind}")
    organization.name, organization.requires_second_factor, organization.kind = name, requires_second_factor, kind
    organization.industry, organization.size, organization.region = industry, size, region
    organization.save(update_fields=["name", "requires_second_factor", "kind", "industry", "size", "region", "benchmark_since"])
    record_activity("organization.edited", organization=organization, about=", ".join(notes), by=by, at=at)


@transaction.atomic
def renew_contact_code(*, organization: Organization, by: User, at: datetime) -> str:
    """Give the organization a new code, by which others can offer it an engagement; the one before is void."""
    organization = hold_organization(organization)
    organization.contact_code = "".join(secrets.choice(CODE_LETTERS) for _n in range(12))
    organization.save(update_fields=["contact_code"])
    record_activity("organization.contact_code_renewed", organization=organization, by=by, at=at)
    return organization.contact_code


def hold_organization(organization: Organization) -> Organization:
    """The row, locked until the transaction ends: changes of members, invitations and departments go one after another.

    Without its key, so that others go on writing rows that refer to it.
    """
    return Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def hold_membership(membership: Membership) -> Membership:
    """The membership as it is now, with its organization held; raises Membership.DoesNotExist if it has ended."""
    hold_organization(membership.organization)
    return Membership.objects.select_related("organization", "user").get(pk=membership.pk)


def _new_slug(name: str) -> str:
    """Readable where the name is in Latin letters, and never taken."""
    return "-".join(filter(None, [slugify(name)[:40].strip("-"), secrets.token_hex(4)]))
