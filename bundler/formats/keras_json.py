"""The layers of a Keras model as JSON (`model.to_json()`), with the weights in a file beside it.

An unpacked `.keras` archive is this, too.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from bundler.formats.keras_files import explain, keras_1, library, model, newer, own_code, weights
from bundler.formats.keras_files.guard import guarded
from bundler.formats.keras_files.library import Library
from bundler.formats.keras_files.linked import linked, widened
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import keras_file
from bundler.ground import json_text
from bundler.ground.errors import ModelError

NAME = "Keras JSON"
METADATA = "metadata.json"
# What the weights of "model.json" may be called; else they are the only such file there.
ENDINGS = (".weights.h5", ".h5", ".hdf5", "_weights.h5", "_weights.hdf5")


def matches(path: Path) -> bool:
    return _layers_file(path) is not None


def check(source: Source) -> None:
    """Raises ModelError when the weights are missing, and for what could run code."""
    own_code.check(source)
    file = _layers_file(source.path) or source.path
    keras_file.check_config(replace(source, path=file), file.read_bytes(), file.name)
    keras_file.check_hdf5(replace(source, path=_weights_file(file)))


def load(source: Source) -> Loaded:
    file = _layers_file(source.path) or source.path
    config = _parse(file) or {}
    version = _version(file, config)
    keras = library.start(version)
    objects = own_code.run(source, keras, config)
    try:
        # Keras 3 does not write its version: "3" is what it says.
        said = "" if version == "3" else version
        fitted = newer.fitted(file, config, said, keras, objects)
        layers = fitted if keras.is_keras_3 else keras_1.repaired(fitted)
        with guarded(source, keras, layers) as allowed:
            opened = keras.layers_from_json(allowed, objects, trusted=source.trusted)
        _load_weights(opened, keras, _weights_file(file))
        return model.describe(file, opened, keras, config.get("build_config"))
    except Exception as error:
        raise explain.failed(file, error) from error


def _layers_file(path: Path) -> Path | None:
    """The JSON with the layers: `path` itself, or one in the folder that it is."""
    candidates = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return next((file for file in candidates if _parse(file)), None)


def _parse(path: Path) -> dict[str, Any] | None:
    """The layers; None for any other file, TensorFlow.js's model.json among them."""
    try:
        with path.open("rb") as stream:
            if not stream.read(64).lstrip().startswith(b"{"):
                return None
        data = json_text.read_file(path)
    except (OSError, ValueError, RecursionError):
        return None
    found = isinstance(data, dict) and "config" in data and isinstance(data.get("class_name"), str)
    return data if found else None


def _version(file: Path, config: dict[str, Any]) -> str:
    """Keras 2 says it in the JSON; Keras 3 not, but writes the module of every class."""
    if "keras_version" in config:
        return str(config["keras_version"])
    metadata = file.with_name(METADATA)
    if metadata.is_file():
        return str(json_text.read_file(metadata).get("keras_version", "3"))
    return "3" if "module" in config else "1"


def _weights_file(file: Path) -> Path:
    """Raises ModelError when no file, or more than one, can be the weights of `file`."""
    named = [file.with_name(file.stem + ending) for ending in ENDINGS]
    beside = sorted(path for path in file.parent.iterdir() if path.suffix in (".h5", ".hdf5"))
    found = [path for path in named if path.is_file()] or beside
    if len(found) == 1 or (found and found[0] in named):
        return found[0]
    if not found:
        raise ModelError(
            f"{file} holds the layers of a model, but there are no weights beside it",
            hint=f"Put them there as {named[0].name}: model.save_weights({named[0].name!r})",
        )
    raise ModelError(
        f"{file} holds the layers of a model, and the weights could be any of: "
        + ", ".join(path.name for path in found),
        hint=f"Call the right ones {named[0].name}.",
    )


def _load_weights(opened: Any, keras: Library, file: Path) -> None:
    import h5py

    with widened(file) as wide:
        with h5py.File(wide) as opened_file:
            is_v3 = weights.is_v3_layout(opened_file)
            if is_v3 and not keras.is_keras_3:
                weights.load(opened, opened_file, None)
                return
        # Keras goes by the suffix, whatever the content.
        with linked(wide, "model.weights.h5" if is_v3 else "model.h5") as named:
            opened.load_weights(named)
