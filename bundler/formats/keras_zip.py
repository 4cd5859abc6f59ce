"""`.keras` files of Keras 3: a zip archive of metadata.json, config.json and model.weights.h5.

The format: keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.errors import ModelError
from bundler.signature import Loaded, Signature
from bundler.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf

NAME = "Keras 3"
MEMBERS = {"metadata.json", "config.json", "model.weights.h5"}
RESCALING_LAYERS = {"Rescaling", "Normalization"}
# Layers that change no value at inference.
LAYERS_WITHOUT_EFFECT = {"Dropout", "Reshape", "Flatten", "Identity", "ActivityRegularization"}


def matches(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return MEMBERS - {"model.weights.h5"} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def check(path: Path) -> None:
    """Raises ModelError for files of Keras 2 and for damaged ones."""
    try:
        with zipfile.ZipFile(path) as archive:
            version = _read_version(archive.read("metadata.json"))
            missing = MEMBERS - set(archive.namelist())
            damaged = archive.testzip()
    except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise _damaged(path, str(error)) from error
    if missing:
        raise _damaged(path, f"it has no {missing.pop()}")
    if damaged:
        raise _damaged(path, f"{damaged} does not match its checksum")
    if not version.startswith("3."):
        raise ModelError(
            f"{path} was saved by Keras {version}; only files of Keras 3 can be opened so far",
            hint='Open it with that version, then save it with Keras 3: model.save("model.keras")',
        )


def _read_version(metadata: bytes) -> str:
    data = json.loads(metadata)
    version = data.get("keras_version") if isinstance(data, dict) else None
    if not isinstance(version, str):
        raise ValueError("its metadata.json has no keras_version")
    return version


def _damaged(path: Path, reason: str) -> ModelError:
    return ModelError(f"{path} is damaged: {reason}", hint="Copy, download or save it again.")


def load(path: Path) -> Loaded:
    import keras

    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        # Keras goes by the suffix, whatever the content.
        named = Path(folder) / "model.keras"
        try:
            named.symlink_to(path.resolve())
        except OSError:  # Windows without the right to make links
            shutil.copyfile(path, named)
        try:
            # Safe mode refuses to run code that is stored in the file (Lambda layers).
            model = keras.saving.load_model(named, compile=False, safe_mode=True)
        except Exception as error:
            raise _explain(path, error) from error
    if not getattr(model, "inputs", None):
        raise ModelError(
            f"{path}: the model does not say what its inputs are (a subclassed keras.Model)",
            hint="Wrap it before saving: inputs = keras.Input(shape); "
            "keras.Model(inputs, model(inputs)).save(...)",
        )
    return Loaded(_caller(model), _read_signature(model))


def _explain(path: Path, error: Exception) -> ModelError:
    text = str(error)
    if "lambda" in text.lower() and "safe" in text.lower():
        return ModelError(
            f"{path} contains Python code in a Lambda layer, which is not run",
            hint="Replace the Lambda by a layer or by keras.ops calls, and save the model again.",
        )
    custom = re.search(r"Could not locate (class|function) '(?:[\w.]+>)?(\w+)'", text)
    if custom:
        return ModelError(
            f"{path} uses a {custom[1]} of your own: {custom[2]}",
            hint="Build the model from Keras's own layers, and save it again.",
        )
    # Keras wraps one error into another: the innermost is the cause.
    causes = re.findall(r"Exception encountered: (.+)", text)
    lines = text.strip().splitlines() or [type(error).__name__]
    return ModelError(f"Keras cannot open {path}: {causes[-1] if causes else lines[0]}")


def _caller(model: Any) -> Callable[[list[tf.Tensor]], list[tf.Tensor]]:
    import keras

    def call(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        # Lists and dictionaries of inputs: the order is that of the flattened structure.
        structure = getattr(model, "_inputs_struct", None)
        if structure is None:
            structure = model.inputs if len(tensors) > 1 else model.inputs[0]
        outputs = model(keras.tree.pack_sequence_as(structure, tensors), training=False)
        return list(keras.tree.flatten(outputs))

    return call


def _read_signature(model: Any) -> Signature:
    inputs = _unique([(tensor.name, tensor) for tensor in model.inputs])
    names = _output_names(model)
    outputs = _unique(list(zip(names, model.outputs, strict=True)))
    return Signature(
        inputs,
        outputs,
        {
            spec.name: _activation(tensor)
            for spec, tensor in zip(outputs, model.outputs, strict=True)
        },
        any(type(layer).__name__ in RESCALING_LAYERS for layer in model._flatten_layers()),
    )


def _output_names(model: Any) -> list[str]:
    """The keys of a dictionary of outputs, else the names of the layers that make them."""
    import keras

    structure = getattr(model, "_outputs_struct", None)
    if isinstance(structure, dict):
        return [str(path[0]) for path, _ in keras.tree.flatten_with_path(structure)]
    return [tensor._keras_history.operation.name for tensor in model.outputs]


def _unique(tensors: list[tuple[str, Any]]) -> tuple[TensorSpec, ...]:
    specs: list[TensorSpec] = []
    for name, tensor in tensors:
        taken = {spec.name for spec in specs}
        chosen, number = name, 2
        while chosen in taken:
            chosen, number = f"{name}_{number}", number + 1
        specs.append(TensorSpec(chosen, tensor.dtype, tuple(tensor.shape)))
    return tuple(specs)


def _activation(tensor: Any) -> str:
    """The last activation before an output: "softmax", "sigmoid" or "linear"."""
    import keras

    history = tensor._keras_history
    operation = history.operation
    if isinstance(operation, keras.Model):
        return _activation(operation.outputs[history.tensor_index])
    if type(operation).__name__ in LAYERS_WITHOUT_EFFECT:
        return _activation(operation.input)
    name = getattr(getattr(operation, "activation", None), "__name__", type(operation).__name__)
    return name.lower() if name.lower() in ("softmax", "sigmoid") else "linear"
