"""The plan to take along: a table as CSV or XLSX, and its days as a calendar file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from assessments.models import Assessment, ImprovementAction
from assessments.plan_words import reason_in_words
from assessments.planning import DROPPED, Plan, PlanAction, Reckoning
from assessments.scoring import show
from organizations.text import one_line
from questionnaires.labels import LEAD_LABELS

Status = ImprovementAction.Status
PRODUCT = "-//DCMM Readiness//Improvement plan//EN"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Table:
    title: str
    heads: list[str]
    widths: list[int]
    rows: list[list]


def table_of(assessment: Assessment, plan: Plan, reckoning: Reckoning) -> Table:
    """Every action with all that was entered and all that follows, in the order of doing. ``plan``: with comments and proofs.

    Of confidential proof there is no title.
    """
    language, questionnaire = get_language(), assessment.questionnaire
    names = {item.code: f"{item.code} {item.name.in_language(language)}" for item in questionnaire.items}
    columns = [
        (_("Number"), 8, lambda row: row.number),
        (_("Title"), 44, lambda row: row.title),
        (_("What is to be done"), 60, lambda row: row.text),
        (_("State"), 14, lambda row: str(Status(row.status).label)),
        (_("Items"), 30, lambda row: _lines(dict.fromkeys(names[questionnaire.item_of[code]] for code in row.criteria))),
        (_("Criteria"), 20, lambda row: ", ".join(row.criteria)),
        (_("Priority"), 9, lambda row: reckoning.priorities[row.number].letter),
        (_("Points"), 8, lambda row: reckoning.priorities[row.number].points),
        (_("Why this priority"), 40, lambda row: "; ".join(map(reason_in_words, reckoning.priorities[row.number].reasons))),
        (_("Quick win"), 10, lambda row: _("yes") if row.number in reckoning.quick_wins else ""),
        (_("Gain alone"), 11, lambda row: _figure(reckoning.effects[row.number].alone)),
        (_("Score after it"), 11, lambda row: _figure(reckoning.effects[row.number].total)),
        (_("Level after it"), 11, lambda row: reckoning.effects[row.number].level or ""),
        (_("Person-days"), 11, lambda row: _number(row.days)),
        (_("Weeks"), 8, lambda row: row.weeks),
        (_("Cost (%(currency)s)") % {"currency": plan.currency}, 14, lambda row: _number(reckoning.costs[row.number])),
        (_("Lead"), 18, lambda row: str(LEAD_LABELS.get(row.lead, ""))),
        (_("Responsible"), 16, lambda row: row.owner),
        (_("Department"), 16, lambda row: row.department),
        (_("Begins on"), 12, lambda row: str(row.starts_on or "")),
        (_("Due on"), 12, lambda row: str(row.due_on or "")),
        (_("Planned from"), 12, lambda row: _slot(reckoning, row, "starts_on")),
        (_("Planned until"), 12, lambda row: _slot(reckoning, row, "ends_on")),
        (_("Quarter"), 10, lambda row: _slot(reckoning, row, "quarter")),
        (_("Pinned quarter"), 10, lambda row: row.quarter),
        (_("Comes after"), 12, lambda row: ", ".join(map(str, row.needs))),
        (_("Counts in the what-if"), 12, lambda row: _("yes") if row.is_on else _("no")),
        (_("Proof that it is done"), 30, lambda row: _lines(title or _("Confidential document") for title in row.proofs)),
        (_("Comments"), 40, lambda row: _lines(row.comments)),
        (_("Closed on"), 12, lambda row: str(row.closed_on or "")),
        (_("Note to the closing"), 30, lambda row: row.closing_note),
    ]
    by_number = plan.by_number
    rows = [[cell(by_number[action.number]) for _head, _width, cell in columns] for action in reckoning.plan.actions]
    heads, widths = [head for head, _width, _cell in columns], [width for _head, width, _cell in columns]
    return Table(f"{_('Improvement plan')} · {assessment.name}", heads, widths, rows)


def calendar_of(assessment: Assessment, actions: Iterable[ImprovementAction], reckoning: Reckoning) -> bytes:
    """RFC 5545: one whole-day entry per action on the day that it is due, or else ends by the plan; dropped ones have none.

    It holds number, title, day, status and address of an action, nothing about persons. The same action always has the same
    UID; a calendar program takes a later SEQUENCE in the place of an earlier one.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(f"{_('Improvement plan')} · {assessment.name}"))
    for action in actions:
        slot = reckoning.slots.get(action.number)
        day = action.due_on or (slot.ends_on if slot else None)
        if day is None or action.status == DROPPED:
            continue
        path = reverse("action", args=[assessment.organization.slug, assessment.pk, action.pk])
        event = Event()
        event.add("uid", f"action-{action.pk}@{host}")
        event.add("sequence", action.revision)
        event.add("dtstamp", action.made_at)
        event.add("dtstart", day)
        event.add("dtend", day + DAY)
        event.add("summary", one_line(f"{action.number} {action.title}"))
        what = _("Due") if action.due_on else _("Planned end")
        event.add("description", f"{what} · {Status(action.status).label}")
        event.add("url", f"{settings.SITE_URL}{path}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def _lines(values: Iterable[str]) -> str:
    return "\n".join(values)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _figure(value) -> float | str:
    return "" if value is None else float(show(value, 4))


def _slot(reckoning: Reckoning, row: PlanAction, name: str) -> str:
    slot = reckoning.slots.get(row.number)
    return str(getattr(slot, name)) if slot else ""
