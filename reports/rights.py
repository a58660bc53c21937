"""Who may have which report: asked when the page is made, when the worker begins, and when a file is fetched."""

import json
from collections.abc import Collection

from django.db.models import QuerySet, Value
from django.db.models.functions import Greatest, StrIndex, Substr

from assessments.models import Assessment
from assessments.queries.reviewing import reviews_seen_by
from assessments.queries.visible import assessments_visible_to, covers_all
from organizations.guests import Guest, places_at
from organizations.models import Engagement, Membership, Organization, User
from organizations.permissions import Permission, allows
from organizations.queries import membership_of
from reports.models import Report

Place = Membership | Guest
# in the canonical JSON of a snapshot
EARLIER, SOURCE, ANNEX_BEGINS, ANNEX_ENDS = '"earlier":', '"source":', '{"annex":{', '"},"answered":'
FAR_ENOUGH = 4000  # characters: the whole of what a snapshot says of another assessment
UNREADABLE = "?"  # as no assessment is named


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
        seen = _within_scope(place, seen)
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


def _within_scope(place: Guest, reports: Collection[int]) -> list[int]:
    """Those of the reports that tell no other assessment than those that the guest's engagement covers by now."""
    if covers_all(place) or not reports:
        return list(reports)
    covered = set(assessments_visible_to(place).values_list("pk", flat=True))
    inside, outside = set(), set()
    for pk, name, started in Assessment.objects.order_by().values_list("pk", "name", "started_at"):
        (inside if pk in covered else outside).add(_named(name, f"{started:%Y-%m-%d}"))
    return [pk for pk, told in _assessments_told(reports).items() if told <= inside - outside]


def _assessments_told(reports: Collection[int]) -> dict[int, set[str]]:
    """Report -> the other assessments that its snapshot tells, by name and day. One query that reads two short pieces of each
    snapshot, which may be megabytes long."""
    cycle_at, annex_ends = (StrIndex("snapshot", Value(mark)) for mark in (EARLIER, ANNEX_ENDS))
    rows = Report.objects.filter(pk__in=reports).annotate(
        head=Substr("snapshot", 1, len(ANNEX_BEGINS) + 1),  # the list of two languages has a bracket before it
        cycle=Substr("snapshot", Greatest(cycle_at, 1), FAR_ENOUGH),
        annex=Substr("snapshot", Greatest(annex_ends - FAR_ENOUGH, 1), FAR_ENOUGH + len(ANNEX_ENDS)),
    )
    rows = rows.order_by("pk").values_list("pk", "head", "cycle", "annex")
    return {pk: {_cycle(cycle), _source(annex) if ANNEX_BEGINS in head else ""} - {""} for pk, head, cycle, annex in rows}


def _cycle(text: str) -> str:
    earlier = _value(text.removeprefix(EARLIER)) if text.startswith(EARLIER) else None
    return _named(earlier["name"], earlier["date"]) if isinstance(earlier, dict) else earlier or ""


def _source(text: str) -> str:
    annex, end, _rest = text.partition(ANNEX_ENDS)
    return _value(annex.rpartition(SOURCE)[2] + '"') if end else UNREADABLE


def _value(text: str):
    """The JSON value that the text begins with."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except ValueError:
        return UNREADABLE


def _named(name: str, day: str) -> str:
    """As the annex names the assessment that it draws from."""
    return f"{name} ({day})"
