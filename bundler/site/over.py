"""Answers over the picture that went in: where in it lies what the model sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Part = dict[str, int]


def seen(width: int, height: int, fit: Mapping[str, Any]) -> Part:
    """What the model sees, in pixels of the picture, as the graph takes it (feeds/whole.py).

    With bars it is larger than the picture and begins outside (runtime/page/over.js does the
    same).
    """
    rows, columns = height, width
    if fit.get("size") and fit.get("fit") in ("crop", "pad"):
        down, across = fit["size"]
        rows, columns = width * down // across, height * across // down
        if fit["fit"] == "crop":
            rows, columns = max(1, min(height, rows)), max(1, min(width, columns))
        else:
            above, beside = max(0, rows - height) // 2, max(0, columns - width) // 2
            rows, columns = height + 2 * above, width + 2 * beside
    return {
        "x": (width - columns) // 2,
        "y": (height - rows) // 2,
        "width": columns,
        "height": rows,
    }


def shown(width: int, height: int, part: Part) -> Part:
    """Of what the model sees that which is picture, without bars."""
    return {
        "x": max(0, part["x"]),
        "y": max(0, part["y"]),
        "width": min(width, part["width"]),
        "height": min(height, part["height"]),
    }


def placed(picture: Mapping[str, Any] | None, fit: Mapping[str, Any]) -> dict[str, Any] | None:
    """A picture with what the model sees of it."""
    if picture is None:
        return None
    width, height = picture["width"], picture["height"]
    part = seen(width, height, fit)
    return {**picture, "part": part, "shown": shown(width, height, part)}
