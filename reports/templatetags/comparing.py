from django import template
from django.utils.translation import gettext as _

from assessments.models import Answer
from assessments.scoring import NOT_APPLICABLE, show
from assessments.templatetags.bridging import rating_word, signed, trend_sentence
from reports.comparisons import words as comparing_words

register = template.Library()
register.filter("signed", signed)
register.filter("rating_word", rating_word)
register.filter("trend_sentence", trend_sentence)
register.filter("two_places", show)
register.filter("widest_sentence", comparing_words.widest_sentence)


@register.filter
def one_place(value) -> str:
    return show(value, 1)


@register.filter
def whole_sentence(comparison, names) -> str:
    return comparing_words.whole_sentence(comparison, names)


@register.simple_tag
def why_na(cause, first, second) -> str:
    """What a change to or from not applicable means, with the reason that was given."""
    if not cause.is_about_applicability:
        return ""
    gone = cause.after == NOT_APPLICABLE
    words = (second if gone else first).said.get(cause.code)
    meaning = _("left out of the mean from here on") if gone else _("counts from here on")
    if words is None or not words.na_reason:
        return meaning
    reason = dict(Answer.NaReason.choices).get(words.na_reason, "")
    return " · ".join(filter(None, (meaning, str(reason), words.note)))
