from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django import template

register = template.Library()


@register.filter
def signed(value: Fraction) -> str:
    """A difference with its sign and two decimals, half up."""
    shown = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{shown:+}".replace("-", "−")


@register.filter
def reading(alpha: float) -> str:
    """How Krippendorff reads his figure: from 0.8 on it is reliable, from 2/3 on for tentative conclusions."""
    return "reliable" if alpha >= 0.8 else "tentative" if alpha >= 0.667 else "low"
