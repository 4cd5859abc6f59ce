"""Files of a newer Keras than the installed one: what says nothing new is left out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from bundler import formats
from bundler.formats.keras_files import newer
from bundler.formats.keras_files.library import Library
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.ground.errors import ModelError
from tests.models import keras, layers, randomise, save, tf
from tests.sweep import cases
from tests.texts import assert_error
from tests.tfjs_files import write_model

# Keras 3.15 and numpy 2 warn about each other when weights are saved.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NEWER = "3.99.0"
KERAS_3 = Library(keras, keras.tree, True)
# The kinds of files that Keras 3 writes.
KINDS = ("keras", "h5", "json", "unpacked", "tfjs")


def opened(path: Path) -> Loaded:
    source = Source(path)
    return formats.detect(source).load(source)


def net() -> Any:
    """Layers, initializers and wrapped layers, at the top and in a model within."""
    keras.utils.clear_session()
    steps = keras.Input((5, 3), name="steps")
    y = layers.Bidirectional(layers.LSTM(4, name="memory"))(steps)
    y = keras.Sequential([keras.Input((8,)), layers.Dense(6, name="inner")], name="within")(y)
    y = layers.BatchNormalization(name="norm")(y)
    return randomise(keras.Model(steps, layers.Dense(2, name="score")(y)))


Change = Callable[[dict[str, Any]], None]


def changed(config: Any, change: Change) -> Any:
    """The configuration with `change` made to every object in it, from the inside out."""
    if isinstance(config, list):
        return [changed(item, change) for item in config]
    if not isinstance(config, dict):
        return config
    made = {key: changed(item, change) for key, item in config.items()}
    if isinstance(made.get("config"), dict) and "class_name" in made:
        change(made)
    return made


def write(model: Any, folder: Path, kind: str, change: Change, version: str = NEWER) -> Path:
    """The model as a file of another version of Keras, with a changed configuration."""
    if kind == "h5":
        path = save(model, folder / "model.h5")
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            file.attrs["model_config"] = json.dumps(changed(config, change))
            file.attrs["keras_version"] = version
        return path
    if kind == "tfjs":
        with h5py.File(save(model, folder / "model.h5")) as file:
            config = changed(json.loads(file.attrs["model_config"]), change)
        topology = {"keras_version": version, "model_config": config}
        weights = {weight.path: weight.numpy() for weight in model.weights}
        return write_model(folder / "web", topology, weights)
    config = changed(json.loads(model.to_json()), change)
    if kind == "json":
        (folder / "net.json").write_text(json.dumps(config))
        model.save_weights(folder / "net.weights.h5")
        return folder / "net.json"
    path = save(model, folder / "model.keras")
    metadata = json.dumps({"keras_version": version})
    members = {"config.json": json.dumps(config), "metadata.json": metadata}
    with zipfile.ZipFile(path) as archive:
        variables = archive.read("model.weights.h5")
    if kind == "unpacked":
        (folder / "unpacked").mkdir()
        for name, text in members.items():
            (folder / "unpacked" / name).write_text(text)
        (folder / "unpacked" / "model.weights.h5").write_bytes(variables)
        return folder / "unpacked"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
        archive.writestr("model.weights.h5", variables)
    return path


def gain(value: dict[str, Any]) -> None:
    """What classes may have gained: arguments whose value says nothing."""
    name, config = value["class_name"], value["config"]
    if name in ("Dense", "LSTM", "Bidirectional"):
        config["quantisation_of_the_future"] = None
    if name == "BatchNormalization":
        config |= {"renorm_by_group": False, "groups_of_axes": []}
    if name == "GlorotUniform":
        config |= {"fans": {}, "scheme": ""}


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_that_say_nothing_are_left_out(kind: str, tmp_path: Path) -> None:
    model = net()
    loaded = opened(write(model, tmp_path, kind, gain))
    x = tf.constant(np.random.default_rng(4).normal(size=(2, 5, 3)), tf.float32)
    np.testing.assert_array_equal(loaded.call([x])[0], model(x))


def say(value: dict[str, Any]) -> None:
    if value["config"].get("name") == "inner":
        value["config"]["precision_of_sums"] = 0


def activate(value: dict[str, Any]) -> None:
    if value["class_name"] == "Zeros":
        value["config"]["pattern"] = "checkerboard"


def replace_class(value: dict[str, Any]) -> None:
    if value["config"].get("name") == "norm":
        value["class_name"] = "RootNormalization"


REFUSED = {"argument": say, "initializer": activate, "class": replace_class}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_lost_is_refused_by_name(name: str, tmp_path: Path) -> None:
    path = write(net(), tmp_path, "keras", REFUSED[name])
    with pytest.raises(ModelError) as caught:
        opened(path)
    caught.value.message = caught.value.message.replace(keras.__version__, "INSTALLED")
    assert_error(caught.value, f"newer-keras-{name}", tmp_path)


@pytest.mark.parametrize("kind", ["h5", "json", "tfjs"])
def test_every_kind_of_file_names_the_layer(kind: str, tmp_path: Path) -> None:
    path = write(net(), tmp_path, kind, say)
    with pytest.raises(ModelError, match=r'precision_of_sums = 0 of Dense .the layer "inner".'):
        opened(path)


def test_a_default_that_is_a_value_is_left_out() -> None:
    """StringLookup gained `oov_method`, BatchNormalization `renorm_momentum`."""
    config = {"module": "keras.layers", "class_name": "Dense", "config": {
        "name": "d", "units": 2, "oov_method": "floormod", "renorm_momentum": 0.99}}  # fmt: skip
    found = newer.fitted(Path("a"), config, NEWER, KERAS_3)
    assert found["config"] == {"name": "d", "units": 2}
    config["config"]["renorm_momentum"] = 0.5  # type: ignore[index]
    with pytest.raises(ModelError, match=r"renorm_momentum = 0\.5"):
        newer.fitted(Path("a"), config, NEWER, KERAS_3)


def test_files_of_this_keras_and_older_ones_are_left_as_they_are(tmp_path: Path) -> None:
    path = write(net(), tmp_path, "keras", say, keras.__version__)
    with pytest.raises(ModelError, match=r"precision_of_sums") as caught:
        opened(path)
    assert "does not have" not in caught.value.message


def test_what_this_keras_writes_itself_is_understood_whole() -> None:
    """Every layer, with its initializers and policies: no argument is taken for a newer one's."""
    one_of_each = {case.name.split("-")[0]: case for case in cases.of("layers") if case.make}
    for name, case in one_of_each.items():
        assert case.make
        config = json.loads(case.make().to_json())
        assert newer.fitted(Path(name), config, "", KERAS_3) is config, name
    assert len(one_of_each) > 100
