"""Layers models of TensorFlow.js, opened with the Keras that their JSON is written for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bundler.formats.keras_files import explain, keras_1, library, model, newer, own_code
from bundler.formats.keras_files.guard import guarded
from bundler.formats.keras_files.library import Library
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import keras_file
from bundler.formats.web import files, weights
from bundler.ground.errors import ModelError

if TYPE_CHECKING:
    from bundler.formats.web.weights import Array


def config_of(topology: dict[str, Any] | None) -> dict[str, Any] | None:
    """The configuration of the Keras model; None in graph models."""
    config = (topology or {}).get("model_config", topology)
    is_model = isinstance(config, dict) and {"class_name", "config"} <= config.keys()
    return config if is_model else None


def check(source: Source) -> None:
    """Raises ModelError for missing shards, and for what could run code."""
    own_code.check(source)
    found = files.read(source.path)
    files.shards(source.path, found)
    config = config_of(found["modelTopology"])
    keras_file.check_config(source, json.dumps(config), files.FILE_NAME)


def load(source: Source) -> Loaded:
    """Raises ModelError."""
    path = source.path
    topology = files.read(path)["modelTopology"]
    config = config_of(topology)
    # What TensorFlow.js saved by itself is like Keras 2.
    version = str(topology.get("keras_version", "2"))
    keras = library.start(version)
    objects = own_code.run(source, keras, config)
    try:
        fitted = newer.fitted(path, config, version, keras, objects)
        layers = fitted if keras.is_keras_3 else keras_1.repaired(fitted)
        with guarded(source, keras, layers) as allowed:
            opened = keras.layers_from_json(allowed, objects, trusted=source.trusted)
        _set_weights(source, opened, keras)
        return model.describe(path, opened, keras)
    except Exception as error:
        raise explain.failed(path, error) from error


def _set_weights(source: Source, opened: Any, keras: Library) -> None:
    stored = weights.read(source.path)
    values = []
    for weight in opened.weights:
        name = weight.path if keras.is_keras_3 else weight.name.removesuffix(":0")
        found = _find(name, tuple(weight.shape), stored)
        if found is None:
            raise ModelError(
                f"{source.path}: there is no weight {name} of shape {tuple(weight.shape)}",
                hint="The model.json and its weights do not belong together, or are damaged.",
            )
        values.append(found)
    opened.set_weights(values)


def _find(name: str, shape: tuple[int, ...], stored: dict[str, Array]) -> Array | None:
    """The weight of this name; the model's or the cell's name may be left out of either."""
    if name in stored and stored[name].shape == shape:
        return stored[name]
    similar = [
        value
        for other, value in stored.items()
        if value.shape == shape and (_within(other, name) or _within(name, other))
    ]
    return similar[0] if len(similar) == 1 else None


def _within(short: str, long: str) -> bool:
    """Whether the parts of one path are in another, in the same order and with the same end."""
    parts = iter(reversed(long.split("/")))
    first, *rest = reversed(short.split("/"))
    return first == next(parts) and all(part in parts for part in rest)
