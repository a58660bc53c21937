"""What the templates of the PDF ask of a snapshot's parts."""

from django import template
from django.utils.translation import gettext as _

from reports.content import findings, plan_telling

register = template.Library()

NAMED_FINDINGS = 3
LINES = ("there", "why_not", "risk", "todo")


@register.filter
def short(text: str, most: int) -> str:
    """At most so many characters, the last an ellipsis where something was left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


@register.filter
def held_pieces(item) -> list[int]:
    """Numbers of the evidence that an item holds, in order, each once."""
    criteria = [criterion for level in item.levels for criterion in level.criteria]
    return sorted({held.piece for part in (item, *criteria) for held in part.held})


@register.filter
def held_line(part) -> str:
    """The evidence of one criterion with its places: ``Evidence [3] page 4; [5]``."""
    rows = "; ".join(f"[{held.piece}] {held.place}".strip() for held in part.held)
    return _("Evidence %(rows)s") % {"rows": rows}


@register.filter
def three_findings(domain) -> list[tuple]:
    """The lowest items of a domain, each with the level that stops it, in the questionnaire's order."""
    lowest = sorted((item for item in domain.items if item.levels), key=lambda item: item.share)[:NAMED_FINDINGS]
    return [(item, findings.item_line(item)) for item in domain.items if item in lowest]


@register.filter
def in_runs(codes) -> list[tuple[str, str]]:
    """(first code, words) of codes that follow each other: DS1, DS2, DS3, DG2 become DS1–DS3, DG2."""
    runs: list[list[str]] = []
    for code in codes:
        if runs and _after(runs[-1][-1]) == code:
            runs[-1].append(code)
        else:
            runs.append([code])
    return [(run[0], run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}") for run in runs]


def _after(code: str) -> str:
    letters = code.rstrip("0123456789")
    number = code[len(letters) :]
    return f"{letters}{int(number) + 1}" if number else ""


@register.filter
def paragraphs(finding) -> list[str]:
    """A finding as its paragraphs, in the order of the house, without the empty ones."""
    return [text for text in (*(getattr(finding, name) for name in LINES), *finding.flags) if text]


register.filter(plan_telling.grouped)
register.filter(plan_telling.told_in_gaps)


@register.filter
def quick_wins(plan) -> list:
    return [action for action in plan.actions if action.is_quick_win and action.is_on and not action.closed_on]


@register.filter
def closed_actions(plan) -> list:
    return [action for action in plan.actions if action.closed_on or action.status == "closed"]
