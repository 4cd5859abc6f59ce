"""Models that are TensorFlow.js's already: both formats, opened with TensorFlow's own answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import formats
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.web import weights
from bundler.ground.errors import ModelError
from tests.command import run
from tests.conftest import SHARED_MODELS
from tests.models import keras, layers, randomise, tf
from tests.texts import assert_error
from tests.tfjs_files import write_graph, write_layers, write_layers_3, write_model

WITH_PUBLISHED = pytest.mark.skipif(not SHARED_MODELS.is_dir(), reason="no ../shared/models")
FLOATS = tf.TensorSpec((None, 3), tf.float32)
RANDOM = np.random.default_rng(5)


def opened(path: Path, **said: Any) -> Loaded:
    source = Source(path, **said)
    return formats.detect(source).load(source)


def answer(loaded: Loaded, *values: Any) -> list[Any]:
    return [result.numpy() for result in loaded.call([tf.constant(value) for value in values])]


def shapes(loaded: Loaded) -> list[str]:
    return [str(spec) for spec in (*loaded.signature.inputs, *loaded.signature.outputs)]


STORED: dict[str, tuple[Any, Any]] = {
    "float32": (np.array([[1.5, -2]], "f4"), [[1.5, -2]]),
    "int32": (np.array([1, -7], "i4"), [1, -7]),
    "bool": (np.array([True, False]), [True, False]),
    "complex64": (np.array([1 + 2j], "c8"), [1 + 2j]),
    "string": (np.array([["ä", ""]], dtype=object), [["ä".encode(), b""]]),
    "scalar": (np.float32(4), 4),
    "uint8": (np.array([0, 6, 255], "u1"), [-3, 0, 124.5]),
    "float16": (np.array([0.5, 65504], "f2"), [0.5, 65504]),
}


def test_weights_of_every_dtype_are_read(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model", {}, {name: value for name, (value, _) in STORED.items()})
    found = weights.read(path)
    assert {name: value.tolist() for name, value in found.items()} == {
        name: expected for name, (_, expected) in STORED.items()
    }
    assert found["uint8"].dtype == found["float16"].dtype == np.float32


# Ops that TF.js fuses, after the first step.
FUSED: dict[str, list[str]] = {
    "bias": ["BiasAdd"],
    "relu": ["BiasAdd", "Relu"],
    "relu6": ["BiasAdd", "Relu6"],
    "elu": ["BiasAdd", "Elu"],
    "leaky": ["BiasAdd", "LeakyRelu"],
    "prelu": ["BiasAdd", "Prelu"],
    "bare": ["Relu"],
}
FIRST: dict[str, tuple[Callable[[Any, Any], Any], tuple[int, ...], tuple[int, ...]]] = {
    "_FusedConv2D": (lambda x, w: tf.nn.conv2d(x, w, 2, "SAME"), (2, 5, 5, 3), (3, 3, 3, 4)),
    "FusedDepthwiseConv2dNative": (
        lambda x, w: tf.nn.depthwise_conv2d(x, w, (1, 1, 1, 1), "VALID"),
        (2, 5, 5, 2),
        (2, 2, 2, 2),
    ),
    "_FusedMatMul": (lambda x, w: tf.matmul(x, w), (2, 3), (3, 4)),
}
STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "BiasAdd": lambda x, bias: x + bias,
    "Relu": lambda x, _: tf.nn.relu(x),
    "Relu6": lambda x, _: tf.nn.relu6(x),
    "Elu": lambda x, _: tf.nn.elu(x),
    "LeakyRelu": lambda x, _: tf.nn.leaky_relu(x, 0.3),
    "Prelu": lambda x, slope: tf.where(x > 0, x, slope * x),
}


def text(*items: str) -> dict[str, Any]:
    import base64

    coded = [base64.b64encode(item.encode()).decode() for item in items]
    return {"list": {"s": coded}} if len(coded) != 1 else {"s": coded[0]}


def write_fused(folder: Path, op: str, steps: list[str]) -> dict[str, Any]:
    """A graph of one fused op; returns its weights."""
    kernel = RANDOM.normal(size=FIRST[op][2]).astype("f4")
    extra = {
        step: (3 * RANDOM.normal(size=4)).astype("f4")
        for step in steps if step in ("BiasAdd", "Prelu")
    }  # fmt: skip
    constants = {"kernel": kernel, **extra}
    float32 = {"type": "DT_FLOAT"}
    stride = "2" if op == "_FusedConv2D" else "1"
    attributes: dict[str, Any] = {
        "T": float32, "fused_ops": {"list": text("", *steps)["list"]}, "num_args": {"i": "1"},
        "leakyrelu_alpha": {"f": 0.3}, "epsilon": {"f": 0.0},
        "_input_shapes": {"list": {"shape": [{"dim": [{"size": "-7"}]}]}},
    }  # fmt: skip
    attributes["fused_ops"]["list"]["s"].pop(0)
    if op != "_FusedMatMul":
        padding = text("SAME" if stride == "2" else "VALID")
        attributes |= {
            "padding": padding,
            "data_format": text("NHWC"),
            "explicit_paddings": {"list": {}},
        }
        attributes |= {"strides": {"list": {"i": ["1", stride, stride, "1"]}}}
    nodes = [
        {"name": "x", "op": "Placeholder", "attr": {"dtype": float32, "shape": {"shape": {
            "dim": [{"size": "-1"}, *({"size": str(size)} for size in FIRST[op][1][1:])]}}}},
        *({"name": name, "op": "Const", "attr": {"dtype": float32}} for name in constants),
        {"name": "y", "op": op, "input": ["x", "kernel", *extra], "attr": attributes},
    ]  # fmt: skip
    write_model(folder, {"node": nodes, "versions": {"producer": 1000}}, constants)
    return constants


@pytest.mark.parametrize("steps", FUSED)
@pytest.mark.parametrize("op", FIRST)
def test_fused_ops_are_taken_apart(op: str, steps: str, tmp_path: Path) -> None:
    constants = write_fused(tmp_path / "model", op, FUSED[steps])
    first, shape, _ = FIRST[op]
    x = RANDOM.normal(size=shape).astype("f4")
    expected = first(x, constants["kernel"])
    for step in FUSED[steps]:
        expected = STEPS[step](expected, constants.get(step))
    assert np.allclose(answer(opened(tmp_path / "model"), x)[0], expected, atol=1e-5)


@tf.function(  # type: ignore[untyped-decorator]
    input_signature=[
        tf.TensorSpec((None, 3), tf.float32, "zebra"),
        tf.TensorSpec((None, 3), tf.float32, "apple"),
    ]
)  # fmt: skip
def difference(zebra: Any, apple: Any) -> Any:
    return {"minus": zebra - 2.0 * apple, "class": tf.nn.softmax(apple)}


def row(name: str) -> dict[str, Any]:
    return {"name": name, "dtype": "DT_FLOAT", "tensorShape": {"dim": []}}


def test_names_are_those_of_the_signature(tmp_path: Path) -> None:
    function = difference.get_concrete_function()
    signature = {
        "inputs": {"first": row("zebra:0"), "second": row("apple:0")},
        "outputs": {"answer": row(function.outputs[1].name)},
    }
    path = write_graph(tmp_path / "model", function, signature=signature)
    for place in (path, path / "model.json"):
        loaded = opened(place)
        assert shapes(loaded) == [
            "first: float32 [?, 3]", "second: float32 [?, 3]", "answer: float32 [?, 3]",
        ]  # fmt: skip
        found = answer(loaded, np.full((1, 3), 7, "f4"), np.full((1, 3), 2, "f4"))
        assert found[0].tolist() == [[3, 3, 3]]


def test_without_a_signature_placeholders_and_ends_are_used(tmp_path: Path) -> None:
    loaded = opened(write_graph(tmp_path / "model", difference.get_concrete_function()))
    assert [spec.name for spec in loaded.signature.inputs] == ["zebra", "apple"]
    assert sorted(loaded.signature.activations.values()) == ["linear", "softmax"]


SIGNATURES: dict[str, Any] = {
    "no inputs": {"outputs": {"minus": row("sub:0")}},
    "empty inputs": {"inputs": {}, "outputs": {"minus": row("sub:0")}},
    "null": None,
    "no outputs": {"inputs": {"zebra": row("zebra:0"), "apple": row("apple:0")}},
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_what_a_signature_leaves_out_is_found_in_the_graph(name: str, tmp_path: Path) -> None:
    """The converter writes no inputs for frozen graphs, as all exports of Ultralytics are."""

    @tf.function(input_signature=[FLOATS, FLOATS])  # type: ignore[untyped-decorator]
    def minus(zebra: Any, apple: Any) -> Any:
        return tf.subtract(zebra, 2.0 * apple, name="sub")

    signature = {"signature": SIGNATURES[name]}
    loaded = opened(write_graph(tmp_path / "model", minus.get_concrete_function(), **signature))
    assert sorted(spec.name for spec in loaded.signature.inputs) == ["apple", "zebra"]
    assert len(loaded.signature.outputs) == 1
    order = [spec.name for spec in loaded.signature.inputs]
    values = {"zebra": np.full((1, 3), 7, "f4"), "apple": np.full((1, 3), 2, "f4")}
    assert answer(loaded, *(values[one] for one in order))[0].tolist() == [[3, 3, 3]]


def encoded(value: Any, how: Callable[[bytes], Any], key: str = "") -> Any:
    """A topology with its bytes, and whole numbers, in another encoding."""
    import base64

    if key == "s":
        return [encoded(item, how, key) for item in value] if isinstance(value, list) else how(
            base64.b64decode(value)
        )  # fmt: skip
    if key == "size":
        return {"low": int(value) & 0xFFFFFFFF, "high": int(value) >> 32, "unsigned": False}
    if isinstance(value, dict):
        return {name: encoded(item, how, name) for name, item in value.items()}
    return [encoded(item, how) for item in value] if isinstance(value, list) else value


ENCODINGS: dict[str, Callable[[bytes], Any]] = {
    "list": list,
    "buffer": lambda data: {"type": "Buffer", "data": list(data)},
    "typed array": lambda data: {str(index): byte for index, byte in enumerate(data)},
}


@pytest.mark.parametrize("how", ENCODINGS)
def test_bytes_of_older_converters_are_read(how: str, tmp_path: Path) -> None:
    constants = write_fused(tmp_path / "model", "_FusedConv2D", ["BiasAdd", "Relu"])
    file = tmp_path / "model" / "model.json"
    model = json.loads(file.read_text())
    model["modelTopology"] = encoded(model["modelTopology"], ENCODINGS[how])
    file.write_text(json.dumps(model))
    x = RANDOM.normal(size=(2, 5, 5, 3)).astype("f4")
    first = FIRST["_FusedConv2D"][0](x, constants["kernel"])
    expected = tf.nn.relu(first + constants["BiasAdd"])
    assert np.allclose(answer(opened(tmp_path / "model"), x)[0], expected, atol=1e-5)


@pytest.mark.parametrize("named", ["", "tensorflowjs_model.pb", "weights_manifest.json"])
def test_a_model_from_before_model_json_opens(named: str, tmp_path: Path) -> None:
    from google.protobuf.json_format import ParseDict
    from tensorflow.core.framework.graph_pb2 import GraphDef

    folder = write_graph(tmp_path / "model", difference.get_concrete_function())
    model = json.loads((folder / "model.json").read_text())
    (folder / "model.json").unlink()
    graph = ParseDict(model["modelTopology"], GraphDef())
    (folder / "tensorflowjs_model.pb").write_bytes(graph.SerializeToString())
    (folder / "weights_manifest.json").write_text(json.dumps(model["weightsManifest"]))
    loaded = opened(folder / named)
    assert [spec.name for spec in loaded.signature.inputs] == ["zebra", "apple"]
    names = {file.name for file in Source(folder / named).files}
    assert names == {"tensorflowjs_model.pb", "weights_manifest.json", "weights.bin"}


def functions_between() -> Any:
    """What `+`, slices and keras.ops are between layers."""
    x = keras.Input((4, 6), name="x")
    y = keras.ops.softmax(x[:, 1:3] * 2.0 - 1.0)
    return keras.Model(x, keras.ops.concatenate([y, layers.Dense(6, name="d")(y) + y], axis=-1))


def nested_of_one_name() -> Any:
    x = keras.Input((4, 6), name="x")
    twins = [
        keras.Sequential([keras.Input((4, 6)), layers.Dense(5, name="d")], name=name)
        for name in ("first", "second")
    ]
    return keras.Model(x, [twin(x) for twin in twins])


def recurrent() -> Any:
    x = keras.Input((4, 6), name="x")
    y = layers.Bidirectional(layers.GRU(3, return_sequences=True))(x)
    return keras.Sequential([x, keras.Model(x, layers.LSTM(4)(y)), layers.Dense(2)])


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("make", [functions_between, nested_of_one_name, recurrent])
def test_what_save_keras_model_writes_of_keras_3(make: Callable[[], Any], tmp_path: Path) -> None:
    keras.utils.clear_session()
    model = randomise(make())
    write_layers_3(tmp_path / "web", model)
    x = RANDOM.normal(size=(2, 4, 6)).astype("f4")
    found = answer(opened(tmp_path / "web"), x)
    for one, other in zip(found, tf.nest.flatten(model(x)), strict=True):
        np.testing.assert_array_equal(one, other)
    if make is functions_between:
        model.save(tmp_path / "model.h5")
        np.testing.assert_array_equal(answer(opened(tmp_path / "model.h5"), x)[0], model(x))


def layers_model() -> Any:
    """Every kind of weight name: nested models, cells of recurrent layers, wrappers."""
    import tf_keras

    layers = tf_keras.layers
    inner = tf_keras.Sequential(
        [
            layers.Conv1D(3, 2, name="conv", input_shape=(6, 2)),
            layers.BatchNormalization(name="norm"),
        ],
        name="inner",
    )
    x = layers.Input((6, 2), name="steps")
    y = layers.Bidirectional(layers.LSTM(3, name="memory"), name="both")(inner(x))
    model = tf_keras.Model(x, layers.Dense(2, activation="softmax", name="class")(y))
    for weight in model.weights:
        weight.assign(RANDOM.normal(size=weight.shape) ** 2)
    return model


@pytest.mark.parametrize("shortened", [False, True], ids=["full-names", "layer-names"])
def test_a_layers_model_gets_its_weights_by_name(shortened: bool, tmp_path: Path) -> None:
    model = layers_model()
    path = write_layers(tmp_path / "model", model)
    if shortened:
        # TF.js itself leaves the cell's name out, and lists the weights in its own order.
        content = json.loads((path / "model.json").read_text())
        stored = {
            name.replace("/lstm_cell", ""): value for name, value in weights.read(path).items()
        }
        assert len(stored) == len(model.weights)
        reversed_order = dict(reversed(stored.items()))
        path = write_model(tmp_path / "short", content["modelTopology"], reversed_order)
    loaded = opened(path)
    assert shapes(loaded) == ["steps: float32 [?, 6, 2]", "class: float32 [?, 2]"]
    assert loaded.signature.activations == {"class": "softmax"}
    x = RANDOM.normal(size=(3, 6, 2)).astype("f4")
    assert np.allclose(answer(loaded, x)[0], model(x).numpy(), atol=1e-6)


def test_weights_that_do_not_fit_are_told(tmp_path: Path) -> None:
    path = write_layers(tmp_path / "model", layers_model())
    stored = {name: value for name, value in weights.read(path).items() if "norm/gamma" not in name}
    content = json.loads((path / "model.json").read_text())
    write_model(path, content["modelTopology"], stored)
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert_error(caught.value, "tfjs-missing-weight", tmp_path)


OUTSIDE = ["../weights.bin", "/etc/hostname", "https://example.org/a.bin", "a/../../b", "..\\a"]


@pytest.mark.parametrize("kind", ["graph", "layers"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_no_file_outside_of_the_folder_is_read(name: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"\0" * 4096)
    topology = {"node": []} if kind == "graph" else {"class_name": "Sequential", "config": []}
    path = write_model(tmp_path / "model", topology, {"w": np.zeros(3, "f4")})
    text = (path / "model.json").read_text()
    (path / "model.json").write_text(text.replace('"weights.bin"', json.dumps(name)))
    with pytest.raises(ModelError, match="outside of its folder"):
        formats.detect(Source(path))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model", {"node": []}, {"w": np.zeros(3, "f4")})
    (path / "weights.bin").rename(tmp_path / "secret")
    (path / "weights.bin").symlink_to(tmp_path / "secret")
    with pytest.raises(ModelError, match="is a link"):
        formats.detect(Source(path))


@pytest.mark.parametrize("name", ["missing", "short", "no-manifest", "initializer"])
def test_a_damaged_folder_is_told(name: str, tmp_path: Path) -> None:
    path = write_graph(tmp_path / "model", difference.get_concrete_function())
    content = json.loads((path / "model.json").read_text())
    if name == "missing":
        (path / "weights.bin").unlink()
    elif name == "short":
        (path / "weights.bin").write_bytes(b"")
    elif name == "initializer":
        content["modelInitializer"] = {"node": [{"name": "table", "op": "HashTableV2"}]}
    else:
        del content["weightsManifest"]
    (path / "model.json").write_text(json.dumps(content))
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert_error(caught.value, f"tfjs-{name}", tmp_path)


def test_code_in_a_layers_model_is_not_run(tmp_path: Path) -> None:
    import tf_keras

    marker = str(tmp_path / "it-ran")
    code = tf_keras.layers.Lambda(
        lambda x: (__import__("os").makedirs(marker, exist_ok=True), x)[1]
    )
    x = tf_keras.Input((3,))
    model = tf_keras.Model(x, tf_keras.Sequential([code])(x))
    Path(marker).rmdir()
    path = write_layers(tmp_path / "model", model)
    with pytest.raises(ModelError, match="Lambda"):
        opened(path)
    assert not Path(marker).exists()


@WITH_PUBLISHED
def test_the_authors_conversion_and_the_keras_file_agree() -> None:
    x = RANDOM.uniform(size=(8, 28, 28, 1)).astype("f4")
    keras, converted = (
        answer(opened(SHARED_MODELS / name), x)[0] for name in ("mnist-cnn.keras", "mnist-cnn-tfjs")
    )
    assert np.abs(keras - converted).max() < 1e-6 and np.ptp(keras, axis=0).max() > 0.01


@WITH_PUBLISHED
@pytest.mark.parametrize("name", ["mnist-cnn-tfjs", "pitch-crepe-tfjs"])
def test_a_published_model_answers_as_in_python(name: str, tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text(f"model = {json.dumps(str(SHARED_MODELS / name))}")
    result = run("build", tmp_path, "--allow-path", SHARED_MODELS, "--json")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)["parity"]["rows"]
    assert {row["backend"] for row in rows} == {"cpu", "wasm"}
    assert all(row["error"] <= 1e-4 for row in rows)
