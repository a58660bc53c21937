from django import template

from organizations.permissions import Permission, allows

register = template.Library()


@register.filter
def has_right(place, permission: str) -> bool:
    """Whether the member's or guest's role allows it, e.g. ``request.membership|has_right:"engagement.view"``."""
    return bool(place) and allows(place.role, Permission(permission))
