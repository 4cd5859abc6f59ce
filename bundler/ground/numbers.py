"""Numbers as JavaScript writes them, digit for digit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import isfinite, isnan


def written(number: float) -> str:
    """As JavaScript's `String(number)`."""
    if not isfinite(number):
        return "NaN" if isnan(number) else f"{'-' * (number < 0)}Infinity"
    if number == 0:
        return "0"
    exact = Decimal(repr(number))
    if not 1e-6 <= abs(number) < 1e21:
        mantissa, _, exponent = f"{exact:e}".partition("e")
        return f"{mantissa}e{int(exponent):+d}"
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_fixed(value: float, places: int) -> str:
    """JavaScript's `value.toFixed(places)`: halves of the exact value go away from zero."""
    if not abs(value) < 1e21:
        return written(value)
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{exact:f}"
    return text.removeprefix("-") if value == 0 else text


def significant(value: float, digits: int) -> str:
    """JavaScript's `String(Number(value.toPrecision(digits)))`."""
    if value == 0 or not isfinite(value):
        return written(value)
    with localcontext() as context:
        context.prec, context.rounding = digits, ROUND_HALF_UP
        rounded = float(+Decimal(value))
    return written(rounded)
