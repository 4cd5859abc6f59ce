"""A GraphDef as rewrite passes need it: nodes by name, who uses what, constants as arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bundler.formats.graph_def import node_name as node_name
from bundler.graph import large
from bundler.graph.freeze import Frozen
from bundler.graph.large import Array


class GraphView:
    """A mutable view of a frozen graph; nodes are added and replaced, never removed."""

    def __init__(self, frozen: Frozen) -> None:
        self.frozen = frozen
        self.nodes: dict[str, Any] = {node.name: node for node in frozen.graph.node}
        self._users: defaultdict[str, list[str]] = defaultdict(list)
        for node in frozen.graph.node:
            self._note_uses(node)

    def _note_uses(self, node: Any) -> None:
        for reference in node.input:
            # A control edge waits for a node and uses none of its values.
            if not reference.startswith("^"):
                self._users[node_name(reference)].append(node.name)

    def source(self, node: Any, index: int) -> Any:
        """The node that makes an input."""
        return self.nodes[node_name(node.input[index])]

    def only_user(self, node: Any) -> Any | None:
        """The node that uses `node`, if it is the only one and `node` is no output of the graph."""
        users = self._users[node.name]
        is_output = node.name in self.frozen.outputs
        return self.nodes[users[0]] if len(users) == 1 and not is_output else None

    def constant(self, node: Any) -> Array | None:
        """The value of a Const (also behind an Identity), else None."""
        from tensorflow.python.framework import tensor_util

        while node.op == "Identity":
            node = self.source(node, 0)
        if node.name in self.frozen.weights:
            return self.frozen.weights[node.name]
        return tensor_util.MakeNdarray(node.attr["value"].tensor) if node.op == "Const" else None

    def add_constant(self, name: str, value: Array, *, beside: Any | None = None) -> str:
        """Adds a constant, a large one as a weight; returns its name.

        It is put `beside` a node: into the same loop.
        """
        from tensorflow.python.framework import tensor_util

        if value.dtype == np.float32 and value.size > large.MOST_ELEMENTS:
            node = self.add(name, "Placeholder", [])
            large.placeholder(node, value)
            self.frozen.weights[node.name] = value
            return str(node.name)
        anchor = [f"^{node_name(beside.input[0])}"] if beside is not None else []
        node = self.add(name, "Const", anchor)
        node.attr["value"].tensor.CopyFrom(
            tensor_util.make_tensor_proto(np.asarray(value, order="C"))
        )
        node.attr["dtype"].type = node.attr["value"].tensor.dtype
        return str(node.name)

    def add(self, name: str, op: str, inputs: list[str]) -> Any:
        """Adds a node under a free name."""
        chosen, number = name, 1
        while chosen in self.nodes:
            chosen, number = f"{name}_{number}", number + 1
        node = self.frozen.graph.node.add(name=chosen, op=op)
        node.input.extend(inputs)
        self.nodes[chosen] = node
        self._note_uses(node)
        return node

    def replace(self, node: Any, other: Any) -> None:
        """Makes every user of `node` use `other`; an output of the graph becomes its Identity."""
        for user in map(self.nodes.__getitem__, self._users.pop(node.name, [])):
            for index, reference in enumerate(user.input):
                if reference == node.name:
                    user.input[index] = other.name
                    self._users[other.name].append(user.name)
        if node.name in self.frozen.outputs:
            name, dtype = node.name, node.attr["T"].type
            node.Clear()
            node.name, node.op = name, "Identity"
            node.attr["T"].type = dtype
            node.input.append(other.name)
            self._users[other.name].append(name)

    def replace_outputs(self, node: Any, others: list[str]) -> None:
        """Makes every user of an output of `node`, by number, use one of the nodes `others`."""
        for user in map(self.nodes.__getitem__, self._users.pop(node.name, [])):
            for index, reference in enumerate(user.input):
                name, _, number = reference.partition(":")
                if name == node.name:
                    user.input[index] = others[int(number or 0)]
                    self._users[user.input[index]].append(user.name)


def import_graph(frozen: Frozen) -> Any:
    """The graph in TensorFlow, which infers shapes."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        tf.import_graph_def(frozen.graph, name="")
    return graph


def shaped(frozen: Frozen, shapes: Mapping[str, Sequence[int]]) -> Any:
    """The graph in TensorFlow with these shapes of inputs, by node, from which others follow.

    Raises ValueError for shapes that some op cannot have.
    """
    import tensorflow as tf

    copy = frozen.copy()
    for node in copy.graph.node:
        node.attr.pop("_output_shapes", None)
        if node.name in shapes:
            node.attr["shape"].shape.CopyFrom(tf.TensorShape(shapes[node.name]).as_proto())
    return import_graph(copy)
