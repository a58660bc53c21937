from django import template

from organizations.models import Membership
from organizations.permissions import Permission, allows

register = template.Library()


@register.filter
def may(membership: Membership, permission: str) -> bool:
    """Whether the member's role allows it, e.g. ``request.membership|may:"assignment.write"``."""
    return allows(membership.role, Permission(permission))
