"""Files of Keras 3 and 2 with other configurations than Keras wrote."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import tf_keras

from tests.hostile.bait import Bait, Config, Edit
from tests.models import plain, save


def function(module: str, name: str) -> Config:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def instance(module: str | None, class_name: str, /, **config: Any) -> Config:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def archive(edit: Edit) -> Callable[[Bait], Path]:
    """A .keras file of Keras 3 whose configuration is edited."""

    def make(bait: Bait) -> Path:
        path = save(plain(), bait.folder / "model.keras")
        return rewrite(path, bait, edit)

    return make


def archive_of_keras_2(edit: Edit) -> Callable[[Bait], Path]:
    """The same of Keras 2, which looks less closely."""

    def make(bait: Bait) -> Path:
        x = tf_keras.Input((4,), name="x")
        y = tf_keras.layers.Dense(3, activation="softmax", name="y")(x)
        path = save(tf_keras.Model(x, y), bait.folder / "model.keras")
        return rewrite(path, bait, edit)

    return make


def rewrite(path: Path, bait: Bait, edit: Edit) -> Path:
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    config = json.loads(members["config.json"])
    edit(config, bait)
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return path


def dense(config: Config) -> Config:
    """The configuration of the Dense layer."""
    found: Config = config["config"]["layers"][1]["config"]
    return found


def setting(key: str, value: Config) -> Edit:
    """Puts an object where the Dense layer has its activation or initializer."""

    def edit(config: Config, bait: Bait) -> None:
        dense(config)[key] = value

    return edit


def layer(value: Callable[[Bait], Config]) -> Edit:
    """Puts a layer in the place of the Dense layer."""

    def edit(config: Config, bait: Bait) -> None:
        config["config"]["layers"][1].update(value(bait))

    return edit


def running(bait: Bait) -> Any:
    """A Python function whose bytecode creates the canary."""
    canary = bait.canary
    code = f"lambda x: (open({canary!r}, 'w').close(), x)[1]"
    return eval(code)


def lambda_3(wrap: Callable[[Any], Any] = lambda made: made) -> Callable[[Bait], Path]:
    def make(bait: Bait) -> Path:
        x = keras.Input((3, 4), name="x")
        made = keras.layers.Lambda(running(bait), output_shape=(4,), name="code")
        path = save(keras.Model(x, wrap(made)(x)), bait.folder / "model.keras")
        Path(bait.canary).unlink(missing_ok=True)
        return path

    return make


def model_2(call: Callable[[Any, Bait], Any], name: str = "model.h5") -> Callable[[Bait], Path]:
    """A file of Keras 2 whose layers are made by `call`."""

    def make(bait: Bait) -> Path:
        x = tf_keras.Input((3, 4), name="x")
        path = save(tf_keras.Model(x, call(x, bait)), bait.folder / name)
        Path(bait.canary).unlink(missing_ok=True)
        return path

    return make


def hdf5_config(edit: Edit, attribute: str = "model_config") -> Callable[[Bait], Path]:
    """A .h5 file of Keras 2 whose configuration is edited."""

    def make(bait: Bait) -> Path:
        x = tf_keras.Input((4,), name="x")
        model = tf_keras.Model(x, tf_keras.layers.Dense(3, name="y")(x))
        model.compile("sgd", "mse")
        path = save(model, bait.folder / "model.h5")
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs[attribute])
            edit(config, bait)
            file.attrs[attribute] = json.dumps(config)
        return path

    return make
