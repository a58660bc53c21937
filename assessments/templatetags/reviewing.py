from fractions import Fraction

from django import template

from assessments.scoring import show

register = template.Library()


@register.filter
def figure(value: Fraction | None) -> str:
    """An exact score with two decimals, half up."""
    return "–" if value is None else show(value)


@register.filter
def signed(value: Fraction) -> str:
    """A difference of scores with its sign; a zero has none."""
    words = show(abs(value))
    return words if not value else f"{'+' if value > 0 else '−'}{words}"
