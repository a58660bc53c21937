"""The few reads that cross tenants. Each is by person: it finds only what that person belongs to."""

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from organizations.models import Membership, Organization, User


def membership_of(user: User, slug: str) -> Membership | None:
    """The person's membership in the organization of that slug, or None, as if it did not exist."""
    with scopes_disabled():
        rows = Membership.objects.select_related("organization", "user")
        return rows.filter(user=user, organization__slug=slug).first()


def organizations_of(user: User) -> QuerySet[Organization]:
    return Organization.objects.filter(memberships__user=user).order_by("name", "pk")
