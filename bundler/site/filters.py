"""Jinja filters that write answers as the widgets' scripts do, letter for letter.

So nothing on the page changes when the script takes over what the build rendered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from math import isfinite, isnan
from typing import Any

from bundler.ground.numbers import significant, to_fixed, written
from bundler.ground.tensors import is_whole
from bundler.ground.texts import ENGLISH, Texts
from bundler.site import marks, words

# An axis of a tensor that is longer is cut in its middle (output/json/widget.js).
LONGEST_AXIS = 8
# From here on, and below the second, a number is written with a power of ten.
HUGE, TINY = 1e15, 1e-6
# The peak that fills a waveform at least, and what silence looks like.
LEAST_LOUDEST, SILENCE = 0.1, 0.012
MINUS_NOTHING = re.compile(r"^-(?=[0.]*$)")


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


def runs(tensor: dict[str, Any], labels: list[str], most: int) -> list[dict[str, Any]]:
    """The class of each step, equal ones that follow each other together; of the first steps."""
    classes = len(labels)
    scores = tensor["data"]
    found: list[dict[str, Any]] = []
    for step in range(len(scores) // classes):
        row = scores[step * classes : (step + 1) * classes]
        best = max(range(classes), key=row.__getitem__)
        if not found or found[-1]["index"] != best:
            found.append({"index": best, "label": labels[best], "first": step + 1, "steps": []})
        found[-1]["last"] = step + 1
        if step < most:
            width = to_fixed(min(max(100 * row[best], 0), 100), 1) + "%"
            shown = {"step": step + 1, "percent": to_fixed(100 * row[best], 1), "width": width}
            found[-1]["steps"].append(shown)
    return found


def figure(value: float, places: int | None, dtype: str, texts: Texts = ENGLISH) -> str:
    """An answer: a whole number with all its digits, others with four or so many decimals."""
    if not isfinite(value):
        if isnan(value):
            return texts.text("not a number")
        return texts.number("-∞" if value < 0 else "∞")
    rounded = value if is_whole(dtype) else float(significant(value, 4))
    is_written = abs(value) < HUGE and (places is not None or abs(value) >= TINY or value == 0)
    if not is_written:
        return texts.number(_with_power(rounded))
    text = written(float(rounded)) if places is None else to_fixed(value, places)
    return texts.number(MINUS_NOTHING.sub("", text))


def _with_power(value: float) -> str:
    """JavaScript's `value.toExponential()`."""
    mantissa, _, exponent = f"{Decimal(written(float(value))):e}".partition("e")
    digits = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{digits}e{int(exponent):+d}"


def waveform(peaks: list[float]) -> str:
    """A line for each peak, as large as there is room (runtime/page/sound/wave.js)."""
    loudest = max(LEAST_LOUDEST, *peaks)
    heights = [to_fixed(max(SILENCE, peak / loudest), 3) for peak in peaks]
    return "".join(f"M{index}.5 -{height}V{height}" for index, height in enumerate(heights))


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


def _shown_dtype(dtype: str) -> str:
    """Of answers, whole numbers are numbers like others."""
    return dtype if dtype in ("string", "bool") else "float32"


def of(texts: Texts = ENGLISH) -> dict[str, Callable[..., Any]]:
    """The filters by their names, with numbers as the language writes them."""

    def ranked(tensor: dict[str, Any], labels: list[str], top: int) -> list[dict[str, Any]]:
        rows = rank(tensor, labels, top)
        return [{**row, "percent": texts.number(row["percent"])} for row in rows]

    def in_runs(tensor: dict[str, Any], labels: list[str], most: int) -> list[dict[str, Any]]:
        found = runs(tensor, labels, most)
        for step in (one for run in found for one in run["steps"]):
            step["percent"] = texts.number(step["percent"])
        return found

    return {
        **marks.of(texts),
        "rank": ranked,
        "runs": in_runs,
        "percent": lambda share: texts.text(
            "{number} %", number=texts.number(written(float(to_fixed(100 * share, 1))))
        ),
        "figure": lambda answer, places: figure(
            float(answer["data"][0]), places, answer["dtype"], texts
        ),
        "numeral": texts.number,
        "tensor_text": tensor_text,
        "waveform": waveform,
        "seconds": lambda count, rate: texts.number(to_fixed(count / rate, 2)),
        "amount": lambda answer: words.amount(
            answer["shape"], _shown_dtype(answer["dtype"]), texts
        ),
    }
