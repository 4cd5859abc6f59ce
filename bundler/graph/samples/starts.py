"""What a page computes first: where its widgets stand, and what warms up a backend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from bundler.graph.samples.sizes import Shapes
from bundler.graph.samples.worth import Sample
from bundler.graph.trace import raw_spec
from bundler.ground.tensors import Tensor, Tensors
from bundler.plan import Plan, PlannedInput

ROUND_DIGITS = 1


def candidates(plan: Plan, shapes: Shapes, golden: Sequence[Sample]) -> Iterator[Tensors]:
    """The widgets' defaults, else zeros; where Python answers neither, samples."""
    zeros = {item.spec.name: _zeros(item, shapes[item.spec.name]) for item in plan.inputs}
    yield {
        item.spec.name: _default(item, shapes[item.spec.name]) or zeros[item.spec.name]
        for item in plan.inputs
    }
    yield zeros
    for sample in golden:
        yield {name: _rounded(tensor) for name, tensor in sample.inputs.items()}
    for sample in golden:
        yield sample.inputs


def _default(item: PlannedInput, shape: tuple[int, ...]) -> Tensor | None:
    """What the input's widgets show before anybody touches them; None for a picture."""
    dtype = raw_spec(item).dtype
    defaults = [field.options.get("default") for field in item.fields]
    if not defaults or any(default is None for default in defaults):
        return None
    value: Any = defaults if len(defaults) > 1 else defaults[0]
    try:
        tensor = Tensor.from_nested(value, dtype)
    except (ValueError, TypeError, OverflowError):
        return None
    if len(tensor.shape) == len(shape):
        return tensor
    count = prod(tensor.shape)
    return Tensor(dtype, shape, tensor.data) if count == prod(shape) else None


def _zeros(item: PlannedInput, shape: tuple[int, ...]) -> Tensor:
    return Tensor.zeros(raw_spec(item).dtype, shape)


def _rounded(tensor: Tensor) -> Tensor:
    if tensor.dtype != "float32":
        return tensor
    return Tensor.from_numpy(np.round(tensor.to_numpy(), ROUND_DIGITS))
