"""Say what a comparison means, in sentences with numbers. Nothing is computed anew here."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.scoring import show
from assessments.templatetags.bridging import signed
from reports.comparisons.comparing import Comparison, SideBySide


def slope_title(found: Comparison) -> str:
    """The finding of the chart: what moved most."""
    if not found.moved_domains:
        return _("No domain differs")
    move = found.moved_domains[0]
    values = {
        "domain": move.part.name.in_language(get_language()),
        "before": show(move.before),
        "after": show(move.after),
        "change": signed(move.change),
    }
    return _("%(domain)s differs most: %(before)s → %(after)s (%(change)s)") % values


def whole_sentence(found: Comparison, names: tuple[str, str]) -> str:
    whole = found.whole
    if whole.change is None:
        return _("One of the sides has no score, because nothing of it applies.")
    values = {
        "first": names[0],
        "second": names[1],
        "before": show(whole.before),
        "after": show(whole.after),
        "change": signed(whole.change),
        "up": sum(move.change > 0 for move in found.moved_items),
        "down": sum(move.change < 0 for move in found.moved_items),
    }
    return _("%(before)s → %(after)s (%(change)s): %(up)s items stand higher, %(down)s lower.") % values


def widest_sentence(found: SideBySide) -> str:
    row = found.widest
    if row is None:
        return _("No domain differs")
    values = {"domain": row.part.name.in_language(get_language()), "spread": show(row.spread)}
    return _("The sides are furthest apart in %(domain)s: %(spread)s between the highest and the lowest.") % values
