"""What a detector found, as the widget's script draws it (output/annotatedimage/marks.js)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import floor
from typing import Any

from bundler.ground.numbers import to_fixed, written
from bundler.ground.texts import Texts, later
from bundler.site import over

# Top, left, bottom, right, score and class of a row; then three numbers for each point.
OWN = 6
# Boxes have so many colours.
HUES = 8
PLACES = (
    (later("top left"), later("top"), later("top right")),
    (later("on the left"), later("middle"), later("on the right")),
    (later("bottom left"), later("bottom"), later("bottom right")),
)
Options = Mapping[str, Any]


def of(texts: Texts) -> dict[str, Callable[..., Any]]:
    """The filters by their names."""

    def marks(answer: Mapping[str, Any], options: Options, width: int, height: int) -> list[Any]:
        part = over.seen(width, height, options["seen"])
        rows = _rows(answer, options)
        return [_drawn(row, options, part, (width, height), texts) for row in rows]

    def summary(answer: Mapping[str, Any], options: Options) -> str:
        return summarised(answer, options, texts)

    return {"marks": marks, "marks_summary": summary}


def _rows(answer: Mapping[str, Any], options: Options) -> list[Sequence[float]]:
    """Those that reach the score, the surest first."""
    length, values = answer["shape"][-1], answer["data"]
    rows = [values[at : at + length] for at in range(0, len(values) - length + 1, length)]
    kept = [row for row in rows if row[4] and row[4] >= options["threshold"]]
    return sorted(kept, key=lambda row: -row[4])


def _kind(row: Sequence[float], options: Options) -> int:
    return floor(row[5] * len(options["labels"]))


def summarised(answer: Mapping[str, Any], options: Options, texts: Texts) -> str:
    """How many there are of each, in words."""
    kinds = sorted(_kind(row, options) for row in _rows(answer, options))
    names = [options["labels"][kind] for kind in kinds]
    if not names:
        return texts.text("Nothing reaches this score")
    said = ", ".join(
        texts.text("{number} × {name}", number=texts.number(number), name=name)
        for name, number in Counter(names).items()
    )
    numbers = []
    for name in names:
        with suppress(ValueError):
            numbers.append(float(name))
    if not options.get("sum") or not numbers:
        return said
    return texts.text("{found}; together {sum}", found=said, sum=texts.number(sum(numbers)))


def _drawn(
    row: Sequence[float], options: Options, part: over.Part, sides: tuple[int, int], texts: Texts
) -> dict[str, Any]:
    """In pixels of the picture."""
    width, height = sides
    left, across = part["x"] / width, part["width"] / width
    top, down = part["y"] / height, part["height"] / height
    y1, x1, y2, x2 = (
        (top + row[at] * down) if at % 2 == 0 else (left + row[at] * across) for at in range(4)
    )
    kind = _kind(row, options)
    is_far = x1 + x2 > 1
    points = [
        {
            "x": _short((left + row[at + 1] * across) * width),
            "y": _short((top + row[at] * down) * height),
            "is_there": row[at + 2] >= options["threshold"],
        }
        for at in range(OWN, OWN + 3 * len(options["keypoints"]), 3)
    ]
    return {
        "name": options["labels"][kind],
        "hue": kind % HUES,
        "percent": texts.text("{number} %", number=texts.number(to_fixed(100 * row[4], 0))),
        "place": texts.text(PLACES[_third((y1 + y2) / 2)][_third((x1 + x2) / 2)]),
        "x": _short(x1 * width),
        "y": _short(y1 * height),
        "width": _short((x2 - x1) * width),
        "height": _short((y2 - y1) * height),
        "label_x": _short(min(max((x2 if is_far else x1) * width, 0), width)),
        "label_y": _short(max(y1 * height, 0)),
        "label_dy": "1.1em" if y1 * height < height / 12 else "-0.4em",
        "anchor": "end" if is_far else "start",
        "points": [point for point in points if point["is_there"]],
        "bones": [
            {"x1": one["x"], "y1": one["y"], "x2": other["x"], "y2": other["y"]}
            for one, other in ((points[a], points[b]) for a, b in options["skeleton"])
            if one["is_there"] and other["is_there"]
        ],
        "all": len(points),
    }


def _short(value: float) -> str:
    return written(float(to_fixed(value, 1)))


def _third(middle: float) -> int:
    return min(2, max(0, floor(middle * 3)))
