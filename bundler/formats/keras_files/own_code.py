"""Classes and functions of the model's author: run from a file of theirs, if they are trusted."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from bundler.formats.keras_files.configs import dictionaries
from bundler.formats.keras_files.library import Library
from bundler.formats.source import Source
from bundler.formats.untrusted import bytecode
from bundler.formats.untrusted.place import LAMBDA_OF_ANOTHER
from bundler.ground import told
from bundler.ground.errors import ModelError

# Where a class comes from that the file only imports, and the library finds by itself.
LIBRARIES = {"builtins", "keras", "numpy", "tensorflow", "tf_keras", "typing"}
# What Keras saves of every layer beside its own arguments.
ADDED = ("name", "trainable", "dtype")


def check(source: Source) -> None:
    """Raises ModelError when there is a file of code that must not be run, or cannot be."""
    file = source.custom_objects
    if file is None:
        return
    if not file.is_file():
        raise ModelError(
            f"custom_objects: there is no file {file}",
            hint="The path is relative to the folder of demo.toml.",
        )
    if not source.trusted:
        raise ModelError(
            f"{file}, named by custom_objects, is Python code, which is not run",
            hint="If you trust it to run on this machine, build with --trust-model.",
        )


def run(source: Source, library: Library, config: Any) -> dict[str, Any]:
    """Runs the file of the model's own code, and gives its classes and functions by name.

    `config` tells the names that they were registered with ("package>Name").
    """
    check(source)
    _check_bytecode(source.path, config)
    if source.custom_objects is None:
        return {}
    with _importing(source.custom_objects.parent, library):
        module = _execute(source.custom_objects)
    objects = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type | FunctionType)
        and value.__module__.partition(".")[0] not in LIBRARIES
    }
    for value in objects.values() if library.is_keras_3 else ():
        if isinstance(value, type) and issubclass(value, library.module.layers.Layer):
            _take_what_keras_adds(value)
    registered = {str(item.get("registered_name")) for item in dictionaries(config)}
    aliases = {name: objects.get(name.rpartition(">")[2]) for name in registered if ">" in name}
    return objects | {name: value for name, value in aliases.items() if value is not None}


def _check_bytecode(path: Path, config: Any) -> None:
    """Raises ModelError for a Lambda of a trusted model that this Python could not run."""
    for item in dictionaries(config):
        codes = [item.get("code"), *(item.get(key) for key in ("function", "mask", "output_shape"))]
        for code in codes:
            text = code[0] if isinstance(code, list) and code else code
            python = bytecode.foreign(text) if isinstance(text, str) else ""
            if python:
                raise ModelError(
                    f"{path} has a Lambda whose bytecode {python} wrote, and this is "
                    f"Python {sys.version_info[0]}.{sys.version_info[1]}",
                    hint=LAMBDA_OF_ANOTHER,
                )


def _take_what_keras_adds(layer: Any) -> None:
    """Lets a layer without `**kwargs` be made from what Keras saved of it.

    Keras 3 saves layers that have no get_config with the arguments that they were made with, and
    with name, trainable and dtype, which their own __init__ does not know.
    """
    known = inspect.signature(layer.__init__).parameters.values()
    is_own = any("from_config" in vars(one) for one in layer.__mro__ if not _is_library(one))
    if is_own or any(one.kind is one.VAR_KEYWORD for one in known):
        return
    names = {one.name for one in known}
    made = layer.from_config.__func__

    def from_config(cls: Any, config: dict[str, Any]) -> Any:
        missing = {key: config[key] for key in ADDED if key in config and key not in names}
        one = made(cls, {key: value for key, value in config.items() if key not in missing})
        for key, value in missing.items():
            setattr(one, "dtype_policy" if key == "dtype" else key, value)
        return one

    layer.from_config = classmethod(from_config)


def _is_library(one: type) -> bool:
    return one.__module__.partition(".")[0] in LIBRARIES


def _execute(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ModelError(f"{file}, named by custom_objects, is no Python file", hint="Name a .py.")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(file.stem)
    # Dataclasses and the like look for the module that they are being defined in.
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
                 if frame.filename == str(file)]  # fmt: skip
        place = f", line {lines[-1]}" if lines else ""
        raise ModelError(
            f"{file}{place}, named by custom_objects, cannot be run: {type(error).__name__}: "
            f"{told.line(error)}",
            hint="The file is run when the model is opened; it needs nothing but its classes.",
        ) from error
    finally:
        del sys.modules[file.stem]
        if before is not None:
            sys.modules[file.stem] = before
    return module


@contextmanager
def _importing(folder: Path, library: Library) -> Iterator[None]:
    """Imports find the file's neighbours, and for a file of Keras 2 `keras` is that."""
    path, modules = list(sys.path), dict(sys.modules)
    sys.path.insert(0, str(folder))
    if not library.is_keras_3:
        for name in [name for name in modules if name.partition(".")[0] == "keras"]:
            del sys.modules[name]
        sys.modules["keras"] = library.module
    try:
        yield
    finally:
        sys.path[:] = path
        if not library.is_keras_3:
            for name in [name for name in sys.modules if name.partition(".")[0] == "keras"]:
                del sys.modules[name]
            sys.modules.update({n: m for n, m in modules.items() if n.partition(".")[0] == "keras"})
