"""Writes TF.js's graph format: model.json and shards of weights.

The format: github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts (ModelJSON); it is
what `tf.loadGraphModel` reads.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bundler import __version__
from bundler.graph.freeze import Frozen
from bundler.tensors import TensorSpec

SHARD_BYTES = 4 * 1024 * 1024
DATA_TYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL", "string": "DT_STRING"}
INT32 = np.iinfo(np.int32)


def write(
    folder: Path, frozen: Frozen, inputs: list[TensorSpec], outputs: list[TensorSpec]
) -> list[str]:
    """Writes the model into `folder`; returns the names of its files, model.json first."""
    from google.protobuf.json_format import MessageToDict

    weights = _take_weights(frozen)
    shards = _write_shards(folder, [data for _, data in weights])
    model = {
        "format": "graph-model",
        "generatedBy": f"tfjs-demo {__version__}",
        "convertedBy": None,
        "signature": {
            "inputs": _signature(inputs, frozen.inputs),
            "outputs": _signature(outputs, frozen.outputs),
        },
        "modelTopology": MessageToDict(frozen.graph),
        "weightsManifest": [{"paths": shards, "weights": [row for row, _ in weights]}],
    }
    (folder / "model.json").write_text(json.dumps(model, separators=(",", ":")), encoding="utf-8")
    return ["model.json", *shards]


def _signature(specs: list[TensorSpec], nodes: list[str]) -> dict[str, Any]:
    return {
        spec.name: {
            "name": f"{node}:0",
            "dtype": DATA_TYPES[spec.dtype],
            "tensorShape": {"dim": [{"size": str(-1 if s is None else s)} for s in spec.shape]},
        }
        for spec, node in zip(specs, nodes, strict=True)
    }


def _take_weights(frozen: Frozen) -> list[tuple[dict[str, Any], bytes]]:
    """Moves the constants' values out of the graph, in the order of the nodes."""
    from tensorflow.python.framework import tensor_util

    functions = [function.node_def for function in frozen.graph.library.function]
    weights = []
    for node in [node for nodes in [frozen.graph.node, *functions] for node in nodes]:
        if node.op == "Const":
            value = tensor_util.MakeNdarray(node.attr["value"].tensor)
            node.attr["value"].tensor.ClearField("tensor_content")
            del node.attr["value"]
            weights.append(_encode(node.name, value))
    return weights


def _encode(name: str, value: npt.NDArray[Any]) -> tuple[dict[str, Any], bytes]:
    """A row of the manifest and the bytes; dtypes that the web lacks become the nearest one."""
    shape = list(value.shape)
    if value.dtype.kind in "OSU":
        texts = [item if isinstance(item, bytes) else str(item).encode() for item in value.flat]
        data = b"".join(struct.pack("<I", len(text)) + text for text in texts)
        return {"name": name, "shape": shape, "dtype": "string"}, data
    if value.dtype.kind == "b":
        return {"name": name, "shape": shape, "dtype": "bool"}, value.astype(np.uint8).tobytes()
    if value.dtype.kind in "iu":
        value = np.clip(value, INT32.min, INT32.max).astype(np.int32)
        return {"name": name, "shape": shape, "dtype": "int32"}, value.tobytes()
    return {"name": name, "shape": shape, "dtype": "float32"}, value.astype(np.float32).tobytes()


def _write_shards(folder: Path, parts: list[bytes]) -> list[str]:
    """Cuts the weights, one after the other, into files of at most SHARD_BYTES."""
    total = sum(len(part) for part in parts)
    count = max(1, -(-total // SHARD_BYTES))
    names = [f"weights-{index + 1}-of-{count}.bin" for index in range(count)]
    pending = memoryview(b"".join(parts))
    for index, name in enumerate(names):
        (folder / name).write_bytes(pending[index * SHARD_BYTES : (index + 1) * SHARD_BYTES])
    return names
