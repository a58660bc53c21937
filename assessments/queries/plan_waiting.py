"""What of improvement plans waits for one person, over all organizations they are at: their own actions, and closings that
wait for somebody like them. It crosses tenants by the person's own places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F
from django_scopes import scope

from assessments.models import ActionClosing, EngagementScope, ImprovementAction
from assessments.planning import DOING, OPEN
from organizations.guests import Guest
from organizations.models import Membership, User
from organizations.permissions import Permission, allows

SOON = timedelta(days=7)


@dataclass(frozen=True)
class MyAction:
    """One action of mine, with assessment and organization."""

    action: ImprovementAction
    on: date

    @property
    def is_late(self) -> bool:
        return self.action.due_on is not None and self.action.due_on < self.on

    @property
    def is_soon(self) -> bool:
        return self.action.due_on is not None and self.on <= self.action.due_on <= self.on + SOON


@dataclass(frozen=True)
class PlanWork:
    actions: list[MyAction]
    closings: list[ActionClosing]

    def __bool__(self):
        return bool(self.actions or self.closings)


def plan_work_of(user: User, memberships: Iterable[Membership], places: Iterable[Guest], on: date) -> PlanWork:
    """My open actions, the overdue first, and closings that I may decide; three queries however many places there are."""
    role_at = {row.organization_id: row.role for row in memberships}
    guests = [place for place in places if allows(place.role, Permission.PLAN_CONFIRM)]
    everywhere = {*role_at, *(place.organization_id for place in guests)}
    with scope(organization=list(everywhere)):
        actions = [row for row in _actions(user, role_at) if allows(role_at[row.organization_id], Permission.PLAN_WORK)]
        confirming = {pk for pk, role in role_at.items() if allows(role, Permission.PLAN_CONFIRM)}
        closings = _closings(user, everywhere, confirming, guests)
    return PlanWork([MyAction(row, on) for row in actions], closings)


def _actions(user: User, organizations: Iterable[int]) -> list[ImprovementAction]:
    rows = ImprovementAction.objects.filter(
        owner=user, organization__in=organizations, removed_at=None, status__in=(OPEN, DOING)
    )
    rows = rows.select_related("assessment__organization").order_by(F("due_on").asc(nulls_last=True), "assessment_id", "number")
    return list(rows)


def still_due(person: User, organizations: Iterable[int], actions: Iterable[int], on: date) -> list[MyAction]:
    """Those of these actions that are still the person's, who is still a member, and still to be done within a week."""
    with scope(organization=list(organizations)):
        places = [row.organization_id for row in Membership.objects.filter(user=person)]
        rows = [row for row in _actions(person, places) if row.pk in set(actions)]
    return [MyAction(row, on) for row in rows if row.due_on and row.due_on <= on + SOON]


def _closings(user: User, everywhere: set[int], confirming: set[int], guests: list[Guest]) -> list[ActionClosing]:
    waiting = ActionClosing.objects.filter(outcome="", action__removed_at=None, organization__in=everywhere)
    waiting = waiting.exclude(asked_by=user).select_related("action__assessment__organization", "asked_by")
    rows = list(waiting.order_by("asked_at", "pk"))
    whole = {*confirming, *(place.organization_id for place in guests if place.engagement.covers_all)}
    parts = [place.engagement.pk for place in guests if not place.engagement.covers_all]
    covered = set()
    if parts and any(row.organization_id not in whole for row in rows):
        covered = set(EngagementScope.objects.filter(engagement__in=parts).values_list("assessment_id", flat=True))
    return [row for row in rows if row.organization_id in whole or row.action.assessment_id in covered]
