"""Keras models for the tests of formats and graphs, made in the test's own process."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import numpy as np

from bundler.ground import lean

# Imported otherwise, sklearn, pandas and jax come with them: two of five seconds.
keras: Any = lean.import_tensorflow()
tf: Any = sys.modules["tensorflow"]
layers = keras.layers

__all__ = [
    "ACTIVATIONS",
    "FUSED",
    "convolutions",
    "keras",
    "keras_model",
    "layers",
    "mixed",
    "plain",
    "save",
    "tf",
]  # fmt: skip

SEED = 7
ACTIVATIONS = ("relu", "relu6", "elu")
# Layers whose bias, normalization and activation become one op, and the input that they see.
FUSED = {"conv": "picture", "depthwise": "picture", "dense": "vector"}
SIDE, WIDTH = 10, 12


def save(model: Any, path: Path) -> Path:
    """Saves a model; Keras 3.15 and numpy 2 warn about each other then."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)  # of HDF5, which is legacy
        model.save(path)
    return path


def randomise(model: Any) -> Any:
    """Random weights everywhere: biases, means and variances are zeros and ones at first."""
    generator = np.random.default_rng(SEED)
    for layer in model._flatten_layers():
        for weight in layer.weights:
            size = generator.normal(scale=0.4, size=weight.shape)
            # Keras 2 has the layer's name in front, and ":0" behind.
            name = weight.name.split("/")[-1].split(":")[0]
            is_scale = name in ("moving_variance", "gamma")
            if "float" in str(weight.dtype):
                weight.assign(np.abs(size) + 0.3 if is_scale else size)
    return model


def plain() -> Any:
    """Four numbers to three classes."""
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(3, activation="softmax", name="y")(x))


def make_layer(name: str) -> Any:
    if name == "conv":
        return layers.Conv2D(6, 3, padding="same")
    if name == "depthwise":
        return layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")
    return layers.Dense(8)


def convolutions() -> Any:
    """Each layer of FUSED with each activation, and around them what must not be fused."""
    inputs = {
        "picture": keras.Input((SIDE, SIDE, 3), name="picture"),
        "vector": keras.Input((WIDTH,), name="vector"),
    }
    outputs = {}
    for kind, source in FUSED.items():
        for activation in ACTIVATIONS:
            x = make_layer(kind)(inputs[source])
            x = layers.BatchNormalization()(x)
            x = layers.Activation(activation)(x)
            outputs[f"{kind}_{activation}"] = layers.Identity()(x)
    outputs.update(branches(inputs["picture"], inputs["vector"]))
    return randomise(keras.Model(inputs, outputs))


def branches(picture: Any, vector: Any) -> dict[str, Any]:
    """Layers whose results are used twice, or are normalized first, or have other axes."""
    shared = layers.Conv2D(4, 3, strides=2)(picture)
    before = layers.Conv2D(5, 1)(layers.BatchNormalization()(picture))
    dilated = layers.Conv2D(4, 3, dilation_rate=2, activation="relu")(picture)
    separable = layers.SeparableConv2D(5, 3, activation="tanh")(picture)
    back = layers.Conv2DTranspose(3, 3, strides=2, activation="relu")(picture)
    across = layers.BatchNormalization(axis=1)(layers.Conv2D(4, 3, padding="same")(picture))
    hidden = layers.Dense(6)(vector)
    return {
        "shared_plain": shared,
        "shared_normalized": layers.ReLU()(layers.BatchNormalization()(shared)),
        "normalized_before": before,
        "dilated": dilated,
        "separable": separable,
        "back": back,
        "across": across,
        "scaled": (hidden * 2.0 - 1.0) * np.linspace(-1, 1, 6).astype("float32"),
        "subtracted": 3.0 - layers.Dense(6)(vector),
        "squared": hidden * hidden,
        "leaky": layers.LeakyReLU(negative_slope=0.2)(layers.Dense(4)(vector)),
    }


def mixed() -> Any:
    """Loops, several inputs and outputs of one shape, and every dtype that inputs have."""
    first = keras.Input((5, 3), name="zebra")
    second = keras.Input((5, 3), name="apple")
    ids = keras.Input((4,), dtype="int32", name="ids")
    codes = keras.Input((4,), dtype="int64", name="codes")
    flags = keras.Input((4,), dtype="bool", name="flags")
    embedded = layers.Embedding(6, 3)(ids)
    kept = keras.ops.cast(flags, "float32") * keras.ops.cast(codes, "float32")
    wide = layers.Dense(1100)(layers.Dense(1100, activation="relu")(layers.Dense(8)(kept)))
    outputs = {
        "minus": first - 2.0 * second,
        "and": layers.LSTM(4, return_sequences=True)(first) * 1.0,
        "gate": layers.GRU(3, name="gru")(second),
        "both": layers.Bidirectional(layers.LSTM(2))(embedded),
        "codes_again": codes * 2 + 1,
        "flags_again": keras.ops.logical_not(flags),
        "ids_again": ids - 3,
        "wide": layers.Dense(3)(wide),
    }
    inputs = {tensor.name: tensor for tensor in (first, second, ids, codes, flags)}
    return randomise(keras.Model(inputs, outputs))


def classifier() -> Any:
    """Convolutions, normalisation and products, with weights as large as trained ones."""
    x = keras.Input((16, 16, 3), name="picture")
    y = x
    for filters in (16, 32):
        y = layers.Conv2D(filters, 3, strides=2, padding="same")(y)
        y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Dense(48, activation="relu")(layers.Flatten()(y))
    model = seeded(keras.Model(x, layers.Dense(6, activation="softmax", name="kind")(y)))
    model.weights[-1].assign(np.linspace(1, -1, 6))
    return model


def undecided() -> Any:
    """Two classes whose scores differ by less than a half float can tell."""
    x = keras.Input((40,), name="x")
    y = layers.Dense(600, activation="relu")(x)
    model = seeded(keras.Model(x, layers.Dense(2, activation="softmax", name="kind")(y)))
    kernel = model.weights[-2]
    column = kernel.numpy()[:, :1]
    noise = np.random.default_rng(SEED).normal(scale=1e-7, size=column.shape)
    kernel.assign(np.concatenate([column + noise, column], axis=1))
    return model


def seeded(model: Any) -> Any:
    """Glorot's weights, the same every time."""
    generator = np.random.default_rng(SEED)
    for weight in model.trainable_weights:
        if len(weight.shape) > 1:
            limit = np.sqrt(6 / (np.prod(weight.shape[:-1]) + weight.shape[-1]))
            weight.assign(generator.uniform(-limit, limit, weight.shape))
    return model


def keras_model(name: str) -> Any:
    """A model whose layers have the same names every time."""
    keras.utils.clear_session()
    return {"classifier": classifier, "undecided": undecided}[name]()
