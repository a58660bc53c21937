from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from assessments.checking import Finding, errors_in
from assessments.models import Assessment, ReturnPoint, SignOff, Submission
from assessments.operations.holding import Closed
from assessments.operations.standings import refresh_standings
from assessments.operations.telling import tell_of_move
from assessments.queries.checking import findings_of
from assessments.queries.returning import Point
from assessments.queries.reviewing import undecided_codes
from assessments.queries.signing import signature_for, signatures_of, works_alone
from assessments.queries.submission import as_canonical_json, content_to_freeze, final_content, sha256_of
from assessments.states import TRANSITIONS
from organizations.models import Department, Engagement, Organization, User
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
    Permission.ASSESSMENT_REOPEN: "reopened",
}
MORE_THAN_A_STEP = {Permission.ASSESSMENT_SUBMIT, Permission.ASSESSMENT_FINALIZE, Permission.ASSESSMENT_REOPEN}


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
    refresh_standings(assessment)
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
    Submitting, making final and reopening do more than that and have operations of their own.
    """
    if permission in MORE_THAN_A_STEP:
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
        revision=assessment.revision,
        submitted_by=by,
        submitted_at=at,
    )
    _move(assessment, Permission.ASSESSMENT_SUBMIT, by=by, at=at)
    return submission


@transaction.atomic
def return_assessment(
    *,
    assessment: Assessment,
    note: str,
    points: Iterable[Point] = (),
    engagement: Engagement | None = None,
    by: User,
    at: datetime,
) -> list[ReturnPoint]:
    """Give it back for rework, with what is asked for. ``engagement``: whose review asks. Raises Closed."""
    assessment = _take_in_hand(assessment, Permission.REVIEW_RETURN)
    rows = [
        ReturnPoint(
            organization_id=assessment.organization_id,
            assessment=assessment,
            engagement=engagement,
            criterion=point.criterion,
            kind=point.kind,
            text=point.text,
            answer_revision=point.answer_revision,
            evidence=list(point.evidence),
            returned_by=by,
            returned_at=at,
        )
        for point in points
    ]
    ReturnPoint.objects.bulk_create(rows)
    _move(assessment, Permission.REVIEW_RETURN, note=note, engagement=engagement, by=by, at=at)
    return rows


class NotSigned(Exception):
    """No valid signature of somebody else stands under the review."""


class VerdictsMissing(Exception):
    """So many criteria are not judged to the end, and leaving just these was not confirmed; ``codes`` says which."""

    def __init__(self, codes: list[str]):
        self.codes = codes
        super().__init__(f"{len(codes)} undecided")


@transaction.atomic
def finalize_assessment(
    *, assessment: Assessment, leaving: int = 0, engagement: Engagement | None = None, by: User, at: datetime
) -> Submission:
    """Lock the assessment and freeze it with all layers and signatures.

    Needs the valid signature of another person; only an enterprise where nobody else could sign does without, and the trail
    says so. ``leaving``: how many criteria may stay unjudged, as was confirmed; ``engagement``: whose review is finished, none
    when the enterprise finishes it. Raises Closed, NotSigned and VerdictsMissing.
    """
    assessment = _take_in_hand(assessment, Permission.ASSESSMENT_FINALIZE)
    signature = signature_for(assessment, by, engagement)
    if signature is None and not works_alone(assessment, by):
        raise NotSigned
    undecided = undecided_codes(assessment, engagement)
    if len(undecided) != leaving:
        raise VerdictsMissing(undecided)
    signed = [entry.row for entry in signatures_of(assessment) if entry.counts]
    frozen = as_canonical_json(final_content(assessment, unjudged=undecided, signatures=signed, by=by, at=at))
    if signature is not None and signature_for(assessment, by, engagement) != signature:
        raise NotSigned  # evidence was changed while it was being frozen; whatever comes later is not in it
    submission = Submission.objects.create(
        organization_id=assessment.organization_id,
        assessment=assessment,
        engagement=engagement,
        kind=Submission.Kind.FINAL,
        revision=assessment.revision,
        frozen=frozen,
        sha256=sha256_of(frozen),
        submitted_by=by,
        submitted_at=at,
    )
    _move(assessment, Permission.ASSESSMENT_FINALIZE, by=by, at=at, more=_signed_by(signature))
    return submission


@transaction.atomic
def reopen_assessment(
    *, assessment: Assessment, reason: str, engagement: Engagement | None = None, by: User, at: datetime
) -> Assessment:
    """Let a final assessment be worked on again, as its next revision; the finals before it stay as they are.

    ``engagement``: whose team does it, none when the enterprise does. Raises Closed.
    """
    assessment = _take_in_hand(assessment, Permission.ASSESSMENT_REOPEN)
    assessment.revision += 1
    assessment.save(update_fields=["revision"])
    more = f"revision {assessment.revision}"
    _move(assessment, Permission.ASSESSMENT_REOPEN, note=reason, engagement=engagement, by=by, at=at, more=more)
    return assessment


def _signed_by(signature: SignOff | None) -> str:
    return f"signed by user {signature.signed_by_id}" if signature else "alone"


def _take_in_hand(assessment: Assessment, permission: Permission) -> Assessment:
    """The assessment as it is now, for this transaction alone."""
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if assessment.state not in TRANSITIONS[permission].before:
        raise Closed(assessment.state)
    return assessment


def _move(
    assessment: Assessment,
    permission: Permission,
    *,
    note: str | None = None,
    engagement: Engagement | None = None,
    by: User,
    at: datetime,
    more: str = "",
):
    assessment.state = TRANSITIONS[permission].after
    if note is not None:
        assessment.state_note, assessment.state_note_of = note, engagement
    assessment.save(update_fields=["state", "state_note", "state_note_of"])
    organization = assessment.organization
    about = f"assessment {assessment.pk} {assessment.state} {more}".strip()
    record_activity(f"assessment.{DONE[permission]}", organization=organization, about=about, by=by, at=at)
    tell_of_move(assessment=assessment, reopened=permission == Permission.ASSESSMENT_REOPEN, by=by, at=at)
