"""Computes what depends on weights alone.

Grappler does that for constants, but large ones are placeholders to it (freeze.py): split
kernels of grouped convolutions, transposed or normalised weights. As Grappler does, it
leaves what would be larger than what it is made of.
"""

from __future__ import annotations

from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.large import Array
from bundler.graph.view import GraphView

# Ops that only pass a value on, into and out of loops and branches too.
PASSING_ON = {"Enter", "Exit", "Identity", "LoopCond", "Merge", "NextIteration", "Switch"}


def run(frozen: Frozen) -> Frozen:
    view = GraphView(frozen)
    values = set(frozen.weights)
    waiting = list(frozen.graph.node)
    # Nodes come in any order: what depends on a result of this round waits for the next.
    while left := [node for node in waiting if not _fold(view, node, values)]:
        if len(left) == len(waiting):
            break
        waiting = left
    return frozen


def _fold(view: GraphView, node: Any, values: set[str]) -> bool:
    """Replaces a node by what it computes of `values` and constants, if that is worth it."""
    if not _is_foldable(view, node):
        return False
    sources = [_behind_identities(view, view.source(node, i)) for i in range(len(node.input))]
    inputs = [value for source in sources if (value := view.constant(source)) is not None]
    if len(inputs) < len(sources) or not values & {source.name for source in sources}:
        return False
    results = _compute(node, inputs)
    if sum(result.nbytes for result in results) > sum(value.nbytes for value in inputs):
        return False
    names = [view.add_constant(f"{node.name}/value", result) for result in results]
    values.update(names)
    view.replace_outputs(node, names)
    return True


def _is_foldable(view: GraphView, node: Any) -> bool:
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(node.op)
    if definition is None or definition.is_stateful or node.op in PASSING_ON:
        return False
    # A control edge puts a node into a loop, where a weight cannot be.
    is_free = not any(reference.startswith("^") for reference in node.input)
    return is_free and node.name not in view.frozen.outputs


def _behind_identities(view: GraphView, node: Any) -> Any:
    while node.op == "Identity":
        node = view.source(node, 0)
    return node


def _compute(node: Any, inputs: list[Array]) -> list[Array]:
    """What one node answers to these inputs."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        feeds = [tf.compat.v1.placeholder(value.dtype, value.shape) for value in inputs]
        definition = tf.compat.v1.GraphDef()
        definition.node.add().CopyFrom(node)
        del definition.node[0].input[:]
        definition.node[0].input.extend(feed.op.name for feed in feeds)
        names = {feed.op.name: feed for feed in feeds}
        tf.import_graph_def(definition, input_map=names, name="folded")
        outputs = graph.get_operation_by_name(f"folded/{node.name}").outputs
        with tf.compat.v1.Session(graph=graph) as session:
            results: list[Array] = session.run(list(outputs), dict(zip(feeds, inputs, strict=True)))
    return results
