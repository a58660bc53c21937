from django import template
from django.utils.translation import get_language

from questionnaires import labels
from questionnaires.searching import highlight

register = template.Library()


@register.filter
def say(text):
    """A bilingual text of the content, in the language of the page."""
    return text.in_language(get_language()) if text else ""


@register.filter
def word(value, family: str):
    """The label of a coded value, e.g. ``kind|word:"KIND"``; nothing for nothing."""
    return getattr(labels, f"{family}_LABELS").get(value, "")


@register.filter
def say_warning(warning) -> str:
    """What an import found wrong, in the language of the page."""
    return labels.in_words(warning.code, warning.values)


@register.filter
def lookup(mapping, key):
    return mapping.get(key)


@register.filter
def attribute(value, name: str):
    return getattr(value, name)


@register.filter
def marked(text, terms):
    """The text with the places that a search found."""
    return highlight(text, terms) if text else ""


@register.filter
def dom_id(code: str) -> str:
    """A code as part of an element's id: ``DS1.3.2`` gives ``DS1-3-2``."""
    return code.replace(".", "-")
