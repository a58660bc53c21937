"""The improvement plan's keys in words, the same on page and paper."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.planning import Priority, Reason

POLICY_WORDS = {
    "requirement": gettext_lazy("a clause behind it requires it"),
    "encouragement": gettext_lazy("a clause behind it encourages it"),
}


def quarter_in_words(quarter: str) -> str:
    """``2026Q4`` in words; nothing stays nothing."""
    year, _separator, number = quarter.partition("Q")
    return _("Q%(number)s %(year)s") % {"number": number, "year": year} if number else quarter


def priority_in_words(priority: Priority) -> str:
    """Why an action has its priority, in one line: what counted, with its numbers and points."""
    parts = [_("%(reason)s (%(points)s)") % {"reason": reason_in_words(row), "points": row.points} for row in priority.reasons]
    if not parts:
        return _("Nothing speaks for doing it early.")
    return _("%(points)s points: %(reasons)s") % {"points": priority.points, "reasons": _("; ").join(parts)}


def reason_in_words(reason: Reason) -> str:
    if reason.key == "policy":
        return str(POLICY_WORDS[reason.number])
    if reason.key == "effect":
        return _("adds %(gain)s per ten person-days") % {"gain": reason.number}
    if reason.key == "effort":
        return _("takes %(days)s person-days") % {"days": reason.number}
    count = int(reason.number)
    words = {
        "distance": ngettext("%(n)s level below target", "%(n)s levels below target", count),
        "path": ngettext("%(n)s criterion on the shortest path", "%(n)s criteria on the shortest path", count),
        "needed": ngettext("%(n)s action waits for it", "%(n)s actions wait for it", count),
    }
    return words[reason.key] % {"n": count}
