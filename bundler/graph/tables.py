"""Lookup tables: what a graph's tables hold, read while TensorFlow has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bundler.formats.graph_def import node_name

FIND, SIZE = "LookupTableFindV2", "LookupTableSizeV2"
# Ops that make a table in the graph itself, as TensorFlow 1 does.
MAKERS = {"HashTableV2", "MutableHashTableV2", "MutableDenseHashTableV2"}


@dataclass(frozen=True)
class Table:
    """Keys and the values that belong to them, in the same order."""

    keys: npt.NDArray[Any]
    values: npt.NDArray[Any]


def read(graph: Any, function: Any) -> dict[str, Table]:
    """The tables that `graph` looks into, by the name of the node that holds their handle.

    `function` is what the graph was made from: it has the handles.
    """
    nodes = {node.name: node for node in graph.node}
    handles = {
        inner.op.name: handle
        for handle, inner in function.graph.captures
        if handle.dtype.name == "resource"
    }
    tables: dict[str, Table] = {}
    for node in graph.node:
        if node.op == FIND:
            holder = handle_node(nodes, node)
            handle = handles.get(holder.name)
            if handle is None and holder.op in MAKERS:
                handle = _open(holder)
            if handle is not None and holder.name not in tables:
                tables[holder.name] = _export(handle, node)
    return tables


def handle_node(nodes: dict[str, Any], node: Any) -> Any:
    """The node behind the first input of a lookup."""
    while True:
        node = nodes[node_name(node.input[0])]
        if node.op != "Identity":
            return node


def _open(node: Any) -> Any:
    """A table of TensorFlow 1, which is known to the process by its name."""
    import tensorflow as tf

    return tf.raw_ops.HashTableV2(
        key_dtype=node.attr["key_dtype"].type,
        value_dtype=node.attr["value_dtype"].type,
        container=node.attr["container"].s.decode(),
        shared_name=node.attr["shared_name"].s.decode() or node.name,
    )


def _export(handle: Any, find: Any) -> Table:
    import tensorflow as tf

    keys, values = tf.raw_ops.LookupTableExportV2(
        table_handle=handle, Tkeys=find.attr["Tin"].type, Tvalues=find.attr["Tout"].type
    )
    # Tables have no order of their own; a build is the same every time.
    keys, values = keys.numpy(), values.numpy()
    order = np.argsort(keys, kind="stable")
    return Table(keys[order], values[order])
