from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from assessments.kit.merging import MergedRow, Outcome, Side
from assessments.kit.reading import ReadKit
from assessments.models import Answer, AnswerRevision, Assessment, Evidence, EvidenceLink, Kit, KitReturn
from assessments.operations.answering import AnsweredMeanwhile, Said, write_answer
from assessments.operations.evidence import link_evidence, unlink_evidence
from assessments.operations.holding import hold_open
from assessments.operations.standings import refresh_standings
from assessments.queries.assigning import items_open_to
from assessments.queries.criteria import criteria_by_code
from assessments.queries.kit import Comparison, as_shown, baseline_of, compare, is_newer, normal
from organizations.models import Department, Membership, User
from organizations.operations.trail import record_activity, recorded_together
from organizations.permissions import Permission

Via = AnswerRevision.Via
NEWER = "newer"


class ChangedMeanwhile(Exception):
    """Answers changed since the preview in a way that asks for another decision; nothing was applied."""


class Undecided(Exception):
    """Conflicts are left to decide; ``codes`` names their rows."""

    def __init__(self, codes: list[str]):
        self.codes = codes
        super().__init__(", ".join(codes))


class AlreadyDone(Exception):
    """This returned kit was applied, or undone, before."""


@transaction.atomic
def issue_kit(
    *,
    assessment: Assessment,
    items: frozenset[str],
    language: str,
    department: Department | None = None,
    person: User | None = None,
    due_on=None,
    by: User,
    at: datetime,
) -> Kit:
    """Hand out a kit with the questions of these items as they stand now. Raises Closed."""
    Assessment.objects.select_for_update().get(pk=assessment.pk)  # kits are numbered one after the other
    hold_open(assessment, Permission.KIT_EXPORT)
    baseline = baseline_of(assessment, items)
    last = Kit.objects.filter(assessment=assessment).aggregate(last=Max("number"))["last"] or 0
    kit = Kit.objects.create(
        organization_id=assessment.organization_id,
        assessment=assessment,
        number=last + 1,
        language=language,
        department=department,
        person=person,
        due_on=due_on,
        baseline=baseline,
        question_count=len(baseline),
        issued_by=by,
        issued_at=at,
    )
    _record("kit.issued", kit, by, at)
    return kit


@transaction.atomic
def record_download(*, kit: Kit, by: User, at: datetime) -> None:
    """Note in the trail who took the workbook along."""
    _record("kit.downloaded", kit, by, at)


@transaction.atomic
def receive_kit(*, kit: Kit, read: ReadKit, file_name: str, by: User, at: datetime) -> KitReturn:
    """Keep what came back, for its preview; no answer changes. Raises Closed."""
    hold_open(kit.assessment, Permission.KIT_IMPORT)
    saved_at = read.saved_at if read.saved_at and kit.issued_at < read.saved_at < at else None
    kit_return = KitReturn.objects.create(
        organization_id=kit.organization_id,
        assessment=kit.assessment,
        kit=kit,
        file_name=file_name,
        rows={
            "saved_at": saved_at.isoformat() if saved_at else None,
            "rows": {code: asdict(row) for code, row in read.rows.items() if code in kit.baseline},
            "others": [asdict(other) for other in read.others] + [_not_in_kit(row) for row in _strangers(kit, read)],
        },
        returned_by=by,
        returned_at=at,
    )
    _record("kit.returned", kit, by, at)
    return kit_return


@transaction.atomic
@recorded_together()
def apply_return(
    *, kit_return: KitReturn, seen: str, rule: str, sides: dict[str, Side], membership: Membership, by: User, at: datetime
) -> KitReturn:
    """Take over what the returned kit changed, as one act.

    Conflicts are decided row by row in ``sides`` (code -> side), the others by ``rule``: a side, "newer", or "" for none.
    ``seen`` is the fingerprint of the conflicts that were shown. Raises Closed, AlreadyDone, ChangedMeanwhile or Undecided;
    then nothing is applied.
    """
    assessment = kit_return.assessment
    hold_open(assessment, Permission.KIT_IMPORT)
    kit_return = _held(kit_return, applied_at=None)
    comparison = compare(kit_return, membership)
    if comparison.fingerprint != seen:
        raise ChangedMeanwhile
    decided = _decide(comparison, rule, sides, saved_or_returned(kit_return))
    writing = Writing(assessment, comparison, membership, by, at)
    try:
        for row in comparison.rows:
            writing.take_over(row, decided.get(row.code, Side.OURS))
    except AnsweredMeanwhile as error:
        raise ChangedMeanwhile from error
    refresh_standings(assessment, held=True)
    kit_return.outcome = {
        "counts": comparison.counts,
        "rows": [as_shown(row, decided.get(row.code, "")) for row in comparison.rows],
        "unlinked": comparison.unlinked,
        **writing.done,
    }
    kit_return.applied_at = at
    kit_return.save(update_fields=["outcome", "applied_at"])
    _record("kit.applied", kit_return.kit, by, at)
    return kit_return


@transaction.atomic
@recorded_together()
def undo_return(*, kit_return: KitReturn, membership: Membership, by: User, at: datetime) -> KitReturn:
    """Put back what applying the kit changed. What was changed again since, or is no longer this person's, is left and listed.

    Raises Closed, and AlreadyDone when it was not applied or is undone already.
    """
    assessment = kit_return.assessment
    hold_open(assessment, Permission.KIT_IMPORT)
    kit_return = _held(kit_return, applied_at__isnull=False, undone_at=None)
    kit_return.outcome["undone"] = Undoing(assessment, membership, by, at).put_back(kit_return.outcome)
    refresh_standings(assessment, held=True)
    kit_return.undone_at = at
    kit_return.save(update_fields=["outcome", "undone_at"])
    _record("kit.undone", kit_return.kit, by, at)
    return kit_return


def saved_or_returned(kit_return: KitReturn) -> datetime:
    """When the workbook was last saved, as it says itself; else when it came back."""
    saved_at = kit_return.rows["saved_at"]
    return datetime.fromisoformat(saved_at) if saved_at else kit_return.returned_at


class Writing:
    """The rows of one return being taken over; ``done`` collects what an undo needs."""

    def __init__(self, assessment: Assessment, comparison: Comparison, membership: Membership, by: User, at: datetime):
        self.assessment, self.comparison, self.membership, self.by, self.at = assessment, comparison, membership, by, at
        self.criteria = criteria_by_code(assessment.version)
        self.links = _links(assessment)
        self.pieces = Evidence.objects.in_bulk(comparison.pieces.values())
        self.done = {"written": {}, "linked": [], "unlinked_pieces": []}

    def take_over(self, row: MergedRow, side: Side):
        if row.outcome in (Outcome.REFUSED, Outcome.MISSING):
            return
        goal = row.settled(side)
        if (goal.rating, goal.note) != (row.ours.rating, row.ours.note):
            self._answer(row, Said(*goal.rating, goal.note))
        if goal.evidence != row.ours.evidence:
            self._evidence(row.code, set(goal.evidence), set(row.ours.evidence))

    def _answer(self, row: MergedRow, said: Said):
        before = self.comparison.answers.get(row.code)
        read = before.revision if before else 0
        department = self.membership.department_id
        answer = write_answer(self.assessment, self.criteria[row.code], said, read, self.by, self.at, Via.KIT, department)
        was = [before.rating, before.na_reason, before.note] if before else ["", "", ""]
        self.done["written"][row.code] = {"revision": answer.revision, "before": was}

    def _evidence(self, code: str, goal: set[str], there: set[str]):
        about = {"assessment": self.assessment, "criterion": self.criteria[code], "by": self.by, "at": self.at}
        for title in sorted(goal - there):
            piece = self.pieces.get(self.comparison.pieces.get(normal(title)))
            if piece:  # else it is in the bin by now
                link_evidence(evidence=piece, **about)
                self.done["linked"].append([code, piece.pk])
        for link in self.links.get(code, ()):
            if link.evidence.title in there - goal:
                unlink_evidence(evidence=link.evidence, **about)
                self.done["unlinked_pieces"].append([code, link.evidence_id, link.place])


class Undoing:
    """One applied return being put back."""

    def __init__(self, assessment: Assessment, membership: Membership, by: User, at: datetime):
        self.assessment, self.membership, self.by, self.at = assessment, membership, by, at
        self.criteria = criteria_by_code(assessment.version)
        self.open_items = items_open_to(assessment, membership)
        self.result = {"restored": [], "left": []}

    def put_back(self, outcome: dict) -> dict:
        now = dict(Answer.objects.filter(assessment=self.assessment).values_list("criterion__code", "revision"))
        for code, written in outcome["written"].items():
            possible = self._is_open(code) and now.get(code) == written["revision"]
            done = possible and self._answer(code, written)
            self.result["restored" if done else "left"].append(code)
        pieces = Evidence.objects.filter(removed_at=None).in_bulk([row[1] for row in self._link_rows(outcome)])
        for code, piece in outcome["linked"]:
            if self._is_open(code) and piece in pieces:
                unlink_evidence(evidence=pieces[piece], **self._about(code))
        for code, piece, place in outcome["unlinked_pieces"]:
            if self._is_open(code) and piece in pieces:
                link_evidence(evidence=pieces[piece], place=place, **self._about(code))
        return self.result

    @staticmethod
    def _link_rows(outcome: dict) -> list:
        return [*outcome["linked"], *outcome["unlinked_pieces"]]

    def _is_open(self, code: str) -> bool:
        return self.assessment.questionnaire.item_of[code] in self.open_items

    def _about(self, code: str) -> dict:
        return {"assessment": self.assessment, "criterion": self.criteria[code], "by": self.by, "at": self.at}

    def _answer(self, code: str, written: dict) -> bool:
        department, said = self.membership.department_id, Said(*written["before"])
        try:
            with transaction.atomic():
                criterion, read = self.criteria[code], written["revision"]
                write_answer(self.assessment, criterion, said, read, self.by, self.at, Via.UNDO, department)
        except AnsweredMeanwhile:
            return False
        return True


def _held(kit_return: KitReturn, **state) -> KitReturn:
    """The return as it is now, kept so until the transaction ends. Raises AlreadyDone unless it is in this state."""
    rows = KitReturn.objects.select_for_update(of=("self",)).select_related("kit", "assessment__version")
    rows = rows.select_related("assessment__organization").defer("assessment__version__content")
    held = rows.filter(pk=kit_return.pk, **state).first()
    if held is None:
        raise AlreadyDone
    return held


def _decide(comparison: Comparison, rule: str, sides: dict[str, Side], saved_at: datetime) -> dict[str, Side]:
    """A side for every row in conflict. Raises Undecided."""
    decided = {}
    for row in comparison.conflicts:
        newer = Side.THEIRS if is_newer(row, comparison, saved_at) else Side.OURS
        decided[row.code] = sides.get(row.code) or (newer if rule == NEWER else rule)
    undecided = [code for code, side in decided.items() if not side]
    if undecided:
        raise Undecided(undecided)
    return decided


def _links(assessment: Assessment) -> dict[str, list[EvidenceLink]]:
    rows = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None)
    links: dict[str, list[EvidenceLink]] = {}
    for link in rows.select_related("evidence", "criterion").order_by("pk"):
        links.setdefault(link.criterion.code, []).append(link)
    return links


def _strangers(kit: Kit, read: ReadKit):
    return [row for code, row in read.rows.items() if code not in kit.baseline]


def _not_in_kit(row) -> dict:
    return {"sheet": row.sheet, "row": row.row, "fault": "not_in_kit", "values": {"code": row.code}}


def _record(verb: str, kit: Kit, by: User, at: datetime):
    about = f"assessment {kit.assessment_id} kit {kit.number}"
    record_activity(verb, organization=kit.organization, about=about, by=by, at=at)
