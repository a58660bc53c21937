"""Judging answers: verdicts one by one and several at once, and the signature under all of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.models import (
    Answer,
    Assessment,
    Assignment,
    Comment,
    EvidenceLink,
    Layer,
    SignOff,
    Verdict,
    VerdictRevision,
)
from assessments.operations.discussing import write_comment
from assessments.operations.holding import hold_open
from assessments.operations.standings import refresh_standings
from assessments.queries.answering import answers_in
from assessments.queries.criteria import criteria_by_code
from assessments.queries.reviewing import agreeable, cases_of
from assessments.queries.signing import judged_hash
from organizations.guests import Guest
from organizations.models import Engagement, Membership, Role, User
from organizations.operations.trail import record_activity, recorded_together
from organizations.permissions import Permission
from questionnaires.models import Criterion

Kind = Verdict.Kind


@dataclass(frozen=True)
class Judged:
    """What a reviewer says about one answer: clean values. ``note``: why it is adjusted, or what more is needed."""

    kind: str
    rating: str = ""
    reason: str = ""
    note: str = ""


class JudgedMeanwhile(Exception):
    """Another verdict stands there than the one that was read; ``current`` is that of now, None when there is none."""

    def __init__(self, current: Verdict | None):
        self.current = current
        super().__init__(f"revision {current.revision} is newer" if current else "there is no verdict")


class AnsweredSince(Exception):
    """The answer is another than the one that was looked at; ``current`` is what stands there now, None when nothing does."""

    def __init__(self, current: Answer | None):
        self.current = current
        super().__init__("the answer changed")


@transaction.atomic
def save_verdict(
    *,
    engagement: Engagement,
    assessment: Assessment,
    criterion: Criterion,
    judged: Judged,
    answer_revision: int,
    read_revision: int,
    layer: str = Layer.CONSULTANT,
    by: User,
    at: datetime,
) -> Verdict:
    """Give a verdict over the one that was read (0: there was none), on the answer that was read.

    Raises JudgedMeanwhile, AnsweredSince and Closed, and changes nothing. Need more is put as a question to whoever has the
    item; that question is settled once the verdict is another.
    """
    hold_open(assessment, Permission.REVIEW_WRITE)
    verdict, before = write_verdict(
        engagement, assessment, criterion, judged, answer_revision, read_revision, layer=layer, by=by, at=at
    )
    if before is not None:
        _settle(engagement, assessment, criterion, before, judged, by, at)
        if judged.kind == Kind.MORE:
            _ask(engagement, assessment, criterion, judged, by, at)
        refresh_standings(assessment, [criterion.item], held=True)
    return verdict


def write_verdict(
    engagement, assessment, criterion, judged: Judged, answer_revision: int, read_revision: int, *, layer, by, at
) -> tuple[Verdict, Judged | None]:
    """``save_verdict`` for callers that already hold the assessment open, in their transaction, and refresh its standings.

    The verdict, and what it said before (nothing: an empty ``Judged``), or None when it says just that already.
    """
    mine = {"engagement": engagement, "assessment": assessment, "criterion": criterion, "layer": layer}
    current = Verdict.objects.select_for_update(of=("self",)).select_related("decided_by").filter(**mine).first()
    answer = Answer.objects.filter(assessment=assessment, criterion=criterion).select_related("answered_by").first()
    revision = answer.revision if answer else 0
    same = current is not None and (judged, revision) == (_said(current), current.answer_revision)
    if same and set(current.evidence) == set(_evidence(assessment, criterion)):
        return current, None
    if (current.revision if current else 0) != read_revision:
        raise JudgedMeanwhile(current)
    if revision != answer_revision:
        raise AnsweredSince(answer)
    before = _said(current) if current else Judged("")
    verdict = _write(current, mine, judged, answer_revision, by, at)
    about = f"assessment {assessment.pk} {criterion.code} {layer}"  # not how: the enterprise reads it while the review goes on
    record_activity("verdict.saved", organization=assessment.organization, about=about, by=by, at=at)
    return verdict, before


@transaction.atomic
@recorded_together()
def agree_to_several(
    *, place: Guest, assessment: Assessment, item_code: str, answer_revisions: dict[str, int], by: User, at: datetime
) -> list[str]:
    """Agree to the answers named, of one item; ``answer_revisions``: criterion code -> the revision that was looked at.

    What may not be agreed to unseen (``queries.reviewing.agreeable``) and what changed meanwhile is left as it is. Returns the
    codes that were agreed to. Raises Closed.
    """
    hold_open(assessment, Permission.REVIEW_WRITE)
    item, criteria, agreed = assessment.questionnaire.item_by_code[item_code], criteria_by_code(assessment.version), []
    cases = cases_of(assessment, item, place, answers_in(assessment, item_code), timezone.localdate(at))
    for code, case in cases.items():
        if code not in answer_revisions or agreeable(case) or case.revision != answer_revisions[code]:
            continue
        judged, criterion = Judged(Kind.AGREE, case.rating), criteria[code]
        write_verdict(place.engagement, assessment, criterion, judged, case.revision, 0, layer=Layer.CONSULTANT, by=by, at=at)
        agreed.append(code)
    if agreed:
        refresh_standings(assessment, [item_code], held=True)
        about = f"assessment {assessment.pk} {item_code} {len(agreed)}"
        record_activity("verdicts.saved_at_once", organization=assessment.organization, about=about, by=by, at=at)
    return agreed


class NotAsRead(Exception):
    """What is judged is not what the signer looked at."""


@transaction.atomic
def sign_review(
    *,
    assessment: Assessment,
    engagement: Engagement | None,
    read: str | None = None,
    note: str = "",
    by: User,
    at: datetime,
) -> SignOff:
    """Sign everything that is judged, as it stands: for an engagement its own verdicts, for the enterprise those of all.

    ``read``: the hash of what the signer looked at. Any later change undoes the signature. Raises NotAsRead and Closed.
    """
    hold_open(assessment, Permission.REVIEW_SIGN)
    sha256 = judged_hash(assessment, engagement)
    if read not in (None, sha256):
        raise NotAsRead
    signature = SignOff.objects.create(
        organization_id=assessment.organization_id,
        assessment=assessment,
        engagement=engagement,
        sha256=sha256,
        note=note,
        signed_by=by,
        signed_at=at,
    )
    about = f"assessment {assessment.pk} {signature.sha256[:12]}"
    record_activity("review.signed", organization=assessment.organization, about=about, by=by, at=at)
    return signature


def _said(verdict: Verdict) -> Judged:
    return Judged(verdict.kind, verdict.rating, verdict.reason, verdict.note)


def _evidence(assessment: Assessment, criterion: Criterion) -> list[int]:
    rows = EvidenceLink.objects.filter(assessment=assessment, criterion=criterion, evidence__removed_at=None)
    return sorted(rows.values_list("evidence_id", flat=True))


def _write(current: Verdict | None, mine: dict, judged: Judged, answer_revision: int, by: User, at: datetime) -> Verdict:
    assessment, criterion = mine["assessment"], mine["criterion"]
    verdict = current or Verdict(organization_id=assessment.organization_id, **mine, revision=0)
    verdict.kind, verdict.rating, verdict.reason, verdict.note = judged.kind, judged.rating, judged.reason, judged.note
    verdict.answer_revision, verdict.evidence = answer_revision, _evidence(assessment, criterion)
    verdict.revision += 1
    verdict.decided_by, verdict.decided_at = by, at
    try:
        with transaction.atomic():
            verdict.save()
    except IntegrityError:  # a colleague's first verdict on it came in between
        raise JudgedMeanwhile(Verdict.objects.select_related("decided_by").get(**mine)) from None
    VerdictRevision.objects.create(
        organization_id=assessment.organization_id,
        verdict=verdict,
        revision=verdict.revision,
        kind=judged.kind,
        rating=judged.rating,
        reason=judged.reason,
        note=judged.note,
        answer_revision=answer_revision,
        by=by,
        at=at,
    )
    return verdict


def _settle(engagement, assessment: Assessment, criterion: Criterion, before: Judged, judged: Judged, by: User, at: datetime):
    """The question that the verdict was before, when it asks that no more."""
    if before.kind != Kind.MORE or (judged.kind, judged.note) == (Kind.MORE, before.note):
        return
    _open_questions(engagement, assessment, criterion).filter(text=before.note).update(settled_by=by, settled_at=at)


def _ask(engagement, assessment: Assessment, criterion: Criterion, judged: Judged, by: User, at: datetime):
    asked = holder_of(assessment, criterion.item)
    if asked is None or _open_questions(engagement, assessment, criterion).filter(text=judged.note).exists():
        return
    write_comment(
        assessment=assessment, criterion=criterion, text=judged.note, asked=asked, engagement=engagement, by=by, at=at
    )


def _open_questions(engagement: Engagement, assessment: Assessment, criterion: Criterion):
    return Comment.objects.filter(
        engagement=engagement, assessment=assessment, criterion=criterion, is_question=True, settled_at=None
    )


def holder_of(assessment: Assessment, item_code: str) -> User | None:
    """Whom a question about the item goes to: the person who has it, else a coordinator, else the owner."""
    row = Assignment.objects.filter(assessment=assessment, item_code=item_code, person__is_active=True)
    if found := row.select_related("person").first():
        return found.person
    rows = Membership.objects.filter(organization_id=assessment.organization_id, user__is_active=True)
    for role in (Role.COORDINATOR, Role.OWNER):
        if member := rows.filter(role=role).select_related("user").order_by("pk").first():
            return member.user
    return None
