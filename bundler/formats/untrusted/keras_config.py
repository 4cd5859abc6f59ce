"""Keras configurations by others: every class and function that they name, at any depth.

A configuration is JSON in which an object is {"class_name": ..., "config": ...}, since Keras 3
(and 2.13) with "module" and "registered_name". Keras imports the modules and calls what it finds
there, so only the modules are allowed in which models' own parts are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bundler.formats.untrusted.error import OwnCodeError
from bundler.formats.untrusted.keras_names import VALUES, check_class, check_function, check_value
from bundler.formats.untrusted.keras_rules import RULES
from bundler.formats.untrusted.place import Place, refuse_bytecode

MAX_DEPTH = 200
# Arguments that name a file to read, where a model has its data in itself.
FILE_KEYS = {"vocabulary", "vocabulary_file", "filename", "filepath", "file_path", "handle"}


def check(file: Path, config: Any, part: str) -> None:
    """Walks the whole configuration of a model; `part` says where in the file it stands.

    What is for training only (compile_config) is never opened; see check_training.
    Raises UntrustedError.
    """
    _walk(config, Place(file, part), _check_object)


def check_training(file: Path, config: Any, part: str) -> None:
    """The same for losses, metrics and optimizers, which stay closed: custom ones are fine there.

    UntrustedError is what an installed package could run, and bytecode. Raises UntrustedError.
    """
    _walk(config, Place(file, part), _check_training_object)


Check = Callable[[dict[str, Any], Place], None]


def _walk(value: Any, place: Place, check_object: Check) -> None:
    if place.depth > MAX_DEPTH:
        raise place.refuse(f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, place.inside(index), check_object)
    elif isinstance(value, dict):
        place = replace(place, layer=_layer_name(value) or place.layer)
        if "class_name" in value:
            check_object(value, place)
        _check_keys(value, place)
        for key, item in value.items():
            training = key == "compile_config"
            _walk(item, place.inside(key), _check_training_object if training else check_object)


def _layer_name(value: dict[str, Any]) -> str:
    """What an object that is a layer is called."""
    config = value.get("config")
    name = config.get("name") if isinstance(config, dict) else None
    if isinstance(name, str) and isinstance(value.get("class_name"), str):
        return f'{value["class_name"]} "{name[:60]}"'
    return ""


def _check_keys(value: dict[str, Any], place: Place) -> None:
    """What keys say, whatever class they belong to."""
    for key, item in value.items():
        if key.endswith("_type") and item == "lambda":
            code = value.get(key.removesuffix("_type"))
            raise refuse_bytecode(
                place.inside(key), code[0] if isinstance(code, list) and code else None
            )
        if key in FILE_KEYS and isinstance(item, str):
            raise place.inside(key).refuse(
                f"would read a file of this machine, {item[:200]!r}",
                hint="Save the model with the vocabulary itself, as a list.",
            )


def _check_object(value: dict[str, Any], place: Place) -> None:
    name = value["class_name"]
    if not isinstance(name, str):
        raise place.refuse("has a class_name that is no text")
    if name == "__lambda__":
        config = value.get("config")
        raise refuse_bytecode(place, config.get("code") if isinstance(config, dict) else None)
    if name in VALUES:
        check_value(name, value, place)
    elif name == "function":
        check_function(value, place)
    else:
        check_class(name, value, place)
        rule = RULES.get(name.rpartition(">")[2])
        if rule:
            rule(value.get("config"), place.inside("config"))


def _check_training_object(value: dict[str, Any], place: Place) -> None:
    """As elsewhere, but what its author wrote is not missed."""
    if _is_tensorflow_loss(value):
        return
    try:
        _check_object(value, place)
    except OwnCodeError:
        return


def _is_tensorflow_loss(value: dict[str, Any]) -> bool:
    """Whether a function of TensorFlow's ops is named; as a loss it is never called."""
    module = value.get("module")
    is_function = value["class_name"] == "function"
    return is_function and isinstance(module, str) and module.startswith("tensorflow.python.ops.")
