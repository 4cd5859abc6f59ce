"""How much a graph computes, from which the page's first backend is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import import_graph, shaped

PRODUCTS = {"Conv2D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2", "Conv3D"}


def multiply_adds(frozen: Frozen, shapes: Mapping[str, Sequence[int]]) -> int:
    """Multiplications with additions in convolutions and products, for inputs of these shapes."""
    try:
        graph = shaped(frozen, shapes)
    except ValueError:  # nobody knows the sizes that this model takes
        graph = import_graph(frozen)
    return sum(_of_operation(op) for op in graph.get_operations() if op.type in PRODUCTS)


def _of_operation(op: Any) -> int:
    output = [
        size or 1 for size in (op.outputs[0].shape.as_list() if op.outputs[0].shape.rank else [])
    ]
    weights = [
        size or 1 for size in (op.inputs[1].shape.as_list() if op.inputs[1].shape.rank else [])
    ]
    if op.type in ("Conv2D", "Conv3D"):
        return prod(output) * prod(weights[:-1])
    if op.type == "DepthwiseConv2dNative":
        return prod(output) * prod(weights[:2])
    inner = (
        op.inputs[0].shape.as_list()[-2 if _transposed(op) else -1]
        if op.inputs[0].shape.rank
        else 1
    )
    return prod(output) * (inner or 1)


def _transposed(op: Any) -> bool:
    name = "transpose_a" if op.type == "MatMul" else "adj_x"
    return bool(op.get_attr(name))
