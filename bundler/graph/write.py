"""Writes TF.js's graph format: model.json and shards of weights.

The format: github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts (ModelJSON); it is
what `tf.loadGraphModel` reads.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bundler import __version__
from bundler.graph.codes import Code, Codes
from bundler.graph.freeze import Frozen
from bundler.graph.large import Array
from bundler.ground.tensors import TensorSpec

SHARD_BYTES = 4 * 1024 * 1024
DATA_TYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL", "string": "DT_STRING"}
# How the values of a dtype lie in a shard.
NUMPY: dict[str, np.dtype[Any]] = {
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
    "bool": np.dtype("u1"),
}
Buffer = memoryview  # of bytes
INT32 = np.iinfo(np.int32)


@dataclass(frozen=True)
class Weight:
    """A constant: its row of the manifest, its value, its code, how many bytes it will take."""

    row: dict[str, Any]
    value: Array
    code: Code | None
    size: int


def write(
    folder: Path,
    frozen: Frozen,
    inputs: list[TensorSpec],
    outputs: list[TensorSpec],
    codes: Codes | None = None,
) -> list[str]:
    """Writes the model into `folder`; returns the names of its files, model.json first.

    `codes` says which weights are quantised.
    """
    weights = _take_weights(frozen, codes or {})
    _narrow_types(frozen)
    shards = _write_shards(folder, weights)
    # What fills the inputs that no visitor does: engine/noise.js.
    noise = {one.name: one.kind for one in frozen.noise}
    inputs = [*inputs, *(one.spec for one in frozen.noise)]
    model = {
        "format": "graph-model",
        "generatedBy": f"tfjs-demo {__version__}",
        "convertedBy": None,
        "signature": {
            "inputs": _signature(inputs, frozen.inputs),
            "outputs": _signature(outputs, frozen.outputs),
        },
        **({"userDefinedMetadata": {"noise": noise}} if noise else {}),
        "modelTopology": _topology(frozen),
        "weightsManifest": [{"paths": shards, "weights": [weight.row for weight in weights]}],
    }
    (folder / "model.json").write_text(json.dumps(model, separators=(",", ":")), encoding="utf-8")
    return ["model.json", *shards]


def _topology(frozen: Frozen) -> Any:
    """The graph as JSON; its maps, which have no order of their own, in that of their keys.

    With some versions of protobuf, every process would write them in another order.
    """
    from google.protobuf.json_format import MessageToDict

    return json.loads(json.dumps(MessageToDict(frozen.graph), sort_keys=True))


def _signature(specs: list[TensorSpec], nodes: list[str]) -> dict[str, Any]:
    return {
        spec.name: {
            "name": f"{node}:0",
            "dtype": DATA_TYPES[spec.dtype],
            "tensorShape": {"dim": [{"size": str(-1 if s is None else s)} for s in spec.shape]},
        }
        for spec, node in zip(specs, nodes, strict=True)
    }


def _take_weights(frozen: Frozen, codes: Codes) -> list[Weight]:
    """Moves the constants' values out of the graph, in the order of the nodes."""
    from tensorflow.python.framework import tensor_util

    functions = [function.node_def for function in frozen.graph.library.function]
    weights = []
    for node in [node for nodes in [frozen.graph.node, *functions] for node in nodes]:
        if node.name in frozen.weights:
            node.op = "Const"
            del node.attr["shape"]
            weights.append(_weight(node.name, frozen.weights[node.name], codes.get(node.name)))
        elif node.op == "Const":
            value = tensor_util.MakeNdarray(node.attr["value"].tensor)
            del node.attr["value"]
            weights.append(_weight(node.name, value, None))
    return weights


def _narrow_types(frozen: Frozen) -> None:
    """Types whose names TF.js does not know become those that it computes in."""
    import tensorflow as tf

    known = {
        item.as_datatype_enum: kind.as_datatype_enum
        for kind, items in {
            tf.float32: (tf.bfloat16, tf.float16, tf.float64),
            tf.int32: (tf.int8, tf.uint8, tf.int16, tf.uint16, tf.uint32, tf.int64, tf.uint64),
        }.items()
        for item in items
    }
    functions = [function.node_def for function in frozen.graph.library.function]
    for node in [node for nodes in [frozen.graph.node, *functions] for node in nodes]:
        for value in node.attr.values():
            if value.WhichOneof("value") == "type":
                value.type = known.get(value.type, value.type)


def _weight(name: str, value: Array, code: Code | None) -> Weight:
    """Dtypes that the web lacks become the nearest one."""
    dtype = _web_dtype(value)
    row: dict[str, Any] = {"name": name, "shape": list(value.shape), "dtype": dtype}
    if code:
        row["quantization"] = code.to_json()
        return Weight(row, value, code, value.size * code.bytes)
    size = len(_texts(value)) if dtype == "string" else value.size * NUMPY[dtype].itemsize
    return Weight(row, value, None, size)


def _web_dtype(value: Array) -> str:
    kinds = {"O": "string", "S": "string", "U": "string", "b": "bool", "i": "int32", "u": "int32"}
    return kinds.get(value.dtype.kind, "float32")


def _encode(weight: Weight) -> Buffer:
    value, dtype = weight.value, weight.row["dtype"]
    if dtype == "string":
        return memoryview(_texts(value))
    if dtype == "int32":
        value = np.clip(value, INT32.min, INT32.max)
    coded = weight.code.encode(value) if weight.code else value.astype(NUMPY[dtype], copy=False)
    plain = np.ascontiguousarray(coded)
    return plain.reshape(-1).view(np.uint8).data


def _texts(value: Array) -> bytes:
    """Each text with its length before it."""
    texts = [item if isinstance(item, bytes) else str(item).encode() for item in value.flat]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def _write_shards(folder: Path, weights: list[Weight]) -> list[str]:
    """Writes the weights, one after the other, into files of at most SHARD_BYTES."""
    count = max(1, -(-sum(weight.size for weight in weights) // SHARD_BYTES))
    names = [f"weights-{index + 1}-of-{count}.bin" for index in range(count)]
    shards = _cut(map(_encode, weights))
    for name in names:
        with (folder / name).open("wb") as file:
            file.writelines(next(shards, []))
    return names


def _cut(parts: Iterable[Buffer]) -> Iterator[list[Buffer]]:
    """Pieces of `parts` that are SHARD_BYTES together; the last ones are what is left."""
    pieces: list[Buffer] = []
    room = SHARD_BYTES
    for part in parts:
        rest = part
        while len(rest) >= room:
            yield [*pieces, rest[:room]]
            rest, pieces, room = rest[room:], [], SHARD_BYTES
        if rest:
            pieces.append(rest)
            room -= len(rest)
    if pieces:
        yield pieces
