"""The plan looked at in other ways: by status, by month, as bars over time."""

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessments.gantt import Row as Bar
from assessments.gantt import Time, draw, time_of
from assessments.models import ImprovementAction
from assessments.planning import CLOSED, CLOSING, DOING, DROPPED, OPEN
from assessments.views.plan_rows import PlanRow
from assessments.views.planning import PlanView

Status = ImprovementAction.Status
MOVES = {OPEN: (DOING, DROPPED), DOING: (OPEN, DROPPED), DROPPED: (OPEN,), CLOSING: (), CLOSED: ()}
SPAN = 640  # width of the time in the drawing; its names take theirs


@dataclass(frozen=True)
class Column:
    status: Status
    rows: list[PlanRow]

    @property
    def moves(self) -> list[Status]:
        return [Status(status) for status in MOVES[self.status]]


class BoardView(PlanView):
    """A column per status."""

    def board(self, template: str = "assessments/plan/board_columns.html", status: int = 200, **more):
        """``moved``: the action that was just moved; ``refused``: why one was not."""
        rows = self.rows()
        columns = [Column(status, [row for row in rows if row.row.status == status]) for status in Status]
        context = self.context("plan_board", columns=columns, **more)
        return render(self.request, template, context, status=status)


class PlanBoard(BoardView):
    """The page of the board; cards are moved by buttons, or dragged."""

    def get(self, request):
        return self.board("assessments/plan/board.html")


class PlanCalendar(PlanView):
    """One month with what is due, or ends by the plan, on each day."""

    def get(self, request):
        today = timezone.localdate()
        month = month_of(request.GET.get("month", ""), today)
        on_day = defaultdict(list)
        for row in self.rows():
            if row.due and row.row.status != Status.DROPPED:
                on_day[row.due].append(row)
        weeks = [
            [{"day": day, "rows": on_day[day], "inside": day.month == month.month, "today": day == today} for day in week]
            for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
        ]
        with_something = sorted({day.replace(day=1) for day in on_day})
        context = self.context(
            "plan_calendar",
            month=month,
            weeks=weeks,
            days=[entry for week in weeks for entry in week if entry["inside"] and entry["rows"]],
            before=month - timedelta(days=1),
            after=month + timedelta(days=31),
            today=today,
            nearest=next((day for day in with_something if day > month), None),
            weekdays=weeks[0],
        )
        return render(request, "assessments/plan/calendar.html", context)


def month_of(text: str, today: date) -> date:
    """The first day of a month written as 2026-11; of this one where it is none between 2000 and 2100."""
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return day if 2000 <= day.year <= 2100 else today.replace(day=1)


class PlanTimeline(PlanView):
    """What runs when, and what waits for what."""

    def get(self, request):
        running = sorted((row for row in self.rows() if row.slot), key=lambda row: row.at)
        context = self.context(
            "plan_timeline", running=running, chart=self.chart(running) if running else "", reckoning=self.reckoning
        )
        return render(request, "assessments/plan/timeline.html", context)

    def chart(self, running: list[PlanRow]) -> SafeString:
        time, today = time_of(self.reckoning), timezone.localdate()
        return mark_safe(
            draw(
                [self.bar(row, time) for row in running],
                marks=time.marks,
                needs=[(need, row.row.number) for row in running for need in row.row.need_numbers],
                title=_("Actions as bars over the quarters; the table below says the same"),
                span=SPAN,
                today=time.week(today) if time.first <= today <= time.last else None,
            )
        )

    def bar(self, row: PlanRow, time: Time) -> Bar:
        action, slot = row.row, row.slot
        state = "quick" if row.is_quick and action.status == OPEN else action.status
        return Bar(
            number=action.number,
            name=action.title,
            begin=time.week(slot.starts_on),
            end=time.week(slot.ends_on + timedelta(days=1)),
            state=state if action.is_on else "off",
            said=f"{action.number} {action.title} · {slot.starts_on} – {slot.ends_on}",
            address=reverse("action", args=[self.request.organization.slug, self.assessment.pk, action.pk]),
        )
