"""HDF5 files of Keras 1 to 3 (`.h5`, `.hdf5`), whatever they are called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bundler.formats.keras_files import (
    configs,
    explain,
    keras_1,
    library,
    model,
    newer,
    operations,
    own_code,
)
from bundler.formats.keras_files.guard import guarded
from bundler.formats.keras_files.library import Library
from bundler.formats.keras_files.linked import copied, linked, widened
from bundler.formats.keras_files.weights import is_v3_layout
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import keras_file
from bundler.ground.errors import ModelError

NAME = "Keras HDF5"
MAGIC = b"\x89HDF\r\n\x1a\n"


def matches(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def check(source: Source) -> None:
    """Raises ModelError for damaged files, weights alone, and what could run code."""
    own_code.check(source)
    keras_file.check_hdf5(source)
    _read(source.path)


def load(source: Source) -> Loaded:
    path = source.path
    config, version = _read(path)
    keras = library.start(version)
    objects = own_code.run(source, keras, config)
    open_file = _open_3 if keras.is_keras_3 else _open_2
    try:
        fitted = newer.fitted(path, config, version, keras, objects)
        layers = operations.located(fitted) if keras.is_keras_3 else keras_1.repaired(fitted)
        with ExitStack() as stack:
            file = stack.enter_context(widened(path))
            allowed = stack.enter_context(guarded(source, keras, layers))
            if keras.is_keras_3:  # reads the layers from the file
                file = stack.enter_context(_holding(file, config, allowed))
            opened = open_file(replace(source, path=file), keras, allowed, objects)
        _check_shape(path, config, opened)
        return model.describe(path, opened, keras)
    except Exception as error:
        raise explain.failed(path, error) from error


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """The model's configuration and the version of Keras that wrote it."""
    import h5py

    try:
        with h5py.File(path) as file:
            config = _text(file.attrs.get("model_config"))
            version = _text(file.attrs.get("keras_version")) or "1"
            backend = _text(file.attrs.get("backend"))
            holds_weights = "layer_names" in file.attrs or is_v3_layout(file)
    except (OSError, RuntimeError, KeyError) as error:
        raise _damaged(path, "it is not a whole HDF5 file") from error
    if not config:
        raise _weights_alone(path) if holds_weights else _foreign(path)
    if backend == "theano":
        raise _mirrored(path)
    data = keras_file.parse(path, config, "model_config")
    if not isinstance(data, dict):
        raise _damaged(path, "its model_config is no configuration of a model")
    return data, version


def _text(value: Any) -> str | None:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _damaged(path: Path, reason: str) -> ModelError:
    return ModelError(f"{path} is damaged: {reason}", hint="Copy, download or save it again.")


def _weights_alone(path: Path) -> ModelError:
    return ModelError(
        f"{path} holds the weights of a model, but not its layers",
        hint="Put the layers beside it, as model.to_json() writes them, and name that file as the "
        'model; or load the weights in Python and save the whole: model.save("model.keras")',
    )


def _mirrored(path: Path) -> ModelError:
    return ModelError(
        f"{path} was saved by Keras on Theano, whose convolutions are mirrored",
        hint="Open it with Keras 2.3 on TensorFlow, which turns them round, and save it there.",
    )


def _foreign(path: Path) -> ModelError:
    return ModelError(
        f"{path} is an HDF5 file, but holds no Keras model",
        hint='Save the model in Python: model.save("model.keras")',
    )


@contextmanager
def _holding(path: Path, config: Any, understood: Any) -> Iterator[Path]:
    """The file, or a copy of it when its configuration is understood differently."""
    if understood is config:
        yield path
        return
    import h5py

    with copied(path, "model.h5") as copy:
        with h5py.File(copy, "r+") as file:
            file.attrs["model_config"] = json.dumps(understood)
        yield copy


def _open_3(source: Source, keras: Library, config: Any, objects: dict[str, Any]) -> Any:
    # Keras goes by the suffix, whatever the content.
    with linked(source.path, "model.h5") as named:
        return keras.module.saving.load_model(
            named, custom_objects=objects, compile=False, safe_mode=not source.trusted
        )


def _open_2(source: Source, keras: Library, config: Any, objects: dict[str, Any]) -> Any:
    import h5py

    opened = keras.layers_from_json(config, objects, trusted=source.trusted)
    if library.major(_weights_version(source.path)) > 1:
        with linked(source.path, "model.h5") as named:
            opened.load_weights(named)
        return opened
    # Keras 1.2 wrote its whole version; tf_keras converts the weights of "1" alone.
    with copied(source.path, "model.h5") as named:
        with h5py.File(named, "r+") as file:
            file["model_weights"].attrs["keras_version"] = "1"
        opened.load_weights(named)
    return opened


def _weights_version(path: Path) -> str:
    import h5py

    with h5py.File(path) as file:
        return _text(file["model_weights"].attrs.get("keras_version")) or "1"


def _check_shape(path: Path, config: Any, opened: Any) -> None:
    """Raises ModelError when a Sequential model got another input than its file states."""
    stated = configs.stated_shape(config)
    inputs = getattr(opened, "inputs", None)
    if stated and inputs and list(inputs[0].shape) != stated:
        raise ModelError(
            f"{path}: Keras opened it with inputs of shape {list(inputs[0].shape)}, "
            f"but it was saved with {stated}",
            hint="Open it with the Keras that saved it, and save it anew.",
        )
