from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from assessments.models import Assessment
from assessments.operations.holding import Closed
from assessments.operations.standings import refresh_standings
from assessments.states import state_allows
from organizations.models import Department, User
from organizations.operations.trail import record_activity
from organizations.permissions import Permission


@transaction.atomic
def edit_assessment(
    *,
    assessment: Assessment,
    name: str,
    department: Department | None,
    period_from: date | None,
    period_until: date | None,
    target: int | None = None,
    targets: Mapping[str, int] | None = None,
    method: str = "",
    by: User,
    at: datetime,
) -> Assessment:
    """Change what the assessment is about and aims at. Policy actions keep no target and no method.

    Raises Closed once it is submitted.
    """
    row = Assessment.objects.select_for_update().select_related("version").defer("version__content").get(pk=assessment.pk)
    if not state_allows(row.state, Permission.ASSESSMENT_EDIT):
        raise Closed(row.state)
    row.name, row.department, row.period_from, row.period_until = name, department, period_from, period_until
    if row.questionnaire.kind == "levels":
        row.target, row.targets, row.method = target, dict(targets or {}), method
    row.save(update_fields=["name", "department", "period_from", "period_until", "target", "targets", "method"])
    refresh_standings(row)  # the method may be another
    record_activity("assessment.edited", organization=row.organization, about=f"assessment {row.pk}", by=by, at=at)
    return row
