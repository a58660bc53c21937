"""What a submission freezes."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from assessments.models import Assessment, EvidenceLink, SignOff, Submission, Verdict
from assessments.queries.answers import answers_of, current_basis
from assessments.queries.layers import JUDGING, overlaid
from assessments.results import assess, outcome_as_json
from organizations.models import User


def content_to_freeze(assessment: Assessment) -> dict:
    """Answers, evidence and the result they give, as plain values."""
    questionnaire, answers = assessment.questionnaire, answers_of(assessment)
    outcome = assess(
        questionnaire,
        current_basis(),
        {code: answer.rating for code, answer in answers.items() if answer.rating},
        method=assessment.method or None,
        target=assessment.target,
        targets=assessment.targets,
    )
    return {
        "questionnaire": questionnaire.code,
        "version": questionnaire.version,
        "method": assessment.method,
        "target": assessment.target,
        "targets": assessment.targets,
        "answers": {code: _said(answers[code]) for code in questionnaire.item_of if code in answers},
        "evidence": evidence_by_code(assessment),
        "result": outcome_as_json(outcome),
    }


def final_content(
    assessment: Assessment, *, unjudged: list[str], signatures: Iterable[SignOff], by: User, at: datetime
) -> dict:
    """What a final freezes: also the layers above the self-assessment with their verdicts, and the signatures."""
    return {
        **content_to_freeze(assessment),
        "revision": assessment.revision,
        "layers": _layers(assessment),
        "unjudged": unjudged,
        "signatures": [_signature(row) for row in signatures],
        "finalized": {"by": str(by), "at": at.isoformat()},
    }


def _layers(assessment: Assessment) -> list[dict]:
    """One entry per engagement and layer that judged something."""
    questionnaire, answers = assessment.questionnaire, answers_of(assessment)
    own = {code: row.rating for code, row in answers.items() if row.rating}
    revisions = {code: row.revision for code, row in answers.items()}
    rows = Verdict.objects.filter(assessment=assessment).order_by("criterion__position")
    rows = list(rows.select_related("criterion", "decided_by", "engagement__consultancy"))
    found = []
    for engagement in sorted({row.engagement for row in rows}, key=lambda row: row.pk):
        theirs = [row for row in rows if row.engagement_id == engagement.pk]
        ratings = overlaid(own, revisions, theirs)
        for layer in JUDGING:
            said = [row for row in theirs if row.layer == layer]
            if said:
                found.append(_layer(assessment, questionnaire, engagement, layer, ratings[layer], said))
    return found


def _layer(assessment, questionnaire, engagement, layer, ratings, verdicts) -> dict:
    outcome = assess(
        questionnaire,
        current_basis(),
        ratings,
        method=assessment.method or None,
        target=assessment.target,
        targets=assessment.targets,
    )
    return {
        "engagement": engagement.pk,
        "consultancy": engagement.consultancy.name,
        "layer": str(layer),
        "ratings": ratings,
        "verdicts": {row.criterion.code: _verdict(row) for row in verdicts},
        "result": outcome_as_json(outcome),
    }


def _verdict(row: Verdict) -> dict:
    return {
        "kind": row.kind,
        "rating": row.rating,
        "reason": row.reason,
        "note": row.note,
        "answer_revision": row.answer_revision,
        "by": str(row.decided_by or ""),
        "at": row.decided_at.isoformat(),
    }


def _signature(row: SignOff) -> dict:
    return {
        "by": str(row.signed_by or ""),
        "engagement": row.engagement_id,
        "at": row.signed_at.isoformat(),
        "sha256": row.sha256,
        "note": row.note,
    }


def evidence_by_code(assessment: Assessment) -> dict[str, list[dict]]:
    """Criterion code -> the linked pieces with the hash of their newest file and the place that proves it."""
    rows = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None).order_by("linked_at", "pk")
    pieces = {}
    for link in rows.select_related("evidence", "criterion").prefetch_related("evidence__versions"):
        newest = next(iter(link.evidence.versions.all()), None)
        piece = {"title": link.evidence.title, "sha256": newest.sha256 if newest else "", "place": link.place}
        pieces.setdefault(link.criterion.code, []).append(piece)
    return pieces


def as_canonical_json(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(frozen: str) -> str:
    return hashlib.sha256(frozen.encode()).hexdigest()


def last_submission(assessment: Assessment) -> Submission | None:
    return Submission.objects.filter(assessment=assessment).select_related("submitted_by").defer("frozen").first()


def _said(answer) -> dict:
    return {"rating": answer.rating, "na_reason": answer.na_reason, "note": answer.note, "revision": answer.revision}
