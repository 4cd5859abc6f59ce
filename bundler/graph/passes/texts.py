"""Moves and compares texts as numbers.

Only the tool's own ops (templates/ops/) work on texts; kernels that move or compare values
(Equal, Select, Gather, Concat …) do so on all backends with numbers alone. So such a node
gets numbers that are the same for the same text, and its result becomes texts again.
"""

from __future__ import annotations

from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import import_graph

# The ops of templates/ops/ for texts.
OWN_OPS = {
    "AsString",
    "ReduceJoin",
    "SparseCross",
    "StaticRegexFullMatch",
    "StaticRegexReplace",
    "StringJoin",
    "StringLength",
    "StringLower",
    "StringNGrams",
    "StringSplit",
    "StringSplitV2",
    "StringStrip",
    "StringToHashBucketFast",
    "StringToHashBucketStrong",
    "StringToNumber",
    "StringUpper",
    "Substr",
    "UnicodeDecode",
    "UnicodeDecodeWithOffsets",
    "UnicodeEncode",
    "UnicodeTranscode",
}
# Ops that only hand tensors on or look at their shapes; passes/lookup_tables.py replaces lookups.
CARRIERS = {
    "Const",
    "Enter",
    "Exit",
    "ExpandDims",
    "Identity",
    "IdentityN",
    "LookupTableFindV2",
    "Merge",
    "NextIteration",
    "Placeholder",
    "PlaceholderWithDefault",
    "Rank",
    "Reshape",
    "Shape",
    "ShapeN",
    "Size",
    "Squeeze",
    "StopGradient",
    "Switch",
}


def run(frozen: Frozen) -> Frozen:
    if not any(_is_text(value) for node in frozen.graph.node for value in node.attr.values()):
        return frozen
    by_name = {node.name: node for node in frozen.graph.node}
    moved: dict[str, str] = {}
    for op in import_graph(frozen).get_operations():
        if _moves_texts(op):
            _wrap(frozen, by_name[op.name], op, moved)
    for node in frozen.graph.node:
        # What turns numbers into texts stands behind the node that was moved.
        first = 1 if node.op == "TfjsDemoTexts" else 0
        for place in range(first, len(node.input)):
            node.input[place] = moved.get(node.input[place], node.input[place])
    return frozen


def _is_text(value: Any) -> bool:
    from tensorflow.core.framework import types_pb2

    return bool(value.type == types_pb2.DT_STRING)


def _moves_texts(op: Any) -> bool:
    """Whether an op of an imported graph takes texts and knows nothing of them."""
    import tensorflow as tf

    inputs = {tensor.dtype for tensor in op.inputs}
    # Lists and tables hold the texts themselves.
    kept = {tf.resource, tf.variant} & (inputs | {tensor.dtype for tensor in op.outputs})
    return tf.string in inputs and not kept and op.type not in OWN_OPS | CARRIERS


def _wrap(frozen: Frozen, node: Any, op: Any, moved: dict[str, str]) -> None:
    """Numbers in front of a node that moves or compares texts, and texts behind it."""
    import tensorflow as tf
    from tensorflow.core.framework import types_pb2

    name = node.name
    places = [place for place, tensor in enumerate(op.inputs) if tensor.dtype == tf.string]
    sources = [node.input[place] for place in places]
    frozen.graph.node.add(name=f"{name}/ids", op="TfjsDemoTextIds").input.extend(sources)
    for number, place in enumerate(places):
        node.input[place] = f"{name}/ids:{number}".removesuffix(":0")
    for value in node.attr.values():
        if _is_text(value):
            value.type = types_pb2.DT_INT32
    outputs = [tensor.dtype == tf.string for tensor in op.outputs]
    if any(outputs[:1]):
        # Its name is the graph's, for whoever uses the texts.
        node.name = f"{name}/moved"
    for index, is_text in enumerate(outputs):
        before, after = f"{name}:{index}", f"{node.name}:{index}"
        if is_text:
            texts = name if index == 0 else f"{name}/texts_{index}"
            added = frozen.graph.node.add(name=texts, op="TfjsDemoTexts")
            added.input.extend([after.removesuffix(":0"), *sources])
            after = texts
        moved[before.removesuffix(":0")] = after
