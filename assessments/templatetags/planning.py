from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from django import template

from assessments.plan_words import reason_in_words
from assessments.planning import Reason
from assessments.scoring import show
from organizations.trail_words import act

register = template.Library()
SMALLEST = Fraction(1, 200)


@register.filter
def score(value: Fraction | None) -> str:
    return show(value) or "–"


@register.filter
def exact(value: Fraction | None) -> str:
    return show(value, 4) or "–"


@register.filter
def gain(value: Fraction | None) -> str:
    """What is added, signed; what two places would hide is said to be small."""
    if value is None:
        return "–"
    if not value:
        return "0"
    return f"+{show(value)}" if value >= SMALLEST else "<0.01"


@register.filter
def days(value: Decimal | None) -> str:
    """Person-days or weeks without an idle zero."""
    return "–" if value is None else f"{value.normalize():f}" if value else "0"


@register.filter
def money(value: Decimal | None) -> str:
    return f"{value:,.0f}" if value else "–"


@register.filter
def reason(value: Reason) -> str:
    """Why an action has its priority, as a phrase with its number."""
    return reason_in_words(value)


@dataclass(frozen=True)
class Part:
    """A paragraph, or the points of a list."""

    words: str = ""
    points: tuple[str, ...] = ()


@register.filter
def with_lists(text: str) -> list[Part]:
    """A text as it was typed, in parts: lines that begin with a dash are a list."""
    parts = []
    for is_list, lines in groupby(text.splitlines(), key=lambda line: line.startswith("- ")):
        said = [line.removeprefix("- ").strip() for line in lines]
        if is_list:
            parts.append(Part(points=tuple(said)))
        elif words := "\n".join(said).strip():
            parts.append(Part(words))
    return parts


@register.filter
def in_the_trail(verb: str) -> str:
    return act(verb)


@register.filter
def fraction(value: str) -> str:
    """An exact total as it is kept, e.g. ``137/50``, with two decimals."""
    return score(Fraction(value)) if value else "–"
