from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django_scopes import scope

from organizations.models import User
from organizations.operations.trail import record_activity, recorded_together
from reports.models import Report


@transaction.atomic
@recorded_together()
def record_archive(*, reports: Sequence[Report], by: User, at: datetime):
    """Each enterprise sees in its own trail that its report left in an archive."""
    for report in reports:
        about = f"report {report.pk} of assessment {report.assessment_id}"
        with scope(organization=report.organization):
            record_activity("report.downloaded", organization=report.organization, about=about, by=by, at=at)
