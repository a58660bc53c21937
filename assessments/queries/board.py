"""Who is how far: the items of one assessment by department and by person, from five queries whatever their number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assessments.models import Assessment, Assignment, EvidenceLink
from assessments.queries.answers import Progress, ratings_of
from assessments.queries.assigning import assignments_of, departments_here, people_who_answer
from assessments.queries.criteria import code_by_id
from organizations.models import Department, Membership, User
from questionnaires.schema import rated_codes


@dataclass(frozen=True)
class BoardItem:
    """One item: answered of all its questions, how many of the answered have evidence, and with whom it is."""

    item: object
    progress: Progress
    proven: int
    assignment: Assignment | None
    department: Department | None
    is_late: bool

    @property
    def due_on(self) -> date | None:
        return self.assignment.due_on if self.assignment else None

    @property
    def overdue(self) -> int:
        return self.progress.left if self.is_late else 0


@dataclass(frozen=True)
class Share:
    """What one department or person (or nobody) has, summed up."""

    holder: Department | User | None
    name: str
    items: tuple[BoardItem, ...]
    department: Department | None = None

    @property
    def progress(self) -> Progress:
        return Progress(sum(row.progress.answered for row in self.items), sum(row.progress.total for row in self.items))

    @property
    def proven(self) -> int:
        return sum(row.proven for row in self.items)

    @property
    def waiting(self) -> int:
        return self.progress.left

    @property
    def overdue(self) -> int:
        return sum(row.overdue for row in self.items)

    @property
    def next_due(self) -> date | None:
        return min((row.due_on for row in self.items if row.due_on and row.progress.left), default=None)


@dataclass(frozen=True)
class Board:
    whole: Share
    items: tuple[BoardItem, ...]
    departments: tuple[Share, ...]
    people: tuple[Share, ...]
    nobody: Share


def board_of(assessment: Assessment, on: date) -> Board:
    """The board as of a day. An item counts for the department it is assigned to, else for its person's department."""
    members = people_who_answer()
    items = _items(assessment, {row.user_id: row.department for row in members}, on)
    departments = [Share(row, row.name, tuple(_of(items, row.pk))) for row in departments_here()]
    nobody = Share(None, "", tuple(row for row in items if row.assignment is None))
    return Board(Share(None, "", items), items, tuple(departments), tuple(_people(items, members)), nobody)


def _items(assessment: Assessment, department_of: dict[int, Department | None], on: date) -> tuple[BoardItem, ...]:
    assignments = assignments_of(assessment)
    answered = set(ratings_of(assessment))
    proven = proven_codes(assessment) & answered
    rows = []
    for item in assessment.questionnaire.items:
        codes = set(rated_codes(item))
        progress = Progress(len(codes & answered), len(codes))
        assignment = assignments.get(item.code)
        late = bool(assignment and assignment.due_on and assignment.due_on < on and progress.left)
        department = assignment and (assignment.department or department_of.get(assignment.person_id))
        rows.append(BoardItem(item, progress, len(codes & proven), assignment, department, late))
    return tuple(rows)


def proven_codes(assessment: Assessment) -> set[str]:
    """The criteria that have at least one piece of evidence that is not in the bin."""
    links = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at__isnull=True)
    codes = code_by_id(assessment.version)
    return {codes[pk] for pk in links.order_by().values_list("criterion_id", flat=True)}


def _of(items: Iterable[BoardItem], department_id: int):
    return (row for row in items if row.department and row.department.pk == department_id)


def _people(items: Iterable[BoardItem], members: Iterable[Membership]):
    """Everybody who answers, with what is theirs by name; and who has items but answers no more."""
    held: dict[int, list[BoardItem]] = {}
    for row in items:
        if row.assignment and row.assignment.person_id:
            held.setdefault(row.assignment.person_id, []).append(row)
    for member in members:
        yield Share(member.user, str(member.user), tuple(held.pop(member.user_id, ())), member.department)
    for rows in held.values():
        person = rows[0].assignment.person
        yield Share(person, str(person), tuple(rows))
