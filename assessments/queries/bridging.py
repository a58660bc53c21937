"""Reads of what was carried over the bridge between editions."""

from django.db.models import Exists, F, OuterRef

from assessments.carrying import CARRIED, Crossing, Words, can_cross
from assessments.models import Answer, AnswerRevision, Assessment, DraftAnswer, EvidenceLink
from assessments.queries.answering import ids_of_item
from assessments.queries.criteria import code_by_id
from questionnaires.library import current_versions, questionnaire_of
from questionnaires.models import Version


def words_of(assessment: Assessment) -> dict[str, Words]:
    """Criterion code -> what was said, of everything that has a rating or a note."""
    rows, codes = Answer.objects.filter(assessment=assessment), code_by_id(assessment.version)
    return {codes[row.criterion_id]: Words(row.rating, row.na_reason, row.note) for row in rows}


def next_edition(assessment: Assessment) -> Version | None:
    """The newest version of the edition that replaced this one's, if a bridge leads there. No query for an edition in force."""
    questionnaire = assessment.questionnaire
    if questionnaire.kind != "levels" or questionnaire.status != "superseded":
        return None
    others = (version for version in current_versions() if version.code != questionnaire.code)
    return next((version for version in others if can_cross(questionnaire, questionnaire_of(version))), None)


def derived_of(assessment: Assessment, version: Version) -> Assessment | None:
    """What the assessment was continued as in that version."""
    return Assessment.objects.filter(derived_from=assessment, version=version).order_by("pk").first()


def open_drafts_in(assessment: Assessment, item_code: str) -> dict[str, DraftAnswer]:
    """Criterion code -> the proposal of the bridge, of one item; dismissed ones are left out. No query without a bridge."""
    if not assessment.derived_from_id:
        return {}
    codes = code_by_id(assessment.version)
    rows = DraftAnswer.objects.filter(assessment=assessment, criterion__in=ids_of_item(assessment, item_code))
    return {codes[row.criterion_id]: row for row in rows.exclude(outcome=DraftAnswer.Outcome.DISMISSED)}


def drafts_of(assessment: Assessment) -> list[DraftAnswer]:
    """All proposals, in the questionnaire's order, each with ``code``."""
    rows = DraftAnswer.objects.filter(assessment=assessment).annotate(code=F("criterion__code"))
    return list(rows.order_by("criterion__position"))


def crossings_of(assessment: Assessment, drafts: list[DraftAnswer]) -> tuple[Crossing, ...]:
    """What was carried and proposed when the assessment was derived, as it was then, whatever was answered since."""
    criteria, codes = assessment.questionnaire.criterion_by_code, code_by_id(assessment.version)
    rows = AnswerRevision.objects.filter(answer__assessment=assessment, revision=1, via=AnswerRevision.Via.BRIDGE)
    carried = {
        codes[pk]: Crossing(codes[pk], "same", criteria[codes[pk]].origin.came_from, CARRIED, Words(rating))
        for pk, rating in rows.values_list("answer__criterion_id", "rating")
    }
    drafted = {
        row.code: Crossing(row.code, row.relation, tuple(row.came_from), row.rule, Words(row.rating, row.na_reason, row.note))
        for row in drafts
    }
    found = carried | drafted
    return tuple(found[code] for code in criteria if code in found)


def evidence_of_dropped(source: Assessment, assessment: Assessment, codes: list[str]) -> dict[str, tuple[int, int]]:
    """Code of a dropped criterion -> how many pieces of evidence it had, and how many of these prove something in the newer."""
    here = EvidenceLink.objects.filter(assessment=assessment, evidence=OuterRef("evidence"))
    rows = EvidenceLink.objects.filter(assessment=source, criterion__code__in=codes, evidence__removed_at=None)
    found: dict[str, tuple[int, int]] = {}
    for code, is_used in rows.annotate(is_used=Exists(here)).order_by().values_list("criterion__code", "is_used"):
        pieces, used = found.get(code, (0, 0))
        found[code] = (pieces + 1, used + is_used)
    return found
