"""Dtypes in which no browser computes, and which no cast makes up for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bundler.ground.errors import ModelError

# Less than a byte, or a float in one: what is rounded to them on the way is the model's answer.
FOREIGN = re.compile(r"(float|u?int)[248](_\w+)?$|float6_\w+$")
KNOWN = {"int8", "uint8"}
HINT = (
    'Save the model as it was before model.quantize("float8"), or quantise it otherwise: '
    'model.quantize("int8") before saving, or [build] quantize = "uint8" here.'
)


def check(function: Any) -> None:
    """Raises ModelError for a traced function that computes in one of them."""
    for name, dtype in _dtypes(function):
        if FOREIGN.match(dtype) and dtype not in KNOWN:
            raise ModelError(
                f"the model computes in {dtype} (in {name}), which TensorFlow.js does not have",
                hint=HINT,
            )


def _dtypes(function: Any) -> Iterator[tuple[str, str]]:
    """Every node with the dtypes of its outputs, or, in a function, all that it names."""
    from tensorflow.python.framework import dtypes

    for op in function.graph.get_operations():
        yield from ((op.name, tensor.dtype.base_dtype.name) for tensor in op.outputs)
    for inner in function.graph._functions.values():
        for node in inner.definition.node_def:
            types = [attribute.type for attribute in node.attr.values() if attribute.type]
            yield from ((node.name, dtypes.as_dtype(number).base_dtype.name) for number in types)
