"""Run as a script: Python's own answers of the shared models, ten inputs for each.

`python shared_cases.py MODELS FOLDER` writes FOLDER/cases.npz. Nothing of the tool takes part:
each model is opened by the library that it was made for, and what stands before it is written
out here as its README says.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras
from PIL import Image, ImageDraw

Array = npt.NDArray[Any]
# Raw values by input's name, and what the model answers.
Case = tuple[dict[str, Array], Array]

MODELS = Path(sys.argv[1])
COUNT = 10
SEED = 23


def picture(path: str) -> Array:
    """A file's pixels, int32 `[1, height, width, 3]`."""
    image = Image.open(MODELS / "inputs" / path).convert("RGB")
    return np.asarray(image, np.int32)[None]


def parts(path: str, side: int) -> Iterator[Array]:
    """Squares of a picture, here and there."""
    whole = picture(path)
    random = np.random.default_rng(SEED)
    while True:
        top, left = (int(random.integers(0, length - side)) for length in whole.shape[1:3])
        yield whole[:, top : top + side, left : left + side]


def seen(pixels: Array, size: tuple[int, int], low: float, high: float, *, grey: bool) -> tf.Tensor:
    """Resized, greyed, and from `low` (black) to `high` (white)."""
    resized = tf.image.resize(tf.cast(pixels, tf.float32), size)
    if grey:
        resized = tf.image.rgb_to_grayscale(resized)
    return resized / 255.0 * (high - low) + low


def keras_2(name: str) -> Any:
    return tf_keras.models.load_model(MODELS / name, compile=False)


def keras_3(name: str) -> Any:
    return keras.saving.load_model(MODELS / name, compile=False)


def saved(name: str) -> Any:
    return tf.saved_model.load(MODELS / name).signatures["serving_default"]


def emotion() -> Iterator[Case]:
    model = keras_2("emotion-xception.hdf5")
    for pixels in parts("solvay_conference.jpg", 80):
        grey = seen(pixels, (64, 64), 0, 255, grey=True)
        yield {"input_1": pixels}, model((grey / 255 - 0.5) * 2).numpy()


def person() -> Iterator[Case]:
    model = keras_2("person-mobilenet.h5")
    for one, other in zip(
        parts("solvay_conference.jpg", 120), parts("cats_and_dogs.jpg", 120), strict=True
    ):
        for pixels in (one, other):
            yield {"input_1": pixels}, model(seen(pixels, (96, 96), 0, 1, grey=False)).numpy()


def change() -> Iterator[Case]:
    model = keras_2("change-detection.h5")
    names = [tensor.name.split(":")[0] for tensor in model.inputs]
    for one, other in zip(
        parts("solvay_conference.jpg", 180), parts("cats_and_dogs.jpg", 160), strict=True
    ):
        pictures = dict(zip(names, (one, other), strict=True))
        grey = [seen(pixels, (224, 224), 0, 1, grey=True) for pixels in (one, other)]
        yield pictures, as_pixels(model(grey).numpy(), 0, 1)


def super_resolution() -> Iterator[Case]:
    model = keras_2("super-resolution.h5")
    for pixels in parts("cat.jpg", 96):
        answer = model(seen(pixels, (96, 96), 0, 1, grey=False)).numpy()
        yield {"input_3": pixels}, as_pixels(answer, -1, 1)


def colourise() -> Iterator[Case]:
    model = keras_3("colourise.keras")
    for pixels in parts("burger.jpg", 150):
        answer = model(seen(pixels, (96, 96), 0, 1, grey=True)).numpy()
        yield {"input_layer": pixels}, as_pixels(answer, 0, 1)


def as_pixels(answer: Array, low: float, high: float) -> Array:
    """A picture's values as they are drawn, before they are rounded."""
    return np.clip((answer - low) / (high - low) * 255, 0, 255)


def sentiment() -> Iterator[Case]:
    model = keras_3("sentiment.keras")
    random = np.random.default_rng(SEED)
    while True:
        words = random.integers(1, random.integers(100, 10_000), (1, 200)).astype(np.float32)
        yield {"input_layer": words}, model(words).numpy()


def digits() -> Iterator[Case]:
    model = keras_3("mnist-cnn.keras")
    drawings = json.loads((Path(__file__).parent / "drawings.json").read_text())["drawings"]
    for drawing in drawings[::3]:
        pixels = white_on_black(drawing["strokes"])
        yield {"picture": pixels}, model(seen(pixels, (28, 28), 0, 1, grey=True)).numpy()


def white_on_black(strokes: list[list[list[float]]]) -> Array:
    """A drawn digit as MNIST has them: 20 pixels high in the middle of 28."""
    xs, ys = zip(*(point for stroke in strokes for point in stroke), strict=True)
    middle = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    scale = 20 / max(max(xs) - min(xs), max(ys) - min(ys))
    large = Image.new("L", (280, 280))
    pen = ImageDraw.Draw(large)
    for stroke in strokes:
        line = [tuple(140 + 10 * scale * (p - m) for p, m in zip(point, middle, strict=True))
                for point in stroke]  # fmt: skip
        pen.line(line, fill=255, width=24, joint="curve")
    return np.asarray(large.resize((28, 28), Image.Resampling.BOX).convert("RGB"), np.int32)[None]


def keywords() -> Iterator[Case]:
    model = saved("keyword-spotting-savedmodel")
    random = np.random.default_rng(SEED)
    while True:
        sound = random.normal(0, 20, (1, 49, 10, 1)).astype(np.float32)
        yield {"input_1": sound}, model(tf.constant(sound))["dense"].numpy()


def heart() -> Iterator[Case]:
    model = saved("heart-failure-savedmodel")
    specs = model.structured_input_signature[1]
    with (MODELS / "inputs" / "heart.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:: len(rows) // COUNT]:
        values = {name: np.array([row[name]]) for name in specs}
        typed = {
            name: tf.constant(value.astype(specs[name].dtype.as_numpy_dtype))
            for name, value in values.items()
        }
        yield values, model(**typed)["output_1"].numpy()


def graph(name: str, sources: list[str], target: str) -> Any:
    """A frozen graph between these tensors as a function."""
    definition = tf.compat.v1.GraphDef.FromString((MODELS / name).read_bytes())
    wrapped = tf.compat.v1.wrap_function(
        lambda: tf.import_graph_def(definition, name=""), signature=[]
    )
    return wrapped.prune([wrapped.graph.get_tensor_by_name(f"{s}:0") for s in sources],
                         wrapped.graph.get_tensor_by_name(f"{target}:0"))  # fmt: skip


def spoken() -> Iterator[Case]:
    """MFCC of parts of spoken words, as the graph itself computes them."""
    listen = graph("keyword-spotting-frozen.pb", ["wav_data"], "Mfcc")
    model = graph("keyword-spotting-frozen.pb", ["Mfcc"], "labels_softmax")
    waves = [tf.audio.decode_wav((MODELS / "inputs" / f"{word}_1000ms.wav").read_bytes())[0]
             for word in ("yes", "no")]  # fmt: skip
    for shift in range(0, 8000, 400):
        for wave in waves:
            sound = listen(tf.audio.encode_wav(tf.roll(wave, shift, 0), 16_000))
            yield {"Mfcc": sound.numpy()}, model(sound).numpy()


def pictures() -> Iterator[Array]:
    for path in sorted((MODELS / "inputs" / "cifar10").glob("*.png")):
        yield picture(f"cifar10/{path.name}")


def cifar_resnet() -> Iterator[Case]:
    model = keras_2("cifar10-resnet8.h5")
    for pixels in pictures():
        yield {"input_1": pixels}, model(tf.cast(pixels, tf.float32)).numpy()


def cifar_frozen() -> Iterator[Case]:
    training = "dropout_1/keras_learning_phase"
    model = graph("cifar10-frozen.pb", ["conv2d_1_input", training], "output_node0")
    for pixels in pictures():
        answer = model(tf.cast(pixels, tf.float32) / 255, tf.constant(False))
        yield {"conv2d_1_input": pixels}, answer.numpy()


def pitch() -> Iterator[Case]:
    model = rebuilt("pitch-crepe-tfjs")
    speech = tf.audio.decode_wav((MODELS / "inputs" / "speech.wav").read_bytes())[0][:, 0].numpy()
    for start in range(8000, len(speech) - 1024, 2500):
        window = speech[start : start + 1024]
        window = ((window - window.mean()) / window.std())[None].astype(np.float32)
        yield {"crepe_input": window}, model(window).numpy()


def rebuilt(name: str) -> Any:
    """The Keras model that a model in TF.js's layers format was."""
    data = json.loads((MODELS / name / "model.json").read_text())
    model = tf_keras.models.model_from_json(json.dumps(data["modelTopology"]["model_config"]))
    values: dict[str, Array] = {}
    for group in data["weightsManifest"]:
        raw = b"".join((MODELS / name / path).read_bytes() for path in group["paths"])
        flat = np.frombuffer(raw, np.float32)
        for spec in group["weights"]:
            count = int(np.prod(spec["shape"]))
            values[spec["name"]], flat = flat[:count].reshape(spec["shape"]), flat[count:]
        assert not flat.size
    for weight in model.weights:
        weight.assign(values.pop(weight.name.split(":")[0]))
    assert not values
    return model


CASES: dict[str, Callable[[], Iterator[Case]]] = {
    "emotion": emotion,
    "person": person,
    "change": change,
    "super-resolution": super_resolution,
    "colourise": colourise,
    "sentiment": sentiment,
    "digits": digits,
    "keywords": keywords,
    "heart": heart,
    "spoken": spoken,
    "pitch": pitch,
    "cifar-resnet": cifar_resnet,
    "cifar-frozen": cifar_frozen,
}


def main(folder: Path) -> None:
    """Writes FOLDER/cases.npz: `NAME/inputs/INPUT` and `NAME/answers`, cases first."""
    arrays: dict[str, Array] = {}
    for name, cases in CASES.items():
        found = list(cases()) if name.startswith("cifar") else list(islice(cases(), COUNT))
        for key in found[0][0]:
            arrays[f"{name}/inputs/{key}"] = np.stack([inputs[key] for inputs, _ in found])
        arrays[f"{name}/answers"] = np.stack([answer for _, answer in found])
    np.savez(folder / "cases.npz", **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[2]))
