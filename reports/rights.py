"""Who may have which report: asked when the page is made, when the worker begins, and when a file is fetched."""

import json
from collections import defaultdict
from collections.abc import Collection

from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Assessment
from assessments.queries.reviewing import reviews_seen_by
from assessments.queries.visible import assessments_visible_to, covers_all
from organizations.guests import Guest, places_at
from organizations.models import Engagement, Membership, Organization, User
from organizations.permissions import Permission, allows
from organizations.queries import membership_of
from reports.models import Report

Place = Membership | Guest
UNKNOWN = 0  # in place of a primary key: an assessment that has another name by now


def place_now(user: User | None, organization: Organization, engagement: int | None) -> Place | None:
    """Where the person stands there now: as a member, or on the team of this running engagement. None: nowhere any more."""
    if user is None or not user.is_active:
        return None
    if engagement is None:
        return membership_of(user, organization.slug)
    rows = [row for row in places_at(user, organization) if row.engagement_id == engagement]
    return Guest(user, rows[0].engagement, rows[0].role) if rows else None


def may_make(place: Place | None, assessment: Assessment) -> bool:
    """In the scope of the enterprise."""
    if place is None or not allows(place.role, Permission.REPORT_MAKE):
        return False
    return assessments_visible_to(place).filter(pk=assessment.pk).exists()


def reports_visible_to(place: Place, assessment: Assessment) -> QuerySet[Report]:
    """Members: all but those that tell verdicts of a running review that they may not read yet. Guests: those that tell
    nothing of another firm or of an assessment outside their engagement, and were not made by another firm. Without their
    snapshots; a fixed number of queries."""
    rows = Report.objects.filter(assessment=assessment).order_by()
    told = list(rows.values_list("pk", "engagements", "engagement_id"))
    open_ones = _readable(place, assessment, {pk for _report, engagements, _by in told for pk in engagements})
    if isinstance(place, Guest):
        own = {None, *_of_own_firm(place)}
        seen = [pk for pk, engagements, by in told if open_ones.issuperset(engagements) and by in own]
        seen = _within_scope(place, assessment, seen)
    else:
        seen = [pk for pk, engagements, _by in told if open_ones.issuperset(engagements)]
    return Report.objects.filter(pk__in=seen).defer("snapshot")


def _readable(place: Place, assessment: Assessment, engagements: set[int]) -> set[int]:
    """Those of the engagements whose verdicts the place may read."""
    if not engagements:
        return set()
    if isinstance(place, Guest):
        return engagements & _of_own_firm(place)
    return {row.pk for row in reviews_seen_by(place, assessment)}


def _of_own_firm(place: Guest) -> set[int]:
    rows = Engagement.objects.filter(organization_id=place.organization_id, consultancy=place.engagement.consultancy_id)
    return set(rows.order_by().values_list("pk", flat=True))


def _within_scope(place: Guest, assessment: Assessment, reports: Collection[int]) -> list[int]:
    """Those of the reports on the assessment that tell none but those that the guest's engagement covers by now."""
    if covers_all(place):
        return list(reports)
    covered = set(assessments_visible_to(place).values_list("pk", flat=True))
    if assessment.pk not in covered:
        return []
    rows = Report.objects.filter(pk__in=reports).order_by("pk")
    told = dict(rows.filter(assessments__isnull=False).values_list("pk", "assessments"))
    unread = rows.filter(assessments__isnull=True).values_list("pk", "snapshot")
    told |= {pk: assessments_told(snapshot, Assessment.objects.all()) for pk, snapshot in unread}
    return [pk for pk, assessments in told.items() if covered.issuperset(assessments)]


def assessments_told(frozen: str, among: QuerySet[Assessment]) -> list[int]:
    """The other assessments that a frozen snapshot draws on, by what it calls them: the cycle before, and that of the policy
    actions. All of ``among`` that have the name and day, and ``UNKNOWN`` for a name that none has."""
    parts = json.loads(frozen) if frozen else []
    names = {name for part in (parts if isinstance(parts, list) else [parts]) for name in _names(part)}
    if not names:
        return []
    found = defaultdict(set)
    for pk, name, started_at in among.order_by().values_list("pk", "name", "started_at"):
        found[_named(name, str(timezone.localdate(started_at)))].add(pk)
    return sorted(set().union(*(found.get(name, {UNKNOWN}) for name in names)))


def _names(part: dict) -> set[str]:
    """What one snapshot calls the others."""
    earlier, annex = part.get("earlier"), part.get("annex") or {}
    return {annex.get("source", ""), _named(earlier["name"], earlier["date"]) if earlier else ""} - {""}


def _named(name: str, day: str) -> str:
    """As the annex names the assessment that it draws from."""
    return f"{name} ({day})"
