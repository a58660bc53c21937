"""Names for the trail, which knows ids only (settings.TRAIL_NAMES)."""

from collections.abc import Collection

from assessments.models import Assessment, Evidence
from organizations.models import Organization


def assessment_names(*, organization: Organization, ids: Collection[int]) -> dict[int, str]:
    return dict(Assessment.objects.filter(organization=organization, pk__in=ids).values_list("pk", "name"))


def evidence_titles(*, organization: Organization, ids: Collection[int]) -> dict[int, str]:
    return dict(Evidence.objects.filter(organization=organization, pk__in=ids).values_list("pk", "title"))
