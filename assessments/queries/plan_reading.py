"""What the pages of the improvement plan show besides the plan: who did what as far as the reader may know, and its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from assessments.models import ActionClosing, ActionComment, ActionProof, Assessment, Evidence, ImprovementAction
from assessments.queries.evidence import find_text, may_open
from assessments.queries.visible import assessments_visible_to, evidence_visible_to
from organizations.guests import Guest
from organizations.models import ActivityEntry, Membership, TeamMember, User

MOST_LINES = 60


def known_people(place: Membership | Guest) -> set[int] | None:
    """Whose names the reader may see: None for everybody's; a guest knows the members and the people of their own firm."""
    return people_heard(place) if isinstance(place, Guest) else None


def people_heard(place: Membership | Guest) -> set[int]:
    """Whose words a report may tell that is made there: the members', for a guest also those of their own firm."""
    members = Membership.objects.filter(organization_id=place.organization_id).values_list("user_id", flat=True)
    if not isinstance(place, Guest):
        return set(members)
    team = TeamMember.objects.filter(engagement__consultancy=place.engagement.consultancy_id).values_list("user_id", flat=True)
    return {*members, *team}


def knows(known: set[int] | None, user_id: int | None) -> bool:
    return known is None or user_id is None or user_id in known


def comments_of(action: ImprovementAction) -> list[ActionComment]:
    """The oldest first."""
    return list(ActionComment.objects.filter(action=action).select_related("written_by"))


def closings_of(action: ImprovementAction, known: set[int] | None) -> list[ActionClosing]:
    """The newest first; what somebody said whom the reader must not know of is left empty."""
    rows = list(ActionClosing.objects.filter(action=action).select_related("asked_by", "decided_by", "undone_by"))
    for row in rows:
        if not knows(known, row.decided_by_id):
            row.decided_by, row.decision = None, ""
        if not knows(known, row.undone_by_id):
            row.undone_by, row.undone_why = None, ""
    return rows


@dataclass(frozen=True)
class Line:
    verb: str
    by: str
    at: datetime


def history_of_action(action: ImprovementAction, known: set[int] | None) -> list[Line]:
    """What the trail says of the action, the newest first."""
    about = f"assessment {action.assessment_id} action {action.number}"
    rows = ActivityEntry.objects.filter(Q(about=about) | Q(about__startswith=f"{about} "), organization=action.organization_id)
    lines = list(rows.order_by("-at", "-pk").values_list("verb", "by_id", "at")[:MOST_LINES])
    people = User.objects.in_bulk({by for _verb, by, _at in lines if by and knows(known, by)})
    return [Line(verb, str(people[by]) if by in people else "", at) for verb, by, at in lines]


def needed_by(action: ImprovementAction) -> list[int]:
    """Numbers of the actions that wait for it."""
    rows = ImprovementAction.objects.filter(needs__needs=action, removed_at=None)
    return list(rows.order_by("number").values_list("number", flat=True))


def mark_shown(proofs: Iterable[ActionProof], place: Membership | Guest) -> None:
    """Give each ``openable``: whether the reader gets to the piece, and ``is_named``: whether they see which it is. For a guest
    both are the same."""
    if not isinstance(place, Guest):
        for proof in proofs:
            proof.openable, proof.is_named = may_open(place, proof.evidence), True
        return
    pieces = evidence_visible_to(place).filter(pk__in=[proof.evidence_id for proof in proofs])
    open_ones = set(pieces.values_list("pk", flat=True))
    for proof in proofs:
        proof.openable = proof.is_named = proof.evidence_id in open_ones


def possible_proofs(action: ImprovementAction, text: str, most: int = 10) -> list[Evidence]:
    """Pieces of the library that could show that the action is done: not in the bin, not among its proofs; the latest first."""
    taken = ActionProof.objects.filter(evidence=OuterRef("pk"), action=action)
    rows = Evidence.objects.filter(~Exists(taken), removed_at=None)
    return list((rows.filter(find_text(text)) if text else rows).order_by("-added_at", "-pk")[:most])


def earlier_plan(assessment: Assessment, place: Membership | Guest) -> Assessment | None:
    """The latest assessment before this one that has a plan and that the reader may see."""
    there = ImprovementAction.objects.filter(assessment=OuterRef("pk"), removed_at=None)
    rows = assessments_visible_to(place).filter(Exists(there), organization_id=assessment.organization_id)
    before = Q(started_at__lt=assessment.started_at) | Q(started_at=assessment.started_at, pk__lt=assessment.pk)
    return rows.filter(before).defer("version").order_by(F("started_at").desc(), "-pk").first()


def removed_one(assessment: Assessment, pk: str) -> ImprovementAction | None:
    """The removed action of that key, for an offer to bring it back."""
    if not pk.isascii() or not pk.isdecimal() or len(pk) > 15:
        return None
    return ImprovementAction.objects.filter(assessment=assessment, pk=pk).exclude(removed_at=None).first()


def merged_one(assessment: Assessment, pk: str) -> ImprovementAction | None:
    """The action of that key, if others were merged into it."""
    if not pk.isascii() or not pk.isdecimal() or len(pk) > 15:
        return None
    merged = ImprovementAction.objects.filter(merged_into=OuterRef("pk"))
    return ImprovementAction.objects.filter(Exists(merged), assessment=assessment, pk=pk, removed_at=None).first()
