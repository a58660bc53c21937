from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from assessments.carrying import Crossing, cross
from assessments.models import Answer, AnswerRevision, Assessment, DraftAnswer, EvidenceLink
from assessments.operations.answering import AnsweredMeanwhile, Said, write_answer
from assessments.operations.holding import hold_open
from assessments.operations.lifecycle import start_assessment
from assessments.operations.standings import refresh_standings
from assessments.queries.bridging import derived_of, words_of
from assessments.queries.criteria import criteria_by_code
from organizations.models import User
from organizations.operations.trail import record_activity, recorded_together
from organizations.permissions import Permission
from questionnaires.library import questionnaire_of
from questionnaires.models import Criterion, Version

Via = AnswerRevision.Via
Outcome = DraftAnswer.Outcome


class AlreadyContinued(Exception):
    """The assessment was continued in that edition before: ``assessment`` is what it became."""

    def __init__(self, assessment: Assessment):
        self.assessment = assessment
        super().__init__(assessment.pk)


@transaction.atomic
@recorded_together()
def bridge_assessment(
    *, source: Assessment, version: Version, name: str, prepare_first: bool = False, by: User, at: datetime
) -> Assessment:
    """Continue an assessment of an older edition in a newer one.

    What both editions ask in the same words is carried with note and evidence; all the rest becomes a ``DraftAnswer`` with its
    reason. The older assessment stays as it is. Raises AlreadyContinued: each is continued once in every version.
    """
    source = Assessment.objects.select_for_update(of=("self",)).select_related("version").get(pk=source.pk)
    if before := derived_of(source, version):
        raise AlreadyContinued(before)
    assessment = start_assessment(
        organization=source.organization,
        version=version,
        name=name,
        target=source.target,
        method=source.method,
        department=source.department,
        prepare_first=prepare_first,
        by=by,
        at=at,
    )
    assessment.derived_from = source
    assessment.save(update_fields=["derived_from"])
    crossings = cross(questionnaire_of(version), words_of(source))
    _carry(assessment, [crossing for crossing in crossings if crossing.is_carried], by, at)
    _draft(assessment, [crossing for crossing in crossings if not crossing.is_carried])
    _carry_evidence(source, assessment, {c.code: c.came_from for c in crossings if c.is_carried}, by, at)
    refresh_standings(assessment)
    about = f"assessment {source.pk} as assessment {assessment.pk}"
    record_activity("assessment.bridged", organization=source.organization, about=about, by=by, at=at)
    return assessment


@transaction.atomic
@recorded_together()
def accept_draft(
    *, assessment: Assessment, criterion: Criterion, by: User, at: datetime, department_id: int | None = None
) -> Answer | None:
    """Let the answer say what is proposed, with the evidence that proved it then. None where nothing is proposed.

    A note that was already written here stays. Raises Closed, and AnsweredMeanwhile when there is a rating already.
    """
    hold_open(assessment, Permission.ANSWER_WRITE)
    draft = _held(assessment, criterion)
    if draft is None or not draft.rating:
        return None
    here = Answer.objects.filter(assessment=assessment, criterion=criterion).select_related("answered_by").first()
    if here and here.rating:
        raise AnsweredMeanwhile(here)
    said = Said(draft.rating, draft.na_reason, (here and here.note) or draft.note)
    answer = write_answer(assessment, criterion, said, here.revision if here else 0, by, at, Via.BRIDGE, department_id)
    if assessment.derived_from_id:
        _carry_evidence(assessment.derived_from, assessment, {criterion.code: draft.came_from}, by, at)
    _settle(draft, Outcome.ACCEPTED, by, at)
    refresh_standings(assessment, [criterion.item], held=True)
    return answer


@transaction.atomic
def dismiss_draft(*, assessment: Assessment, criterion: Criterion, by: User, at: datetime) -> None:
    """Show the proposal no more; it can be brought back. Raises Closed."""
    _mark(assessment, criterion, Outcome.DISMISSED, "draft.dismissed", by, at)


@transaction.atomic
def restore_draft(*, assessment: Assessment, criterion: Criterion, by: User, at: datetime) -> None:
    """Show a dismissed proposal again. Raises Closed."""
    _mark(assessment, criterion, "", "draft.restored", by, at)


def _mark(assessment: Assessment, criterion: Criterion, outcome: str, verb: str, by: User, at: datetime):
    hold_open(assessment, Permission.ANSWER_WRITE)
    draft = _held(assessment, criterion)
    if draft is None or draft.outcome == outcome:
        return
    _settle(draft, outcome, by, at)
    about = f"assessment {assessment.pk} {criterion.code}"
    record_activity(verb, organization=assessment.organization, about=about, by=by, at=at)


def _held(assessment: Assessment, criterion: Criterion) -> DraftAnswer | None:
    return DraftAnswer.objects.select_for_update().filter(assessment=assessment, criterion=criterion).first()


def _settle(draft: DraftAnswer, outcome: str, by: User, at: datetime):
    draft.outcome, draft.settled_by, draft.settled_at = outcome, by, at
    draft.save(update_fields=["outcome", "settled_by", "settled_at"])


def _carry(assessment: Assessment, crossings: list[Crossing], by: User, at: datetime):
    criteria = criteria_by_code(assessment.version)
    answers = Answer.objects.bulk_create(
        Answer(
            organization_id=assessment.organization_id,
            assessment=assessment,
            criterion=criteria[crossing.code],
            rating=crossing.words.rating,
            na_reason=crossing.words.na_reason,
            note=crossing.words.note,
            answered_by=by,
            answered_at=at,
        )
        for crossing in crossings
    )
    AnswerRevision.objects.bulk_create(
        AnswerRevision(
            organization_id=assessment.organization_id,
            answer=answer,
            revision=1,
            rating=answer.rating,
            na_reason=answer.na_reason,
            note=answer.note,
            via=Via.BRIDGE,
            by=by,
            at=at,
        )
        for answer in answers
    )


def _draft(assessment: Assessment, crossings: list[Crossing]):
    criteria = criteria_by_code(assessment.version)
    DraftAnswer.objects.bulk_create(
        DraftAnswer(
            organization_id=assessment.organization_id,
            assessment=assessment,
            criterion=criteria[crossing.code],
            relation=crossing.relation,
            came_from=list(crossing.came_from),
            rule=crossing.rule,
            rating=crossing.words.rating,
            na_reason=crossing.words.na_reason,
            note=crossing.words.note,
        )
        for crossing in crossings
    )


def _carry_evidence(source: Assessment, assessment: Assessment, came_from: Mapping[str, list[str]], by: User, at: datetime):
    """Link what proved the older criteria to the newer; what lies in the bin stays there. ``came_from``: new code -> old."""
    criteria, pieces = criteria_by_code(assessment.version), {}
    links = EvidenceLink.objects.filter(assessment=source, evidence__removed_at=None)
    if len(came_from) == 1:
        links = links.filter(criterion__code__in=next(iter(came_from.values())))
    for link in links.select_related("criterion"):
        pieces.setdefault(link.criterion.code, []).append(link)
    EvidenceLink.objects.bulk_create(
        (
            EvidenceLink(
                organization_id=assessment.organization_id,
                evidence_id=link.evidence_id,
                assessment=assessment,
                criterion=criteria[code],
                place=link.place,
                linked_by=by,
                linked_at=at,
            )
            for code, sources in came_from.items()
            for link in {link.evidence_id: link for old in sources for link in pieces.get(old, ())}.values()
        ),
        ignore_conflicts=True,  # linked here already
    )
