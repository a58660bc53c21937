from datetime import datetime

from django.db import transaction

from organizations.models import Organization, User
from organizations.operations.trail import record_activity
from reports.models import Branding


class Stale(Exception):
    """Somebody else saved meanwhile; ``current`` is what stands there now."""

    def __init__(self, current: Branding):
        self.current = current
        super().__init__(current.revision)


@transaction.atomic
def edit_branding(
    *,
    organization: Organization,
    revision: int,
    accent: str,
    cover_text: str,
    disclaimer: str,
    logo: str | None = None,
    by: User,
    at: datetime,
) -> Branding:
    """Save how reports are dressed. ``logo``: PNG in base64, empty to remove it, None to leave it. ``revision``: the one that
    was read, 0 before there is one. Raises Stale."""
    values = {"accent": accent, "cover_text": cover_text, "disclaimer": disclaimer}
    values |= {} if logo is None else {"logo": logo}
    branding, new = Branding.objects.get_or_create(organization=organization, defaults=values)
    if not new and not Branding.objects.filter(pk=branding.pk, revision=revision).update(**values, revision=revision + 1):
        raise Stale(branding)
    if new and revision:
        raise Stale(branding)
    branding.refresh_from_db()
    record_activity("branding.edited", organization=organization, about="", by=by, at=at)
    return branding
