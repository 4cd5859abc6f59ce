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
    models = {
        "tags": make_tags(),
        "tagger": make_tagger(),
        "thing": make_thing(),
        "padded": make_thing(),
        "parts": make_parts(),
        "larger": make_larger(),
    }
    inputs = {
        "tags": random.normal(size=(3, 4)).round(3).astype(np.float32),
        "tagger": slow(random, (2, STEPS, 2)),
        "thing": np.stack([picture(random, 48, 64) for _ in range(2)]),
        "padded": np.stack(
            [np.pad(picture(random, 48, 44), ((0, 0), (10, 10), (0, 0))) for _ in range(2)]
        ),
        "parts": np.stack([picture(random, 60, 90) for _ in range(2)]),
        "larger": np.stack([picture(random, 48, 64) for _ in range(2)]),
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


def picture(random: np.random.Generator, height: int, width: int) -> Array:
    """Colours that run into each other, with two discs: 0 to 255."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 200 / width, y * 200 / height, 0 * x + 60], axis=-1)
    for colour in ((240, 220, 40), (30, 60, 230)):
        middle = random.uniform(0.25, 0.75, 2) * (height, width)
        inside = np.hypot(y - middle[0], x - middle[1]) < height / 5
        pixels[inside] = colour
    return np.asarray(pixels.round().astype(np.float32))


def make_thing() -> Any:
    """A coloured picture to how likely each pixel is of one thing."""
    pixels = keras.Input((48, 64, 3), name="picture")
    hidden = keras.layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    hidden = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(hidden)
    thing = keras.layers.Conv2D(
        1, 1, activation="sigmoid", name="thing", kernel_initializer=steep(3.0)
    )
    return keras.Model(pixels, thing(hidden))


def make_parts() -> Any:
    """A picture of any size to the class of each pixel."""
    pixels = keras.Input((None, None, 3), name="picture")
    hidden = keras.layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    hidden = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(hidden)
    parts = keras.layers.Conv2D(
        4, 1, activation="softmax", name="parts", kernel_initializer=steep(3.0)
    )
    return keras.Model(pixels, parts(hidden))


def make_larger() -> Any:
    """A coloured picture to one of twice its size."""
    pixels = keras.Input((48, 64, 3), name="picture")
    hidden = keras.layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    hidden = keras.layers.UpSampling2D(2, interpolation="bilinear")(hidden)
    larger = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid", name="larger")
    return keras.Model(pixels, larger(hidden))


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
