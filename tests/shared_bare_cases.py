"""Run as a module: what Python answers when the shared models are built without a demo.toml.

`python -m tests.shared_bare_cases MODELS FOLDER` writes FOLDER/bare.npz. Nothing says then what
picture models were trained on, so they get pixels from 0 to 255, and some of them magnify every
rounding: each answers in float64 as well, which tells how far its own float32 is off.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from tests.shared_cases import (
    Array,
    as_pixels,
    graph,
    keras_2,
    keras_3,
    parts,
    pictures,
    seen,
    white_on_black,
)

# Inputs by name, the answer in float32 and in float64.
Case = tuple[dict[str, Array], Array, Array]
Finish = Callable[[Array], Array]

COUNT = 4
# Pixels of 0 to 2: what a model that was trained on 0 to 1 does not saturate at.
DARKER = 100


def doubled(model: Any) -> Any:
    """The same model, computed in float64."""
    library = tf_keras if isinstance(model, tf_keras.Model) else keras
    library.backend.set_floatx("float64")
    text = json.dumps(model.get_config()).replace("float32", "float64")
    config = json.loads(text.replace("DT_FLOAT", "DT_DOUBLE"))
    made = type(model).from_config(config)
    made.set_weights([weight.astype("float64") for weight in model.get_weights()])
    library.backend.set_floatx("float32")
    return made


def of_pictures(
    model: Any, feeds: Iterator[tuple[Array, ...]], finish: Finish = lambda answer: answer
) -> Iterator[Case]:
    """Raw pixels, scaled to the sizes and reduced to the channels of a Keras model's inputs."""
    exact = doubled(model)
    names = [tensor.name.split(":")[0] for tensor in model.inputs]
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    for index, lit in enumerate(feeds):
        feed = tuple(pixels // DARKER if index % 2 else pixels for pixels in lit)
        values = [
            seen(pixels, shape[1:3], 0, 255, grey=shape[3] == 1)
            for pixels, shape in zip(feed, shapes, strict=True)
        ]
        answers = [
            finish(np.asarray(one([tf.cast(v, dtype) for v in values] if feed[1:] else
                                  tf.cast(values[0], dtype))))
            for one, dtype in ((model, "float32"), (exact, "float64"))
        ]  # fmt: skip
        yield dict(zip(names, feed, strict=True)), answers[0], answers[1]


def squares(*files: tuple[str, int]) -> Iterator[tuple[Array, ...]]:
    return zip(*(parts(name, side) for name, side in files), strict=True)


def drawings() -> Iterator[tuple[Array, ...]]:
    path = Path(__file__).parent / "drawings.json"
    for drawing in json.loads(path.read_text())["drawings"]:
        yield (white_on_black(drawing["strokes"]),)


def frozen() -> Iterator[Case]:
    names = ["conv2d_1_input", "dropout_1/keras_learning_phase"]
    model = graph("cifar10-frozen.pb", names, "output_node0")
    for index, lit in enumerate(pictures()):
        pixels = lit // DARKER if index % 2 else lit
        answer = model(tf.cast(pixels, tf.float32), tf.constant(False)).numpy()
        yield {"conv2d_1_input": pixels}, answer, answer.astype(float)


CASES: dict[str, Callable[[], Iterator[Case]]] = {
    "emotion-xception.hdf5": lambda: of_pictures(
        keras_2("emotion-xception.hdf5"), squares(("solvay_conference.jpg", 80))
    ),
    "person-mobilenet.h5": lambda: of_pictures(
        keras_2("person-mobilenet.h5"), squares(("cats_and_dogs.jpg", 120))
    ),
    "change-detection.h5": lambda: of_pictures(
        keras_2("change-detection.h5"),
        squares(("solvay_conference.jpg", 180), ("cats_and_dogs.jpg", 160)),
        lambda answer: as_pixels(answer, 0, 1),
    ),
    "super-resolution.h5": lambda: of_pictures(
        keras_2("super-resolution.h5"),
        squares(("cat.jpg", 96)),
        lambda answer: as_pixels(answer, -1, 1),
    ),
    "colourise.keras": lambda: of_pictures(
        keras_3("colourise.keras"),
        squares(("burger.jpg", 150)),
        lambda answer: as_pixels(answer, 0, 1),
    ),
    "cifar10-resnet8.h5": lambda: of_pictures(
        keras_2("cifar10-resnet8.h5"), ((pixels,) for pixels in pictures())
    ),
    "mnist-cnn.keras": lambda: of_pictures(keras_3("mnist-cnn.keras"), drawings()),
    "cifar10-frozen.pb": frozen,
}


def main(folder: Path) -> None:
    """Writes FOLDER/bare.npz: `FILE/inputs/INPUT`, `FILE/answers` and `FILE/exact`."""
    arrays: dict[str, Array] = {}
    for name, cases in CASES.items():
        found = list(islice(cases(), COUNT))
        for key in found[0][0]:
            arrays[f"{name}/inputs/{key}"] = np.stack([inputs[key] for inputs, _, _ in found])
        arrays[f"{name}/answers"] = np.stack([answer for _, answer, _ in found])
        arrays[f"{name}/exact"] = np.stack([exact for _, _, exact in found])
    np.savez(folder / "bare.npz", **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[2]))
