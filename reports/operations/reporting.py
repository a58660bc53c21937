import io
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from pypdf import PdfReader

from assessments.models import Assessment
from assessments.queries.signing import own_engagement
from organizations.guests import Guest
from organizations.models import Membership, User
from organizations.operations.trail import record_activity
from reports.models import Report
from reports.pdf import render_pdf
from reports.queries import snapshot_of
from reports.snapshot import as_canonical_json, sha256_of


def make_report(*, assessment: Assessment, language: str, place: Membership | Guest, by: User, at: datetime) -> Report:
    """Freeze the assessment as it stands and set its PDF. ``place``: where the person stands who asks for it.

    Raises CannotSetChinese and TypesettingFailed, keeping nothing.
    """
    snapshot = snapshot_of(assessment, on=timezone.localdate(at), language=language, place=place)
    frozen = as_canonical_json(snapshot)
    pdf = render_pdf(snapshot)
    with transaction.atomic():
        report = Report(
            organization=assessment.organization,
            assessment=assessment,
            engagement=own_engagement(place),
            language=language,
            snapshot=frozen,
            sha256=sha256_of(frozen),
            pages=count_pages(pdf),
            made_by=by,
            made_at=at,
        )
        report.file.save(f"{at:%Y%m%d%H%M%S}.pdf", ContentFile(pdf), save=False)
        report.save()
        about = f"report {report.pk} of assessment {assessment.pk}"
        record_activity("report.made", organization=assessment.organization, about=about, by=by, at=at)
    return report


def count_pages(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)
