"""Writes TensorFlow.js models as its converters do, for the tests of the formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np


def write_model(folder: Path, topology: Any, weights: dict[str, Any], **more: Any) -> Path:
    """A folder with model.json and one shard; arrays of uint8 and float16 are quantized."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, data = [], b""
    for name, value in weights.items():
        row, content = encode(name, np.asarray(value))
        rows.append(row)
        data += content
    (folder / "weights.bin").write_bytes(data)
    manifest = [{"paths": ["weights.bin"], "weights": rows}]
    model = {"modelTopology": topology, "weightsManifest": manifest, **more}
    (folder / "model.json").write_text(json.dumps(model))
    return folder


def encode(name: str, value: Any) -> tuple[dict[str, Any], bytes]:
    row: dict[str, Any] = {"name": name, "shape": list(value.shape)}
    if value.dtype.kind in "OSU":
        texts = [str(text).encode() for text in value.flat]
        data = b"".join(len(text).to_bytes(4, "little") + text for text in texts)
        return {**row, "dtype": "string"}, data
    if value.dtype == np.uint8:
        quantization: dict[str, Any] = {"dtype": "uint8", "scale": 0.5, "min": -3.0}
        return {**row, "dtype": "float32", "quantization": quantization}, value.tobytes()
    if value.dtype == np.float16:
        quantization = {"dtype": "float16"}
        return {**row, "dtype": "float32", "quantization": quantization}, value.tobytes()
    return {**row, "dtype": value.dtype.name}, value.tobytes()


def write_layers(folder: Path, model: Any, **more: Any) -> Path:
    """What `save_keras_model` makes of a tf_keras model."""
    topology = {"keras_version": "2.19.0", "model_config": json.loads(model.to_json())}
    weights = {weight.name.removesuffix(":0"): weight.numpy() for weight in model.weights}
    return write_model(folder, topology, weights, format="layers-model", **more)


def write_layers_3(folder: Path, model: Any) -> Path:
    """What `save_keras_model` makes of a Keras 3 model: what its HDF5 file says."""
    import h5py

    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "model.h5")
    weights = {}
    with h5py.File(folder / "model.h5") as file:
        topology = {"keras_version": file.attrs["keras_version"], "backend": "tensorflow"}
        topology["model_config"] = json.loads(file.attrs["model_config"])
        for layer in file["model_weights"].values():
            for name in layer.attrs.get("weight_names", []):
                weights[name.decode() if isinstance(name, bytes) else name] = layer[name][()]
    (folder / "model.h5").unlink()
    return write_model(folder, topology, weights, format="layers-model")


def write_graph(folder: Path, function: Any, **more: Any) -> Path:
    """What `convert_tf_saved_model` makes of a concrete function without variables."""
    from google.protobuf.json_format import MessageToDict
    from tensorflow.python.framework import tensor_util

    graph = function.graph.as_graph_def()
    weights = {}
    for node in graph.node:
        if node.op == "Const":
            weights[node.name] = tensor_util.MakeNdarray(node.attr["value"].tensor)
            del node.attr["value"]
    return write_model(folder, MessageToDict(graph), weights, format="graph-model", **more)
