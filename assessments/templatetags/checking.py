from django import template
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assessments.checking import Finding

register = template.Library()

HEADINGS = {
    "unanswered": lambda: _("Unanswered questions"),
    "na_unexplained": lambda: _("Not applicable without reason or note"),
    "level_skipped": lambda: _("A higher level is met, the one below is not"),
    "claim_without_evidence": lambda: _("High ratings without evidence"),
    "same_rating": lambda: _("The same rating in every row"),
    "evidence_expired": lambda: _("Evidence has expired"),
    "departments_at_odds": lambda: _("Departments disagree"),
    "open_questions": lambda: _("Open questions to colleagues"),
    "marks_left": lambda: _("Still marked for review"),
    "half_without_note": lambda: _("Partial ratings without a note"),
    "long_taken_over": lambda: _("Taken over and not looked at since"),
    "answered_too_fast": lambda: _("Answered very fast"),
    "overdue": lambda: _("The due date has passed"),
    "large_na_share": lambda: _("Much is not applicable"),
}


@register.filter
def heading(code: str) -> str:
    """What a kind of finding is called."""
    return HEADINGS[code]()


@register.filter
def in_words(finding: Finding) -> str:
    """One finding as a sentence with its numbers."""
    values = dict(finding.values)
    for name in ("titles", "departments"):
        if name in values:
            values[name] = ("、" if get_language().startswith("zh") else ", ").join(values[name])
    return _sentence(finding.code, values.get("n", 1)) % values


def _sentence(code: str, n: int) -> str:
    sentences = {
        "unanswered": lambda: ngettext("%(n)s question is open.", "%(n)s questions are open.", n),
        "na_unexplained": lambda: ngettext(
            "%(n)s question says not applicable, but not why.", "%(n)s questions say not applicable, but not why.", n
        ),
        "level_skipped": lambda: _("Level %(higher)s is met, level %(lower)s is not: please look at both again."),
        "claim_without_evidence": lambda: ngettext(
            "%(n)s rating has no valid evidence.", "%(n)s ratings have no valid evidence.", n
        ),
        "same_rating": lambda: _("All %(n)s questions have the same rating."),
        "evidence_expired": lambda: _("No longer valid: %(titles)s"),
        "departments_at_odds": lambda: _("%(departments)s rated it differently."),
        "open_questions": lambda: ngettext(
            "%(n)s question has a discussion that waits for an answer.",
            "%(n)s questions have a discussion that waits for an answer.",
            n,
        ),
        "marks_left": lambda: ngettext("%(n)s question is still marked.", "%(n)s questions are still marked.", n),
        "half_without_note": lambda: ngettext(
            "%(n)s rating does not say what is missing.", "%(n)s ratings do not say what is missing.", n
        ),
        "long_taken_over": lambda: ngettext(
            "%(n)s answer was taken over more than %(days)s days ago and is unchanged.",
            "%(n)s answers were taken over more than %(days)s days ago and are unchanged.",
            n,
        ),
        "answered_too_fast": lambda: _("One person answered all %(n)s questions within a minute."),
        "overdue": lambda: ngettext(
            "Was due on %(due)s, %(n)s question is open.", "Was due on %(due)s, %(n)s questions are open.", n
        ),
        "large_na_share": lambda: _("%(n)s of %(total)s questions do not apply, more than %(percent)s %%."),
    }
    return sentences[code]()
