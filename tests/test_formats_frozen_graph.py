"""Frozen graphs: found by their content, cut at named tensors, without training's leftovers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bundler import formats
from bundler.formats import wire
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.ground.errors import ModelError
from tests.command import run
from tests.conftest import SHARED_MODELS
from tests.models import keras, tf
from tests.sweep.cases import formats as sweep_formats
from tests.texts import assert_error

v1 = tf.compat.v1

WITH_PUBLISHED = pytest.mark.skipif(not SHARED_MODELS.is_dir(), reason="no ../shared/models")
CIFAR = SHARED_MODELS / "cifar10-frozen.pb"
KEYWORDS = SHARED_MODELS / "keyword-spotting-frozen.pb"
CIFAR_CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
NEW_OPS = ["DecodeWav", "AudioSpectrogram", "Mfcc"]


def opened(path: Path, **said: Any) -> Loaded:
    source = Source(path, **said)
    return formats.detect(source).load(source)


def answer(loaded: Loaded, *values: Any) -> Any:
    return [result.numpy() for result in loaded.call([tf.constant(value) for value in values])]


def frozen(path: Path, make: Callable[[], Any]) -> Path:
    with tf.Graph().as_default() as graph:
        make()
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def shapes(loaded: Loaded) -> list[str]:
    return [str(spec) for spec in (*loaded.signature.inputs, *loaded.signature.outputs)]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_several_loops_stay_apart(tmp_path: Path) -> None:
    """TensorFlow's automatic control edges would tie the loops of TensorFlow 1 together."""
    path = tmp_path / "loops.pb"
    make = sweep_formats.MODELS["recurrent"]
    model = make(keras)
    sweep_formats.FORMATS["frozen_graph"][2](model, str(path))
    loaded = opened(path)
    ids = np.arange(8, dtype="i4")[None]
    assert shapes(loaded)[0] == "input_0: int32 [1, 8]"
    np.testing.assert_allclose(answer(loaded, ids)[0], model(ids).numpy(), atol=1e-6)


def with_dropout() -> None:
    """What Keras for TensorFlow 1 leaves: a branch on a flag that says whether it is training."""
    x = v1.placeholder(tf.float32, (None, 4), name="x")
    training = v1.placeholder_with_default(False, (), name="is_training")
    flag = v1.placeholder(tf.bool, name="drop/keras_learning_phase")
    keep = v1.placeholder(tf.float32, name="keep_prob")
    rate = v1.placeholder_with_default(tf.constant(2.0), (), name="rate")
    negative, positive = v1.raw_ops.Switch(data=x, pred=flag)
    merged = v1.raw_ops.Merge(inputs=[negative * 2.0, tf.random.normal((1, 4)) * positive])[0]
    with tf.control_dependencies([v1.assert_equal(tf.shape(x)[1], 4)]):
        scaled = tf.identity(merged) * rate / keep
    tf.nn.softmax(tf.where(training, scaled * 0.0, scaled), name="answer")


def test_what_only_training_needed_is_gone(tmp_path: Path) -> None:
    loaded = opened(frozen(tmp_path / "model.pb", with_dropout))
    assert shapes(loaded) == ["x: float32 [?, 4]", "answer: float32 [?, 4]"]
    assert loaded.signature.activations == {"answer": "softmax"}
    x = np.array([[0.1, 0.2, 0.3, 0.4]], np.float32)
    expected = np.exp(4 * x) / np.exp(4 * x).sum()
    assert np.allclose(answer(loaded, x)[0], expected, atol=1e-6)


def test_a_flag_that_demo_toml_names_stays_an_input(tmp_path: Path) -> None:
    path = frozen(tmp_path / "model.pb", with_dropout)
    loaded = opened(path, inputs=("rate",))
    assert [spec.name for spec in loaded.signature.inputs] == ["rate", "x"]
    low, high = (answer(loaded, rate, np.eye(4)[:1].astype("f4"))[0].max() for rate in (0.0, 3.0))
    assert low == pytest.approx(0.25) and high > 0.9


def two_halves() -> None:
    x = v1.placeholder(tf.float32, (None, 6), name="x")
    first, second = tf.split(x, 2, axis=1, name="halves")
    tf.add(tf.tanh(first, name="inner"), second, name="sum")
    tf.multiply(first, 2.0, name="double")


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        ((), (), ["x: float32 [?, 6]", "sum: float32 [?, 3]", "double: float32 [?, 3]"]),
        ((), ("inner",), ["x: float32 [?, 6]", "inner: float32 [?, 3]"]),
        (("inner",), ("sum",),
         ["inner: float32 [?, 3]", "x: float32 [?, 6]", "sum: float32 [?, 3]"]),
        (("halves:1", "inner:0"), ("sum:0",),
         ["halves:1: float32 [?, 3]", "inner:0: float32 [?, 3]", "sum:0: float32 [?, 3]"]),
        ((), ("halves:1",), ["x: float32 [?, 6]", "halves:1: float32 [?, 3]"]),
    ],
)  # fmt: skip
def test_a_graph_is_cut_at_any_tensor(
    inputs: tuple[str, ...], outputs: tuple[str, ...], expected: list[str], tmp_path: Path
) -> None:
    path = frozen(tmp_path / "model.pb", two_halves)
    loaded = opened(path, inputs=inputs, outputs=outputs)
    assert shapes(loaded) == expected
    values = [
        np.full([size or 1 for size in spec.shape], 0.5, np.float32)
        for spec in loaded.signature.inputs
    ]
    results = dict(
        zip([s.name for s in loaded.signature.outputs], answer(loaded, *values), strict=True)
    )
    known = {"sum": np.tanh(0.5) + 0.5, "inner": np.tanh(0.5), "double": 1.0, "halves:1": 0.5}
    if "inner" in inputs or "inner:0" in inputs:
        known |= {"sum": 1.0, "sum:0": 1.0}
    for name, value in results.items():
        assert np.allclose(value, known[name]), name


@pytest.mark.parametrize("table", ["inputs", "outputs"])
def test_names_that_do_not_exist_are_told_with_the_nearest(table: str, tmp_path: Path) -> None:
    path = frozen(tmp_path / "model.pb", two_halves)
    with pytest.raises(ModelError) as caught:
        opened(path, **{table: ("iner",)})
    assert_error(caught.value, f"frozen-graph-{table}", tmp_path)


# What the first layer behind an input without a shape says of it.
FIRST_LAYERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "conv": (
        lambda x: tf.nn.conv2d(x / 255.0, np.ones((3, 3, 5, 2), "f4"), 1, "SAME"), "[?, ?, ?, 5]",
    ),
    "dense": (lambda x: tf.matmul(x, np.ones((7, 2), "f4")), "[?, 7]"),
    "reshape": (lambda x: tf.reshape(x, (-1, 4, 3)), "[?, 12]"),
}  # fmt: skip


def shapeless(layer: Callable[[Any], Any]) -> Callable[[], None]:
    return lambda: tf.identity(layer(v1.placeholder(tf.float32, name="x")), name="y")


@pytest.mark.parametrize("name", FIRST_LAYERS)
def test_a_missing_shape_is_found_in_the_first_layer(name: str, tmp_path: Path) -> None:
    layer, shape = FIRST_LAYERS[name]
    loaded = opened(frozen(tmp_path / "model.pb", shapeless(layer)))
    assert shapes(loaded)[0] == f"x: float32 {shape}"


def test_a_shape_that_nothing_tells_has_to_be_stated(tmp_path: Path) -> None:
    path = frozen(tmp_path / "model.pb", shapeless(lambda x: tf.nn.softmax(x)))
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert_error(caught.value, "frozen-graph-no-shape", tmp_path)
    for name in ("x", None):
        loaded = opened(path, shapes=((name, (None, 3)),))
        assert shapes(loaded)[0] == "x: float32 [?, 3]"
        assert answer(loaded, np.zeros((2, 3), np.float32))[0].shape == (2, 3)


def test_other_files_are_no_graphs(tmp_path: Path) -> None:
    good = frozen(tmp_path / "good.pb", two_halves).read_bytes()
    assert wire.is_graph(tmp_path / "good.pb")
    others = [
        b"",
        b"\x0a",
        b"\x0a\xff\xff\x03",
        good[:-3],
        good + b"\x3a\x01a",
        b"PK\x03\x04",
        b"{}",
    ]
    for index, content in enumerate(others):
        path = tmp_path / f"{index}.pb"
        path.write_bytes(content)
        assert not wire.is_graph(path), content[:20]


@WITH_PUBLISHED
def test_ten_of_twelve_pictures_are_right() -> None:
    loaded = opened(CIFAR)
    right = 0
    for path in sorted((SHARED_MODELS / "inputs" / "cifar10").glob("*.png")):
        pixels = np.asarray(Image.open(path).convert("RGB"), np.float32)[None] / 255
        best = CIFAR_CLASSES[answer(loaded, pixels)[0].argmax()]
        right += path.name.startswith(best)
    assert right == 10


def build(folder: Path, text: str) -> Any:
    folder.mkdir(exist_ok=True)
    (folder / "demo.toml").write_text(text)
    return run("build", folder, "--allow-path", SHARED_MODELS, "--json")


@WITH_PUBLISHED
@pytest.mark.parametrize(
    "text",
    [f'model = "{CIFAR}"\n[[inputs]]\nrange = [0, 1]',
     f'model = "{KEYWORDS}"\n[[inputs]]\nname = "Mfcc"'],
    ids=["cifar10", "keyword-spotting-cut"],
)  # fmt: skip
def test_a_published_graph_answers_as_in_python(text: str, tmp_path: Path) -> None:
    result = build(tmp_path / "demo", text)
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)["parity"]["rows"]
    assert {row["backend"] for row in rows} == {"cpu", "wasm"}
    assert all(row["error"] <= 1e-4 for row in rows)


@WITH_PUBLISHED
def test_ops_that_no_browser_has_are_named(tmp_path: Path) -> None:
    result = build(tmp_path / "demo", f'model = "{KEYWORDS}"')
    assert result.returncode == 3
    assert all(op in result.stderr for op in NEW_OPS), result.stderr
