"""Jinja filters that write answers as the widgets' scripts do, letter for letter.

So nothing on the page changes when the script takes over what the build rendered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from bundler.ground.texts import ENGLISH, Texts

# An axis of a tensor that is longer is cut in its middle (output/json/widget.js).
LONGEST_AXIS = 8


def rank(tensor: dict[str, Any], labels: list[str], top: int) -> list[dict[str, Any]]:
    """The `top` highest scores with their labels, the highest first."""
    scores = tensor["data"]
    order = sorted(range(len(scores)), key=lambda index: -scores[index])[:top]
    return [
        {
            "label": labels[index] if index < len(labels) else str(index),
            "score": scores[index],
            "percent": to_fixed(100 * scores[index], 1),
            "width": to_fixed(min(max(100 * scores[index], 0), 100), 1) + "%",
        }
        for index in order
    ]


def decimals(value: float, places: int | None) -> str:
    """A number with so many decimals; without a count, four significant digits."""
    return significant(value, 4) if places is None else to_fixed(value, places)


def tensor_text(tensor: dict[str, Any]) -> str:
    """A tensor as nested text with six significant digits, long axes cut in their middle."""
    return _nested(tensor["data"], tensor["shape"], "")


def _nested(values: list[Any], shape: list[int], indent: str) -> str:
    if not shape:
        return _element(values[0])
    step = len(values) // shape[0] if shape[0] else 0
    rows = [values[index * step : (index + 1) * step] for index in range(shape[0])]
    items = [_nested(row, shape[1:], indent + " ") for row in rows]
    if len(items) > LONGEST_AXIS:
        items = [*items[: LONGEST_AXIS - 2], "…", items[-1]]
    return "[" + (f",\n{indent} " if len(shape) > 1 else ", ").join(items) + "]"


def _element(value: Any) -> str:
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return significant(value, 6)


def to_fixed(value: float, places: int) -> str:
    """JavaScript's `value.toFixed(places)`: halves of the exact value go away from zero."""
    if abs(value) >= 1e21:
        return significant(value, 17)
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{exact:f}"
    return text.removeprefix("-") if value == 0 else text


def significant(value: float, digits: int) -> str:
    """JavaScript's `String(Number(value.toPrecision(digits)))`."""
    if value == 0:
        return "0"
    with localcontext() as context:
        context.prec, context.rounding = digits, ROUND_HALF_UP
        rounded = float(+Decimal(value))
    if not 1e-6 <= abs(rounded) < 1e21:
        mantissa, _, exponent = f"{Decimal(repr(rounded)):e}".partition("e")
        return f"{mantissa}e{int(exponent):+d}"
    text = f"{Decimal(repr(rounded)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def of(texts: Texts = ENGLISH) -> dict[str, Callable[..., Any]]:
    """The filters by their names, with numbers as the language writes them."""

    def ranked(tensor: dict[str, Any], labels: list[str], top: int) -> list[dict[str, Any]]:
        rows = rank(tensor, labels, top)
        return [{**row, "percent": texts.number(row["percent"])} for row in rows]

    return {
        "rank": ranked,
        "decimals": lambda value, places: texts.number(decimals(value, places)),
        "numeral": texts.number,
        "tensor_text": tensor_text,
    }
