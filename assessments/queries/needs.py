"""What a consultant has to see to today, over all clients; and the offers that wait for an answer, on either side.

It crosses tenants by the person's own places: teams of running engagements, and organizations that they answer offers for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django_scopes import scope

from assessments.models import Answer, Assessment, EngagementPhase, Verdict
from assessments.states import REVIEWED
from organizations.guests import Guest, guest_places_of
from organizations.models import Engagement, Membership, Organization, User
from organizations.permissions import Permission, allows
from organizations.tenancy import by_own_side

ENDS_SOON = timedelta(days=14)
State = Assessment.State
# Questions that the person asked and somebody answered, and those that the person is asked; still open.
QUESTIONS = """
SELECT comment.assessment_id, criterion.item, comment.criterion_id, CASE WHEN comment.asked_id = %s THEN 1 ELSE 0 END
FROM assessments_comment AS comment
JOIN questionnaires_criterion AS criterion ON criterion.id = comment.criterion_id
JOIN assessments_assessment AS assessment ON assessment.id = comment.assessment_id AND assessment.state <> 'final'
WHERE comment.organization_id IN ({organizations}) AND comment.is_question AND comment.settled_at IS NULL
    AND (comment.asked_id = %s OR comment.written_by_id = %s AND EXISTS (
        SELECT 1 FROM assessments_comment AS reply
        WHERE reply.assessment_id = comment.assessment_id AND reply.criterion_id = comment.criterion_id
            AND reply.id > comment.id AND reply.written_by_id <> comment.written_by_id
            AND (reply.engagement_id IS NULL OR reply.engagement_id = comment.engagement_id)
    ))
ORDER BY comment.id
"""


class Kind(StrEnum):
    """In the order in which they are shown."""

    OFFER = "offer"
    BEGIN = "begin"
    REOPENED = "reopened"
    ASKED = "asked"
    ANSWERED = "answered"
    LATE = "late"
    RETURNED = "returned"
    ENDS = "ends"


@dataclass(frozen=True)
class Need:
    """One thing: where it is, and what about it. ``n``: how many; ``on``: the day that matters."""

    kind: Kind
    organization: Organization
    about: object  # an Assessment, Engagement or EngagementPhase
    n: int = 0
    on: date | None = None
    item: str = ""


def needs_of(user: User, memberships: Iterable[Membership], today: date) -> tuple[list[Guest], list[Need]]:
    """The person's places as a guest, and what they need to do; eight queries however many clients there are."""
    places = guest_places_of(user)
    needs = list(_offers(memberships, today))
    if places:
        with scope(organization=sorted({place.organization_id for place in places})):
            needs += _at_clients(user, places, today)
    order = list(Kind)
    return places, sorted(needs, key=lambda need: (order.index(need.kind), need.on or date.max))


def _offers(memberships: Iterable[Membership], today: date) -> Iterable[Need]:
    mine = {row.organization_id: row.organization for row in memberships if allows(row.role, Permission.ENGAGEMENT_MANAGE)}
    if not mine:
        return
    waits = Q(organization__in=mine, offered_by_enterprise=False) | Q(consultancy__in=mine, offered_by_enterprise=True)
    with by_own_side(list(mine)):
        rows = Engagement.objects.filter(waits, accepted_at=None, declined_at=None, ended_at=None, ends_on__gte=today)
        rows = list(rows.select_related("organization", "consultancy"))
    for row in rows:
        own = row.consultancy if row.offered_by_enterprise else row.organization
        yield Need(Kind.OFFER, own, row, on=row.ends_on)


def _at_clients(user: User, places: list[Guest], today: date) -> Iterable[Need]:
    running = {place.engagement.pk: place for place in places}
    assessments = _visible(places)
    for row, here in assessments.values():
        if row.state == State.SUBMITTED and any(allows(place.role, Permission.REVIEW_BEGIN) for place in here):
            yield Need(Kind.BEGIN, row.organization, row)
        elif row.state == State.RETURNED:
            yield Need(Kind.RETURNED, row.organization, row)
    yield from _reopened(running, assessments)
    yield from _questions(user, assessments)
    late = EngagementPhase.objects.filter(engagement__in=running, planned_on__lt=today, done_on=None).order_by("planned_on")
    for row in late:
        yield Need(Kind.LATE, running[row.engagement_id].organization, row, on=row.planned_on)
    for place in places:
        if place.engagement.ends_on <= today + ENDS_SOON:
            yield Need(Kind.ENDS, place.organization, place.engagement, on=place.engagement.ends_on)


def _visible(places: list[Guest]) -> dict[int, tuple[Assessment, list[Guest]]]:
    """The assessments that are not final and that any of the engagements covers, with the places that open them."""
    whole = {place.organization_id for place in places if place.engagement.covers_all}
    parted = [place.engagement.pk for place in places if not place.engagement.covers_all]
    covered = Q(organization__in=whole) | Q(scopes__engagement__in=parted)
    rows = Assessment.objects.filter(covered).exclude(state=State.FINAL).select_related("organization", "version")
    found = {}
    for row in rows.defer("version__content").annotate(through=F("scopes__engagement")).order_by("-started_at", "-pk"):
        here = found.setdefault(row.pk, (row, []))[1]
        here += [
            place
            for place in places
            if place.organization_id == row.organization_id
            and (place.engagement.covers_all or place.engagement.pk == row.through)
        ]
    return found


def _reopened(running: dict[int, Guest], assessments: dict) -> Iterable[Need]:
    """Verdicts of the own engagements that are open again since the answer was changed."""
    reviewed = [pk for pk, (row, _here) in assessments.items() if row.state in REVIEWED]
    now = Answer.objects.filter(assessment=OuterRef("assessment"), criterion=OuterRef("criterion")).values("revision")
    rows = Verdict.objects.filter(engagement__in=running, assessment__in=reviewed)
    rows = rows.annotate(now=Coalesce(Subquery(now), 0)).exclude(now=F("answer_revision")).order_by()
    for pk, n in rows.values_list("assessment").annotate(n=Count("pk")):
        row = assessments[pk][0]
        yield Need(Kind.REOPENED, row.organization, row, n=n)


def _questions(user: User, assessments: dict) -> Iterable[Need]:
    organizations = sorted({row.organization_id for row, _here in assessments.values()})
    if not organizations:
        return
    sql = QUESTIONS.format(organizations=", ".join(["%s"] * len(organizations)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk, *organizations, user.pk, user.pk])
        found = cursor.fetchall()
    counts: dict[tuple, list] = {}
    for pk, item, _criterion, asked in found:
        if pk in assessments:
            counts.setdefault((Kind.ASKED if asked else Kind.ANSWERED, pk), []).append(item)
    for (kind, pk), items in counts.items():
        row = assessments[pk][0]
        yield Need(kind, row.organization, row, n=len(items), item=items[0])
