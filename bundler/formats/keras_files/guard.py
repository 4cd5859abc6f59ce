"""What a stranger's configuration may name: parts of models, of the Keras that opens it.

The parts are found in Keras itself, once it is imported: classes by what they derive from,
functions by the modules that hold nothing but functions of tensors. Keras resolves every name of a
configuration with one function, which answers nothing else while the file is open.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from bundler.formats.keras_files.configs import dictionaries
from bundler.formats.keras_files.library import Library
from bundler.formats.source import Source
from bundler.formats.untrusted.error import OwnCodeError, UntrustedError
from bundler.formats.untrusted.keras_names import ACTIVATIONS, TYPE_SPECS, VALUES
from bundler.formats.untrusted.place import CUSTOM_HINT
from bundler.formats.untrusted.symbols import NOT_THESE

# What models are made of, by the public names of the classes that it derives from.
BASES = (
    "Model", "constraints.Constraint", "dtype_policies.DTypePolicy", "initializers.Initializer",
    "layers.Layer", "losses.Loss", "metrics.Metric", "mixed_precision.Policy", "Operation",
    "optimizers.Optimizer", "optimizers.legacy.Optimizer", "quantizers.QuantizationConfig",
    "quantizers.Quantizer", "optimizers.schedules.LearningRateSchedule", "random.SeedGenerator",
    "regularizers.Regularizer",
)  # fmt: skip
# Layers that open what is not in the file.
OUTSIDE = {"FlaxLayer", "JaxLayer", "ReloadedLayer", "TFSMLayer", "TorchModuleWrapper"}
# Losses, metrics and optimizers of a compiled model.
TRAINING = "compile_config"
FUNCTIONS = ("activations", "losses", "metrics", "ops", "ops.image", "ops.linalg", "ops.nn")
# Of TensorFlow, as Keras 2 names them.
TENSORFLOW_FUNCTIONS = ("array_ops", "clip_ops", "math_ops", "nn_impl", "nn_ops")
TENSORFLOW_INITIALIZERS = ("init_ops", "init_ops_v2")


class Parts:
    """The classes and functions that a configuration may name."""

    def __init__(self, library: Library) -> None:
        keras = self.keras = library.module
        self.own = f"{keras.__name__}.src."
        bases = [base for name in BASES if (base := _member(keras, name)) is not None]
        found = {one for base in bases for one in _derived(base)}
        self.classes = {one for one in found if self._is_own(one) and one.__name__ not in OUTSIDE}
        self.functions = {
            one
            for name in FUNCTIONS
            for one in _functions(_member(keras, name))
            if self._is_function(one)
        }
        self._add_tensorflow()
        everything: list[Any] = [*self.classes, *self.functions]
        self.names = {one.__name__ for one in everything}
        # What Keras calls by another name, as "LSTM" of tf_keras is one of two classes.
        for space in (keras.layers, keras.initializers, keras.activations, keras.losses):
            self.names |= {name for name, one in vars(space).items() if self.has(one)}

    def knows(self, name: str) -> bool:
        """Whether Keras or Python has anything of this name, whatever it is."""
        keras = self.keras
        spaces = (builtins, keras, keras.layers, keras.models, keras.utils, keras.activations,
                  keras.losses, keras.optimizers)  # fmt: skip
        return not name.isidentifier() or any(hasattr(space, name) for space in spaces)

    def has(self, found: Any) -> bool:
        """Whether something that a name stands for is a part of models."""
        known = self.classes if isinstance(found, type) else self.functions
        try:
            return found in known
        except TypeError:
            return False

    def _is_own(self, one: Any) -> bool:
        return str(one.__module__).startswith(self.own) and "test" not in str(one.__module__)

    def _is_function(self, one: Any) -> bool:
        return self._is_own(one) and one.__name__[0] != "_" and not NOT_THESE.match(one.__name__)

    def _add_tensorflow(self) -> None:
        import tensorflow as tf
        from tensorflow.python import ops

        self.classes |= {getattr(tf, name) for name in TYPE_SPECS}
        for name in TENSORFLOW_FUNCTIONS:
            for function in _functions(_member(ops, name)):
                if ACTIVATIONS.fullmatch(function.__name__):
                    self.functions.add(function)
        initializers = [vars(_member(ops, name) or tf) for name in TENSORFLOW_INITIALIZERS]
        base = tuple(space["Initializer"] for space in initializers if "Initializer" in space)
        self.classes |= {
            one
            for space in initializers
            for one in space.values()
            if isinstance(one, type) and issubclass(one, base)
        }


def _member(module: Any, name: str) -> Any:
    """What a dotted name stands for below a module; None where this version has no such thing."""
    for part in name.split("."):
        module = getattr(module, part, None)
    return module


def _functions(module: ModuleType | None) -> Iterator[Any]:
    members: list[Any] = list(vars(module).values()) if module else []
    yield from filter(inspect.isroutine, members)


def _derived(base: type) -> Iterator[type]:
    yield base
    derived: list[type] = type.__subclasses__(base)
    for one in derived:
        yield from _derived(one)


@contextmanager
def guarded(source: Source, library: Library, config: Any) -> Iterator[Any]:
    """The configuration that may be opened, and a Keras that resolves nothing but its own parts.

    Raises UntrustedError, whatever Keras makes of it. A trusted source is opened as it is.
    """
    if source.trusted:
        yield config
        return
    parts = Parts(library)
    for item in dictionaries(config):
        _check_names(source, parts, item)
    refused: list[UntrustedError] = []
    with _resolving(source, parts, library, refused):
        try:
            yield _for_inference(config)
        except Exception:
            if refused:
                raise refused[0] from None
            raise


def _check_names(source: Source, parts: Parts, item: dict[str, Any]) -> None:
    """Also for what Keras finds in its tables by name alone."""
    name = item.get("class_name")
    if name is None or name in VALUES:
        return
    if name == "function":
        name = item.get("config")
    bare = str(name).rpartition(">")[2]
    if bare in parts.names:
        return
    where = json.dumps(item)[:100]
    if not parts.knows(bare):
        kind = "function" if item["class_name"] == "function" else "class"
        found = f"uses a {kind} of your own: {bare[:200]}"
        raise OwnCodeError(source.path, found, where, hint=CUSTOM_HINT)
    found = f"names {bare[:200]}, which is no part of a model in Keras"
    raise UntrustedError(source.path, found, where)


@contextmanager
def _resolving(
    source: Source, parts: Parts, library: Library, refused: list[UntrustedError]
) -> Iterator[None]:
    name = library.module.__name__
    resolver: Any = importlib.import_module(f"{name}.src.saving.serialization_lib")
    original: Callable[..., Any] = resolver._retrieve_class_or_fn

    def resolve(name: str, registered_name: str, module: str, *rest: Any, **named: Any) -> Any:
        is_known = module is None or _is_known(str(module))
        if is_known and str(name).rpartition(">")[2].isidentifier():
            found = original(name, registered_name, module, *rest, **named)
            if parts.has(found):
                return found
        said = f"names {module}.{name}"[:200]
        refused.append(UntrustedError(source.path, f"{said}, which is no part of a model", ""))
        raise refused[-1]

    resolver._retrieve_class_or_fn = resolve
    try:
        yield
    finally:
        resolver._retrieve_class_or_fn = original


def _is_known(module: str) -> bool:
    """Whether looking into a module imports nothing that Keras has not imported by itself."""
    own = f"tf_{module}" if module.split(".")[0] == "keras" else module
    return module in sys.modules or own in sys.modules


def _for_inference(config: Any) -> Any:
    """The same object, if no model within has anything for training."""
    inner = [item for item in dictionaries(config) if item is not config]
    if not any(item.get(TRAINING) for item in inner):
        return config
    return {key: _without_training(value) for key, value in config.items()}


def _without_training(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key != TRAINING}
        return {key: _without_training(item) for key, item in kept.items()}
    return [_without_training(item) for item in value] if isinstance(value, list) else value
