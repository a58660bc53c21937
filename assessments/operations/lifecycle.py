from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from assessments.checking import Finding, errors_in
from assessments.models import Assessment, Submission
from assessments.operations.holding import Closed
from assessments.operations.telling import tell_of_move
from assessments.queries.checking import findings_of
from assessments.queries.submission import as_canonical_json, content_to_freeze, sha256_of
from assessments.states import TRANSITIONS
from organizations.models import Department, Organization, User
from organizations.operations.trail import record_activity
from organizations.permissions import Permission
from questionnaires.library import questionnaire_of
from questionnaires.models import Version

DONE = {
    Permission.ASSESSMENT_OPEN: "opened",
    Permission.ASSESSMENT_SUBMIT: "submitted",
    Permission.ASSESSMENT_WITHDRAW: "withdrawn",
    Permission.REVIEW_BEGIN: "review_begun",
    Permission.REVIEW_RETURN: "returned",
    Permission.ASSESSMENT_FINALIZE: "finalized",
}


@transaction.atomic
def start_assessment(
    *,
    organization: Organization,
    version: Version,
    name: str,
    target: int | None,
    method: str = "",
    department: Department | None = None,
    period_from: date | None = None,
    period_until: date | None = None,
    prepare_first: bool = False,
    by: User,
    at: datetime,
) -> Assessment:
    """Begin an assessment on the given version, where it stays. Policy actions take neither target nor method.

    With ``prepare_first`` nobody answers before it is opened.
    """
    questionnaire = questionnaire_of(version)
    if questionnaire.kind == "anchors":
        target, method = None, ""
    else:
        method = method or questionnaire.default_method
    assessment = Assessment.objects.create(
        organization=organization,
        version=version,
        name=name,
        department=department,
        period_from=period_from,
        period_until=period_until,
        target=target,
        method=method,
        state=Assessment.State.PREPARING if prepare_first else Assessment.State.ANSWERING,
        started_by=by,
        started_at=at,
    )
    record_activity("assessment.started", organization=organization, about=f"assessment {assessment.pk}", by=by, at=at)
    return assessment


class NotReadyToSubmit(Exception):
    """The check finds errors: ``errors`` are the findings that must be gone first."""

    def __init__(self, errors: tuple[Finding, ...]):
        self.errors = errors
        super().__init__(f"{len(errors)} errors")


@transaction.atomic
def move_assessment(*, assessment: Assessment, permission: Permission, note: str | None = None, by: User, at: datetime):
    """Bring the assessment to the state that ``permission`` leads to (``states.TRANSITIONS``). ``note``: why it was returned.

    Waits for those who are saving an answer, and they for it. Raises Closed when the present state does not lead there.
    Submitting checks and freezes: that is ``submit_assessment``.
    """
    if permission == Permission.ASSESSMENT_SUBMIT:
        raise ValueError(permission)
    assessment = _take_in_hand(assessment, permission)
    _move(assessment, permission, note=note, by=by, at=at)


@transaction.atomic
def submit_assessment(*, assessment: Assessment, by: User, at: datetime) -> Submission:
    """Close answering and freeze what is submitted. Raises Closed, and NotReadyToSubmit while the check finds errors."""
    assessment = _take_in_hand(assessment, Permission.ASSESSMENT_SUBMIT)
    if errors := errors_in(findings_of(assessment, now=at, today=timezone.localdate(at))):
        raise NotReadyToSubmit(errors)
    frozen = as_canonical_json(content_to_freeze(assessment))
    submission = Submission.objects.create(
        organization_id=assessment.organization_id,
        assessment=assessment,
        frozen=frozen,
        sha256=sha256_of(frozen),
        submitted_by=by,
        submitted_at=at,
    )
    _move(assessment, Permission.ASSESSMENT_SUBMIT, by=by, at=at)
    return submission


def _take_in_hand(assessment: Assessment, permission: Permission) -> Assessment:
    """The assessment as it is now, for this transaction alone."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if assessment.state not in TRANSITIONS[permission].before:
        raise Closed(assessment.state)
    return assessment


def _move(assessment: Assessment, permission: Permission, *, note: str | None = None, by: User, at: datetime):
    assessment.state = TRANSITIONS[permission].after
    if note is not None:
        assessment.state_note = note
    assessment.save(update_fields=["state", "state_note"])
    organization = assessment.organization
    about = f"assessment {assessment.pk} {assessment.state}"
    record_activity(f"assessment.{DONE[permission]}", organization=organization, about=about, by=by, at=at)
    tell_of_move(assessment=assessment, by=by, at=at)
