"""Files of Keras 1 to 3: each opens with the Keras that can, and answers as it did there."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from bundler import formats
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.graph.meant import Meant
from bundler.graph.reference import Reference
from bundler.ground.errors import ModelError
from tests.conftest import SHARED_MODELS
from tests.models import randomise, save, tf
from tests.texts import assert_error

# Each minor version of tf_keras warns about what its TensorFlow deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def library(name: str) -> Any:
    return __import__(name)


def opened(path: Path, **options: Any) -> Loaded:
    source = Source(path, **options)
    return formats.detect(source).load(source)


def mixture(keras: Any) -> Any:
    """Two inputs, shared and nested layers, wrapped recurrent ones, and a dictionary of outputs."""
    layers = keras.layers
    steps, picture = keras.Input((6, 4), name="steps"), keras.Input((8, 8, 3), name="picture")
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(steps)
    x = layers.TimeDistributed(layers.Dense(4, activation="relu"))(x)
    x = layers.GRU(5)(x)
    y = layers.Conv2D(4, 3, name="first")(picture)
    y = layers.BatchNormalization()(y)
    y = layers.Conv2D(4, 3)(layers.DepthwiseConv2D(3)(y))
    inner = keras.Sequential([keras.Input((2, 2, 4)), layers.Flatten(), layers.Dense(5),
                              layers.Dense(5)])  # fmt: skip
    shared = layers.Dense(5)
    y = shared(shared(inner(y)))
    z = layers.Dropout(0.5)(layers.Concatenate()([x, y]))
    scores = layers.Dense(3, activation="softmax", name="scores")(z)
    size = layers.Dense(2, name="size")(z)
    return randomise(keras.Model([steps, picture], {"kind": scores, "size": size}))


def inputs_for(model: Any) -> list[Any]:
    generator = np.random.default_rng(3)
    shapes = [[2, *tensor.shape[1:]] for tensor in model.inputs]
    return [tf.constant(generator.normal(size=shape), tf.float32) for shape in shapes]


def assert_same(loaded: Loaded, model: Any, values: list[Any] | None = None) -> None:
    """The opened model answers what the model that was saved does."""
    values = values or inputs_for(model)
    expected = tf.nest.flatten(model(values if len(values) > 1 else values[0], training=False))
    found = loaded.call(values)
    assert len(found) == len(expected) == len(loaded.signature.outputs)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.fixture(scope="module")
def mixtures() -> dict[str, Any]:
    return {name: mixture(library(name)) for name in ("keras", "tf_keras")}


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_a_file_opens_with_the_keras_that_wrote_it(
    name: str, suffix: str, mixtures: dict[str, Any], tmp_path: Path
) -> None:
    model = mixtures[name]
    save(model, tmp_path / f"model{suffix}")
    loaded = opened((tmp_path / f"model{suffix}").rename(tmp_path / "any name"))
    assert [str(spec) for spec in loaded.signature.inputs] == [
        "steps: float32 [?, 6, 4]",
        "picture: float32 [?, 8, 8, 3]",
    ]
    assert [spec.name for spec in loaded.signature.outputs] == ["kind", "size"]
    assert loaded.signature.activations == {"kind": "softmax", "size": "linear"}
    assert_same(loaded, model)


def test_layers_that_keras_2_forgets_are_found(tmp_path: Path) -> None:
    """Keras 2 writes these, and then asks for them as custom objects."""
    k = library("tf_keras")
    from tf_keras.src.applications.convnext import LayerScale
    from tf_keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    x = k.Input((6, 7, 3))
    y = LayerScale(0.5, 3)(x)
    y = CustomScaleLayer(0.3)([y, k.layers.ReLU()(y)])
    constant = tf.constant_initializer(0.2)
    y = k.layers.Dense(2, kernel_initializer=constant)(k.layers.Flatten()(y))
    model = k.Model(x, y)
    assert_same(opened(save(model, tmp_path / "model.h5")), model)


def renamed(content: bytes, rename: Callable[[str], str]) -> bytes:
    """A .keras file with other names for the groups of its weights."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, regrouped(data, rename) if name.endswith(".h5") else data)
    return out.getvalue()


def regrouped(content: bytes, rename: Callable[[str], str]) -> bytes:
    out = BytesIO()
    with h5py.File(BytesIO(content)) as old, h5py.File(out, "w") as new:
        names: list[str] = []
        old.visit(names.append)
        for name in names:
            parent, _, last = name.rpartition("/")
            if last == "vars":
                group = new.require_group(rename(parent)) if parent else new
                old.copy(name, group, "vars")
    return out.getvalue()


def as_on_windows(name: str) -> str:
    return name.replace("/", "\\")


def as_in_keras_2_13(name: str) -> str:
    """Measured with tensorflow 2.13.1: another container; layers with weights count twice."""
    former = {"dense_1": "dense_2", "dense_2": "dense_4", "conv2d_1": "conv2d_2"}
    return "/".join(
        former.get(part, part.replace("layers", "_layer_checkpoint_dependencies"))
        for part in name.split("/")
    )


def as_in_keras_2_14(name: str) -> str:
    """As 2.13, but a layer counts once: what its saving_lib writes."""
    return name.replace("layers", "_layer_checkpoint_dependencies")


RENAMINGS: dict[str, Callable[[str], str]] = {
    "windows": as_on_windows,
    "2.13": as_in_keras_2_13,
    "2.14": as_in_keras_2_14,
    "2.14 on windows": lambda name: as_on_windows(as_in_keras_2_14(name)),
    "2.13 on windows": lambda name: as_on_windows(as_in_keras_2_13(name)),
}


@pytest.mark.parametrize("name", RENAMINGS)
def test_weights_are_found_by_their_former_names(
    name: str, mixtures: dict[str, Any], tmp_path: Path
) -> None:
    path = save(mixtures["tf_keras"], tmp_path / "model.keras")
    content = path.read_bytes()
    path.write_bytes(renamed(content, RENAMINGS[name]))
    assert path.read_bytes() != content
    assert_same(opened(path), mixtures["tf_keras"])


def test_weights_that_are_missing_are_told(mixtures: dict[str, Any], tmp_path: Path) -> None:
    path = save(mixtures["tf_keras"], tmp_path / "model.keras")
    path.write_bytes(renamed(path.read_bytes(), lambda name: name.replace("first", "last") + "_9"))
    with pytest.raises(ModelError, match="expected 2 variables, but received 0"):
        opened(path)


def test_vocabularies_are_read(tmp_path: Path) -> None:
    keras = library("tf_keras")
    words = keras.Input((1,), dtype="string", name="words")
    lookup = keras.layers.TextVectorization(output_sequence_length=3)
    lookup.adapt(["a house", "a boat"])
    model = keras.Model(words, lookup(words))
    loaded = opened(save(model, tmp_path / "model.keras"))
    assert_same(loaded, model, [tf.constant([["boat a tree"]])])
    assert loaded.signature.inputs[0].dtype == "string"


def edit(path: Path, change: Callable[[Any], Any], **attributes: str) -> Path:
    """Changes the configuration, and other attributes, of an HDF5 file."""
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(change(json.loads(file.attrs["model_config"])))
        for name, value in attributes.items():
            file.attrs[name] = file["model_weights"].attrs[name] = value
    return path


def without_input_layer(config: Any) -> Any:
    """As Keras up to 2.2 wrote a Sequential model: the first layer says the shape."""
    first, *others = config["config"]["layers"]
    others[0]["config"]["batch_input_shape"] = first["config"]["batch_input_shape"]
    return {"class_name": "Sequential", "config": others}


def test_a_sequential_model_without_an_input_layer_has_its_shape(tmp_path: Path) -> None:
    keras = library("tf_keras")
    layers = keras.layers
    model = randomise(keras.Sequential([layers.Dense(3, input_shape=(128,)), layers.Dense(2)]))
    path = edit(save(model, tmp_path / "model.h5"), without_input_layer, keras_version="2.2.0")
    loaded = opened(path)
    assert loaded.signature.inputs[0].shape == (None, 128)
    assert_same(loaded, model)


def in_keras_1(layer: Any) -> Any:
    """A layer's configuration as Keras 1.2 wrote it."""
    config, name = layer["config"], layer["class_name"]
    kept = {key: config[key] for key in ("name", "trainable") if key in config}
    old: dict[str, Any] = {"W_regularizer": None, "b_regularizer": None, "init": "glorot_uniform"}
    if "activation" in config:
        kept["activation"] = config["activation"]
    if name == "InputLayer":
        shape = {"batch_input_shape": config["batch_input_shape"]}
        return {**layer, "config": {**kept, **shape, "input_dtype": "float32", "sparse": False}}
    if name == "Conv2D":
        rows, columns = config["kernel_size"]
        old |= {"nb_filter": config["filters"], "nb_row": rows, "nb_col": columns, "bias": True,
                "subsample": [1, 1], "border_mode": "same", "dim_ordering": "tf"}  # fmt: skip
        return {**layer, "class_name": "Convolution2D", "config": kept | old}
    if name == "MaxPooling2D":
        old = {"border_mode": "valid", "dim_ordering": "tf", "pool_size": [2, 2], "strides": [2, 2]}
    if name == "Dropout":
        old = {"p": 0.5}
    if name == "Dense":
        old |= {"output_dim": config["units"], "bias": True, "input_dim": None}
    if name == "BatchNormalization":
        old = {"mode": 0, "axis": -1, "epsilon": config["epsilon"], "gamma_regularizer": None}
    if name == "Concatenate":
        old = {"mode": "concat", "concat_axis": -1, "dot_axes": -1, "output_shape": None}
        return {**layer, "class_name": "Merge", "config": kept | old}
    return {**layer, "config": kept | ({} if name == "Flatten" else old)}


def test_a_model_of_keras_1_opens(tmp_path: Path) -> None:
    keras = library("tf_keras")
    layers = keras.layers
    x = keras.Input((8, 8, 2), name="x")
    y = layers.Conv2D(3, (3, 2), padding="same", activation="relu")(x)
    y = layers.BatchNormalization(axis=-1)(layers.Concatenate()([y, x]))
    y = layers.Flatten()(layers.MaxPooling2D()(y))
    model = randomise(keras.Model(x, layers.Dense(3, activation="softmax")(layers.Dropout(0.5)(y))))

    def change(config: Any) -> Any:
        made = [in_keras_1(layer) for layer in config["config"]["layers"]]
        return {"class_name": "Model", "config": {**config["config"], "layers": made}}

    path = edit(save(model, tmp_path / "model.h5"), change, keras_version="1.2.2")
    assert_same(opened(path), model)


def test_an_lstm_of_keras_1_has_its_gates_put_together(tmp_path: Path) -> None:
    keras = library("tf_keras")
    x = keras.Input((5, 2), name="x")
    model = randomise(keras.Model(x, keras.layers.LSTM(3, name="lstm")(x)))
    path = edit(save(model, tmp_path / "model.h5"), lambda config: config, keras_version="1.2.2")
    gates = [np.split(weight, 4, axis=-1) for weight in model.get_weights()]
    with h5py.File(path, "r+") as file:
        group = file["model_weights/lstm"]
        names = []
        for gate in (0, 2, 1, 3):  # Keras 1 kept them one by one: input, cell, forget, output
            for kind, parts in zip("WUb", gates, strict=True):
                names.append(f"lstm_{kind}_{gate}".encode())
                group[names[-1]] = parts[gate]
        group.attrs["weight_names"] = names
    assert_same(opened(path), model)


def test_a_gru_that_says_nothing_of_its_kind_is_the_first(tmp_path: Path) -> None:
    keras = library("tf_keras")
    x = keras.Input((5, 2), name="x")
    model = randomise(keras.Model(x, keras.layers.GRU(3, reset_after=False)(x)))

    def change(config: Any) -> Any:
        del config["config"]["layers"][1]["config"]["reset_after"]
        return config

    assert_same(opened(edit(save(model, tmp_path / "model.h5"), change)), model)


def test_a_model_of_theano_is_refused(tmp_path: Path) -> None:
    keras = library("tf_keras")
    x = keras.Input((8, 8, 2))
    model = keras.Model(x, keras.layers.Conv2D(2, 3)(x))
    path = edit(save(model, tmp_path / "model.h5"), lambda config: config, backend="theano")
    with pytest.raises(ModelError, match="Theano"):
        opened(path)


def test_weights_alone_are_told(mixtures: dict[str, Any], tmp_path: Path) -> None:
    for name in ("old.h5", "new.weights.h5"):
        path = tmp_path / name
        mixtures["tf_keras"].save_weights(path)
        with pytest.raises(ModelError) as caught:
            opened(path)
        assert_error(caught.value, f"format-weights-{name.split('.')[0]}", tmp_path)


def test_hdf5_without_a_model_is_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "table.h5", "w") as file:
        file["values"] = np.arange(3)
    with pytest.raises(ModelError) as caught:
        opened(tmp_path / "table.h5")
    assert_error(caught.value, "format-hdf5-foreign", tmp_path)


@pytest.mark.parametrize("weights", [".weights.h5", ".h5"])
@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_layers_and_weights_in_two_files(
    name: str, weights: str, mixtures: dict[str, Any], tmp_path: Path
) -> None:
    model = mixtures[name]
    (tmp_path / "net.json").write_text(model.to_json())
    if name == "keras" and weights == ".h5":
        save(model, tmp_path / "net.h5")
    else:
        model.save_weights(tmp_path / f"net{weights}")
    assert_same(opened(tmp_path / "net.json"), model)
    assert_same(opened(tmp_path), model)
    (tmp_path / f"net{weights}").rename(tmp_path / "other.h5")
    assert_same(opened(tmp_path / "net.json"), model)


def test_an_unpacked_archive_opens(mixtures: dict[str, Any], tmp_path: Path) -> None:
    for name, model in mixtures.items():
        shutil.unpack_archive(save(model, tmp_path / f"{name}.keras"), tmp_path / name, "zip")
        assert_same(opened(tmp_path / name), model)


@pytest.mark.parametrize("beside", [[], ["a.h5", "b.hdf5"]], ids=["none", "two"])
def test_which_weights_are_missing_is_told(
    beside: list[str], mixtures: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "net.json").write_text(mixtures["keras"].to_json())
    for name in beside:
        (tmp_path / name).touch()
    with pytest.raises(ModelError) as caught:
        opened(tmp_path / "net.json")
    assert_error(caught.value, f"format-json-weights-{len(beside)}", tmp_path)


LAYERS = """
import {keras} as keras
from {keras} import layers
from helper import FACTOR

class Scaling(layers.Layer):
    def call(self, x):
        return x * FACTOR

class Twice(keras.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.inner = layers.Dense(units)
    def call(self, x, training=False):
        return {{"first": self.inner(x), "second": [x * 2.0, x + 1.0]}}
    def get_config(self):
        return {{**super().get_config(), "units": self.units}}

def cubed(x):
    return x * x * x
"""


@pytest.fixture
def own(tmp_path: Path) -> Callable[[str], Any]:
    """Writes layers.py for a library, and gives what it defines."""

    def write(keras: str) -> Any:
        (tmp_path / "helper.py").write_text("FACTOR = 3.0\n")
        # What a file of the library's own time says: of Keras 2 it was `import keras`, too.
        (tmp_path / "layers.py").write_text(LAYERS.format(keras="keras"))
        defined: dict[str, Any] = {"__name__": "layers"}
        code = LAYERS.format(keras=keras).replace("from helper import FACTOR", "FACTOR = 3.0")
        exec(code, defined)
        return defined

    return write


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_classes_and_functions_of_the_author(
    name: str, suffix: str, own: Callable[[str], Any], tmp_path: Path
) -> None:
    keras, defined = library(name), own(name)
    x = keras.Input((4,), name="x")
    y = keras.layers.Dense(3, activation=defined["cubed"])(defined["Scaling"]()(x))
    model = randomise(keras.Model(x, keras.layers.Lambda(lambda y: y + 1.0, output_shape=(3,))(y)))
    path = save(model, tmp_path / f"any{suffix}").rename(tmp_path / "model")
    code = tmp_path / "layers.py"
    assert_same(opened(path, custom_objects=code, trusted=True), model)
    with pytest.raises(ModelError) as caught:
        opened(path, trusted=True)
    # Which of them is missed first differs between the libraries.
    assert re.search("of your own: (Scaling|cubed)$", caught.value.message)
    assert "custom_objects" in caught.value.hint and "--trust-model" in caught.value.hint
    with pytest.raises(ModelError) as caught:
        opened(path, custom_objects=code)
    assert_error(caught.value, "format-own-untrusted", tmp_path)


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_a_subclassed_model_has_the_shapes_that_it_was_built_for(
    name: str, own: Callable[[str], Any], tmp_path: Path
) -> None:
    model = own(name)["Twice"]()
    model(np.zeros((1, 4), np.float32))
    randomise(model)
    path = save(model, tmp_path / "model.keras")
    loaded = opened(path, custom_objects=tmp_path / "layers.py", trusted=True)
    assert [str(spec) for spec in loaded.signature.inputs] == ["input: float32 [?, 4]"]
    assert [str(spec) for spec in loaded.signature.outputs] == [
        "first: float32 [?, 3]", "second_0: float32 [?, 4]", "second_1: float32 [?, 4]"
    ]  # fmt: skip
    assert_same(loaded, model, [tf.constant([[1.0, -2.0, 3.0, 0.5]])])


@pytest.mark.parametrize(
    "code", ["import nothing_like_it", "x = 1\nraise ValueError('no')", "def f(:"]
)
def test_a_mistake_in_the_authors_code_is_told(
    code: str, mixtures: dict[str, Any], tmp_path: Path
) -> None:
    path = save(mixtures["keras"], tmp_path / "model.keras")
    (tmp_path / "layers.py").write_text(code)
    with pytest.raises(ModelError, match=r"layers\.py.*(Error)"):
        opened(path, custom_objects=tmp_path / "layers.py", trusted=True)
    with pytest.raises(ModelError, match=r"there is no file .*none\.py"):
        opened(path, custom_objects=tmp_path / "none.py", trusted=True)


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_states_and_seeds_are_those_of_the_first_call(name: str, tmp_path: Path) -> None:
    keras = library(name)
    x = keras.Input(batch_shape=(1, 5, 2), name="x")
    y = keras.layers.LSTM(3, stateful=True, return_sequences=True)(x)
    y = keras.layers.Bidirectional(keras.layers.GRU(2, stateful=True))(y)
    model = randomise(keras.Model(x, y))
    loaded = opened(save(model, tmp_path / "model.keras"))
    values = tf.constant(np.random.default_rng(5).normal(size=(1, 5, 2)), tf.float32)
    traced = tf.function(lambda x: loaded.call([x])).get_concrete_function(values)
    meant = Meant(traced, anew=False)
    answers = []
    for _ in range(2):
        with meant.first_call():
            answers.append(traced(values)[0].numpy())
    np.testing.assert_array_equal(answers[0], model(values).numpy())
    np.testing.assert_array_equal(answers[0], answers[1])
    with Reference(meant.frozen) as reference:
        np.testing.assert_allclose(reference.run([values.numpy()])[0], answers[0], atol=1e-6)


def test_inputs_and_outputs_in_structures_have_names(tmp_path: Path) -> None:
    for name in ("keras", "tf_keras"):
        keras = library(name)
        zebra, apple = keras.Input((3,), name="zebra"), keras.Input((3,), name="apple")
        outputs = {"sums": [zebra + apple, zebra - apple], "double": zebra * 2.0}
        model = keras.Model({"z": zebra, "a": apple}, outputs)
        loaded = opened(save(model, tmp_path / f"{name}.keras"))
        assert [spec.name for spec in loaded.signature.inputs] == ["apple", "zebra"]
        assert [spec.name for spec in loaded.signature.outputs] == ["double", "sums_0", "sums_1"]
        answers = loaded.call([tf.constant([[1.0, 2, 3]]), tf.constant([[10.0, 20, 30]])])
        assert [answer.numpy().tolist() for answer in answers] == [
            [[20.0, 40, 60]], [[11.0, 22, 33]], [[9.0, 18, 27]]
        ]  # fmt: skip


WITH_SHARED = pytest.mark.skipif(not SHARED_MODELS.is_dir(), reason="no ../shared/models")
# What the pictures' names begin with is their class.
CIFAR_10 = "airplane automobile bird cat deer dog frog horse ship truck"


@WITH_SHARED
def test_the_resnet_knows_its_pictures() -> None:
    from PIL import Image

    loaded = opened(SHARED_MODELS / "cifar10-resnet8.h5")
    files = sorted((SHARED_MODELS / "inputs" / "cifar10").glob("*.png"))
    assert len(files) == 12
    for file in files:
        picture = np.asarray(Image.open(file).convert("RGB"), np.float32)[None]
        answer = loaded.call([tf.constant(picture)])[0].numpy()[0]
        assert CIFAR_10.split()[int(answer.argmax())] == file.stem.rstrip("0123456789")


# Models of others -> their inputs and outputs.
PUBLISHED = {
    "emotion-xception.hdf5": (["input_1: float32 [?, 64, 64, 1]"], ["predictions: float32 [?, 7]"]),
    "person-mobilenet.h5": (["input_1: float32 [?, 96, 96, 3]"], ["dense: float32 [?, 2]"]),
    "change-detection.h5": (
        ["input_179: float32 [?, 224, 224, 1]", "input_180: float32 [?, 224, 224, 1]"],
        ["dense_60: float32 [?, 224, 224, 1]"],
    ),
    "super-resolution.h5": (
        ["input_3: float32 [?, 96, 96, 3]"],
        ["conv2d_13: float32 [?, 384, 384, 3]"],
    ),
}


@WITH_SHARED
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_models_of_keras_2_open(name: str) -> None:
    signature = opened(SHARED_MODELS / name).signature
    found = [str(spec) for spec in signature.inputs], [str(spec) for spec in signature.outputs]
    assert found == PUBLISHED[name]
