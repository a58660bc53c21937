"""Collect what people entered about an assessment, as far as somebody may see it, in a fixed number of queries."""

from collections import defaultdict
from datetime import date

from django.utils import timezone
from django_scopes import scope

from assessments.models import Answer, Assessment, Evidence, EvidenceLink, EvidenceVersion, Verdict
from assessments.proving import Flaw, expired
from assessments.queries.criteria import code_by_id
from assessments.queries.evidence import links_of
from assessments.queries.layers import JUDGING, counts, overlaid, verdicts_of
from assessments.queries.plan_reading import people_heard
from assessments.queries.planning import plan_of
from assessments.queries.reviewing import reviews_seen_by
from assessments.queries.visible import assessments_visible_to
from organizations.guests import Guest
from organizations.models import Engagement, Membership, Organization
from reports.content.dossier import Brand, Dossier, Earlier, JudgedLayer, Judgement, Link, Piece
from reports.models import Branding

SUBMITTED_ONCE = (Assessment.State.SUBMITTED, Assessment.State.IN_REVIEW, Assessment.State.RETURNED, Assessment.State.FINAL)
ACTIONS = "policy-actions"


def dossier_of(assessment: Assessment, *, place: Membership | Guest, on: date) -> Dossier:
    """What ``place`` may see: of the reviews those that it sees, of confidential evidence that there is some, of other
    assessments those that are open to it."""
    engagements = reviews_seen_by(place, assessment)
    pieces, links = _evidence(assessment, on)
    layers, judgements = _judged(assessment, engagements)
    ratings, source = _policy_actions(assessment, place)
    return Dossier(
        scope=assessment.department.name if assessment.department else "",
        period_from=assessment.period_from,
        period_until=assessment.period_until,
        state=assessment.state,
        revision=assessment.revision,
        pieces=pieces,
        links=links,
        layers=layers,
        judgements=judgements,
        plan=plan_of(assessment, heard=people_heard(place)),
        policy_ratings=ratings,
        policy_source=source,
        brand=brand_of(place.engagement.consultancy if isinstance(place, Guest) else assessment.organization),
        earlier=_earlier(assessment, place),
    )


def engagements_told(assessment: Assessment, place: Membership | Guest) -> list[int]:
    """Whose verdicts a dossier for ``place`` holds: primary keys of engagements."""
    return sorted(row.pk for row in reviews_seen_by(place, assessment))


def _evidence(assessment: Assessment, on: date) -> tuple[tuple[Piece, ...], dict[str, tuple[Link, ...]]]:
    rows = links_of(assessment)
    newest = _newest_versions(assessment)
    places: dict[int, int] = {}
    pieces, links = [], defaultdict(list)
    for row in rows:
        evidence = row.evidence
        if evidence.pk not in places:
            places[evidence.pk] = len(pieces)
            pieces.append(_piece(evidence, newest.get(evidence.pk), on))
        secret = evidence.confidentiality == Evidence.Confidentiality.CONFIDENTIAL
        links[row.criterion.code].append(Link(places[evidence.pk], "" if secret else row.place))
    return tuple(pieces), {code: tuple(found) for code, found in links.items()}


def _newest_versions(assessment: Assessment) -> dict[int, EvidenceVersion]:
    linked = EvidenceLink.objects.filter(assessment=assessment).order_by().values("evidence")
    rows = EvidenceVersion.objects.filter(evidence__in=linked).order_by("number")
    return {row.evidence_id: row for row in rows}


def _piece(evidence: Evidence, version: EvidenceVersion | None, on: date) -> Piece:
    flaw = Flaw.MISSING if version is None else Flaw.EXPIRED if expired(evidence.valid_until, on) else ""
    about = {"kind": evidence.kind, "confidentiality": evidence.confidentiality, "flaw": str(flaw)}
    about |= {"issued_on": evidence.issued_on, "valid_until": evidence.valid_until}
    if evidence.confidentiality == Evidence.Confidentiality.CONFIDENTIAL:
        return Piece(title="", **about)
    about |= {"title": evidence.title, "keeper": evidence.keeper}
    if version is None:
        return Piece(**about)
    return Piece(**about, file_name=version.name, url=version.url, sha256=version.sha256, version=version.number)


def _judged(assessment: Assessment, engagements: list[Engagement]):
    """The layers that said something, lowest first, and every verdict, by criterion."""
    if not engagements:
        return (), {}
    verdicts = verdicts_of(assessment, engagements)
    firms = {row.pk: row.consultancy.name for row in engagements}
    codes = code_by_id(assessment.version)
    rows = Answer.objects.filter(assessment=assessment).order_by().values_list("criterion_id", "rating", "revision")
    answers = {codes[pk]: (rating, revision) for pk, rating, revision in rows}
    own = {code: rating for code, (rating, _revision) in answers.items() if rating}
    revisions = {code: revision for code, (_rating, revision) in answers.items()}
    layers, judgements = [], defaultdict(list)
    for engagement in engagements:
        theirs = [row for row in verdicts if row.engagement_id == engagement.pk]
        ratings = overlaid(own, revisions, theirs)
        for layer in JUDGING:
            judged = sum(row.layer == layer and counts(row, revisions.get(row.criterion.code, 0)) for row in theirs)
            if judged:
                layers.append(JudgedLayer(layer.value, firms[engagement.pk], ratings[layer], judged))
        for row in theirs:
            if row.kind == Verdict.Kind.MORE or counts(row, revisions.get(row.criterion.code, 0)):
                said = Judgement(row.layer, firms[engagement.pk], row.kind, row.rating, row.reason, row.note)
                judgements[row.criterion.code].append(said)
    if not layers:
        return (), dict(judgements)
    return (JudgedLayer("self", "", own, len(own)), *layers), {code: tuple(said) for code, said in judgements.items()}


def _policy_actions(assessment: Assessment, place: Membership | Guest) -> tuple[dict[str, str], str]:
    """The ratings of the enterprise's latest assessment of the policy actions, and its name and day."""
    if assessment.questionnaire.kind == "anchors":
        return {}, ""
    rows = assessments_visible_to(place).filter(version__code=ACTIONS, department=assessment.department)
    latest = rows.exclude(state=Assessment.State.PREPARING).order_by("-started_at", "-pk").first()
    if latest is None:
        return {}, ""
    return _ratings(latest), f"{latest.name} ({timezone.localdate(latest.started_at)})"


def _earlier(assessment: Assessment, place: Membership | Guest) -> Earlier | None:
    """The cycle before: same edition, method and unit, submitted at least once."""
    rows = assessments_visible_to(place).filter(
        version__code=assessment.version.code,
        department=assessment.department_id,
        method=assessment.method,
        started_at__lt=assessment.started_at,
        state__in=SUBMITTED_ONCE,
    )
    earlier = rows.order_by("-started_at", "-pk").first()
    return Earlier(earlier.name, timezone.localdate(earlier.started_at), _ratings(earlier)) if earlier else None


def _ratings(assessment: Assessment) -> dict[str, str]:
    rows = Answer.objects.filter(assessment=assessment).exclude(rating="").order_by()
    return dict(rows.values_list("criterion__code", "rating"))


def brand_of(organization: Organization) -> Brand | None:
    """How an organization dresses its reports. Crosses tenants: a guest's firm dresses what its team makes at a client."""
    with scope(organization=organization):
        row = Branding.objects.filter(organization=organization).first()
    if row is None:
        return None
    return Brand(organization.name, row.logo, row.accent, row.cover_text, row.disclaimer)
