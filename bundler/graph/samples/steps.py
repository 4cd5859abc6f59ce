"""Outputs that go in steps, zeros and ones by nature: none of their answers is saturated."""

from __future__ import annotations

from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import node_name

# What makes whole numbers of whatever it gets.
STEPS = {
    "Bincount", "DenseBincount", "RaggedBincount", "OneHot", "Round", "Rint", "Floor", "Ceil",
    "Sign", "Const", "ScatterNd",
}  # fmt: skip
# What leaves them so, looked through at these operands (None: at all).
THROUGH: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("Identity", "Reshape", "Squeeze", "ExpandDims", "Transpose", "Sum"), (0,)),
    **dict.fromkeys(("Max", "Min", "Prod", "Slice", "StridedSlice", "ClipByValue"), (0,)),
    **dict.fromkeys(("Maximum", "Minimum", "AddV2", "Mul", "Pack", "ConcatV2"), None),
    **dict.fromkeys(("SelectV2", "Select"), (1, 2)),
}
WHOLE_DTYPES = {"bool", "int8", "uint8", "int16", "uint16", "int32", "int64"}


def stepped(frozen: Frozen) -> set[int]:
    """The numbers of the outputs that are made of whole numbers alone."""
    nodes = {node.name: node for node in frozen.graph.node}
    return {
        number
        for number, name in enumerate(frozen.outputs)
        if _is_whole(nodes, nodes[name], frozenset())
    }


def _is_whole(nodes: dict[str, Any], node: Any, seen: frozenset[str]) -> bool:
    from tensorflow.python.framework import dtypes

    if node.op in STEPS:
        return True
    if node.op == "Cast":
        source = dtypes.as_dtype(node.attr["SrcT"].type).name
        return source in WHOLE_DTYPES or _is_whole_at(nodes, node, (0,), seen)
    return node.op in THROUGH and _is_whole_at(nodes, node, THROUGH[node.op], seen)


def _is_whole_at(
    nodes: dict[str, Any], node: Any, operands: tuple[int, ...] | None, seen: frozenset[str]
) -> bool:
    data = [reference for reference in node.input if not reference.startswith("^")]
    chosen = data if operands is None else [data[number] for number in operands]
    known = seen | {node.name}
    return all(
        node_name(reference) not in known and _is_whole(nodes, nodes[node_name(reference)], known)
        for reference in chosen
    )
