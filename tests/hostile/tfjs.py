"""TF.js models that name files elsewhere or bring code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
import tf_keras

from tests.hostile.bait import SECRET, Bait, Hostile

SHARD = "weights.bin"


def web(topology: Callable[[Bait], Any], path: Callable[[Bait], str]) -> Callable[[Bait], Path]:
    """A TF.js model with a manifest of one shard."""

    def make(bait: Bait) -> Path:
        folder = bait.folder / "web"
        folder.mkdir()
        (folder / "weights.bin").write_bytes(bytes(60))
        rows = [
            {"name": "y/kernel", "shape": [4, 3], "dtype": "float32"},
            {"name": "y/bias", "shape": [3], "dtype": "float32"},
        ]
        manifest = [{"paths": [path(bait)], "weights": rows}]
        model = {"modelTopology": topology(bait), "weightsManifest": manifest}
        (folder / "model.json").write_text(json.dumps(model))
        return folder

    return make


def web_layers(bait: Bait) -> Any:
    x = tf_keras.Input((4,), name="x")
    config = json.loads(tf_keras.Model(x, tf_keras.layers.Dense(3, name="y")(x)).to_json())
    return {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": config}


def web_lambda(bait: Bait) -> Any:
    topology = web_layers(bait)
    code = ["4wEAAAAAAAAA", None, None]
    topology["model_config"]["config"]["layers"][1].update(
        {
            "class_name": "Lambda",
            "config": {"name": "y", "function": code, "function_type": "lambda"},
        }
    )
    return topology


def web_graph(bait: Bait) -> Any:
    from google.protobuf.json_format import MessageToDict

    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [None, 4], name="x")
        text = tf.compat.v1.placeholder(tf.string, [], name="text")
        length = tf.strings.length(tf.io.read_file(text))
        tf.add(x, tf.cast(length, tf.float32), name="y")
    return MessageToDict(graph.as_graph_def())


def linked_shard(bait: Bait) -> Path:
    folder = web(web_layers, lambda _: SHARD)(bait)
    (folder / SHARD).unlink()
    (folder / SHARD).symlink_to(bait.secret)
    return folder


def linked_folder(bait: Bait) -> Path:
    folder = web(web_layers, lambda _: f"shards/{SECRET}")(bait)
    (folder / "shards").symlink_to(Path(bait.secret).parent)
    return folder


HOSTILE: dict[str, Hostile] = {
    "web-parent-path": Hostile(web(web_layers, lambda bait: "../bait/secret.txt"), (SECRET,)),
    "web-absolute-path": Hostile(web(web_layers, lambda bait: bait.secret), (SECRET,)),
    "web-address": Hostile(web(web_layers, lambda bait: "https://example.org/w"), ("example.org",)),
    "web-climbing-path": Hostile(web(web_layers, lambda _: "a/../../bait/secret.txt"), (SECRET,)),
    "web-backslashes": Hostile(web(web_layers, lambda _: "..\\bait\\secret.txt"), (SECRET,)),
    "web-link": Hostile(linked_shard, ("link", SHARD)),
    "web-linked-folder": Hostile(linked_folder, ("link", SECRET)),
    "web-graph": Hostile(web(web_graph, lambda _: SHARD), ("ReadFile",)),
    "web-lambda": Hostile(web(web_lambda, lambda bait: SHARD), ("Python code", "model.json")),
}
