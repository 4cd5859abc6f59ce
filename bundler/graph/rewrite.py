"""Replaces ops of a frozen graph by others, written as TensorFlow code and traced in place.

The graph stays one that TensorFlow itself can run.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Traced:
    """What a lowering has made of an op: a graph, whose placeholders stand for inputs by number."""

    graph: Any
    sources: dict[str, int]
    results: list[str]


# By what the op is, and what is known of its inputs.
Memory = dict[Hashable, Traced | None]


def replace(frozen: Frozen, lowerings: dict[str, Lower], *, pure: bool = False) -> Frozen:
    """The graph in which no op is left that `lowerings` replaces.

    Those that are `pure` look at nothing but an op's attributes, its inputs and the shapes of its
    outputs: they are asked once for all ops that are alike in these. Raises ModelError when they
    replace each other for ever, which is a mistake of theirs.
    """
    fresh = {node.name for node in frozen.graph.node}
    memory: Memory | None = {} if pure else None
    for _ in range(MOST_ROUNDS):
        # What was left as it is once stays so: only what came in can be replaced.
        fresh = _replace_once(frozen, lowerings, fresh, memory)
        if not fresh:
            return frozen
    left = {node.op for node in frozen.graph.node if node.name in fresh} & lowerings.keys()
    raise ModelError(f"the lowerings of {', '.join(sorted(left))} do not come to an end")


def _replace_once(
    frozen: Frozen, lowerings: dict[str, Lower], fresh: set[str], memory: Memory | None
) -> set[str]:
    """Replaces each of the `fresh` ops once; the names of the nodes that came in."""
    known = lowerings.keys()
    nodes = {one.name: one for one in frozen.graph.node if one.op in known and one.name in fresh}
    if not nodes:
        return set()
    moved: dict[str, list[str]] = {}
    added = []
    for op in import_graph(frozen).get_operations():
        if op.name not in nodes:
            continue
        traced = _recall(op, nodes[op.name], lowerings[op.type], memory)
        if traced is not None:
            sources = {name: op.inputs[index].name for name, index in traced.sources.items()}
            new, reference = rename(traced.graph, op, sources, "lowered")
            moved[op.name] = [reference(result) for result in traced.results]
            added += new
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


def _recall(op: Any, node: Any, lower: Lower, memory: Memory | None) -> Traced | None:
    """What becomes of an op, traced unless one like it was before."""
    values = [known_value(tensor) for tensor in op.inputs]
    if memory is None:
        return _trace(op, values, lower)
    what = _copy(node)
    what.ClearField("name")
    what.ClearField("input")
    key = (
        what.SerializeToString(deterministic=True),
        *((one.dtype, _sizes(one.shape)) for one in (*op.inputs, *op.outputs)),
        *map(_content, values),
    )
    if key not in memory:
        memory[key] = _trace(op, values, lower)
    return memory[key]


def _sizes(shape: Any) -> tuple[int | None, ...] | None:
    return None if shape.rank is None else tuple(shape.as_list())


def _content(value: Any) -> Hashable:
    if value is None:
        return None
    # Of texts an array holds no more than where they are.
    return tuple(value.ravel()) if value.dtype == object else value.tobytes()


def _trace(op: Any, values: list[Any], lower: Lower) -> Traced | None:
    """What a lowering makes of an op whose inputs have these values, where they are known."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        inputs, sources = [], {}
        for index, (tensor, value) in enumerate(zip(op.inputs, values, strict=True)):
            if value is not None:
                inputs.append(tf.constant(value, tensor.dtype, name=f"known_{index}"))
                continue
            inputs.append(tf.compat.v1.placeholder(tensor.dtype, tensor.shape, f"input_{index}"))
            sources[inputs[-1].op.name] = index
        results = lower(op, *inputs)
    if results is None:
        return None
    results = [results] if isinstance(results, tf.Tensor) else list(results)
    return Traced(graph.as_graph_def(), sources, [result.name for result in results])


def rename(
    graph: Any, op: Any, sources: dict[str, str], suffix: str
) -> tuple[list[Any], Callable[[str], str]]:
    """Copies of the nodes of a graph that was traced in place of `op`, named below it.

    `sources` says what its placeholders stand for. Also gives the reference to a tensor of it.
    """
    prefix = f"{op.name}/{suffix}"
    # Within a loop a constant belongs to the iteration that a control edge says; elsewhere
    # such an edge would outlive what Grappler folds.
    anchor = [f"^{op.inputs[0].op.name}"] if len(op.inputs) and _has_loops(op.graph) else []
    nodes = [_copy(node) for node in graph.node if node.name not in sources]
    for node in nodes:
        node.name = f"{prefix}/{node.name}"
        references = [_absolute(reference, sources, prefix) for reference in node.input]
        del node.input[:]
        node.input.extend(references or anchor)
    return nodes, lambda tensor: _absolute(tensor, sources, prefix)


def _copy(node: Any) -> Any:
    copied = type(node)()
    copied.CopyFrom(node)
    return copied


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
