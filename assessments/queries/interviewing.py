"""Interviews: which criteria are worth asking about, by the role that would act on them, and what was said."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from assessments.models import Assessment, InterviewNote, InterviewSheet, Layer, Verdict
from assessments.proving import claims_much
from assessments.queries.checking import facts_of
from assessments.queries.criteria import code_by_id
from assessments.queries.reviewing import statuses_of
from assessments.queries.visible import comments_between
from organizations.models import Engagement
from questionnaires.labels import LEAD_LABELS
from questionnaires.schema import PolicyAction, Questionnaire, rated_codes

WEIGHTS = {"disputed": 4, "asked": 3, "unproven": 2, "marked": 2, "silent": 1}  # why -> how much it speaks for asking
DISPUTED = {Verdict.Kind.ADJUST, Verdict.Kind.MORE}
OF_ACTIONS = "data_office"  # whom to ask about policy actions: the bank names nobody
ASKED_AS = {  # role -> which of the bank's questions of an item it is asked
    "executive": "management", "data_office": "management", "business": "business", "finance": "business", "hr": "business",
    "legal": "business", "audit": "business", "it": "it", "security": "it",
}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """A criterion worth asking about, and why."""

    criterion: object
    item: object
    lead: str
    reasons: tuple[str, ...]
    rating: str
    note: str

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def weight(self) -> int:
        return sum(WEIGHTS[reason] for reason in self.reasons)


@dataclass(frozen=True)
class Question:
    """One criterion on a sheet: what the bank asks, what the enterprise answered, what was noted."""

    criterion: object
    item: object
    noted: InterviewNote
    rating: str
    answer_note: str

    @property
    def code(self) -> str:
        return self.criterion.code


def lead_of(criterion) -> str:
    """The role that would lead the improvement, in the bank."""
    return OF_ACTIONS if isinstance(criterion, PolicyAction) else criterion.action.lead


def proposals_of(assessment: Assessment, engagement: Engagement, on: date) -> dict[str, list[Proposal]]:
    """Role -> what to ask it, the most telling first; a fixed number of queries."""
    facts, statuses = facts_of(assessment, on), statuses_of(assessment, engagement, Layer.CONSULTANT)
    questions = comments_between(engagement).filter(assessment=assessment, is_question=True, settled_at=None).order_by()
    asked = set(questions.values_list("criterion__code", flat=True))
    found = defaultdict(list)
    for item in assessment.questionnaire.items:
        for criterion in (item,) if isinstance(item, PolicyAction) else item.criteria:
            known = facts.get(criterion.code)
            level = getattr(criterion, "level", None)
            if reasons := _reasons(known, statuses.get(criterion.code), level, criterion.code in asked):
                rating, note = (known.rating, known.note) if known else ("", "")
                found[lead_of(criterion)].append(Proposal(criterion, item, lead_of(criterion), reasons, rating, note))
    return {lead: sorted(found[lead], key=lambda row: -row.weight) for lead in LEAD_LABELS if lead in found}


def _reasons(known, status: str | None, level: int | None, asked: bool) -> tuple[str, ...]:
    reasons = ["disputed"] if status in DISPUTED else []
    if known is not None:
        unproven = claims_much(known.rating, level) and not known.proofs
        reasons += ["asked"] if asked else []
        reasons += ["unproven"] if unproven else []
        reasons += ["marked"] if known.marked else []
        reasons += ["silent"] if unproven and not known.note else []
    return tuple(reasons)


def sheets_of(assessment: Assessment, engagement: Engagement) -> list[InterviewSheet]:
    """The sheets of an engagement with ``asked`` and ``noted``, numbers of criteria. One query."""
    rows = InterviewSheet.objects.filter(assessment=assessment, engagement=engagement).select_related("made_by")
    counted = rows.annotate(asked=Count("notes"), noted=Count("notes", filter=~Q(notes__outcome="") | ~Q(notes__note="")))
    return list(counted.order_by("held_on", "pk"))


def questions_of(assessment: Assessment, sheet: InterviewSheet) -> list[tuple[object, list[Question]]]:
    """(item, its questions on the sheet), in the questionnaire's order. Two queries."""
    codes, questionnaire = code_by_id(assessment.version), assessment.questionnaire
    notes = {codes[row.criterion_id]: row for row in InterviewNote.objects.filter(sheet=sheet).select_related("noted_by")}
    rows = assessment.answers.filter(criterion__in=[row.criterion_id for row in notes.values()])
    said = {codes[pk]: (rating, note) for pk, rating, note in rows.values_list("criterion_id", "rating", "note")}
    found = []
    for item in questionnaire.items:
        asked = [code for code in rated_codes(item) if code in notes]
        if asked:
            questions = [
                Question(_criterion(questionnaire, code), item, notes[code], *said.get(code, ("", ""))) for code in asked
            ]
            found.append((item, questions))
    return found


def bank_questions(item, lead: str) -> tuple:
    """The bank's own questions about an item for somebody in this role; none for policy actions."""
    interview = getattr(item, "interview", None)
    return getattr(interview, ASKED_AS[lead]) if interview and lead in ASKED_AS else ()


def interview_notes_of(assessment: Assessment, engagement: Engagement, item_code: str) -> dict[str, list[InterviewNote]]:
    """Criterion code -> what interviews of this engagement said of it, with ``sheet``; for beside the answer. One query."""
    rows = InterviewNote.objects.filter(
        sheet__assessment=assessment, sheet__engagement=engagement, criterion__item=item_code, revision__gt=0
    ).exclude(outcome="", note="")
    codes, found = code_by_id(assessment.version), defaultdict(list)
    for row in rows.select_related("sheet", "noted_by").order_by("sheet__held_on", "pk"):
        found[codes[row.criterion_id]].append(row)
    return found


def _criterion(questionnaire: Questionnaire, code: str):
    return questionnaire.criterion_by_code.get(code) or questionnaire.item_by_code[code]
