"""Making and working on the improvement plan. It goes on in every state of the assessment, after the final too.

Whoever changes actions holds the assessment until the transaction ends, so numbers, needs and scores are those of one moment.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.models import (
    ActionAim,
    ActionClosing,
    ActionComment,
    ActionNeed,
    ActionProof,
    Assessment,
    Evidence,
    ImprovementAction,
    PlanSetting,
)
from assessments.operations.evidence import InTheBin
from assessments.planning import (
    MOST_AIMS,
    MOST_DAYS,
    MOST_NEEDS,
    MOST_TEXT,
    CircularNeeds,
    Suggestion,
    in_a_ring,
    merged_by_item,
    suggest,
)
from assessments.queries.answers import current_basis, ratings_of
from assessments.queries.criteria import code_by_id, criteria_by_code
from assessments.queries.planning import action_at, actions_of, confirms_alone, preview_closing, setting_of, valid_proofs
from assessments.results import assess
from organizations.models import Department, User
from organizations.operations.trail import record_activity, recorded_together

Status, Outcome = ImprovementAction.Status, ActionClosing.Outcome
WORKED_ON = (Status.OPEN, Status.DOING, Status.DROPPED)  # what somebody sets by hand
MOST = {"text": MOST_TEXT, "days": MOST_DAYS, "aims": MOST_AIMS, "needs": MOST_NEEDS}
OWN_FIELDS = ("title", "text", "lead", "owner", "department", "days", "weeks", "starts_on", "due_on", "quarter")


class ChangedMeanwhile(Exception):
    """Somebody changed this after it was read; ``current`` is what stands there now."""

    def __init__(self, current: ImprovementAction | PlanSetting):
        self.current = current
        super().__init__(f"revision {current.revision} is newer")


class ActionClosed(Exception):
    """The action is closed, or waits for a second person; ``status`` says which. It is reopened or withdrawn first."""

    def __init__(self, status: str):
        self.status = status
        super().__init__(status)


class ActionGone(Exception):
    """The action was removed; only restoring it can be done with it."""


class UnknownAims(Exception):
    """The questionnaire has no such criteria: ``codes``."""

    def __init__(self, codes: Iterable[str]):
        self.codes = tuple(codes)
        super().__init__(", ".join(self.codes))


class UnknownNeeds(Exception):
    """The plan has no such actions: ``numbers``."""

    def __init__(self, numbers: Iterable[int]):
        self.numbers = tuple(sorted(numbers))
        super().__init__(", ".join(map(str, self.numbers)))


class TooMuchForOne(Exception):
    """More than one action can hold: ``what`` (text, days, aims, needs), of which at most ``most``."""

    def __init__(self, what: str, most: int):
        self.what, self.most = what, most
        super().__init__(f"{what}: more than {most}")


class NoProof(Exception):
    """No piece of evidence that is there and valid shows that the action is done."""


class SamePerson(Exception):
    """Who says that an action is done does not confirm it."""


class NotAsPreviewed(Exception):
    """Closing would have another effect by now than the one that was shown; ``preview`` is that of now."""

    def __init__(self, preview):
        self.preview = preview
        super().__init__(preview.after.exact)


class NotWaiting(Exception):
    """The closing was decided or withdrawn already; ``closing`` is what stands there now."""

    def __init__(self, closing: ActionClosing | None):
        self.closing = closing
        super().__init__(closing.outcome if closing else "")


# the plan


@transaction.atomic
def change_settings(
    *,
    assessment: Assessment,
    revision: int,
    starts_on: date,
    rates: Mapping[str, Decimal],
    currency: str,
    parallel: int,
    by: User,
    at: datetime,
) -> PlanSetting:
    """Set how the plan is reckoned, over the revision that was read (0: nobody set it yet). ``rates``: lead -> money per day.

    Raises ChangedMeanwhile.
    """
    _hold(assessment)
    setting = setting_of(assessment)
    words = {"starts_on": starts_on, "rates": {lead: f"{rate:f}" for lead, rate in rates.items()}}
    words |= {"currency": currency, "parallel": parallel}
    if setting.revision and all(getattr(setting, name) == value for name, value in words.items()):
        return setting
    if setting.revision != revision:
        raise ChangedMeanwhile(setting)
    for name, value in words.items():
        setattr(setting, name, value)
    setting.revision += 1
    setting.save()
    _record_plan("plan.settings_changed", assessment, by, at)
    return setting


@transaction.atomic
@recorded_together()
def suggest_actions(
    *, assessment: Assessment, scope: str, merge_by_item: bool = False, language: str, by: User, at: datetime
) -> list[ImprovementAction]:
    """Add what the bank advises, for the shortest path (``path``) or for all gaps (``gaps``), as the answers stand.

    Criteria that an action aims at already, unless it was dropped, are left out; the new actions wait for it where the bank
    says so. The new actions, by number.
    """
    _hold(assessment)
    questionnaire, present = assessment.questionnaire, actions_of(assessment)
    outcome = assess(
        questionnaire,
        current_basis(),
        ratings_of(assessment),
        method=assessment.method or None,
        target=assessment.target,
        targets=assessment.targets,
    )
    aimed_at = {code: action for action in present if action.status != Status.DROPPED for code in action.codes}
    found = [row for row in suggest(questionnaire, outcome, scope=scope, language=language) if row.criteria[0] not in aimed_at]
    if merge_by_item:
        found = merged_by_item(found, questionnaire, language)
    made = _add_suggested(assessment, found, aimed_at, by, at)
    if made:
        _record_plan("plan.suggested", assessment, by, at, str(len(made)))
    return made


@transaction.atomic
def switch_actions(*, assessment: Assessment, shown: Collection[int], on: Collection[int], by: User, at: datetime) -> None:
    """Let those of the actions ``shown`` (numbers) that are in ``on`` count in the what-if, the others of them not."""
    _hold(assessment)
    rows = ImprovementAction.objects.filter(assessment=assessment, removed_at=None, number__in=shown)
    changed = rows.filter(is_on=False, number__in=on).update(is_on=True)
    changed += rows.filter(is_on=True).exclude(number__in=on).update(is_on=False)
    if changed:
        _record_plan("plan.switched", assessment, by, at)


# actions


@transaction.atomic
def add_action(
    *,
    assessment: Assessment,
    title: str,
    text: str = "",
    codes: Iterable[str] = (),
    lead: str = "",
    owner: User | None = None,
    department: Department | None = None,
    days: Decimal = Decimal(0),
    weeks: int = 1,
    starts_on: date | None = None,
    due_on: date | None = None,
    quarter: str = "",
    needs: Iterable[int] = (),
    by: User,
    at: datetime,
) -> ImprovementAction:
    """Add an action of one's own. ``codes``: the criteria it raises; ``needs``: numbers of the actions that come first.

    Raises UnknownAims and UnknownNeeds.
    """
    _hold(assessment)
    words = {"title": title, "text": text, "lead": lead, "owner": owner, "department": department, "days": days}
    words |= {"weeks": weeks, "starts_on": starts_on, "due_on": due_on, "quarter": quarter}
    action = _add(assessment, words, codes, by, at)
    _set_needs(assessment, action, needs)
    _record("action.added", action, by, at)
    return action_at(assessment, action.number)


@transaction.atomic
def change_action(
    *, action: ImprovementAction, revision: int, changes: Mapping[str, Any], by: User, at: datetime
) -> ImprovementAction:
    """Change an action over the revision that was read. ``changes``: fields of ``OWN_FIELDS``, ``codes`` and ``needs``.

    Saving the same again is answered with what stands there. Raises ChangedMeanwhile, ActionClosed, ActionGone, UnknownAims,
    UnknownNeeds and CircularNeeds, and changes nothing.
    """
    action = _held_open(action)
    assessment = action.assessment
    fields = {name: value for name, value in changes.items() if name in OWN_FIELDS}
    codes, needs = changes.get("codes", action.codes), changes.get("needs", action.need_numbers)
    same = all(getattr(action, name) == value for name, value in fields.items())
    if same and set(codes) == set(action.codes) and set(needs) == set(action.need_numbers):
        return action
    if action.revision != revision:
        raise ChangedMeanwhile(action)
    for name, value in fields.items():
        setattr(action, name, value)
    action.revision += 1
    action.save(update_fields=[*fields, "revision"])
    _set_aims(assessment, action, codes)
    _set_needs(assessment, action, needs)
    _record("action.changed", action, by, at)
    return action_at(assessment, action.number)


@transaction.atomic
def set_status(*, action: ImprovementAction, status: str, by: User, at: datetime) -> ImprovementAction:
    """To do, in progress or dropped; closing goes its own way. Raises ActionClosed and ActionGone."""
    if status not in WORKED_ON:
        raise ValueError(status)
    action = _held_open(action)
    if action.status != status:
        _put(action, status)
        _record("action.changed", action, by, at, status)
    return action


@transaction.atomic
@recorded_together()
def merge_actions(
    *, assessment: Assessment, actions: Iterable[ImprovementAction], title: str, by: User, at: datetime
) -> ImprovementAction:
    """One action in the place of several: all that they aim at and need, days added up, the longest weeks, the earliest
    beginning and the latest due date, all proofs; it counts in the what-if if any of them does. Comments stay with the merged
    ones, which are removed.

    Raises ActionClosed, ActionGone, CircularNeeds and TooMuchForOne. ``unmerge`` undoes it.
    """
    _hold(assessment)
    merged = [_open_one(assessment, action) for action in sorted(actions, key=lambda action: action.number)]
    numbers = {action.number for action in merged}
    words = {"title": title, "text": "\n\n".join(dict.fromkeys(action.text for action in merged if action.text))}
    words |= {name: _first_said(merged, name) for name in ("lead", "owner", "department", "quarter")}
    words |= {"days": sum(action.days for action in merged), "weeks": max(action.weeks for action in merged)}
    words |= {"starts_on": _end(merged, "starts_on", min), "due_on": _end(merged, "due_on", max)}
    words["is_on"] = any(action.is_on for action in merged)
    if any(action.status == Status.DOING for action in merged):
        words["status"] = Status.DOING
    aims = {code for row in merged for code in row.codes}
    needs = {need for row in merged for need in row.need_numbers} - numbers
    sizes = {"text": len(words["text"]), "days": words["days"], "aims": len(aims), "needs": len(needs)}
    for what, most in MOST.items():
        if sizes[what] > most:
            raise TooMuchForOne(what, most)
    action = _add(assessment, words, aims, by, at)
    followers = [row for row in actions_of(assessment) if numbers & set(row.need_numbers) and row.number not in numbers]
    ImprovementAction.objects.filter(pk__in=[row.pk for row in merged]).update(removed_at=at, merged_into=action)
    proofs = {proof.evidence_id: proof for row in merged for proof in row.proof_rows}.values()
    ActionProof.objects.bulk_create(
        ActionProof(organization_id=action.organization_id, action=action, evidence_id=proof.evidence_id, place=proof.place)
        for proof in proofs
    )
    _set_needs(assessment, action, needs)
    for row in followers:
        _set_needs(assessment, row, {*(set(row.need_numbers) - numbers), action.number}, forget=False)
    about = " ".join(str(number) for number in sorted(numbers))
    _record("action.merged", action, by, at, f"from {about}")
    return action_at(assessment, action.number)


@transaction.atomic
@recorded_together()
def unmerge(*, action: ImprovementAction, by: User, at: datetime) -> list[ImprovementAction]:
    """Bring back what was merged into this action, as it was, and remove it. Raises ActionClosed and ActionGone."""
    action = _held_open(action)
    rows = ImprovementAction.objects.filter(merged_into=action)
    numbers = list(rows.values_list("number", flat=True))
    if numbers:
        rows.update(removed_at=None, merged_into=None)
        ImprovementAction.objects.filter(pk=action.pk).update(removed_at=at)
        _refuse_rings(action.assessment)
        _record("action.removed", action, by, at)
        _record_plan("action.restored", action.assessment, by, at, " ".join(f"action {number}" for number in numbers))
    return [row for row in actions_of(action.assessment) if row.number in numbers]


@transaction.atomic
def remove_action(*, action: ImprovementAction, by: User, at: datetime) -> None:
    """Take an action out of the plan, for ``restore_action``. Raises ActionClosed: a closed one is reopened first."""
    action = _held(action)
    if action.removed_at:
        return
    _refuse_closed(action)
    ImprovementAction.objects.filter(pk=action.pk).update(removed_at=at)
    _record("action.removed", action, by, at)


@transaction.atomic
def restore_action(*, action: ImprovementAction, by: User, at: datetime) -> ImprovementAction:
    """Take a removed action back into the plan, with all that it had. Raises CircularNeeds when others were changed meanwhile
    so that they wait for it."""
    action = _held(action)
    if action.removed_at:
        ImprovementAction.objects.filter(pk=action.pk).update(removed_at=None, merged_into=None)
        _refuse_rings(action.assessment)
        _record("action.restored", action, by, at)
    return action_at(action.assessment, action.number)


@transaction.atomic
def comment_action(*, action: ImprovementAction, text: str, by: User, at: datetime) -> ActionComment:
    """Say something about an action, in whatever state it is. Raises ActionGone."""
    action = _present(_held(action))
    comment = ActionComment.objects.create(
        organization_id=action.organization_id, action=action, text=text, written_by=by, written_at=at
    )
    _record("action.commented", action, by, at)
    return comment


@transaction.atomic
def add_proof(*, action: ImprovementAction, evidence: Evidence, place: str = "", by: User, at: datetime) -> ActionProof:
    """Say that a piece of the library shows that the action is done; again with another place: that one stands then.

    Raises ActionClosed, ActionGone and InTheBin.
    """
    action = _held_open(action)
    evidence = Evidence.objects.get(pk=evidence.pk)
    if evidence.removed_at:
        raise InTheBin
    tenant = {"organization_id": action.organization_id, "place": place}
    proof, made = ActionProof.objects.get_or_create(action=action, evidence=evidence, defaults=tenant)
    if made or proof.place != place:
        proof.place = place
        proof.save(update_fields=["place"])
        _record("action.changed", action, by, at, f"evidence {evidence.pk}")
    return proof


@transaction.atomic
def take_proof_off(*, action: ImprovementAction, evidence: Evidence, by: User, at: datetime) -> None:
    """Take it back; the piece stays in the library. Raises ActionClosed and ActionGone."""
    action = _held_open(action)
    gone, _rows = ActionProof.objects.filter(action=action, evidence=evidence).delete()
    if gone:
        _record("action.changed", action, by, at, f"without evidence {evidence.pk}")


# closing


@transaction.atomic
def ask_to_close(*, action: ImprovementAction, note: str = "", by: User, at: datetime) -> ActionClosing:
    """Say that the action is done, for somebody else to confirm. Raises ActionClosed, ActionGone, and NoProof without a piece
    of evidence that is there and not expired."""
    action = _held_open(action)
    if not valid_proofs(action, timezone.localdate(at)):
        raise NoProof
    closing = ActionClosing.objects.create(
        organization_id=action.organization_id, action=action, note=note, asked_by=by, asked_at=at
    )
    _put(action, Status.CLOSING)
    _record("action.closing_asked", action, by, at)
    return closing


@transaction.atomic
def confirm_closing(
    *, closing: ActionClosing, expected_after: str, decision: str = "", by: User, at: datetime
) -> ActionClosing:
    """Close the action, as the second person, with the effect that was shown: ``expected_after`` is the exact total.

    Nobody else holds a score that this one depends on meanwhile. Raises NotWaiting, SamePerson (unless nobody else could
    confirm, and then the trail says so), NoProof and NotAsPreviewed, and changes nothing.
    """
    action, closing = _held_closing(closing)
    alone = closing.asked_by_id == by.pk
    if alone and not confirms_alone(action.assessment, by):
        raise SamePerson
    if not valid_proofs(action, timezone.localdate(at)):
        raise NoProof
    preview = preview_closing(action)
    if preview.after.exact != expected_after:
        raise NotAsPreviewed(preview)
    closing.before, closing.after = preview.before.exact, preview.after.exact
    closing.level_before, closing.level_after = preview.before.level, preview.after.level
    _decide(closing, Outcome.CONFIRMED, decision, by, at)
    _put(action, Status.CLOSED)
    _record("action.closed", action, by, at, "alone" if alone else "")
    return closing


@transaction.atomic
def refuse_closing(*, closing: ActionClosing, decision: str, by: User, at: datetime) -> ActionClosing:
    """Say that it is not done yet, and why; it is worked on again. Raises NotWaiting."""
    return _give_back(closing, Outcome.REFUSED, "action.closing_refused", decision, by, at)


@transaction.atomic
def withdraw_closing(*, closing: ActionClosing, by: User, at: datetime) -> ActionClosing:
    """Take back that it is done. Raises NotWaiting."""
    return _give_back(closing, Outcome.WITHDRAWN, "action.closing_withdrawn", "", by, at)


@transaction.atomic
def reopen_action(*, action: ImprovementAction, why: str, by: User, at: datetime) -> ImprovementAction:
    """Undo a confirmed closing: the action is in progress again, and the total without it. Raises NotWaiting when it is not
    closed."""
    action = _held(action)
    rows = ActionClosing.objects.filter(action=action, outcome=Outcome.CONFIRMED)
    closing = rows.order_by("-decided_at", "-pk").first()
    if action.status != Status.CLOSED or closing is None:
        raise NotWaiting(closing)
    closing.outcome, closing.undone_by, closing.undone_at, closing.undone_why = Outcome.UNDONE, by, at, why
    closing.save(update_fields=["outcome", "undone_by", "undone_at", "undone_why"])
    _put(action, Status.DOING)
    _record("action.reopened", action, by, at)
    return action


# inside


def _hold(assessment: Assessment) -> None:
    Assessment.objects.select_for_update(of=("self",)).only("pk").get(pk=assessment.pk)


def _held(action: ImprovementAction) -> ImprovementAction:
    """The action as it is now, kept so until the transaction ends."""
    _hold(action.assessment)
    return action_at(action.assessment, action.number)


def _held_open(action: ImprovementAction) -> ImprovementAction:
    action = _present(_held(action))
    _refuse_closed(action)
    return action


def _open_one(assessment: Assessment, action: ImprovementAction) -> ImprovementAction:
    action = _present(action_at(assessment, action.number))
    _refuse_closed(action)
    return action


def _present(action: ImprovementAction) -> ImprovementAction:
    if action.removed_at:
        raise ActionGone
    return action


def _refuse_closed(action: ImprovementAction) -> None:
    if action.status in (Status.CLOSING, Status.CLOSED):
        raise ActionClosed(action.status)


def _held_closing(closing: ActionClosing) -> tuple[ImprovementAction, ActionClosing]:
    action = _held(closing.action)
    closing = ActionClosing.objects.select_related("asked_by").get(pk=closing.pk)
    if closing.outcome:
        raise NotWaiting(closing)
    return action, closing


def _give_back(closing: ActionClosing, outcome: str, verb: str, decision: str, by: User, at: datetime) -> ActionClosing:
    action, closing = _held_closing(closing)
    _decide(closing, outcome, decision, by, at)
    _put(action, Status.DOING)
    _record(verb, action, by, at)
    return closing


def _decide(closing: ActionClosing, outcome: str, decision: str, by: User, at: datetime) -> None:
    closing.outcome, closing.decision, closing.decided_by, closing.decided_at = outcome, decision, by, at
    closing.save()


def _put(action: ImprovementAction, status: str) -> None:
    action.status = status
    action.revision += 1
    action.save(update_fields=["status", "revision"])


def _add(assessment: Assessment, words: Mapping[str, Any], codes: Iterable[str], by, at) -> ImprovementAction:
    last = ImprovementAction.objects.filter(assessment=assessment).order_by("-number").values_list("number", flat=True).first()
    action = ImprovementAction.objects.create(
        organization_id=assessment.organization_id,
        assessment=assessment,
        number=(last or 0) + 1,
        **words,
        made_by=by,
        made_at=at,
    )
    _set_aims(assessment, action, codes)
    return action


def _add_suggested(
    assessment: Assessment, found: list[Suggestion], aimed_at: Mapping[str, ImprovementAction], by, at
) -> list[ImprovementAction]:
    """All at once: six hundred are suggested in one act."""
    rows = ImprovementAction.objects.filter(assessment=assessment).order_by("-number").values_list("number", flat=True)
    first, criteria = (rows.first() or 0) + 1, criteria_by_code(assessment.version)
    tenant = {"organization_id": assessment.organization_id}
    made = ImprovementAction.objects.bulk_create(
        ImprovementAction(
            **tenant,
            assessment=assessment,
            number=number,
            title=row.title,
            text=row.text,
            lead=row.lead,
            days=row.days,
            weeks=row.weeks,
            made_by=by,
            made_at=at,
        )
        for number, row in enumerate(found, start=first)
    )
    action_of = {code: action for action, row in zip(made, found, strict=True) for code in row.criteria}
    ActionAim.objects.bulk_create(
        ActionAim(**tenant, action=action, criterion=criteria[code]) for code, action in action_of.items()
    )
    action_of |= aimed_at
    pairs = {
        (action.pk, action_of[code].pk)
        for action, row in zip(made, found, strict=True)
        for code in row.needs
        if code in action_of
    }
    ActionNeed.objects.bulk_create(ActionNeed(**tenant, action_id=one, needs_id=other) for one, other in sorted(pairs))
    numbers = {action.number for action in made}
    return [action for action in actions_of(assessment) if action.number in numbers]


def _set_aims(assessment: Assessment, action: ImprovementAction, codes: Iterable[str]) -> None:
    criteria, codes = criteria_by_code(assessment.version), set(codes)
    if unknown := sorted(codes - set(criteria)):
        raise UnknownAims(unknown)
    rows, code_of = ActionAim.objects.filter(action=action), code_by_id(assessment.version)
    there = {code_of[pk] for pk in rows.values_list("criterion_id", flat=True)}
    rows.filter(criterion__in=[criteria[code].pk for code in there - codes]).delete()
    ActionAim.objects.bulk_create(
        ActionAim(organization_id=action.organization_id, action=action, criterion=criteria[code])
        for code in sorted(codes - there)
    )


def _set_needs(assessment: Assessment, action: ImprovementAction, numbers: Iterable[int], *, forget: bool = True) -> None:
    """``forget``: needs that point to removed actions go, too."""
    rows = ImprovementAction.objects.filter(assessment=assessment, removed_at=None)
    ids, numbers = dict(rows.values_list("number", "pk")), set(numbers)
    if unknown := numbers - set(ids):
        raise UnknownNeeds(unknown)
    if action.number in numbers:
        raise CircularNeeds([action.number])
    kept = ActionNeed.objects.filter(action=action)
    there = set(kept.values_list("needs__number", flat=True))
    others = kept.exclude(needs__number__in=numbers)
    (others if forget else others.filter(needs__removed_at=None)).delete()
    ActionNeed.objects.bulk_create(
        ActionNeed(organization_id=action.organization_id, action=action, needs_id=ids[number])
        for number in sorted(numbers - there)
    )
    _refuse_rings(assessment)


def _refuse_rings(assessment: Assessment) -> None:
    rows = ActionNeed.objects.filter(action__assessment=assessment, action__removed_at=None, needs__removed_at=None)
    needs: dict[int, set[int]] = {}
    for number, need in rows.values_list("action__number", "needs__number"):
        needs.setdefault(number, set()).add(need)
        needs.setdefault(need, set())
    if ring := in_a_ring(needs):
        raise CircularNeeds(ring)


def _first_said(merged: list[ImprovementAction], name: str):
    """What the first of them says that says something; else the field's own nothing."""
    values = [getattr(action, name) for action in merged]
    return next(filter(None, values), values[0])


def _end(merged: list[ImprovementAction], name: str, choose):
    days = [day for day in (getattr(action, name) for action in merged) if day]
    return choose(days) if days else None


def _record(verb: str, action: ImprovementAction, by: User, at: datetime, more: str = "") -> None:
    _record_plan(verb, action.assessment, by, at, f"action {action.number} {more}".strip())


def _record_plan(verb: str, assessment: Assessment, by: User, at: datetime, more: str = "") -> None:
    about = f"assessment {assessment.pk} {more}".strip()
    record_activity(verb, organization=assessment.organization, about=about, by=by, at=at)
