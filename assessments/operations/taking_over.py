"""Last time's answers as this time's first word: taken over per item, and given back in one go."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from assessments.models import Answer, AnswerRevision, Assessment, EvidenceLink
from assessments.operations.answering import Said, write_answer
from assessments.operations.evidence import link_evidence, unlink_evidence
from assessments.operations.holding import hold_open
from assessments.operations.standings import refresh_standings
from assessments.queries.answering import answers_in
from assessments.queries.criteria import criteria_by_code
from assessments.queries.planning import closed_criteria
from organizations.models import User
from organizations.operations.trail import record_activity, recorded_together
from organizations.permissions import Permission

Via = AnswerRevision.Via


@transaction.atomic
@recorded_together()
def take_over_item(
    *,
    assessment: Assessment,
    item_code: str,
    previous: Mapping[str, Answer],
    allowed: Mapping[str, tuple[str, ...]],
    by: User,
    at: datetime,
    department_id: int | None = None,
) -> list[str]:
    """Give every question of the item that has no rating yet the rating and note of ``previous``; returns their codes.

    ``allowed``: code -> the ratings it takes now. A note that was already written here stays. What a closed action brought to
    its rating comes with the proof of that. Raises Closed, and AnsweredMeanwhile when somebody answers at the same moment;
    then nothing is taken over.
    """
    hold_open(assessment, Permission.ANSWER_WRITE)
    answers, criteria, taken = answers_in(assessment, item_code), criteria_by_code(assessment.version), []
    for code, before in previous.items():
        here = answers.get(code)
        if (here and here.rating) or before.rating not in allowed.get(code, ()):
            continue
        said = Said(before.rating, before.na_reason, (here and here.note) or before.note)
        read = here.revision if here else 0
        write_answer(assessment, criteria[code], said, read, by, at, Via.TAKEN_OVER, department_id)
        taken.append(code)
    _link_proofs(assessment, [previous[code] for code in taken if previous[code].was_closed], by, at)
    if taken:
        refresh_standings(assessment, [item_code], held=True)
        _record("item.taken_over", assessment, item_code, by, at)
    return taken


@transaction.atomic
@recorded_together()
def undo_take_over(
    *, assessment: Assessment, item_code: str, by: User, at: datetime, department_id: int | None = None
) -> list[str]:
    """Put back what stood before, wherever what was taken over has not been changed since; returns the codes. The proof that
    came along goes again, unless somebody has said since where in it to look.

    Raises Closed, and AnsweredMeanwhile when somebody answers at the same moment; then nothing is put back.
    """
    hold_open(assessment, Permission.ANSWER_WRITE)
    answers = {code: row for code, row in answers_in(assessment, item_code).items() if row.via == Via.TAKEN_OVER}
    criteria, earlier = criteria_by_code(assessment.version), _before(answers)
    for code, here in answers.items():
        write_answer(assessment, criteria[code], earlier.get(here.pk, Said()), here.revision, by, at, Via.UNDO, department_id)
    _unlink_proofs(assessment, answers, by, at)
    if answers:
        refresh_standings(assessment, [item_code], held=True)
        _record("item.take_over_undone", assessment, item_code, by, at)
    return list(answers)


def _link_proofs(assessment: Assessment, closed: list[Answer], by: User, at: datetime):
    """What showed that the actions of the assessment before were done proves their criteria here."""
    if not closed:
        return
    proofs, criteria = closed_criteria(closed[0].assessment), criteria_by_code(assessment.version)
    for row in closed:
        for evidence in proofs[row.code]:
            link_evidence(assessment=assessment, criterion=criteria[row.code], evidence=evidence, by=by, at=at)


def _unlink_proofs(assessment: Assessment, taken: Mapping[str, Answer], by: User, at: datetime):
    """What the taking over linked bears its moment and its person."""
    moments = {(row.criterion_id, row.answered_by_id, row.answered_at) for row in taken.values()}
    links = EvidenceLink.objects.filter(assessment=assessment, criterion__in={pk for pk, _by, _at in moments}, place="")
    for link in links.select_related("criterion", "evidence").order_by("pk"):
        if (link.criterion_id, link.linked_by_id, link.linked_at) in moments:
            unlink_evidence(assessment=assessment, criterion=link.criterion, evidence=link.evidence, by=by, at=at)


def _before(answers: Mapping[str, Answer]) -> dict[int, Said]:
    """Answer id -> what it said before its latest revision; nothing for one that had none."""
    wanted = {row.pk: row.revision - 1 for row in answers.values()}
    rows = AnswerRevision.objects.filter(answer__in=wanted)
    return {row.answer_id: Said(row.rating, row.na_reason, row.note) for row in rows if row.revision == wanted[row.answer_id]}


def _record(verb: str, assessment: Assessment, item_code: str, by: User, at: datetime):
    record_activity(verb, organization=assessment.organization, about=f"assessment {assessment.pk} {item_code}", by=by, at=at)
