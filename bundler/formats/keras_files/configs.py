"""The configuration of a model as Keras writes it: nested dictionaries of classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in `value`, however deep, from the outside in."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield item
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)


def layers_of(model: Any) -> list[dict[str, Any]]:
    """The layers of a model's configuration; Sequential models of Keras 1 are a bare list."""
    config = model.get("config") if isinstance(model, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else config
    return [item for item in layers or [] if isinstance(item, dict)]


def stated_shape(model: Any) -> list[int | None] | None:
    """The input shape that the first layer of a Sequential model states."""
    if not isinstance(model, dict) or model.get("class_name") != "Sequential":
        return None
    first = next(iter(layers_of(model)), {})
    config = first.get("config")
    if first.get("class_name") in ("Sequential", "Model", "Functional"):
        return stated_shape(first)
    shape = config.get("batch_input_shape") if isinstance(config, dict) else None
    return list(shape) if isinstance(shape, list | tuple) else None
