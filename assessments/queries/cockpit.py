"""How an engagement goes: its phases, what is overdue and next, and the figures of the assessments that it covers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from assessments.models import Assessment, EngagementPhase, EngagementScope, Layer, Standing
from assessments.queries.visible import comments_between
from organizations.models import Engagement, TeamMember, User
from organizations.queries import members_of

Phase = EngagementPhase.Phase
# Where in an engagement's term each phase usually ends, in hundredths.
USUALLY = {
    Phase.KICK_OFF: 3, Phase.TRAINING: 10, Phase.SELF_CHECK: 28, Phase.INTERVIEWS: 40, Phase.GAPS: 50,
    Phase.REMEDIATION: 78, Phase.MOCK: 88, Phase.VISIT: 97,
}  # fmt: skip


@dataclass(frozen=True)
class PhaseLine:
    phase: Phase
    planned_on: date | None = None
    done_on: date | None = None
    responsible: User | None = None
    note: str = ""
    today: date | None = None

    @property
    def is_late(self) -> bool:
        return bool(self.planned_on and not self.done_on and self.planned_on < self.today)

    @property
    def stands(self) -> str:
        if self.done_on:
            return "done"
        return "late" if self.is_late else "planned" if self.planned_on else "open"


@dataclass(frozen=True)
class Figures:
    """One assessment that the engagement covers: what is answered and judged, and the questions that are open.

    ``reviewed``: the score by the review, as far as the reader may see it by now.
    """

    assessment: Assessment
    own: Standing | None
    judged: Standing | None
    questions: int
    reviewed: str = ""


@dataclass(frozen=True)
class Cockpit:
    engagement: Engagement
    phases: tuple[PhaseLine, ...]
    figures: tuple[Figures, ...]
    today: date

    @property
    def late(self) -> list[PhaseLine]:
        return [row for row in self.phases if row.is_late]

    @property
    def next(self) -> PhaseLine | None:
        """The first planned phase that is not done."""
        return min((row for row in self.phases if row.planned_on and not row.done_on), key=_planned, default=None)

    @property
    def is_planned(self) -> bool:
        return any(row.planned_on or row.done_on for row in self.phases)

    @property
    def days_left(self) -> int:
        return (self.engagement.ends_on - self.today).days + 1


def _planned(row: PhaseLine) -> date:
    return row.planned_on


def cockpit_of(engagement: Engagement, today: date, *, for_team: bool = True) -> Cockpit:
    """In the scope of the enterprise; five queries at most, however many assessments there are. The enterprise's own people
    (not ``for_team``) see how far a review is while it is under way, not what comes of it."""
    rows = {row.phase: row for row in EngagementPhase.objects.filter(engagement=engagement).select_related("responsible")}
    phases = tuple(_line(phase, rows.get(phase), today) for phase in Phase)
    return Cockpit(engagement, phases, tuple(_figures(engagement, for_team)), today)


def _line(phase: Phase, row: EngagementPhase | None, today: date) -> PhaseLine:
    if row is None:
        return PhaseLine(phase, today=today)
    return PhaseLine(phase, row.planned_on, row.done_on, row.responsible, row.note, today)


def _figures(engagement: Engagement, for_team: bool) -> Iterable[Figures]:
    rows = Assessment.objects.filter(organization=engagement.organization_id).select_related("version", "organization")
    if not engagement.covers_all:
        rows = rows.filter(pk__in=EngagementScope.objects.filter(engagement=engagement).values("assessment"))
    rows = list(rows.defer("version__content").order_by("-started_at", "-pk")[:12])
    mine = Q(engagement__isnull=True) | Q(engagement=engagement, layer=Layer.CONSULTANT)
    standings = {
        (row.assessment_id, row.layer): row
        for row in Standing.objects.filter(mine, assessment__in=rows, kind=Standing.Kind.WHOLE)
    }
    open_ones = comments_between(engagement).filter(assessment__in=rows, is_question=True, settled_at__isnull=True)
    questions = dict(open_ones.order_by().values_list("assessment").annotate(n=Count("pk")))
    for row in rows:
        own, judged = standings.get((row.pk, Layer.SELF)), standings.get((row.pk, Layer.CONSULTANT))
        is_shown = judged and (for_team or row.state != Assessment.State.IN_REVIEW)
        yield Figures(row, own, judged, questions.get(row.pk, 0), judged.shown if is_shown else "")


def usual_dates(engagement: Engagement) -> dict[Phase, date]:
    """Dates to begin planning with, spread over the engagement's term; on working days."""
    length = (engagement.ends_on - engagement.starts_on).days
    dates = {}
    for phase, share in USUALLY.items():
        day = engagement.starts_on + timedelta(days=min(length, 365) * share // 100)
        dates[phase] = max(engagement.starts_on, day - timedelta(days=max(0, day.weekday() - 4)))
    return dates


def responsible_people(engagement: Engagement) -> list[User]:
    """Whom a phase can be given to: the team, and the enterprise's own people."""
    team = TeamMember.objects.filter(engagement=engagement).select_related("user").order_by("pk")
    people = {row.user_id: row.user for row in team}
    return list((people | {row.user_id: row.user for row in members_of(engagement.organization)}).values())
