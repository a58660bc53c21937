from datetime import datetime

from organizations.models import ActivityEntry, Organization, User


def record_activity(verb: str, *, organization: Organization, about: str = "", by: User | None, at: datetime) -> ActivityEntry:
    """Add one line to the organization's trail. Holds no answers, notes or secrets."""
    return ActivityEntry.objects.create(organization=organization, verb=verb, about=about, by=by, at=at)
