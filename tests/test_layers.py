"""The layers format: verified like any other, with its preprocessing; refused when it differs."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from bundler.graph.layers import topology
from bundler.ground.errors import DemoError, ModelError, ParityError
from bundler.pipeline import build
from tests.models import keras, layers, randomise, save

if not find_spec("tensorflowjs"):
    pytest.skip("tensorflowjs exists for some systems only", allow_module_level=True)


def demo(folder: Path, model: Any, more: str = "") -> Path:
    save(randomise(model), folder / "model.keras")
    text = f'model = "model.keras"\n{more}\n[build]\nformat = "layers"\n'
    (folder / "demo.toml").write_text(text)
    return folder


def pictures() -> Any:
    """A model in a model, layers used twice, and what Keras 3 names in its own way."""
    inner = keras.Sequential(
        [
            keras.Input((16, 16, 4)),
            layers.Conv2D(5, 3, activation="relu", kernel_initializer="he_normal", name="narrow"),
            layers.BatchNormalization(),
        ],
        name="inner",
    )
    x = keras.Input((16, 16, 3), name="picture")
    y = layers.Conv2D(4, 3, padding="same", kernel_regularizer="l2", name="wide")(x)
    y = layers.LeakyReLU(negative_slope=0.2)(y)
    y = inner(layers.Add()([y, y]))
    y = layers.GlobalAveragePooling2D()(y)
    return keras.Model(x, layers.Dense(3, activation="softmax", name="kind")(y))


def sequences() -> Any:
    x = keras.Input((5, 4), name="x")
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    y = layers.TimeDistributed(layers.Dense(3, activation="tanh"))(y)
    return keras.Model(x, layers.Dense(2)(layers.LSTM(4)(y)))


def two_inputs() -> Any:
    first, second = keras.Input((3,), name="first"), keras.Input((4,), name="second")
    joined = layers.Concatenate()([layers.Dense(4)(first), layers.Dense(5)(second)])
    outputs = {"score": layers.Dense(1)(joined), "rest": layers.Dense(2)(joined)}
    return keras.Model({"second": second, "first": first}, outputs)


@pytest.mark.parametrize("make", [pictures, sequences, two_inputs])
def test_a_layers_page_answers_what_python_answers(make: Any, tmp_path: Path) -> None:
    report = build(demo(tmp_path, make()), out=tmp_path / "site")
    assert report.parity
    assert report.parity.largest_error < 1e-5
    assert {row.backend for row in report.parity.rows} == {"cpu", "wasm"}


def test_preprocessing_is_around_the_layers(tmp_path: Path) -> None:
    settings = '[[inputs]]\nwidget = "image"\nrange = [-1, 1]\n[[outputs]]\nwidget = "label"\n'
    folder = demo(tmp_path, pictures(), settings + 'labels = ["a", "b", "c"]')
    report = build(folder, out=tmp_path / "site")
    assert report.parity
    assert report.parity.largest_error < 1e-5
    (model,) = (tmp_path / "site").glob("model-*/layers/model.json")
    assert json.loads(model.read_text())["format"] == "layers-model"


def test_what_tfjs_layers_lacks_is_refused_with_its_reason(tmp_path: Path) -> None:
    x = keras.Input((5, 4))
    with pytest.raises(ParityError, match="reset_after"):
        build(demo(tmp_path, keras.Model(x, layers.GRU(3)(x))), out=tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_what_tfjs_layers_computes_otherwise_is_refused(tmp_path: Path) -> None:
    x = keras.Input((4,))
    y = layers.Dense(3, activation="hard_sigmoid")(x)
    with pytest.raises(DemoError, match="does not answer"):
        build(demo(tmp_path, keras.Model(x, y)), out=tmp_path / "site")


def test_tensors_as_named_arguments_are_refused() -> None:
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}
    call = {"args": [tensor], "kwargs": {"mask": tensor}}
    with pytest.raises(ModelError, match="mask"):
        topology._call(call, list)
