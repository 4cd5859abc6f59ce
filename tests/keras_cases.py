"""Keras's own answers to ten inputs for each model of the browser tests, made in a process apart.

Nothing of bundler.graph but the feeds takes part: they are the preprocessing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from PIL import Image, ImageDraw

from bundler.demo import config
from bundler.demo.settings import InputField, narrowed
from bundler.feeds import image, sketch
from bundler.ground.tensors import TensorSpec

Array = npt.NDArray[Any]

ROOT = Path(__file__).parent.parent
COUNT = 10
SEED = 11
PAPER = 280
WORDS = ("the", "film", "was", "good", "bad", "very", "long", "short")


def main(out: str) -> None:
    """Writes {mlp,sequence,grey,painter,mood}.keras and cases.npz into a folder."""
    folder = Path(out)
    keras.utils.set_random_seed(SEED)
    random = np.random.default_rng(SEED)
    make_ears().save(folder / "ears.keras")
    make_smoother().save(folder / "smoother.keras")
    small = {
        "mlp": make_mlp(),
        "sequence": make_sequence(),
        "grey": make_grey(),
        "painter": make_painter(),
        "mood": make_mood(),
    }
    for name, model in small.items():
        model.save(folder / f"{name}.keras")
    make_tagger().save(folder / "tagger.keras")
    make_finder().save(folder / "finder.keras")
    demos = {
        name: keras.saving.load_model(ROOT / "demos" / name / f"{name}.keras")
        for name in ("digits", "wine", "diabetes")
    }
    inputs = {
        "mlp": random.normal(size=(COUNT, 1, 4)).round(3).astype(np.float32),
        "sequence": random.normal(size=(COUNT, 1, 6, 3)).round(3).astype(np.float32),
        "grey": np.stack([make_picture(random) for _ in range(COUNT)]),
        "painter": np.stack([make_picture(random) for _ in range(COUNT)]),
        "mood": np.array([[[write(random)]] for _ in range(COUNT)]),
        "digits": np.stack([draw(index) for index in range(0, 3 * COUNT, 3)]),
        "wine": within_ranges("wine", random),
        "diabetes": within_ranges("diabetes", random),
    }
    prepare: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
        "grey": see_grey,
        "painter": see_colours,
        "digits": see_digit,
    }
    # The page draws the values of a sigmoid from 0 to 255.
    scales = {"painter": 255}
    cases: dict[str, Array] = {}
    for name, model in {**small, **demos}.items():
        ready = prepare.get(name, lambda raw: raw)
        scale = scales.get(name, 1)
        answers = [scale * model(ready(tf.constant(case))).numpy() for case in inputs[name]]
        cases[f"{name}/inputs"] = inputs[name]
        cases[f"{name}/answers"] = np.stack(answers)
        cases[f"{name}/names"] = np.array([model.inputs[0].name, model.output_names[0]])
    np.savez(folder / "cases.npz", **cases)


def make_ears() -> keras.Model:
    """Coefficients of a sound of any length."""
    sound = keras.Input((None, 13), name="sound")
    heard = keras.layers.GRU(8)(keras.layers.Rescaling(0.05)(sound))
    return keras.Model(sound, keras.layers.Dense(4, activation="softmax", name="word")(heard))


def make_smoother() -> keras.Model:
    """A sound of any length without what is high in it: a mean of nine samples."""
    sound = keras.Input((None, 1), name="sound")
    mean = keras.initializers.Constant(1 / 9)
    layer = keras.layers.Conv1D(1, 9, padding="same", use_bias=False, kernel_initializer=mean)
    return keras.Model(sound, keras.layers.Identity(name="smooth")(layer(sound)))


def make_tagger() -> keras.Model:
    """Eight steps of two numbers to a class of three at each."""
    steps = keras.Input((8, 2), name="steps")
    return keras.Model(steps, keras.layers.Dense(3, activation="softmax", name="phase")(steps))


def make_finder() -> keras.Model:
    """A coloured picture to 64 boxes of two classes, as YOLOv5 has them."""
    picture = keras.Input((64, 64, 3), name="picture")
    seen = keras.layers.AveragePooling2D(8)(keras.layers.Rescaling(1 / 255)(picture))
    cells = keras.layers.Conv2D(7, 1, activation="sigmoid")(seen)
    return keras.Model(picture, keras.layers.Reshape((64, 7), name="found")(cells))


def make_mlp() -> Any:
    """Four numbers to three classes."""
    features = keras.Input((4,), name="features")
    hidden = keras.layers.Dense(8, activation="relu")(features)
    scores = keras.layers.Dense(3, activation="softmax", name="scores")(hidden)
    return keras.Model(features, scores)


def make_sequence() -> Any:
    """Six steps of three numbers to six steps of two: nothing that a widget but json fits."""
    steps = keras.Input((6, 3), name="steps")
    hidden = keras.layers.Conv1D(8, 3, padding="same", activation="relu")(steps)
    answer = keras.layers.Dense(2, activation="tanh", name="trend")(hidden)
    return keras.Model(steps, answer)


def make_grey() -> Any:
    """A grey picture to ten classes; large enough that the page starts on WebAssembly."""
    picture = keras.Input((32, 32, 1), name="picture")
    hidden = keras.layers.Rescaling(1 / 127.5, offset=-1)(picture)
    hidden = keras.layers.Conv2D(32, 3, padding="same", activation="relu")(hidden)
    hidden = keras.layers.Conv2D(64, 3, padding="same", activation="relu")(hidden)
    hidden = keras.layers.GlobalAveragePooling2D()(hidden)
    steep = keras.initializers.RandomNormal(stddev=4)
    scores = keras.layers.Dense(10, activation="softmax", kernel_initializer=steep, name="shade")(
        hidden
    )
    return keras.Model(picture, scores)


def make_painter() -> Any:
    """A coloured picture to another one."""
    picture = keras.Input((48, 64, 3), name="picture")
    hidden = keras.layers.Rescaling(1 / 127.5, offset=-1)(picture)
    painted = keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid", name="painted")(
        hidden
    )
    return keras.Model(picture, painted)


def make_mood() -> Any:
    """A text to two classes."""
    text = keras.Input((1,), dtype="string", name="review")
    words = keras.layers.TextVectorization(vocabulary=list(WORDS), output_sequence_length=8)(text)
    steep = keras.initializers.RandomNormal(stddev=4)
    hidden = keras.layers.Embedding(len(WORDS) + 2, 4, embeddings_initializer=steep)(words)
    hidden = keras.layers.GlobalAveragePooling1D()(hidden)
    return keras.Model(text, keras.layers.Dense(2, activation="softmax", name="mood")(hidden))


def write(random: np.random.Generator) -> str:
    """Some words that the model knows, and one that it does not."""
    words = [*random.choice(WORDS, 5), "popcorn"]
    return " ".join(random.permutation(words)).capitalize() + "."


def make_picture(random: np.random.Generator) -> Array:
    """A coloured slope with noise, int32 [1, 34, 40, 3], 0 to 255: not the model's size."""
    y, x = np.mgrid[0:1:34j, 0:1:40j]
    slopes = np.stack([x, y, 1 - x], axis=-1) * random.uniform(60, 255, 3)
    noise = random.normal(0, 40, slopes.shape)
    return np.asarray(np.clip(slopes + noise, 0, 255).astype(np.int32)[None])


def draw(index: int) -> Array:
    """A recorded drawing as ink on paper, int32 [1, 280, 280, 1]: 0 is ink, 255 paper."""
    drawings = json.loads((Path(__file__).parent / "drawings.json").read_text())["drawings"]
    paper = Image.new("L", (PAPER, PAPER), 255)
    pen = ImageDraw.Draw(paper)
    for stroke in drawings[index]["strokes"]:
        points = [(x * PAPER, y * PAPER) for x, y in stroke]
        pen.line(points, fill=0, width=PAPER // 14, joint="curve")
    return np.asarray(paper, np.int32)[None, :, :, None]


def within_ranges(name: str, random: np.random.Generator) -> Array:
    """Values that the demo's fields offer, float32 [10, 1, fields]."""
    fields = config.read(ROOT / "demos" / name).inputs[0].fields or []
    return np.stack([[[pick(field, random) for field in fields]] for _ in range(COUNT)]).astype(
        np.float32
    )


def pick(field: InputField, random: np.random.Generator) -> float:
    """One of the choices, or a whole number of steps above the lower end."""
    if field.choices:
        value = field.choices[random.integers(len(field.choices))].value
        assert isinstance(value, int | float)
        return value
    assert field.min is not None and field.max is not None and field.step
    steps = int((field.max - field.min) / field.step + 1e-6)
    return round(float(field.min + field.step * random.integers(0, steps + 1)), 6)


def see_grey(raw: tf.Tensor) -> tf.Tensor:
    settings = image.Settings(size=(32, 32), channels=1)
    return image.FEED.trace(raw, TensorSpec("picture", "float32", (None, 32, 32, 1)), settings)


def see_colours(raw: tf.Tensor) -> tf.Tensor:
    return tf.image.resize(tf.cast(raw, tf.float32), (48, 64))


def see_digit(raw: tf.Tensor) -> tf.Tensor:
    settings = narrowed(sketch.Settings, config.read(ROOT / "demos" / "digits").inputs[0])
    return sketch.FEED.trace(raw, TensorSpec("image", "float32", (None, 20, 20, 1)), settings)
