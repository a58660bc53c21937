"""Take snapshots of assessments as they stand."""

from datetime import date

from assessments.answer_files import AnswerSet
from assessments.models import Assessment
from assessments.queries.answers import answers_of, current_basis
from assessments.results import assess
from organizations.guests import Guest
from organizations.models import Membership
from reports.content.dossier import Dossier
from reports.content.gathering import dossier_of
from reports.content.parts import Snapshot
from reports.content.snapshot import take_snapshot


def snapshot_of(
    assessment: Assessment, *, on: date, language: str, place: Membership | Guest, dossier: Dossier | None = None
) -> Snapshot:
    """Everything that the assessment says now, in ``language``, as far as ``place`` may see it. ``dossier``: when it was
    collected already, for another language."""
    answers = answer_set(assessment)
    basis = current_basis()
    outcome = assess(
        assessment.questionnaire,
        basis,
        answers.ratings,
        method=assessment.method or None,
        target=assessment.target,
        targets=assessment.targets,
    )
    return take_snapshot(
        outcome,
        basis,
        answers,
        organization=assessment.organization.name,
        assessment=assessment.name,
        on=on,
        language=language,
        dossier=dossier or dossier_of(assessment, place=place, on=on),
    )


def answer_set(assessment: Assessment) -> AnswerSet:
    """The answers of an assessment as plain values."""
    answers = AnswerSet()
    for code, answer in answers_of(assessment).items():
        for kept, value in (
            (answers.ratings, answer.rating),
            (answers.na_reasons, answer.na_reason),
            (answers.notes, answer.note),
        ):
            if value:
                kept[code] = value
    return answers
