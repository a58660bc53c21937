"""The signatures under a review: what they stand under, and which still count."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Max

from assessments.models import Answer, Assessment, EvidenceLink, SignOff, Verdict
from assessments.queries.criteria import code_by_id
from assessments.queries.reviewing import advising_engagements
from assessments.queries.submission import as_canonical_json, sha256_of
from organizations.guests import Guest
from organizations.models import Engagement, Membership, Role, User
from organizations.permissions import Permission, allows

SIGNING_ROLES = [role for role in Role if allows(role, Permission.REVIEW_SIGN)]


@dataclass(frozen=True)
class Signature:
    """``counts``: what was signed is what stands there now."""

    row: SignOff
    counts: bool


def judged_hash(assessment: Assessment, engagement: Engagement | None) -> str:
    """SHA-256 of the canonical JSON of everything judged: revisions of answers, evidence with its newest file and verdicts, of
    one engagement or of all."""
    return sha256_of(as_canonical_json(_judged(assessment, engagement and engagement.pk)))


def signatures_of(assessment: Assessment, engagement: Engagement | None = None) -> list[Signature]:
    """The signatures under the present revision, the newest first; with an engagement its own and the enterprise's."""
    rows = SignOff.objects.filter(assessment=assessment).select_related("signed_by", "engagement__consultancy")
    rows = [row for row in rows if engagement is None or row.engagement_id in (None, engagement.pk)]
    hashes = {}
    for row in rows:
        if row.engagement_id not in hashes:
            hashes[row.engagement_id] = sha256_of(as_canonical_json(_judged(assessment, row.engagement_id)))
    return [Signature(row, row.sha256 == hashes[row.engagement_id]) for row in rows]


def signature_for(assessment: Assessment, by: User, engagement: Engagement | None = None) -> SignOff | None:
    """The signature of somebody else that lets this person make the assessment final."""
    found = signatures_of(assessment, engagement)
    return next((entry.row for entry in found if entry.counts and entry.row.signed_by_id not in (None, by.pk)), None)


def works_alone(assessment: Assessment, by: User) -> bool:
    """Nobody else could sign: no consultancy advises on it, and no other member has the right."""
    rows = Membership.objects.filter(organization_id=assessment.organization_id, role__in=SIGNING_ROLES, user__is_active=True)
    return not advising_engagements(assessment) and not rows.exclude(user=by).exists()


def own_engagement(place: Membership | Guest) -> Engagement | None:
    """The engagement that somebody signs and decides for; None for the enterprise's own people."""
    return place.engagement if isinstance(place, Guest) else None


def _judged(assessment: Assessment, engagement_id: int | None) -> dict:
    codes = code_by_id(assessment.version)
    answers = Answer.objects.filter(assessment=assessment).order_by().values_list("criterion_id", "revision")
    links = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None)
    evidence = defaultdict(list)
    links = links.annotate(newest=Max("evidence__versions__number")).order_by("evidence_id")
    for criterion, piece, place, newest in links.values_list("criterion_id", "evidence_id", "place", "newest"):
        evidence[codes[criterion]].append([piece, place, newest])
    rows = Verdict.objects.filter(assessment=assessment)
    verdicts = defaultdict(dict)
    for row in rows.filter(engagement=engagement_id) if engagement_id else rows:
        said = [row.kind, row.rating, row.reason, row.note, row.answer_revision, row.revision]
        verdicts[f"{row.engagement_id} {row.layer}"][codes[row.criterion_id]] = said
    return {
        "assessment": assessment.pk,
        "revision": assessment.revision,
        "answers": {codes[pk]: revision for pk, revision in answers},
        "evidence": evidence,
        "verdicts": verdicts,
    }
