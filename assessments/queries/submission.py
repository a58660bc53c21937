"""What a submission freezes."""

import hashlib
import json

from assessments.models import Assessment, EvidenceLink, Submission
from assessments.queries.answers import answers_of, current_basis
from assessments.results import assess, outcome_as_json


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
