"""What the configurations of Keras 2 can name."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tf_keras

from tests.hostile.bait import CANARY, Bait, Config, Edit, Hostile
from tests.hostile.keras_files import (
    hdf5_config,
    model_2,
    running,
)


def op_layer(symbol: str, **keywords: Any) -> Edit:
    """Calls a function of TensorFlow on the input, with arguments of the file's."""

    def edit(config: Config, bait: Bait) -> None:
        given = {key: bait.canary if value == CANARY else value for key, value in keywords.items()}
        config["config"]["layers"][1] = {
            "class_name": "TFOpLambda",
            "config": {"name": "y", "trainable": True, "dtype": "float32", "function": symbol},
            "name": "y",
            "inbound_nodes": [["x", 0, 0, given]],
        }

    return edit


def node_layer(op: str) -> Edit:
    """A TensorFlowOpLayer of TensorFlow 2.1 to 2.3, with a serialized node."""

    def edit(config: Config, bait: Bait) -> None:
        node = tf.compat.v1.NodeDef(name="y", op=op, input=["x"]).SerializeToString().decode()
        config["config"]["layers"][1] = {
            "class_name": "TensorFlowOpLayer",
            "config": {"name": "y", "dtype": "float32", "node_def": node, "constants": {}},
            "name": "y",
            "inbound_nodes": [[["x", 0, 0, {}]]],
        }

    return edit


def plain_layer(name: str, **config: Any) -> Edit:
    """A layer of Keras 2 in the place of the Dense layer."""

    def edit(whole: Config, bait: Bait) -> None:
        whole["config"]["layers"][1].update(
            {"class_name": name, "config": {"name": "y", "dtype": "float32", **config}}
        )

    return edit


HOSTILE: dict[str, Hostile] = {
    "lambda-h5": Hostile(
        model_2(lambda x, bait: tf_keras.layers.Lambda(running(bait), name="code")(x)),
        ("Python code", "model_config", '"code"'),
        real=True,
    ),
    "lambda-2": Hostile(
        model_2(lambda x, bait: tf_keras.layers.Lambda(running(bait))(x), "model.keras"),
        ("Python code", "config.json"),
        real=True,
    ),
    "lambda-in-a-wrapper-h5": Hostile(
        model_2(
            lambda x, bait: tf_keras.layers.TimeDistributed(tf_keras.layers.Lambda(running(bait)))(
                x
            )
        ),
        ("Python code",),
        real=True,
    ),
    "lambda-of-a-name": Hostile(
        hdf5_config(
            plain_layer("Lambda", function="system", function_type="function", module="os")
        ),
        ("of your own: system",),
    ),
    "training-lambda": Hostile(
        hdf5_config(
            lambda config, bait: config.update(loss={"class_name": "__lambda__", "config": {}}),
            "training_config",
        ),
        ("Python code", "training_config"),
    ),
    "write-file": Hostile(
        hdf5_config(op_layer("io.write_file", contents="x")), ("tf.io.write_file", "layers[1]")
    ),
    "read-file": Hostile(hdf5_config(op_layer("io.read_file")), ("tf.io.read_file",)),
    "load-library": Hostile(hdf5_config(op_layer("load_op_library")), ("tf.load_op_library",)),
    "py-function": Hostile(hdf5_config(op_layer("compat.v1.py_func")), ("py_func",)),
    "raw-op": Hostile(hdf5_config(op_layer("raw_ops.ReadFile")), ("raw_ops.ReadFile",)),
    "download": Hostile(hdf5_config(op_layer("keras.utils.get_file", origin="x")), ("get_file",)),
    "node": Hostile(hdf5_config(node_layer("ReadFile")), ("ReadFile", "node_def")),
    "method": Hostile(
        hdf5_config(plain_layer("InstanceMethod", method_name="__reduce_ex__")), ("__reduce_ex__",)
    ),
    "class-method": Hostile(
        hdf5_config(plain_layer("ClassMethod", cls_symbol="io.gfile.GFile", method_name="read")),
        ("io.gfile.GFile.read",),
    ),
    "own-class-h5": Hostile(hdf5_config(plain_layer("Custom>Evil")), ("of your own: Evil",)),
}
