"""What waits for one person, over all organizations they belong to. The reads here cross tenants, by person: they find only
what that person's memberships open."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django_scopes import scope

from assessments.models import Answer, Assessment, Assignment, Comment
from assessments.queries.answers import Progress, with_answer_counts
from assessments.queries.assigning import ANSWERING_ROLES, in_hands_of, is_for, may_answer_item
from assessments.states import OPEN, state_allows
from organizations.models import Membership, Organization, User
from organizations.permissions import Permission, allows
from organizations.tenancy import by_person
from questionnaires.schema import rated_codes

State = Assessment.State
SOON = timedelta(days=7)
Counts = dict[tuple[int, str], int]  # (assessment, item code) -> questions answered
TO_DECIDE = {
    State.PREPARING: Permission.ASSESSMENT_OPEN,
    State.SUBMITTED: Permission.REVIEW_BEGIN,
    State.IN_REVIEW: Permission.REVIEW_RETURN,
}


@dataclass(frozen=True)
class WaitingItem:
    """One item that somebody has and that is not finished; ``first_open`` is its first unanswered question."""

    assessment: Assessment
    item: object
    assignment: Assignment
    progress: Progress
    first_open: str
    on: date

    @property
    def due_on(self) -> date | None:
        return self.assignment.due_on

    @property
    def is_late(self) -> bool:
        return self.due_on is not None and self.due_on < self.on

    @property
    def is_soon(self) -> bool:
        return self.due_on is not None and self.on <= self.due_on <= self.on + SOON


@dataclass(frozen=True)
class Question:
    """A colleague's question to this person."""

    comment: Comment
    item_code: str


@dataclass
class Standing:
    """One assessment: how far it is, where this person can go on, and what its coordinator has to arrange."""

    assessment: Assessment
    membership: Membership
    progress: Progress
    go_on: str = ""  # the first item with open questions that this person may answer
    unassigned: int = 0
    late: list[tuple[str, int]] = field(default_factory=list)  # (department or person, items)
    decide: bool = False  # its state waits for somebody like this person
    ready: bool = False  # wholly answered, and this person may submit it

    @property
    def coordinates(self) -> bool:
        return allows(self.membership.role, Permission.ASSIGN)

    @property
    def needs_arranging(self) -> bool:
        returned = self.assessment.state == State.RETURNED and self.coordinates
        return bool(self.unassigned or self.late or self.decide or self.ready or returned)


@dataclass(frozen=True)
class Work:
    """My work, as of a day."""

    memberships: list[Membership]
    items: list[WaitingItem]
    questions: list[Question]
    standings: list[Standing]

    @property
    def to_arrange(self) -> list[Standing]:
        return [row for row in self.standings if row.needs_arranging]


def work_of(user: User, on: date) -> Work:
    """Everything that the first page says to a person, in seven queries however many assessments there are."""
    with scope(organization=_places_of(user)):
        memberships = {row.organization_id: row for row in _memberships(Q(user=user))}
        rows = Assessment.objects.select_related("organization", "version").defer("version__content")
        rows = rows.filter(organization__in=memberships).exclude(state=State.FINAL)
        assessments = list(with_answer_counts(rows))
        assignments = _assignments(Q(assessment__in=assessments))
        counts = _answered_per_item(assessments)
        standings = [_standing(row, memberships[row.organization_id], assignments[row.pk], counts, on) for row in assessments]
        mine = [
            (assessment, assignment)
            for assessment in assessments
            if assessment.state in OPEN
            for assignment in assignments[assessment.pk].values()
            if _has(memberships[assessment.organization_id], assignment)
        ]
        return Work(list(memberships.values()), waiting_items(mine, on), _questions(user, memberships), standings)


def due_work_of(user: User, on: date, until: date | None) -> list[WaitingItem]:
    """The unfinished items of open assessments that this person has anywhere; with ``until`` those due by then."""
    with scope(organization=_places_of(user)):
        memberships = [row for row in _memberships(Q(user=user)) if row.role in ANSWERING_ROLES]
        if not memberships:
            return []
        handed = reduce(or_, (in_hands_of(row) & Q(organization_id=row.organization_id) for row in memberships))
        due = Q(due_on__lte=until) if until else Q()
        return waiting_items(_handed(handed & due & Q(assessment__state__in=OPEN)), on)


def people_to_remind(on: date, days: Callable[[date], bool]) -> set[int]:
    """Everybody who has an unfinished item whose due date is one of those ``days``; of all organizations, one after another."""
    found = set()
    for organization in Organization.objects.order_by("pk").values_list("pk", flat=True):
        with scope(organization=organization):
            found |= _to_remind(organization, on, days)
    return found


def _to_remind(organization: int, on: date, days: Callable[[date], bool]) -> set[int]:
    rows = Assignment.objects.filter(due_on__isnull=False, assessment__state__in=OPEN).order_by("pk")
    chosen = [pk for pk, due_on in rows.values_list("pk", "due_on") if days(due_on)]
    return {member.user_id for member, _row in _holders(organization, chosen, on)} if chosen else set()


def _places_of(user: User) -> list[int]:
    """The organizations that the person is a member of."""
    with by_person(user.pk):
        return list(Membership.objects.filter(user=user).values_list("organization_id", flat=True))


def _holders(organization_id: int, assignments: list[int], on: date):
    waiting = waiting_items(_handed(Q(pk__in=assignments)), on)
    for member in _memberships(Q(organization=organization_id, role__in=ANSWERING_ROLES)) if waiting else ():
        yield from ((member, row) for row in waiting if is_for(member, row.assignment))


def _handed(which: Q) -> list[tuple[Assessment, Assignment]]:
    found = _assignments(which)
    assessments = Assessment.objects.select_related("organization", "version").defer("version__content").in_bulk(list(found))
    return [(assessments[pk], assignment) for pk, rows in found.items() for assignment in rows.values()]


def waiting_items(handed: list[tuple[Assessment, Assignment]], on: date) -> list[WaitingItem]:
    """Those of the handed items that have unanswered questions: the overdue first, those without a day last. One query."""
    answered = _answered_codes({row.pk for row, _a in handed}, {a.item_code for _row, a in handed})
    items = []
    for assessment, assignment in handed:
        item = assessment.questionnaire.item_by_code.get(assignment.item_code)
        codes = rated_codes(item) if item else ()
        left = [code for code in codes if (assessment.pk, code) not in answered]
        if left:
            progress = Progress(len(codes) - len(left), len(codes))
            items.append(WaitingItem(assessment, item, assignment, progress, left[0], on))
    return sorted(items, key=_urgency)


def _urgency(row: WaitingItem):
    order = list(row.assessment.questionnaire.item_by_code).index(row.item.code)
    return row.due_on is None, row.due_on or date.max, -row.assessment.pk, order


def _memberships(who: Q):
    rows = Membership.objects.filter(who, user__is_active=True).select_related("organization", "department", "user")
    return rows.annotate(colleagues=Count("organization__memberships")).order_by("organization__name", "pk")


def _assignments(which: Q) -> dict[int, dict[str, Assignment]]:
    """Assessment -> item code -> assignment."""
    found = defaultdict(dict)
    for row in Assignment.objects.filter(which).select_related("department", "person", "assigned_by").order_by("pk"):
        found[row.assessment_id][row.item_code] = row
    return found


def _answered_per_item(assessments: Iterable[Assessment]) -> Counts:
    rows = Answer.objects.filter(assessment__in=assessments).exclude(rating="").order_by()
    rows = rows.values_list("assessment_id", "criterion__item").annotate(n=Count("pk"))
    return {(assessment_id, item): n for assessment_id, item, n in rows}


def _answered_codes(assessments: set[int], items: set[str]) -> set[tuple[int, str]]:
    rows = Answer.objects.filter(assessment__in=assessments, criterion__item__in=items).exclude(rating="")
    return set(rows.values_list("assessment_id", "criterion__code"))


def _questions(user: User, memberships: dict[int, Membership]) -> list[Question]:
    rows = Comment.objects.filter(asked=user, settled_at__isnull=True, organization__in=memberships)
    rows = rows.exclude(assessment__state=State.FINAL).order_by("written_at", "pk")
    return [
        Question(row, row.criterion.item) for row in rows.select_related("assessment__organization", "criterion", "written_by")
    ]


def _standing(
    assessment: Assessment, membership: Membership, assignments: dict[str, Assignment], counts: Counts, on: date
) -> Standing:
    questionnaire = assessment.questionnaire
    standing = Standing(assessment, membership, Progress(assessment.answered_count, len(questionnaire.item_of)))
    permission = TO_DECIDE.get(assessment.state)
    standing.decide = permission is not None and allows(membership.role, permission)
    answered = assessment.state == State.ANSWERING and not standing.progress.left
    standing.ready = answered and allows(membership.role, Permission.ASSESSMENT_SUBMIT)
    late = defaultdict(int)
    for item in questionnaire.items:
        assignment = assignments.get(item.code)
        left = len(rated_codes(item)) - counts.get((assessment.pk, item.code), 0)
        if not left:
            continue
        standing.unassigned += assignment is None
        if not standing.go_on and assessment.state in OPEN and may_answer_item(membership, assignment):
            standing.go_on = item.code
        if assignment and assignment.due_on and assignment.due_on < on:
            late[str(assignment.department or assignment.person)] += 1
    if standing.coordinates and assessment.state in OPEN:
        standing.late = sorted(late.items())
    if not (standing.coordinates and membership.colleagues > 1 and state_allows(assessment.state, Permission.ASSIGN)):
        standing.unassigned = 0
    return standing


def _has(membership: Membership, assignment: Assignment) -> bool:
    return membership.role in ANSWERING_ROLES and is_for(membership, assignment)
