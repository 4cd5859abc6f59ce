"""Networks of ml5.js: the page takes and gives what was measured, not what was normalised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import formats, plan
from bundler.demo import config, parts
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.plan import Plan
from tests.models import randomise, tf
from tests.tfjs_files import write_layers


def network(width: int, classes: int, activation: str) -> Any:
    import tf_keras

    layers = tf_keras.layers
    x = layers.Input((width,), name="dense_Dense1_input")
    y = layers.Dense(classes, activation=activation, name="dense_Dense2")(x)
    return randomise(tf_keras.Model(x, y))


def number(low: float, high: float) -> dict[str, Any]:
    return {"dtype": "number", "min": low, "max": high}


def words(*texts: str) -> dict[str, Any]:
    rows = np.eye(len(texts), dtype=int).tolist()
    legend = dict(reversed(list(zip(texts, rows, strict=True))))
    return {"dtype": "string", "min": 0, "max": 1, "uniqueValues": list(texts), "legend": legend}


def opened(folder: Path, model: Any, **meta: Any) -> tuple[Loaded, Plan]:
    path = write_layers(folder / "net", model)
    (path / "model_meta.json").write_text(json.dumps(meta), encoding="utf-8")
    source = Source(path)
    form = formats.detect(source)
    assert form.NAME == "ml5.js"
    loaded = form.load(source)
    (folder / "demo.toml").write_text('model = "net"')
    return loaded, plan.make(config.read(folder), loaded.signature, parts.read())


def answer(loaded: Loaded, *row: float) -> Any:
    return loaded.call([tf.constant([row], tf.float32)])[0].numpy()[0]


def test_a_classifier_gets_sliders_and_labels(tmp_path: Path) -> None:
    model = network(2, 3, "softmax")
    inputs = {"width (cm)": number(10, 30), "größe": number(-1, 1)}
    outputs = {"kind": words("cat", "dog", "über")}
    loaded, made = opened(tmp_path, model, inputs=inputs, outputs=outputs, isNormalized=True)
    fields = made.inputs[0].fields
    assert [(field.name, field.widget) for field in fields] == [
        ("width (cm)", "slider"), ("größe", "slider"),
    ]  # fmt: skip
    assert (fields[0].options["min"], fields[0].options["max"]) == (10, 30)
    assert made.outputs[0].options["labels"] == ["cat", "dog", "über"]
    expected = model(np.array([[0.25, 1]], "f4")).numpy()[0]
    np.testing.assert_allclose(answer(loaded, 15, 1), expected, atol=1e-6)


def test_a_regression_answers_in_its_own_unit(tmp_path: Path) -> None:
    model = network(1, 1, "sigmoid")
    loaded, made = opened(
        tmp_path, model, inputs={"area": number(0, 200)}, outputs={"price": number(1e5, 9e5)},
        isNormalized=True,
    )  # fmt: skip
    assert made.outputs[0].widget == "number" and made.outputs[0].label == "price"
    expected = float(model(np.array([[0.5]], "f4"))[0, 0]) * 8e5 + 1e5
    assert answer(loaded, 100)[0] == pytest.approx(expected, rel=1e-6)


def test_texts_are_fields_of_their_own_and_constants_are_left_alone(tmp_path: Path) -> None:
    model = network(4, 2, "softmax")
    inputs = {"colour": words("red", "blue"), "always": number(3, 3), "x": number(0, 4)}
    loaded, made = opened(
        tmp_path, model, inputs=inputs, outputs={"kind": words("a", "b")}, isNormalized=True
    )
    names = [field.name for field in made.inputs[0].fields]
    assert names == ["colour: red", "colour: blue", "always", "x"]
    expected = model(np.array([[0, 1, 3, 0.5]], "f4")).numpy()[0]
    np.testing.assert_allclose(answer(loaded, 0, 1, 3, 2), expected, atol=1e-6)


def test_what_was_not_normalised_goes_in_as_it_is(tmp_path: Path) -> None:
    model = network(2, 2, "softmax")
    meta = {"inputs": {"x": number(0, 9), "y": number(0, 9)}, "outputs": {"k": words("a", "b")}}
    loaded, made = opened(tmp_path, model, **meta, isNormalized=False)
    assert [field.name for field in made.inputs[0].fields] == ["x", "y"]
    expected = model(np.array([[2, 5]], "f4")).numpy()[0]
    np.testing.assert_allclose(answer(loaded, 2, 5), expected, atol=1e-6)


@pytest.mark.parametrize("meta", [None, [], {}, {"inputs": {}, "outputs": {}}, {"inputs": [1]}])
def test_a_file_of_others_means_nothing(meta: Any, tmp_path: Path) -> None:
    path = write_layers(tmp_path / "net", network(2, 2, "softmax"))
    (path / "model_meta.json").write_text(json.dumps(meta))
    assert formats.detect(Source(path)).NAME == "TensorFlow.js layers model"
