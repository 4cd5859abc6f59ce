"""Replaces ops of a frozen graph by others, written as TensorFlow code and traced in place.

The graph stays one that TensorFlow itself can run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import import_graph, node_name
from bundler.ground.errors import ModelError

if TYPE_CHECKING:
    import tensorflow as tf

# Takes the op (attributes, name, static shapes) and its inputs; gives what takes the place of its
# outputs, or None to leave it as it is. Inputs whose values are known are constants.
Lower = Callable[..., "tf.Tensor | Sequence[tf.Tensor] | None"]

# A lowering may be made of ops that others lower.
MOST_ROUNDS = 12
# Larger constants stay where they are: their values decide nothing.
MOST_KNOWN_ELEMENTS = 1 << 16


def replace(frozen: Frozen, lowerings: dict[str, Lower]) -> Frozen:
    """The graph in which no op is left that `lowerings` replaces.

    Raises ModelError when they replace each other for ever, which is a mistake of theirs.
    """
    fresh = {node.name for node in frozen.graph.node}
    for _ in range(MOST_ROUNDS):
        # What was left as it is once stays so: only what came in can be replaced.
        fresh = _replace_once(frozen, lowerings, fresh)
        if not fresh:
            return frozen
    left = {node.op for node in frozen.graph.node if node.name in fresh} & lowerings.keys()
    raise ModelError(f"the lowerings of {', '.join(sorted(left))} do not come to an end")


def _replace_once(frozen: Frozen, lowerings: dict[str, Lower], fresh: set[str]) -> set[str]:
    """Replaces each of the `fresh` ops once; the names of the nodes that came in."""
    if not any(node.op in lowerings and node.name in fresh for node in frozen.graph.node):
        return set()
    moved: dict[str, list[str]] = {}
    added = []
    for op in import_graph(frozen).get_operations():
        if op.type in lowerings and op.name in fresh:
            traced = _trace(op, lowerings[op.type])
            if traced is not None:
                nodes, moved[op.name] = traced
                added += nodes
    frozen.graph.node.extend(added)
    for node in frozen.graph.node:
        if any(node_name(reference) in moved for reference in node.input):
            references = [redirect(reference, moved) for reference in node.input]
            del node.input[:]
            node.input.extend(references)
    kept = [node for node in frozen.graph.node if node.name not in moved]
    if len(kept) < len(frozen.graph.node):
        frozen.graph = frozen.with_nodes(kept).graph
    return {node.name for node in added}


def _trace(op: Any, lower: Lower) -> tuple[list[Any], list[str]] | None:
    """The nodes that replace `op`, named below it, and the references that replace its outputs."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        inputs, sources = [], {}
        for index, tensor in enumerate(op.inputs):
            value = known_value(tensor)
            if value is not None:
                inputs.append(tf.constant(value, tensor.dtype, name=f"known_{index}"))
                continue
            inputs.append(tf.compat.v1.placeholder(tensor.dtype, tensor.shape, f"input_{index}"))
            sources[inputs[-1].op.name] = tensor.name
        results = lower(op, *inputs)
    if results is None:
        return None
    results = [results] if isinstance(results, tf.Tensor) else list(results)
    nodes, name = rename(graph, op, sources, "lowered")
    return nodes, [name(result) for result in results]


def rename(
    graph: Any, op: Any, sources: dict[str, str], suffix: str
) -> tuple[list[Any], Callable[[Any], str]]:
    """The nodes of a graph that was traced in place of `op`, named below it.

    `sources` says what its placeholders stand for. Also gives the reference to a tensor of it.
    """
    prefix = f"{op.name}/{suffix}"
    # Within a loop a constant belongs to the iteration that a control edge says; elsewhere
    # such an edge would outlive what Grappler folds.
    anchor = [f"^{op.inputs[0].op.name}"] if len(op.inputs) and _has_loops(op.graph) else []
    nodes = [node for node in graph.as_graph_def().node if node.name not in sources]
    for node in nodes:
        node.name = f"{prefix}/{node.name}"
        references = [_absolute(reference, sources, prefix) for reference in node.input]
        del node.input[:]
        node.input.extend(references or anchor)
    return nodes, lambda tensor: _absolute(tensor.name, sources, prefix)


@lru_cache(maxsize=1)
def _has_loops(graph: Any) -> bool:
    return any(op.type == "Enter" for op in graph.get_operations())


def known_value(tensor: Any) -> Any:
    """The value of a tensor that the graph alone decides, if it is small."""
    import tensorflow as tf

    count = tensor.shape.num_elements()
    if count is None or count > MOST_KNOWN_ELEMENTS or tensor.dtype == tf.resource:
        return None
    return tf.get_static_value(tensor)


def like(op: Any, inputs: Sequence[Any], changes: dict[str, Any]) -> Any:
    """The output of an op like `op`, with these inputs and other values of some attributes."""
    import tensorflow as tf

    attributes = {one.name: op.get_attr(one.name) for one in op.op_def.attr} | changes
    inferred = {one.type_attr for one in op.op_def.input_arg}
    values = {name: value for name, value in attributes.items() if name not in inferred}
    names = [one.name for one in op.op_def.input_arg]
    return getattr(tf.raw_ops, op.type)(**dict(zip(names, inputs, strict=True)), **values)


def _absolute(reference: str, sources: dict[str, str], prefix: str) -> str:
    """A reference within the traced graph as one of the whole graph."""
    if reference.startswith("^"):
        return f"^{node_name(_absolute(reference[1:], sources, prefix))}"
    name, _, index = reference.partition(":")
    found = sources.get(name) or f"{prefix}/{name}:{index or 0}"
    return found.removesuffix(":0")


def redirect(reference: str, moved: dict[str, list[str]]) -> str:
    """A reference to what has taken the place of an output."""
    if reference.startswith("^"):
        return f"^{node_name(redirect(reference[1:], moved))}"
    name, _, index = reference.partition(":")
    if name not in moved:
        return reference
    # What replaces an op may itself be the output of an op that is replaced.
    return redirect(moved[name][int(index or 0)], moved)
