"""Models that lie in folders and zip archives, and folders and archives without one."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import formats
from bundler.demo import config
from bundler.formats.source import Source
from bundler.ground import cache
from bundler.ground.errors import ConfigError, ModelError
from tests.models import keras, layers, plain, save, tf
from tests.texts import assert_error
from tests.tfjs_files import write_layers_3

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.clear_session()
    return plain()


@pytest.fixture(scope="module")
def parts(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model in several formats."""
    folder = tmp_path_factory.mktemp("parts")
    save(model, folder / "net.keras")
    model.save_weights(folder / "net.weights.h5")
    write_layers_3(folder / "web", model)
    tf.saved_model.save(model, str(folder / "saved"))
    return folder


def put(part: Path, place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    copy = shutil.copytree if part.is_dir() else shutil.copyfile
    copy(part, place)
    return place


def packed(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def answer(path: Path) -> Any:
    source = Source(path)
    loaded = formats.detect(source).load(source)
    return loaded.call([tf.constant([[0.5, -1, 2, 3]], tf.float32)])[0].numpy()


# Where a model lies in a folder that is named as the model.
PLACES = {
    "version": ("saved", "1"),
    "version with zeros": ("saved", "00001"),
    "saved_model": ("saved", "saved_model"),
    "export of a pipeline": ("saved", "exported/saved_model"),
    "tfjs": ("web", "tfjs_model"),
    "any name": ("net.keras", "best model (2)"),
    "below": ("net.keras", "runs/3/epoch 7.bin"),
}


@pytest.mark.parametrize("how", ["folder", "zip"])
@pytest.mark.parametrize("name", PLACES)
def test_the_only_model_in_a_folder_is_found(
    name: str, how: str, parts: Path, model: Any, tmp_path: Path
) -> None:
    part, place = PLACES[name]
    folder = put(parts / part, tmp_path / "export" / place).parents[place.count("/")]
    (folder / "README.md").write_text("# A model")
    (folder / "pipeline.config").write_text("model {}")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "net.keras").write_bytes(b"PK\3\4")
    path = packed(folder) if how == "zip" else folder
    assert config.locate(path) == path
    np.testing.assert_allclose(answer(path), model(np.array([[0.5, -1, 2, 3]], "f4")), atol=1e-6)


def test_weights_beside_a_model_are_no_second_one(parts: Path, tmp_path: Path) -> None:
    put(parts / "net.keras", tmp_path / "run" / "net.keras")
    put(parts / "net.weights.h5", tmp_path / "run" / "last.h5")
    packed(put(parts / "web", tmp_path / "data")).rename(tmp_path / "run" / "empty.zip")
    with zipfile.ZipFile(tmp_path / "run" / "empty.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    assert answer(tmp_path / "run").shape == (1, 3)


def test_an_archive_that_lost_its_metadata_opens(parts: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(parts / "net.keras", tmp_path / "net", "zip")
    (tmp_path / "net" / "metadata.json").unlink()
    assert answer(packed(tmp_path / "net")).shape == (1, 3)


@pytest.mark.parametrize("place", ["1", "net.keras"])
def test_all_of_the_folder_counts_as_the_model(place: str, parts: Path, tmp_path: Path) -> None:
    """Files that could be layers and weights do not hide the model, nor its changes."""
    folder = put(parts / ("saved" if place == "1" else place), tmp_path / "run" / place).parent
    (folder / "history.json").write_text('{"loss": [1]}')
    put(parts / "net.weights.h5", folder / "last.h5")
    assert Source(folder).files == (folder,)
    before = cache.digest_files(Source(folder).files)
    changed = next(file for file in [folder / place, *folder.rglob("*.pb")] if file.is_file())
    changed.write_bytes(changed.read_bytes() + b"\0")
    assert cache.digest_files(Source(folder).files) != before


def test_several_models_are_listed(parts: Path, tmp_path: Path) -> None:
    for version in ("1", "2"):
        put(parts / "saved", tmp_path / "export" / version)
    put(parts / "net.keras", tmp_path / "export" / "net.keras")
    with pytest.raises(ModelError) as caught:
        formats.detect(Source(tmp_path / "export"))
    assert_error(caught.value, "format-several-models", tmp_path)
    assert answer(tmp_path / "export" / "1").shape == (1, 3)


def nested_archive(folder: Path) -> None:
    with zipfile.ZipFile(folder / "inner.zip", "w") as archive:
        archive.writestr("metadata.json", "{}")


EMPTY: dict[str, Callable[[Path], Any]] = {
    "texts": lambda folder: (folder / "a.txt").write_text("a"),
    "weights": lambda folder: (folder / "w.npy").write_bytes(b"\x93NUMPY"),
    "archive": nested_archive,
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_archive_without_a_model_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    EMPTY[name](tmp_path / "data")
    with pytest.raises(ModelError) as caught:
        formats.detect(Source(packed(tmp_path / "data")))
    assert_error(caught.value, "format-archive-without-model", tmp_path)


def test_code_in_an_archive_is_not_run(tmp_path: Path) -> None:
    marker = str(tmp_path / "it-ran")
    x = keras.Input((3,))
    code = layers.Lambda(lambda x: (__import__("os").makedirs(marker, exist_ok=True), x)[1])
    made = keras.Model(x, code(x))
    Path(marker).rmdir()
    (tmp_path / "data").mkdir()
    save(made, tmp_path / "data" / "net.keras")
    with pytest.raises(ModelError, match=r"data.zip/net.keras contains Python code"):
        formats.detect(Source(packed(tmp_path / "data")))
    assert not Path(marker).exists()


def test_words_that_a_model_looks_up_are_read_from_an_archive(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("cat\ndog\n")

    class Lookup(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            rows = tf.lookup.TextFileInitializer(
                str(tmp_path / "words.txt"), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER,
            )  # fmt: skip
            self.table = tf.lookup.StaticHashTable(rows, -1)

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])  # type: ignore[untyped-decorator]
        def find(self, x: Any) -> Any:
            return {"place": self.table.lookup(x)}

    tf.saved_model.save(made := Lookup(), str(tmp_path / "export" / "1"), signatures=made.find)
    source = Source(packed(tmp_path / "export"))
    loaded = formats.detect(source).load(source)
    assert loaded.call([tf.constant(["dog", "cow"])])[0].numpy().tolist() == [1, -1]


def test_a_folder_of_demos_is_no_model(parts: Path, tmp_path: Path) -> None:
    put(parts / "net.keras", tmp_path / "one" / "net.keras")
    (tmp_path / "one" / "demo.toml").write_text('model = "net.keras"')
    with pytest.raises(ConfigError, match=r"has no demo\.toml"):
        config.locate(tmp_path)


@pytest.mark.parametrize(
    "place", ["saved_model/1", "export", "checkpoints/best/model"], ids=lambda place: place
)
def test_weights_alone_hide_no_model_that_lies_deeper(
    place: str, parts: Path, model: Any, tmp_path: Path
) -> None:
    """As transformers' `save_pretrained` writes them."""
    folder = tmp_path / "bert"
    put(parts / "net.weights.h5", folder / "tf_model.h5")
    put(parts / "saved", folder / place)
    expected = model(np.array([[0.5, -1, 2, 3]], np.float32)).numpy()
    np.testing.assert_allclose(answer(folder), expected, rtol=1e-5)
