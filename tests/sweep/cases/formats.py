"""Small models in every format that the tool reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.sweep.cases.case import SEED, Case, randomised, save_model
from tests.tfjs_files import write_graph, write_layers

Make = Callable[[Any], Any]
SIDE = 16
LABELS = ["Cat", "Dog", "Bird"]
METADATA = {"packageName": "@teachablemachine/image", "labels": LABELS, "imageSize": SIDE}


def cases() -> list[Case]:
    found = [
        Case(f"{form}-{name}", _maker(library, make), suffix, save=save)
        for form, (library, suffix, save) in FORMATS.items()
        for name, make in MODELS.items()
    ]
    for name, make in VERSION_1.items():
        found.append(Case(f"saved_model_1-{name}", make, "", save=_save_version_1))
    teachable = _maker("tf_keras", _convolutional)
    return [*found, Case("teachable_machine-picture", teachable, "", save=_save_teachable)]


def _maker(library: str, make: Make) -> Callable[[], Any]:
    def made() -> Any:
        import keras
        import tf_keras

        chosen: Any = {"keras": keras, "tf_keras": tf_keras}[library]
        chosen.utils.set_random_seed(SEED)
        return randomised(make(chosen))

    return made


def _dense(k: Any) -> Any:
    x = k.Input((6,), name="x")
    y = k.layers.Dense(8, activation="relu")(x)
    return k.Model(x, k.layers.Dense(3, activation="softmax")(k.layers.Dropout(0.5)(y)))


def _convolutional(k: Any) -> Any:
    x = k.Input((SIDE, SIDE, 3), name="x")
    y = k.layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    y = k.layers.ReLU()(k.layers.BatchNormalization()(y))
    y = k.layers.ReLU(6.0)(k.layers.DepthwiseConv2D(3, padding="same")(y))
    y = k.layers.GlobalAveragePooling2D()(k.layers.MaxPooling2D()(y))
    return k.Model(x, k.layers.Dense(3, activation="softmax")(y))


def _recurrent(k: Any) -> Any:
    x = k.Input((8,), dtype="int32", name="x")
    y = k.layers.Embedding(20, 6)(x)
    y = k.layers.Bidirectional(k.layers.LSTM(5, return_sequences=True))(y)
    return k.Model(x, k.layers.Dense(2, activation="sigmoid")(k.layers.GRU(4)(y)))


def _attention(k: Any) -> Any:
    x = k.Input((8, 6), name="x")
    y = k.layers.MultiHeadAttention(2, 4)(x, x)
    y = k.layers.LayerNormalization()(k.layers.Add()([x, y]))
    return k.Model(x, k.layers.Dense(4, activation="relu")(k.layers.Flatten()(y)))


def _two_inputs(k: Any) -> Any:
    first, second = k.Input((4,), name="zebra"), k.Input((4,), name="apple")
    y = k.layers.Subtract()([k.layers.Dense(3)(first), k.layers.Dense(3)(second)])
    return k.Model([first, second], [y, k.layers.Dense(2)(y)])


MODELS: dict[str, Make] = {
    "dense": _dense,
    "convolutional": _convolutional,
    "recurrent": _recurrent,
    "attention": _attention,
    "two_inputs": _two_inputs,
}


def _save_json(model: Any, out: str) -> None:
    folder = Path(out)
    folder.mkdir(parents=True)
    (folder / "net.json").write_text(model.to_json())
    model.save_weights(str(folder / "net.weights.h5"))


def _export(model: Any, out: str) -> None:
    model.export(out)


def _save_keras_2_folder(model: Any, out: str) -> None:
    model.save(out, save_format="tf")


def _traced(model: Any) -> Any:
    """The model as one graph without variables."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    specs = [
        tf.TensorSpec((1, *tensor.shape[1:]), tensor.dtype, name=f"input_{at}")
        for at, tensor in enumerate(model.inputs)
    ]
    function = tf.function(lambda *inputs: model(list(inputs), training=False), autograph=False)
    return convert_variables_to_constants_v2(function.get_concrete_function(*specs))


def _freeze(model: Any, out: str) -> None:
    Path(out).write_bytes(_traced(model).graph.as_graph_def().SerializeToString())


def _save_tfjs_graph(model: Any, out: str) -> None:
    write_graph(Path(out), _traced(model))


def _save_tfjs_layers(model: Any, out: str) -> None:
    write_layers(Path(out), model)


def _save_teachable(model: Any, out: str) -> None:
    write_layers(Path(out), model)
    (Path(out) / "metadata.json").write_text(json.dumps(METADATA))


# The library that writes it, the suffix of the file (none: a folder), and how it is written.
FORMATS: dict[str, tuple[str, str, Callable[[Any, str], None]]] = {
    "keras_3": ("keras", ".keras", save_model),
    "keras_3_hdf5": ("keras", ".h5", save_model),
    "keras_3_json": ("keras", "", _save_json),
    "keras_2": ("tf_keras", ".keras", save_model),
    "keras_2_hdf5": ("tf_keras", ".h5", save_model),
    "keras_2_json": ("tf_keras", "", _save_json),
    "saved_model_keras_3": ("keras", "", _export),
    "saved_model_keras_2": ("tf_keras", "", _save_keras_2_folder),
    "frozen_graph": ("keras", ".pb", _freeze),
    "tfjs_graph": ("keras", "", _save_tfjs_graph),
    "tfjs_layers": ("tf_keras", "", _save_tfjs_layers),
}


def _version_1_dense(v1: Any, weight: Callable[..., Any]) -> tuple[Any, Any]:
    x = v1.placeholder(v1.float32, (None, 6), name="x")
    hidden = v1.nn.relu(v1.matmul(x, weight("hidden", 6, 8)) + weight("bias", 8))
    return x, v1.nn.softmax(v1.matmul(hidden, weight("scores", 8, 3)))


def _version_1_convolutional(v1: Any, weight: Callable[..., Any]) -> tuple[Any, Any]:
    x = v1.placeholder(v1.float32, (None, SIDE, SIDE, 3), name="x")
    y = v1.nn.conv2d(x, weight("filters", 3, 3, 3, 8), strides=2, padding="SAME")
    y = v1.nn.max_pool2d(v1.nn.relu(v1.nn.bias_add(y, weight("bias", 8))), 2, 2, "VALID")
    return x, v1.matmul(v1.reduce_mean(y, axis=[1, 2]), weight("scores", 8, 3))


VERSION_1: dict[str, Callable[[], Any]] = {
    "dense": lambda: _version_1_dense,
    "convolutional": lambda: _version_1_convolutional,
}


def _save_version_1(make: Any, out: str) -> None:
    """As TensorFlow 1 wrote it: a graph with variables that a session has initialised."""
    import tensorflow as tf

    v1 = tf.compat.v1
    generator = np.random.default_rng(SEED)

    def weight(name: str, *shape: int) -> Any:
        values = generator.normal(scale=0.5, size=shape).astype(np.float32)
        return v1.get_variable(name, initializer=values, use_resource=False)

    builder = v1.saved_model.builder.SavedModelBuilder(out)
    with v1.Session(graph=tf.Graph()) as session:
        x, y = make(v1, weight)
        session.run(v1.global_variables_initializer())
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
    builder.save()
