"""Model formats: which one a file is, what is refused, and real models of others."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import layers

from bundler import formats
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.ground.errors import ModelError
from tests.command import Result, run
from tests.conftest import SHARED_MODELS
from tests.models import plain, save, tf
from tests.texts import assert_error


def opened(path: Path) -> Loaded:
    source = Source(path)
    return formats.detect(source).load(source)


Change = Callable[[str, bytes], bytes | None]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A good .keras file."""
    return save(plain(), tmp_path_factory.mktemp("good") / "good.keras").read_bytes()


def rezip(content: bytes, change: Change, method: int = zipfile.ZIP_STORED) -> bytes:
    """The archive with its members changed, or left out where `change` gives None."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", method) as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return out.getvalue()


def without(member: str) -> Callable[[bytes], bytes]:
    return lambda good: rezip(good, lambda name, data: None if name == member else data)


def having(member: str, text: bytes) -> Callable[[bytes], bytes]:
    return lambda good: rezip(good, lambda name, data: text if name == member else data)


def flipped(good: bytes, *, where: bytes, offset: int) -> bytes:
    damaged = bytearray(good)
    damaged[good.rfind(where) + offset] ^= 255
    return bytes(damaged)


def deflated_and_damaged(good: bytes) -> bytes:
    content = bytearray(rezip(good, lambda _, data: data, zipfile.ZIP_DEFLATED))
    begin = content.find(b"model.weights.h5") + 200
    content[begin : begin + 60] = b"\xff" * 60
    return bytes(content)


def zipped(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def of_sklearn() -> bytes:
    from sklearn.linear_model import LinearRegression  # two seconds, of every worker else

    return pickle.dumps(LinearRegression())


# Files that are refused -> what is said of them, in errors/format-*.txt.
REFUSED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: b"",
    "text": lambda good: b"epoch,loss\n1,0.5\n",
    "hdf5": lambda good: b"\x89HDF\r\n\x1a\n" + b"\0" * 2000,
    "tflite": lambda good: b"\x1c\0\0\0TFL3" + b"\0" * 100,
    "pickle": lambda good: b"\x80\x02}q\0.",
    "sklearn": lambda good: of_sklearn(),
    "torch": lambda good: zipped({"net/data.pkl": b"\x80\x02}q\0.", "net/version": b"3"}),
    # What torch.save() wrote before 1.6 begins with: a pickle of this number.
    "torch-old": lambda good: pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2),
    # ir_version 8, producer_name "pytorch", producer_version "2.1"
    "onnx": lambda good: b"\x08\x08\x12\x07pytorch\x1a\x032.1:\x02\x0a\x00",
    "checkpoint-list": lambda good: b'model_checkpoint_path: "model-1"\n',
    "git-lfs": lambda good: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
    "zip": lambda good: rezip(good, lambda name, data: data if name == "metadata.json" else None),
    "half": lambda good: good[: len(good) // 2],
    "nearly-whole": lambda good: good[:-10],
    "damaged-directory": lambda good: flipped(good, where=b"PK\x01\x02", offset=0),
    "damaged-weights": lambda good: flipped(good, where=b"TREE", offset=40),
    "damaged-compressed": deflated_and_damaged,
    "no-weights": without("model.weights.h5"),
    "metadata-list": having("metadata.json", b"[]"),
    "metadata-null": having("metadata.json", b'{"keras_version": null}'),
    "metadata-cut": having("metadata.json", b'{"keras_ver'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_converted_is_named(name: str, good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(REFUSED[name](good))
    with pytest.raises(ModelError) as caught:
        formats.detect(Source(path))
    assert_error(caught.value, f"format-{name}", tmp_path)


FOLDERS = {"saved-model": "saved_model.pb", "tfjs": "model.json", "no-model": "notes.txt"}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_are_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / FOLDERS[name]).write_text("{}")
    with pytest.raises(ModelError) as caught:
        formats.detect(Source(tmp_path / "model"))
    assert_error(caught.value, f"format-folder-{name}", tmp_path)


def test_a_checkpoint_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    tf.train.Checkpoint(x=tf.Variable(1.0)).write(str(folder / "weights"))
    for path in (folder, *folder.iterdir()):
        with pytest.raises(ModelError, match="TensorFlow checkpoint") as caught:
            formats.detect(Source(path))
        assert "load_weights" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["model.keras", "model", "model.zip", "model.h5", "Modell ü.KERAS"]
)
def test_the_content_counts_not_the_name(name: str, good: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(good)
    loaded = opened(tmp_path / name)
    assert [str(spec) for spec in loaded.signature.inputs] == ["x: float32 [?, 4]"]
    assert [str(spec) for spec in loaded.signature.outputs] == ["y: float32 [?, 3]"]


def test_a_compressed_archive_is_as_good(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(rezip(good, lambda _, data: data, zipfile.ZIP_DEFLATED))
    assert opened(path).signature.activations == {"y": "softmax"}


@pytest.mark.parametrize("config", [b"{", b"{}", b"[]", b'{"class_name": "Sequential"}'])
def test_a_damaged_configuration_is_told(config: bytes, good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(having("config.json", config)(good))
    with pytest.raises(ModelError, match=r"model\.keras"):
        opened(path)


def wrap(layer: Any, how: str) -> Any:
    """A model with a layer at the top or somewhere within."""
    x = keras.Input((3, 4), name="x")
    if how == "nested":
        inner = keras.Input((3, 4))
        layer = keras.Sequential([keras.Model(inner, layer(inner))])
    return keras.Model(x, (layers.TimeDistributed(layer) if how == "each" else layer)(x))


@pytest.mark.parametrize("how", ["top", "nested", "each"])
def test_code_in_a_file_is_not_run(how: str, tmp_path: Path) -> None:
    marker = str(tmp_path / "it-ran")
    layer = layers.Lambda(lambda x: (__import__("os").mkdir(marker), x)[1], name="code")
    path = save(wrap(layer, how), tmp_path / "model.keras")
    Path(marker).rmdir()
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert_error(caught.value, f"format-lambda-{how}", tmp_path)
    assert not Path(marker).exists()


def test_a_class_or_function_of_the_user_is_named(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable("mine")
    class Doubling(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x * 2

    @keras.saving.register_keras_serializable("mine")  # type: ignore[untyped-decorator]
    def tripling(x: Any) -> Any:
        return x * 3

    models = {
        "class": Doubling(name="mine"),
        "function": layers.Dense(2, activation=tripling, name="mine"),
        "lambda": layers.Lambda(tripling, name="mine"),
    }
    paths = {n: save(wrap(m, "nested"), tmp_path / f"{n}.keras") for n, m in models.items()}
    keras.saving.get_custom_objects().clear()
    for name, path in paths.items():
        with pytest.raises(ModelError) as caught:
            opened(path)
        assert_error(caught.value, f"format-custom-{name}", tmp_path)


@pytest.mark.parametrize("name", ["os.system", "builtins.exec", "keras.utils.get_file"])
def test_no_function_of_a_module_is_called(name: str, good: bytes, tmp_path: Path) -> None:
    """A configuration may name any function of any module as an activation."""
    module, function = name.rsplit(".", 1)
    evil = {"module": module, "class_name": "function", "config": function}
    text = f'"activation": {json.dumps({**evil, "registered_name": function})}'.encode()
    path = tmp_path / "model.keras"
    path.write_bytes(rezip(good, lambda _, data: data.replace(b'"activation": "softmax"', text)))
    assert path.read_bytes() != good
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert function in caught.value.message


def test_a_model_without_inputs_is_told(tmp_path: Path) -> None:
    model = keras.Sequential([layers.Dense(2)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it has not been built, since Keras 3.13
        path = save(model, tmp_path / "model.keras")
    with pytest.raises(ModelError) as caught:
        opened(path)
    assert_error(caught.value, "format-no-inputs", tmp_path)


def chain(*parts: Any) -> Any:
    x = keras.Input((8, 8, 3), name="x")
    y = layers.Flatten()(x)
    for part in parts:
        y = part(y)
    return keras.Model(x, y)


# How a model ends -> the activation that it is said to end with.
ENDS: dict[str, tuple[Callable[[], Any], str]] = {
    "dense": (lambda: chain(layers.Dense(3, activation="softmax")), "softmax"),
    "sigmoid": (lambda: chain(layers.Dense(1, activation="sigmoid")), "sigmoid"),
    "relu": (lambda: chain(layers.Dense(3, activation="relu")), "linear"),
    "none": (lambda: chain(layers.Dense(3)), "linear"),
    "layer": (lambda: chain(layers.Dense(3), layers.Softmax()), "softmax"),
    "between -1 and 1": (lambda: chain(layers.Dense(3, activation="tanh")), "tanh"),
    "activation": (lambda: chain(layers.Dense(3), layers.Activation("softmax")), "softmax"),
    "op": (lambda: chain(layers.Dense(3), keras.ops.softmax), "softmax"),
    "twice-nested": (
        lambda: chain(keras.Sequential([keras.Sequential([layers.Dense(3), layers.Softmax()])])),
        "softmax",
    ),
    "dropout": (
        lambda: chain(layers.Dense(3, activation="softmax"), layers.Dropout(0.5)),
        "softmax",
    ),
    "dense-after": (
        lambda: chain(layers.Dense(3, activation="softmax"), layers.Dense(3)),
        "linear",
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_last_activation_is_known(name: str, tmp_path: Path) -> None:
    make, activation = ENDS[name]
    path = save(make(), tmp_path / "model.keras")
    signature = opened(path).signature
    assert list(signature.activations.values()) == [activation]
    assert not signature.normalizes


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_layer_that_scales_is_found_however_deep(depth: int, tmp_path: Path) -> None:
    layer: Any = layers.Rescaling(1 / 255)
    for _ in range(depth):
        layer = keras.Sequential([layer])
    path = save(chain(layer, layers.Dense(2)), tmp_path / "model.keras")
    assert opened(path).signature.normalizes


# Models that others published -> what demo.toml has to say of them.
PUBLISHED = {
    "mnist-cnn": "[[inputs]]\nrange = [0, 1]",
    "colourise": "[[inputs]]\nrange = [0, 1]",
    "sentiment": "",
}
WITH_PUBLISHED = pytest.mark.skipif(not SHARED_MODELS.is_dir(), reason="no ../shared/models")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Builds all of PUBLISHED, two at a time."""
    base = tmp_path_factory.mktemp("published")

    def make(name: str) -> Result:
        (base / name).mkdir()
        model = json.dumps(str(SHARED_MODELS / f"{name}.keras"))
        (base / name / "demo.toml").write_text(f"model = {model}\n{PUBLISHED[name]}")
        return run("build", base / name, "--allow-path", SHARED_MODELS, "--json")

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(PUBLISHED, pool.map(make, PUBLISHED), strict=True))


@WITH_PUBLISHED
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_model_answers_as_in_python(name: str, published: dict[str, Result]) -> None:
    assert published[name].returncode == 0, published[name].stderr
    report = json.loads(published[name].stdout)
    assert {row["backend"] for row in report["parity"]["rows"]} == {"cpu", "wasm"}
    assert all(row["error"] <= 1e-4 for row in report["parity"]["rows"])
    assert report["notices"] == []


OTHERS = [
    path for path in sorted(SHARED_MODELS.glob("*"))
    if path.suffix not in (".keras", ".h5", ".hdf5", ".md") and path.name != "inputs"
    and not any(module.matches(path) for module in formats.MODULES)
]  # fmt: skip


@WITH_PUBLISHED
@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_other_published_models_are_refused_plainly(path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        formats.detect(Source(path))
    assert path.name in caught.value.message and caught.value.hint
    assert "without a model" not in caught.value.message
