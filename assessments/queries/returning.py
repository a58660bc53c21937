"""What a return asks for: gathered from the review when it is made, and how far it is done afterwards."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from assessments.models import Answer, Assessment, EvidenceLink, Layer, ReturnPoint, Verdict
from assessments.queries.criteria import code_by_id, criteria_by_code
from assessments.queries.proof import proof_matrix
from assessments.queries.reviewing import AGAIN, lacks_proof, status_of
from assessments.queries.visible import is_of_another_firm
from organizations.guests import Guest
from organizations.models import Engagement, Membership
from questionnaires.models import Criterion

Kind = ReturnPoint.Kind


@dataclass(frozen=True)
class Point:
    """One thing that a return asks for, and the answer that it is about, as it stands."""

    criterion: Criterion
    kind: str
    text: str
    answer_revision: int
    evidence: tuple[int, ...]


@dataclass(frozen=True)
class Asked:
    """A point of the last return, and whether the answer or its evidence has been changed since."""

    point: ReturnPoint
    code: str
    item: object
    done: bool


def open_points(assessment: Assessment, engagement: Engagement, on: date) -> list[Point]:
    """Everything that this review may ask for, in the questionnaire's order: its questions, what it adjusted, and what is
    claimed without valid evidence. Four queries."""
    revisions, pieces = _revisions(assessment), _pieces(assessment)
    codes, criteria = code_by_id(assessment.version), criteria_by_code(assessment.version)
    given = Verdict.objects.filter(assessment=assessment, engagement=engagement, layer=Layer.CONSULTANT)
    verdicts = {codes[row.criterion_id]: row for row in given}
    points = []
    for row in proof_matrix(assessment, on).rows:
        verdict, revision = verdicts.get(row.code), revisions.get(row.code, 0)
        kind, text = _asks(verdict, revision, row.rating, row.proving.valid)
        if kind:
            points.append(Point(criteria[row.code], kind, text, revision, tuple(sorted(pieces.get(row.code, ())))))
    return points


def reason_for(place: Membership | Guest, assessment: Assessment) -> str:
    """Why it was returned or reopened, as far as that was not another firm's reason."""
    return "" if is_of_another_firm(place, assessment.state_note_of_id) else assessment.state_note


def asked_points(assessment: Assessment, place: Membership | Guest) -> list[Asked]:
    """What the last return asks for; a guest sees what their own review or the enterprise asked. Three queries."""
    rows = ReturnPoint.objects.filter(assessment=assessment).select_related("engagement__consultancy", "returned_by")
    rows = [row for row in rows if not isinstance(place, Guest) or row.engagement_id in (None, place.engagement.pk)]
    if not rows:
        return []
    last = max(row.returned_at for row in rows)
    codes, questionnaire = code_by_id(assessment.version), assessment.questionnaire
    revisions, pieces = _revisions(assessment), _pieces(assessment)
    asked = []
    for row in (row for row in rows if row.returned_at == last):
        code = codes[row.criterion_id]
        done = revisions.get(code, 0) != row.answer_revision or pieces.get(code, set()) != set(row.evidence)
        asked.append(Asked(row, code, questionnaire.item_by_code[questionnaire.item_of[code]], done))
    order = {code: n for n, code in enumerate(questionnaire.item_of)}
    return sorted(asked, key=lambda entry: order[entry.code])


def _asks(verdict: Verdict | None, revision: int, rating: str, valid: int) -> tuple[str, str]:
    status = status_of(verdict and verdict.kind, verdict and verdict.answer_revision, revision)
    if status == Verdict.Kind.MORE:
        return Kind.MORE, verdict.note
    if status == Verdict.Kind.ADJUST:
        return Kind.ADJUST, verdict.note
    if status not in (AGAIN, Verdict.Kind.AGREE) and lacks_proof(rating, valid):
        return Kind.UNPROVEN, ""
    return "", ""


def _revisions(assessment: Assessment) -> dict[str, int]:
    codes = code_by_id(assessment.version)
    rows = Answer.objects.filter(assessment=assessment).order_by()
    return {codes[pk]: revision for pk, revision in rows.values_list("criterion_id", "revision")}


def _pieces(assessment: Assessment) -> dict[str, set[int]]:
    codes, found = code_by_id(assessment.version), defaultdict(set)
    links = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None).order_by()
    for criterion, piece in links.values_list("criterion_id", "evidence_id"):
        found[codes[criterion]].add(piece)
    return found
