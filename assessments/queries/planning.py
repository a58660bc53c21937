"""Reads of the improvement plan: its actions in a fixed number of queries, the plan as values, and what follows from it."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from django.db.models import Count, Exists, F, OuterRef
from django.utils import timezone
from django_scopes import scope

from assessments.models import (
    ActionAim,
    ActionClosing,
    ActionComment,
    ActionNeed,
    ActionProof,
    Assessment,
    Evidence,
    EvidenceVersion,
    ImprovementAction,
    PlanSetting,
)
from assessments.path import shortest_path
from assessments.planning import (
    CLOSED,
    CLOSING,
    DOING,
    OPEN,
    Plan,
    PlanAction,
    Reckoning,
    Standing,
    ratings_now,
    reckon,
    standing,
    strengths_of,
)
from assessments.proving import expired
from assessments.queries.answers import ratings_of
from assessments.queries.criteria import code_by_id
from assessments.queries.reviewing import advising_engagements
from assessments.results import own_targets
from assessments.scoring import find_method
from organizations.models import Membership, Organization, Role, User
from organizations.permissions import Permission, allows
from questionnaires.library import current_policy_library, questionnaire_of
from questionnaires.models import Version
from questionnaires.schema import Questionnaire

CONFIRMING_ROLES = [role for role in Role if allows(role, Permission.PLAN_CONFIRM)]
DUE_DAYS = timedelta(days=7)
MONDAY = 7


def actions_of(assessment: Assessment, *, removed: bool = False) -> list[ImprovementAction]:
    """The actions by number, those that were removed only on request, in five queries.

    Each has ``codes`` (of its criteria, in the questionnaire's order), ``need_numbers``, ``comment_count``, ``waiting`` (the
    closing that waits for somebody, or None) and ``proof_rows``; owner and department are read.
    """
    rows = ImprovementAction.objects.filter(assessment=assessment)
    if not removed:
        rows = rows.filter(removed_at=None)
    actions = list(
        rows.select_related("owner", "department").annotate(comment_count=Count("comments", distinct=True)).order_by("number")
    )
    furnish(assessment, actions)
    return actions


def action_at(assessment: Assessment, number: int) -> ImprovementAction | None:
    """One action by its number, removed or not, with the same attributes."""
    rows = ImprovementAction.objects.filter(assessment=assessment, number=number).select_related("owner", "department")
    action = rows.annotate(comment_count=Count("comments", distinct=True)).first()
    if action is not None:
        furnish(assessment, [action])
    return action


def furnish(assessment: Assessment, actions: Iterable[ImprovementAction]) -> None:
    """Give the actions ``codes``, ``need_numbers``, ``waiting`` and ``proof_rows``, in four queries."""
    ids = {action.pk: action for action in actions}
    if not ids:
        return
    codes, order = code_by_id(assessment.version), {code: at for at, code in enumerate(assessment.questionnaire.item_of)}
    aims, needs, proofs = defaultdict(list), defaultdict(list), defaultdict(list)
    for action, criterion in ActionAim.objects.filter(action__in=ids).values_list("action_id", "criterion_id"):
        aims[action].append(codes[criterion])
    rows = ActionNeed.objects.filter(action__in=ids, needs__removed_at=None)
    for action, number in rows.order_by("needs__number").values_list("action_id", "needs__number"):
        needs[action].append(number)
    for proof in ActionProof.objects.filter(action__in=ids).select_related("evidence").order_by("pk"):
        proofs[proof.action_id].append(proof)
    waits = ActionClosing.objects.filter(action__in=ids, outcome="").select_related("asked_by")
    waiting = {row.action_id: row for row in waits}
    for pk, action in ids.items():
        action.assessment = assessment
        action.codes = tuple(sorted(aims[pk], key=order.__getitem__))
        action.need_numbers = tuple(needs[pk])
        action.waiting = waiting.get(pk)
        action.proof_rows = proofs[pk]


def setting_of(assessment: Assessment) -> PlanSetting:
    """How the plan is reckoned; as long as nobody set it, from next Monday on, without rates."""
    found = PlanSetting.objects.filter(assessment=assessment).first()
    return found or PlanSetting(
        organization_id=assessment.organization_id, assessment=assessment, starts_on=next_monday(timezone.localdate())
    )


def next_monday(on: date) -> date:
    return on + timedelta(days=MONDAY - on.weekday())


def plan_of(assessment: Assessment, *, heard: Container[int] | None = None) -> Plan | None:
    """The plan as plain values, with comments and proofs; None without actions. Of confidential proof there is no title.

    ``heard``: whose comments and closing notes it tells (primary keys of people); by default everybody's.
    """
    actions = actions_of(assessment)
    if not actions:
        return None
    return as_plan(setting_of(assessment), actions, _comments(actions, heard), _closings(actions, heard))


def as_plan(
    setting: PlanSetting,
    actions: Iterable[ImprovementAction],
    comments: Mapping[int, list[str]] | None = None,
    closings: Mapping[int, ActionClosing] | None = None,
) -> Plan:
    """Rows of ``actions_of`` as values. ``comments`` and ``closings`` (confirmed) by the primary key of the action."""
    comments, closings = comments or {}, closings or {}
    return Plan(
        starts_on=setting.starts_on,
        actions=tuple(_as_value(row, comments.get(row.pk, ()), closings.get(row.pk)) for row in actions),
        rates={lead: Decimal(rate) for lead, rate in setting.rates.items()},
        currency=setting.currency,
        parallel=setting.parallel,
    )


def _as_value(row: ImprovementAction, comments: Iterable[str], closing: ActionClosing | None) -> PlanAction:
    return PlanAction(
        number=row.number,
        title=row.title,
        criteria=row.codes,
        text=row.text,
        status=row.status,
        lead=row.lead,
        owner=str(row.owner) if row.owner else "",
        department=row.department.name if row.department else "",
        days=row.days,
        weeks=row.weeks,
        starts_on=row.starts_on,
        due_on=row.due_on,
        quarter=row.quarter,
        is_on=row.is_on,
        needs=row.need_numbers,
        comments=tuple(comments),
        proofs=tuple(_title(proof) for proof in row.proof_rows if proof.evidence.removed_at is None),
        closed_on=timezone.localdate(closing.decided_at) if closing else None,
        closing_note=closing.note if closing else "",
    )


def _title(proof: ActionProof) -> str:
    if proof.evidence.confidentiality == Evidence.Confidentiality.CONFIDENTIAL:
        return ""
    return f"{proof.evidence.title}, {proof.place}" if proof.place else proof.evidence.title


def _comments(actions: Iterable[ImprovementAction], heard: Container[int] | None) -> dict[int, list[str]]:
    found = defaultdict(list)
    rows = ActionComment.objects.filter(action__in=actions)
    for action, text, person in rows.values_list("action_id", "text", "written_by_id"):
        if heard is None or person in heard:
            found[action].append(text)
    return found


def _closings(actions: Iterable[ImprovementAction], heard: Container[int] | None) -> dict[int, ActionClosing]:
    rows = ActionClosing.objects.filter(action__in=[row for row in actions if row.status == CLOSED])
    found = {row.action_id: row for row in rows.filter(outcome=ActionClosing.Outcome.CONFIRMED).order_by("decided_at", "pk")}
    for row in found.values():
        if heard is not None and row.asked_by_id not in heard:
            row.note = ""
    return found


# what follows from it


def reckoning_of(assessment: Assessment, *, plan: Plan | None = None) -> Reckoning:
    """Effects, priorities, slots, costs and totals of the plan as it stands, or of the one given; of an empty one, too."""
    plan = plan or plan_of(assessment) or as_plan(setting_of(assessment), [])
    questionnaire, ratings = assessment.questionnaire, ratings_of(assessment)
    return reckon(
        questionnaire,
        ratings,
        assessment.method or None,
        plan,
        goals=goals_of(questionnaire, assessment.target, assessment.targets),
        path=_path_from(assessment, ratings_now(questionnaire, ratings, plan)),
        strengths=strengths_of(questionnaire, current_policy_library()),
    )


def goals_of(questionnaire: Questionnaire, target: int | None, targets: Mapping[str, int]) -> dict[str, int]:
    """Item code -> its target level; nothing where there is none."""
    own = own_targets(questionnaire, target, targets)
    goals = {item.code: own.get(item.code, target) for item in questionnaire.items}
    return {code: goal for code, goal in goals.items() if goal is not None}


def _path_from(assessment: Assessment, ratings: Mapping[str, str]) -> frozenset[str] | None:
    if assessment.target is None:
        return None
    return _path(_Key(assessment.version), tuple(sorted(ratings.items())), assessment.method, assessment.target)


class _Key:
    """A version that is told from others by its content, which never changes."""

    def __init__(self, version: Version):
        self.version = version

    def __hash__(self):
        return hash(self.version.sha256)

    def __eq__(self, other):
        return self.version.sha256 == other.version.sha256


@lru_cache(maxsize=64)
def _path(key: _Key, ratings: tuple[tuple[str, str], ...], method: str, target: int) -> frozenset[str] | None:
    """Kept while nothing changes: the path is the slowest part of a page by far."""
    questionnaire = questionnaire_of(key.version)
    path = shortest_path(questionnaire, dict(ratings), find_method(questionnaire, method or None), target)
    return None if path is None else frozenset(step.criterion for step in path.raises)


@dataclass(frozen=True)
class Preview:
    """The total before and after one action is closed."""

    before: Standing
    after: Standing


def preview_closing(action: ImprovementAction) -> Preview:
    """What closing the action does to the total as the answers and the other closed actions stand now."""
    assessment = action.assessment
    plan = as_plan(setting_of(assessment), actions_of(assessment))
    given = (assessment.questionnaire, ratings_of(assessment), assessment.method or None, plan)
    return Preview(standing(*given, only=()), standing(*given, only={action.number}))


def confirms_alone(assessment: Assessment, by: User) -> bool:
    """Nobody else could confirm a closing: no consultancy advises on it, and no other member has the right."""
    rows = Membership.objects.filter(
        organization_id=assessment.organization_id, role__in=CONFIRMING_ROLES, user__is_active=True
    )
    mine = rows.filter(user=by).exists()
    return mine and not advising_engagements(assessment) and not rows.exclude(user=by).exists()


def valid_proofs(action: ImprovementAction, on: date) -> list[ActionProof]:
    """The pieces that show that the action is done: with a file or link, not in the bin, not expired."""
    has_content = Exists(EvidenceVersion.objects.filter(evidence=OuterRef("evidence_id")))
    rows = ActionProof.objects.filter(has_content, action=action, evidence__removed_at=None).select_related("evidence")
    return [row for row in rows.order_by("pk") if not expired(row.evidence.valid_until, on)]


def closed_criteria(assessment: Assessment) -> dict[str, list[Evidence]]:
    """Code -> the pieces that prove it, of every criterion that a closed action raised: the start of the next cycle."""
    found: dict[str, dict[int, Evidence]] = {}
    for action in actions_of(assessment):
        if action.status == CLOSED:
            for code in action.codes:
                pieces = [row.evidence for row in action.proof_rows if row.evidence.removed_at is None]
                found.setdefault(code, {}).update({piece.pk: piece for piece in pieces})
    return {code: list(pieces.values()) for code, pieces in found.items()}


@dataclass(frozen=True)
class DueAction:
    """An action that somebody has to do soon, or should have done."""

    action: ImprovementAction
    on: date

    @property
    def is_late(self) -> bool:
        return self.action.due_on < self.on


def due_soon(on: date) -> list[DueAction]:
    """The actions that are not done, have an owner who is still a member, and are due within a week or overdue, with
    assessment and organization; of all organizations, one after another."""
    found = []
    for organization in Organization.objects.order_by("pk").values_list("pk", flat=True):
        with scope(organization=organization):
            found += [DueAction(action, on) for action in _due(organization, on)]
    return found


def _due(organization: int, on: date) -> list[ImprovementAction]:
    member = Membership.objects.filter(organization=organization, user=OuterRef("owner"))
    rows = ImprovementAction.objects.filter(
        Exists(member),
        removed_at=None,
        status__in=(OPEN, DOING, CLOSING),
        due_on__lte=on + DUE_DAYS,
        owner__is_active=True,
    )
    rows = rows.select_related("owner", "assessment__organization").defer("assessment__version__content")
    return list(rows.order_by(F("due_on").asc(), "assessment_id", "number"))
