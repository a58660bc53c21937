"""Gather what the check before submitting looks at, in a fixed number of queries."""

from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import groupby

from assessments.checking import Facts, Finding, check
from assessments.models import AnswerRevision, Assessment, Evidence, Mark
from assessments.proving import Flaw, Piece, prove
from assessments.queries.answers import answers_of
from assessments.queries.assigning import assignments_of
from assessments.queries.evidence import links_of
from assessments.queries.visible import comments_visible_to
from organizations.guests import Guest
from organizations.models import Membership
from questionnaires.schema import Questionnaire

Via = AnswerRevision.Via


def findings_of(
    assessment: Assessment, *, now: datetime, today: date, reader: Membership | Guest | None = None
) -> tuple[Finding, ...]:
    """Errors, warnings and hints of an assessment as it stands; for a guest, evidence counts as far as they may see it."""
    due = {code: row.due_on for code, row in assignments_of(assessment).items() if row.due_on}
    return check(assessment.questionnaire, facts_of(assessment, today, reader), due=due, now=now, today=today)


def facts_of(assessment: Assessment, today: date, reader: Membership | Guest | None = None) -> dict[str, Facts]:
    """Criterion code -> what is known of it; for a guest, evidence and questions count as far as they may see them."""
    answers, history = answers_of(assessment), _history(assessment)
    proofs, expired = _evidence(assessment, today, reader)
    marked = set(Mark.objects.filter(assessment=assessment).values_list("criterion__code", flat=True))
    asked = Counter(
        comments_visible_to(reader)
        .filter(assessment=assessment, is_question=True, settled_at=None)
        .order_by()
        .values_list("criterion__code", flat=True)
    )
    facts = {}
    for code in {*answers, *proofs, *expired, *marked, *asked}:
        answer, revisions = answers.get(code), history.get(code, [])
        latest = revisions[-1] if revisions else None
        facts[code] = Facts(
            rating=answer.rating if answer else "",
            na_reason=answer.na_reason if answer else "",
            note=answer.note if answer else "",
            proofs=proofs[code],
            expired=tuple(expired.get(code, ())),
            voices=voices(revisions),
            questions=asked[code],
            marked=code in marked,
            taken_over_at=latest["at"] if latest and latest["via"] == Via.TAKEN_OVER else None,
            by=answer.answered_by_id if answer else None,
            at=answer.answered_at if answer else None,
            typed=bool(latest and latest["via"] == Via.WEB),
        )
    return facts


def voices(revisions: list[dict]) -> dict[str, str]:
    """Department -> its last rating. What somebody says who speaks for no department, a coordinator, settles it."""
    said = {}
    for row in revisions:
        if row["department__name"] is None:
            said = {}
        elif row["rating"]:
            said[row["department__name"]] = row["rating"]
    return said


def _history(assessment: Assessment) -> dict[str, list[dict]]:
    """Criterion code -> its revisions, oldest first."""
    rows = AnswerRevision.objects.filter(answer__assessment=assessment).order_by("revision")
    history = defaultdict(list)
    for row in rows.values("answer__criterion__code", "rating", "via", "at", "department__name"):
        history[row["answer__criterion__code"]].append(row)
    return history


def _evidence(assessment: Assessment, today: date, reader: Membership | Guest | None) -> tuple[Counter, dict[str, list[str]]]:
    """Criterion code -> number of valid pieces, and -> titles of those that have expired."""
    proofs, expired = Counter(), {}
    for code, links in groupby(links_of(assessment, reader=reader), lambda link: link.criterion.code):
        pieces = [link.evidence for link in links]
        proving = prove(_recipe(assessment.questionnaire, code), map(_piece, pieces), today)
        proofs[code] = proving.valid
        expired[code] = [piece.title for piece, flaw in zip(pieces, proving.flaws, strict=True) if flaw == Flaw.EXPIRED]
    return proofs, expired


def _recipe(questionnaire: Questionnaire, code: str):
    """The expected evidence of a criterion or policy action."""
    return (questionnaire.criterion_by_code.get(code) or questionnaire.item_by_code[code]).evidence


def _piece(evidence: Evidence) -> Piece:
    return Piece(evidence.kind, evidence.has_content, evidence.issued_on, evidence.valid_until)
