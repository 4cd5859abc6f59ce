"""A frozen graph as TensorFlow itself runs it, with weights that can be exchanged.

What answers for a quantised model: its graph before the passes that are for TF.js alone
(passes/__init__.py), with the weights that the page will have.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from bundler.formats.web import weights as stored
from bundler.graph.freeze import Frozen
from bundler.graph.large import Array, Weights
from bundler.graph.noise import Noise
from bundler.graph.tables import Table
from bundler.graph.view import import_graph
from bundler.ground.tensors import Tensor, Tensors
from bundler.plan import Plan

GRAPH, NAMES = "reference.pb", "reference.json"


class Reference:
    """Answers with a graph's own weights or others."""

    def __init__(self, frozen: Frozen) -> None:
        import tensorflow as tf

        self.frozen = frozen
        graph = import_graph(_with_tables(frozen))
        with graph.as_default():
            filled = [_fill(graph, name, table) for name, table in frozen.tables.items()]
        self._session = tf.compat.v1.Session(graph=graph)
        self._session.run(filled)

    def run(self, inputs: list[Array], weights: Weights | None = None) -> list[Array]:
        """The outputs for these inputs, in the graph's order; `weights` replace its own."""
        values = {**self.frozen.weights, **(weights or {})}
        values.update(zip(self.frozen.inputs, inputs, strict=True))
        feeds: dict[Any, Array] = {f"{name}:0": value for name, value in values.items()}
        results: list[Array] = self._session.run([f"{n}:0" for n in self.frozen.outputs], feeds)
        return results

    def answer(self, plan: Plan, inputs: Tensors, weights: Weights | None = None) -> Tensors:
        """The outputs by their names in the plan."""
        names = [item.spec.name for item in plan.inputs] + [one.name for one in self.frozen.noise]
        results = self.run([inputs[name].to_numpy() for name in names], weights)
        return {
            item.spec.name: Tensor.from_numpy(result)
            for item, result in zip(plan.outputs, results, strict=True)
        }

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Reference:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _with_tables(frozen: Frozen) -> Frozen:
    """The graph with tables of its own in place of the handles to those of the model."""
    if not frozen.tables:
        return frozen
    graph = type(frozen.graph)()
    graph.CopyFrom(frozen.graph)
    for node in graph.node:
        if node.name in frozen.tables:
            name, table = node.name, frozen.tables[node.name]
            node.Clear()
            node.name, node.op = name, "HashTableV2"
            node.attr["key_dtype"].type = _proto(table.keys).dtype
            node.attr["value_dtype"].type = _proto(table.values).dtype
            node.attr["shared_name"].s = uuid4().hex.encode()
    return replace(frozen, graph=graph)


def _fill(graph: Any, name: str, table: Table) -> Any:
    import tensorflow as tf

    handle = graph.get_tensor_by_name(f"{name}:0")
    return tf.raw_ops.LookupTableImportV2(
        table_handle=handle, keys=tf.constant(table.keys), values=tf.constant(table.values)
    )


def _proto(value: Array) -> Any:
    from tensorflow.python.framework import tensor_util

    return tensor_util.make_tensor_proto(value)


def _dump(value: Array) -> str:
    """Numbers or texts as JSON can hold them."""
    return base64.b64encode(_proto(value).SerializeToString()).decode()


def _parse(text: str) -> Array:
    from tensorflow.core.framework.tensor_pb2 import TensorProto
    from tensorflow.python.framework import tensor_util

    value: Array = tensor_util.MakeNdarray(TensorProto.FromString(base64.b64decode(text)))
    return value


def save(folder: Path, frozen: Frozen) -> None:
    """Writes the graph without its weights, beside the model that has them."""
    (folder / GRAPH).write_bytes(frozen.graph.SerializeToString())
    tables = {k: [_dump(table.keys), _dump(table.values)] for k, table in frozen.tables.items()}
    names = {
        "inputs": frozen.inputs,
        "outputs": frozen.outputs,
        "weights": [*frozen.weights],
        "tables": tables,
        "noise": [one.to_json() for one in frozen.noise],
    }
    (folder / NAMES).write_text(json.dumps(names), encoding="utf-8")


def load(folder: Path) -> Reference:
    """The graph that `save` wrote, with the weights as the page will have them."""
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef.FromString((folder / GRAPH).read_bytes())
    names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
    shapes = {node.name: node.attr["shape"].shape.dim for node in graph.node}
    weights = stored.read(folder)
    for name in set(names["weights"]) - weights.keys():
        # It was for a control edge only, and the page's graph has none: any value will do.
        weights[name] = np.zeros([dimension.size for dimension in shapes[name]], np.float32)
    known = {name: weights[name] for name in names["weights"]}
    tables = {
        k: Table(_parse(keys), _parse(values)) for k, (keys, values) in names["tables"].items()
    }
    noise = tuple(Noise.from_json(item) for item in names["noise"])
    return Reference(Frozen(graph, names["inputs"], names["outputs"], known, tables, noise=noise))
