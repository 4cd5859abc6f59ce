"""Models whose answers are more than one class or number, with Keras's own answers to them.

Made in a process apart; nothing of bundler takes part.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import keras
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SEED = 18
STEPS = 130


def main(out: str) -> None:
    """Writes a model for each case, and cases.npz with inputs and Keras's answers."""
    folder = Path(out)
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED)
    models = {"tags": make_tags(), "tagger": make_tagger()}
    inputs = {
        "tags": random.normal(size=(3, 4)).round(3).astype(np.float32),
        "tagger": slow(random, (2, STEPS, 2)),
    }
    cases: dict[str, Array] = {}
    for name, model in models.items():
        model.save(folder / f"{name}.keras")
        cases[f"{name}/inputs"] = inputs[name]
        cases[f"{name}/answers"] = np.stack([model(one[None]).numpy() for one in inputs[name]])
    np.savez(folder / "cases.npz", **cases)


def slow(random: np.random.Generator, shape: tuple[int, int, int]) -> Array:
    """Values that change from step to step by little, so that classes come in runs."""
    steps = np.cumsum(random.normal(size=shape), axis=1) / 2
    return np.asarray((steps - steps.mean(axis=1, keepdims=True)).round(2).astype(np.float32))


def make_tags() -> Any:
    """Four numbers to six labels, of which several can be true."""
    features = keras.Input((4,), name="features")
    tags = keras.layers.Dense(6, activation="sigmoid", name="tags", kernel_initializer=steep(2.0))
    return keras.Model(features, tags(features))


def make_tagger() -> Any:
    """Any number of steps of two numbers to a class for each step."""
    steps = keras.Input((None, 2), name="steps")
    hidden = keras.layers.Conv1D(8, 3, padding="same", activation="relu")(steps)
    classes = keras.layers.Dense(3, activation="softmax", name="phase", kernel_initializer=steep(2))
    return keras.Model(steps, classes(hidden))


def steep(deviation: float) -> Any:
    """Weights that make answers differ much."""
    return keras.initializers.RandomNormal(stddev=deviation)
