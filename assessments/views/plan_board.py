"""The plan looked at in other ways: by status, by month, as bars over time."""

import calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.shortcuts import render
from django.utils import timezone

from assessments.gantt import gantt
from assessments.models import ImprovementAction
from assessments.planning import CLOSED, CLOSING, DOING, DROPPED, OPEN
from assessments.views.plan_rows import PlanRow
from assessments.views.planning import PlanView

Status = ImprovementAction.Status
MOVES = {OPEN: (DOING,), DOING: (OPEN,), DROPPED: (OPEN,), CLOSING: (), CLOSED: ()}


@dataclass(frozen=True)
class Column:
    status: Status
    rows: list[PlanRow]

    @property
    def moves(self) -> list[Status]:
        return [Status(status) for status in MOVES[self.status]]


class PlanBoard(PlanView):
    """A column per status; actions are moved by buttons."""

    def get(self, request):
        rows = self.rows()
        columns = [Column(status, [row for row in rows if row.row.status == status]) for status in Status]
        context = self.context("plan_board", columns=columns, today=timezone.localdate())
        return render(request, "assessments/plan/board.html", context)


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
        context = self.context("plan_timeline", chart=gantt(self.reckoning, timezone.localdate()), reckoning=self.reckoning)
        return render(request, "assessments/plan/timeline.html", context)
