from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from assessments.models import Assessment, EngagementScope
from organizations.models import Engagement, User
from organizations.operations.engagement import NoLongerOpen, accept_engagement, hold_engagement, offer_engagement
from organizations.operations.trail import record_activity


@transaction.atomic
def set_scope(*, engagement: Engagement, covers_all: bool, assessments: Iterable[Assessment] = (), by: User, at: datetime):
    """What the engagement opens from the next request on: all assessments, or exactly these. Raises NoLongerOpen."""
    with scope(organization=engagement.organization):
        engagement = hold_engagement(engagement)
        if engagement.ended_at or engagement.declined_at:
            raise NoLongerOpen
        engagement.covers_all = covers_all
        engagement.save(update_fields=["covers_all"])
        ids = [] if covers_all else [row.pk for row in assessments]
        EngagementScope.objects.filter(engagement=engagement).exclude(assessment__in=ids).delete()
        there = set(EngagementScope.objects.filter(engagement=engagement).values_list("assessment_id", flat=True))
        EngagementScope.objects.bulk_create(
            EngagementScope(organization=engagement.organization, engagement=engagement, assessment_id=pk)
            for pk in sorted(set(ids) - there)
        )
        about = f"engagement {engagement.pk} " + ("all" if covers_all else f"{len(ids)} assessments")
        record_activity("engagement.scope_set", organization=engagement.organization, about=about, by=by, at=at)


@transaction.atomic
def offer_with_scope(*, covers_all: bool, assessments: Iterable[Assessment], by: User, at: datetime, **offer) -> Engagement:
    """The enterprise's offer, with what it opens once it is accepted."""
    engagement = offer_engagement(offered_by_enterprise=True, covers_all=covers_all, **offer, by=by, at=at)
    if not covers_all:
        set_scope(engagement=engagement, covers_all=False, assessments=assessments, by=by, at=at)
    return engagement


@transaction.atomic
def accept_with_scope(
    *, engagement: Engagement, covers_all: bool, assessments: Iterable[Assessment], by: User, at: datetime
) -> Engagement:
    """The enterprise accepts and says what it opens, in one step. Raises NoLongerOpen."""
    engagement = accept_engagement(engagement=engagement, by=by, at=at)
    set_scope(engagement=engagement, covers_all=covers_all, assessments=assessments, by=by, at=at)
    return engagement
