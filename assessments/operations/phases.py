from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from assessments.models import EngagementPhase
from organizations.models import Engagement, User
from organizations.operations.trail import record_activity


@dataclass(frozen=True)
class Step:
    """What is planned for one phase; nothing at all: the phase has no place in this engagement."""

    planned_on: date | None = None
    done_on: date | None = None
    responsible: User | None = None
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Step()


@transaction.atomic
def plan_phases(*, engagement: Engagement, steps: Mapping[str, Step], by: User, at: datetime):
    """Set the plan of the phases named; the others stay as they are. In the scope of the enterprise."""
    Engagement.objects.select_for_update().get(pk=engagement.pk)  # one plan at a time
    rows = EngagementPhase.objects.filter(engagement=engagement)
    rows.filter(phase__in=[phase for phase, step in steps.items() if step.is_empty]).delete()
    EngagementPhase.objects.bulk_create(
        [
            EngagementPhase(
                organization_id=engagement.organization_id,
                engagement=engagement,
                phase=EngagementPhase.Phase(phase),
                planned_on=step.planned_on,
                done_on=step.done_on,
                responsible=step.responsible,
                note=step.note,
            )
            for phase, step in steps.items()
            if not step.is_empty
        ],
        update_conflicts=True,
        unique_fields=["engagement", "phase"],
        update_fields=["planned_on", "done_on", "responsible", "note"],
    )
    about = f"engagement {engagement.pk}"
    record_activity("engagement.planned", organization=engagement.organization, about=about, by=by, at=at)
