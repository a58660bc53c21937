"""Reads of the offline kit: what stands now, what a kit holds, and how a returned one compares."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count, Q, QuerySet

from assessments.kit.layout import tidy
from assessments.kit.merging import ABSENT, NOT_APPLICABLE, MergedRow, Outcome, Said, count_rows, merge_row
from assessments.models import Answer, Assessment, Evidence, Kit, KitReturn
from assessments.queries.answering import previous_answers
from assessments.queries.answers import answers_of
from assessments.queries.assigning import assignments_of, items_open_to
from assessments.queries.evidence import titles_by_criterion
from organizations.models import Membership
from organizations.permissions import Permission, allows
from questionnaires.schema import Questionnaire, rated_codes

FAULT = "fault"
STATES = ("base", "ours", "theirs")


@dataclass(frozen=True)
class Comparison:
    """A returned kit beside what was handed out and what stands now. Rows in the questionnaire's order."""

    rows: tuple[MergedRow, ...]
    answers: dict[str, Answer]
    pieces: dict[str, int]  # title, normalized -> id of the piece of evidence
    unlinked: dict[str, tuple[str, ...]]  # code -> titles that no piece of the library has

    @property
    def counts(self) -> dict[str, int]:
        return count_rows(self.rows)

    @property
    def conflicts(self) -> tuple[MergedRow, ...]:
        return tuple(row for row in self.rows if row.outcome == Outcome.CONFLICT)

    @cached_property
    def fingerprint(self) -> str:
        """Of the conflicts as shown; another one means that there is something new to decide."""
        shown = [[row.code, row.conflicts, [row.ours.part(part) for part in row.conflicts]] for row in self.conflicts]
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def kits_of(assessment: Assessment, membership: Membership) -> QuerySet[Kit]:
    """The kits of an assessment that this member has to do with, the newest first, each with ``return_count``."""
    rows = Kit.objects.filter(assessment=assessment).select_related("department", "person", "issued_by")
    rows = rows.annotate(return_count=Count("returns")).order_by("-number")
    if sees_all(membership):
        return rows
    mine = Q(issued_by=membership.user_id) | Q(person=membership.user_id)
    if membership.department_id:
        mine |= Q(department=membership.department_id)
    return rows.filter(mine)


def returns_of(assessment: Assessment, membership: Membership) -> QuerySet[KitReturn]:
    """The workbooks that came back, the newest first; a respondent's own ones only."""
    rows = KitReturn.objects.filter(assessment=assessment).select_related("kit", "returned_by")
    return rows if sees_all(membership) else rows.filter(returned_by=membership.user_id)


def sees_all(membership: Membership) -> bool:
    """Respondents have to do with their own kits; who assigns items, and who only looks, with all."""
    return allows(membership.role, Permission.ASSIGN) or not allows(membership.role, Permission.ANSWER_WRITE)


def baseline_of(assessment: Assessment, items: frozenset[str]) -> dict[str, dict]:
    """What stands in these items now, as a kit keeps it: code -> revision, rating, reason, note, titles, last rating."""
    answers, titles = answers_of(assessment), titles_by_criterion(assessment)
    baseline = {}
    for item in assessment.questionnaire.items:
        if item.code not in items:
            continue
        last = previous_answers(assessment, item.code)
        for code in rated_codes(item):
            said = _said_now(answers.get(code), titles.get(code, ()))
            baseline[code] = {
                "revision": answers[code].revision if code in answers else 0,
                "rating": said.rating[0],
                "na_reason": said.rating[1],
                "note": said.note,
                "evidence": list(said.evidence),
                "last": last[code].rating if code in last else "",
            }
    return baseline


def items_of_department(assessment: Assessment, department_id: int) -> frozenset[str]:
    rows = assignments_of(assessment).items()
    return frozenset(code for code, row in rows if row.department_id == department_id)


def items_of_person(assessment: Assessment, membership: Membership) -> frozenset[str]:
    """The items in this person's hands: theirs by name, or their department's with nobody named."""
    mine = frozenset(code for code, row in assignments_of(assessment).items() if row.person_id or row.department_id)
    return frozenset(items_open_to(assessment, membership) & mine) if mine else frozenset()


def compare(kit_return: KitReturn, membership: Membership) -> Comparison:
    """Each row of the kit: handed out, come back, there now. The number of queries does not depend on the rows."""
    assessment, kit = kit_return.assessment, kit_return.kit
    answers, titles = answers_of(assessment), titles_by_criterion(assessment)
    open_items, questionnaire = items_open_to(assessment, membership), assessment.questionnaire
    names = {normal(title): (pk, title) for pk, title in _pieces()}
    rows, unlinked = [], {}
    for code in _in_order(questionnaire, kit.baseline):
        base = _said_then(kit.baseline[code])
        ours = _said_now(answers.get(code), titles.get(code, ()))
        read = kit_return.rows["rows"].get(code)
        theirs, unknown = _said_there(read, base, {key: title for key, (_pk, title) in names.items()})
        refusal = _refusal(read, base, questionnaire.item_of[code] in open_items)
        rows.append(merge_row(code, base, theirs, ours, refusal=refusal))
        if unknown:
            unlinked[code] = unknown
    return Comparison(tuple(rows), answers, {key: pk for key, (pk, _title) in names.items()}, unlinked)


def as_shown(row: MergedRow, side: str = "") -> dict:
    """A merged row as plain values, for the page and for keeping: the parts in which something differs."""
    parts = [
        {"part": part, "outcome": str(outcome), **{name: getattr(row, name).part(part) for name in STATES}}
        for part, outcome in row.parts.items()
        if outcome not in (Outcome.UNCHANGED, Outcome.MISSING, Outcome.REFUSED)
    ]
    return {"code": row.code, "outcome": str(row.outcome), "side": side, "refusal": row.refusal, "parts": parts}


def normal(title: str) -> str:
    """For comparing titles of evidence."""
    return unicodedata.normalize("NFC", title).strip().casefold()


def is_newer(row: MergedRow, comparison: Comparison, saved_at: datetime) -> bool:
    """The workbook was saved after the answer that stands there."""
    answer = comparison.answers.get(row.code)
    return answer is None or answer.answered_at < saved_at


def _pieces():
    """(id, title) of the library; of pieces with one title the newest comes last and stands."""
    return Evidence.objects.filter(removed_at=None).order_by("added_at", "pk").values_list("pk", "title")


def _in_order(questionnaire: Questionnaire, codes) -> list[str]:
    return [code for code in questionnaire.item_of if code in codes]


def _refusal(read: dict | None, base: Said, is_open: bool) -> str:
    """Why a row is not taken over, if so. A reason left over from the n/a that was handed out is no fault."""
    if read is None:
        return ""
    if read["faults"]:
        return FAULT
    if read["rating"] not in (None, NOT_APPLICABLE) and read["na_reason"] not in (None, "", base.rating[1]):
        return "reason_alone"
    return "" if is_open else "not_yours"


def _said_now(answer: Answer | None, titles) -> Said:
    evidence = tuple(sorted(set(titles)))
    if answer is None:
        return Said(evidence=evidence)
    return Said((answer.rating, answer.na_reason), tidy(answer.note), evidence)


def _said_then(entry: dict) -> Said:
    return Said((entry["rating"], entry["na_reason"]), entry["note"], tuple(sorted(entry["evidence"])))


def _said_there(read: dict | None, base: Said, names: dict[str, str]) -> tuple[Said, tuple[str, ...]]:
    """What came back, its titles written as the library writes them, and the titles that it doesn't know."""
    if read is None or read["faults"]:
        return ABSENT, ()
    titles, unknown = None, ()
    if read["evidence"] is not None:
        known = {normal(title): title for title in base.evidence} | names
        titles = tuple(sorted({known[normal(title)] for title in read["evidence"] if normal(title) in known}))
        unknown = tuple(title for title in read["evidence"] if normal(title) not in known)
    return Said(_rating_there(read, base), read["note"], titles), unknown


def _rating_there(read: dict, base: Said) -> tuple[str, str] | None:
    """Rating and reason; where the column of reasons is gone, the reason handed out still holds."""
    if read["rating"] is None:
        return None
    if read["rating"] != NOT_APPLICABLE:
        return read["rating"], ""
    return read["rating"], base.rating[1] if read["na_reason"] is None else read["na_reason"]
