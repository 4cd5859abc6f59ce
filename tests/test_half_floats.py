"""Half floats of every format: computed as float32, and said how far Python's own are off."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import plan
from bundler.demo import config, parts
from bundler.graph import precision
from bundler.graph.session import Session
from bundler.ground.tensors import Tensor
from tests.models import save, tf

Make = Callable[[Path, str], Path]
generator = np.random.default_rng(6)
KERNEL = generator.normal(size=(8, 5)).astype(np.float32)
X = generator.normal(size=(1, 8)).astype(np.float32)


def library(name: str) -> Any:
    import keras
    import tf_keras

    return keras if name == "keras" else tf_keras


def keras_model(name: str, suffix: str, folder: Path, dtype: str) -> Path:
    """A mixed policy for the middle, and half floats alone up to the answer."""
    k = library(name)
    x = k.Input((8,), name="x")
    y = k.layers.Dense(16, activation="gelu", dtype=f"mixed_{dtype}")(x)
    y = k.layers.LayerNormalization(dtype=f"mixed_{dtype}")(y)
    model = k.Model(x, k.layers.Dense(3, activation="softmax", dtype=dtype)(y))
    return save(model, folder / f"model.{suffix}")


def halved(x: Any, dtype: str) -> Any:
    y = tf.matmul(tf.cast(x, dtype), tf.constant(KERNEL, dtype))
    return tf.cast(tf.nn.softmax(tf.nn.gelu(y)), tf.float32)


def saved_model(folder: Path, dtype: str) -> Path:
    module = tf.Module()
    module.kernel = tf.Variable(tf.cast(KERNEL, dtype))

    def serve(x: Any) -> Any:
        return {"y": tf.nn.softmax(tf.matmul(tf.cast(x, dtype), module.kernel))}

    specs = [tf.TensorSpec([None, 8], tf.float32, "x")]
    module.serve = tf.function(serve, input_signature=specs, autograph=False)
    tf.saved_model.save(module, str(folder / "saved"), signatures=module.serve)
    return folder / "saved"


def frozen_graph(folder: Path, dtype: str) -> Path:
    """That takes and gives half floats, too."""
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(dtype, [None, 8], "x")
        tf.identity(tf.cast(halved(x, dtype), dtype), "y")
    path = folder / "graph.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def tfjs_graph(folder: Path, dtype: str) -> Path:
    """With the type in the nodes' attributes, as converters leave it."""
    from google.protobuf.json_format import MessageToDict

    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, [None, 8], "x")
        kernel = tf.constant(KERNEL, name="kernel")
        product = tf.matmul(tf.cast(x, dtype), tf.cast(kernel, dtype))
        tf.identity(tf.cast(tf.nn.softmax(product), tf.float32), "y")
    definition = graph.as_graph_def()
    for node in definition.node:
        if node.name == "kernel":
            del node.attr["value"]
    topology = MessageToDict(definition)
    rows = [{"name": "kernel", "shape": [8, 5], "dtype": "float32"}]
    # Other constants have values of their own in the nodes.
    made = {
        "format": "graph-model",
        "modelTopology": topology,
        "weightsManifest": [{"paths": ["weights.bin"], "weights": rows}],
    }
    (folder / "model.json").write_text(json.dumps(made))
    (folder / "weights.bin").write_bytes(KERNEL.tobytes())
    return folder


FORMATS: dict[str, Make] = {
    "keras": partial(keras_model, "keras", "keras"),
    "keras h5": partial(keras_model, "keras", "h5"),
    "tf_keras": partial(keras_model, "tf_keras", "keras"),
    "tf_keras h5": partial(keras_model, "tf_keras", "h5"),
    "SavedModel": saved_model,
    "frozen graph": frozen_graph,
    "TensorFlow.js": tfjs_graph,
}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", FORMATS)
def test_half_floats_are_computed_as_float32(name: str, dtype: str, tmp_path: Path) -> None:
    path = FORMATS[name](tmp_path, dtype)
    session = Session(config.read(path), lambda _: None)
    inputs = {session.plan.inputs[0].spec.name: Tensor.from_numpy(X)}
    assert not precision.has(session.frozen, ["float16", "bfloat16"])
    (answer,) = session.answer(inputs).values()
    (half,) = session.answer_itself(inputs).values()
    assert answer.dtype == "float32"
    difference = np.abs(answer.to_numpy() - half.to_numpy()).max()
    assert 0 < difference < 0.05
    (notice,) = session.meant.notices_of_halves(
        lambda: [session.answer(inputs)], lambda: [session.answer_itself(inputs)]
    )
    assert dtype in notice and "float32" in notice and "differ from these" in notice


def test_the_answers_are_those_of_float32_layers(tmp_path: Path) -> None:
    """What the model means: the weights, which a mixed policy keeps in float32, not rounded."""
    path = keras_model("keras", "keras", tmp_path, "float16")
    session = Session(config.read(path), lambda _: None)
    import keras

    half = keras.saving.load_model(path)
    settings = json.loads(half.to_json())
    for layer in settings["config"]["layers"]:
        layer["config"]["dtype"] = "float32"
    whole = keras.models.model_from_json(json.dumps(settings))
    whole.set_weights([weight.astype(np.float32) for weight in half.get_weights()])
    (answer,) = session.answer({"x": Tensor.from_numpy(X)}).values()
    np.testing.assert_allclose(answer.to_numpy(), whole(X).numpy(), atol=1e-5)


def test_models_without_half_floats_answer_themselves(tmp_path: Path) -> None:
    import keras

    x = keras.Input((8,), name="x")
    path = save(keras.Model(x, keras.layers.Dense(3)(x)), tmp_path / "model.keras")
    session = Session(config.read(path), lambda _: None)
    assert not session.meant.answers and session.meant.notices == []
    assert session.meant.notices_of_halves(list, list) == []
    assert plan.make(session.demo, session.loaded.signature, parts.read()).notices == ()
