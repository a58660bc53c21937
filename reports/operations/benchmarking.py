from datetime import datetime

from django.db import transaction
from django.utils import timezone

from assessments import planning
from organizations.jobs import daily
from questionnaires.packages import QUESTIONNAIRES
from reports.comparisons.benchmark import frozen_groups
from reports.comparisons.contributions import contributions, frozen_as_json, thawed
from reports.models import BenchmarkGroup


@daily
def freeze_benchmarks(at: datetime) -> None:
    """Once a quarter: who is in which group, with what figures. In between nothing changes, whoever comes or goes."""
    for code in QUESTIONNAIRES:
        freeze_groups(code=code, at=at)


@transaction.atomic
def freeze_groups(*, code: str, at: datetime) -> bool:
    """The groups of one questionnaire for the quarter, unless they are frozen already; returns whether they were made.

    Only the newest quarter is kept. It belongs to nobody's trail: each enterprise said itself that it takes part.
    """
    quarter = quarter_of(at)
    rows = list(BenchmarkGroup.objects.filter(questionnaire=code))
    if any(row.quarter >= quarter for row in rows):
        return False
    groups = frozen_groups(contributions(code, at), {row.key: thawed(row) for row in rows})
    BenchmarkGroup.objects.filter(questionnaire=code).delete()
    BenchmarkGroup.objects.bulk_create(
        BenchmarkGroup(quarter=quarter, questionnaire=code, key=key, **frozen_as_json(group), frozen_at=at)
        for key, group in groups.items()
    )
    return bool(groups)


def quarter_of(at: datetime) -> str:
    return planning.quarter_of(timezone.localdate(at, timezone.get_default_timezone()))
