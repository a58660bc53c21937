from django import template
from django.utils.translation import gettext as _

from assessments.carrying import CAPPED, INCOMPLETE, KEPT, LOWEST, NEW, WIDER_SCOPE, Trend
from assessments.scoring import show

register = template.Library()


@register.filter
def signed(value) -> str:
    """An exact change with its sign and two decimals, half up by its size; what rounds to nothing has no sign."""
    shown = show(abs(value))
    return shown if shown == "0.00" else f"{'+' if value > 0 else '−'}{shown}"


@register.filter
def rating_word(rating: str) -> str:
    words = {
        "full": _("Fully met"),
        "largely": _("Largely met"),
        "partly": _("Partly met"),
        "none": _("Not met"),
        "na": _("Not applicable"),
        "": _("Unanswered"),
    }
    return words.get(rating, rating)


@register.filter
def trend_sentence(trend: Trend) -> str:
    """How much of a change between editions is the standard and how much the enterprise."""
    sentence = _(
        "From %(before)s to %(after)s: %(change)s in all. The standard accounts for %(standard)s: the same ratings, "
        "expressed in the newer edition, give %(bridged)s, since what is new counts as not met. "
        "The enterprise accounts for %(enterprise)s."
    )
    return sentence % _values(trend)


@register.filter
def standard_sentence(trend: Trend) -> str:
    """The standard's part alone, while the newer assessment is still being answered."""
    sentence = _(
        "The standard alone accounts for %(standard)s: the ratings that gave %(before)s, expressed in the newer edition, give "
        "%(bridged)s, since what is new counts as not met."
    )
    return sentence % _values(trend)


def _values(trend: Trend) -> dict[str, str]:
    return {
        "before": show(trend.before),
        "bridged": show(trend.bridged),
        "after": show(trend.after),
        "change": signed(trend.change),
        "standard": signed(trend.by_standard),
        "enterprise": signed(trend.by_enterprise),
    }


def rule_words(rule: str) -> str:
    """By which rule a proposal was found, or why there is none."""
    words = {
        KEPT: _("the rating of then"),
        CAPPED: _("asks for more now: at most largely met"),
        LOWEST: _("the lowest rating of what it came from"),
        WIDER_SCOPE: _("did not apply then, but asks for more now"),
        INCOMPLETE: _("not all of it was answered then"),
        NEW: _("asked for the first time"),
    }
    return words[rule]
