from datetime import datetime

from django.db import transaction

from assessments.models import Assessment
from organizations.models import Organization, User
from organizations.operations.trail import record_activity
from questionnaires.library import questionnaire_of
from questionnaires.models import Version


@transaction.atomic
def start_assessment(
    *, organization: Organization, version: Version, name: str, target: int | None, method: str = "", by: User, at: datetime
) -> Assessment:
    """Begin an assessment on the given version, where it stays. Policy actions take neither target nor method."""
    questionnaire = questionnaire_of(version)
    if questionnaire.kind == "anchors":
        target, method = None, ""
    else:
        method = method or questionnaire.default_method
    assessment = Assessment.objects.create(
        organization=organization, version=version, name=name, target=target, method=method, started_by=by, started_at=at
    )
    record_activity("assessment.started", organization=organization, about=f"assessment {assessment.pk}", by=by, at=at)
    return assessment
