"""Configurations of a newer Keras 3 than the installed one: what it does not know is left out.

Every release writes all arguments of a layer, also those that it has just gained, so an older
Keras refuses files that mean nothing new.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler.formats.keras_files.library import Library
from bundler.ground.errors import ModelError

# Where the classes are that a configuration names and that are made of its arguments.
NAMESPACES = (
    "layers", "constraints", "dtype_policies", "initializers", "quantizers", "random",
    "regularizers",
)  # fmt: skip
# What says nothing, whatever the argument.
NEUTRAL: tuple[Any, ...] = (None, False, "", [], {})
# Arguments whose default is a value: leaving them out means the same. Since 3.13, 3.14 and 3.15.
DEFAULTS = {"oov_method": "floormod", "renorm_momentum": 0.99}
# What classes take from **kwargs.
KEYWORDS = {
    "batch_input_shape", "batch_shape", "input_dim", "input_shape", "rms_scaling",
    "vocabulary_size",
}  # fmt: skip
UPDATE = (
    "Update Keras: pip install -U keras. Where pip finds no newer one, this Python is too old for "
    "it: use a newer Python."
)


@dataclass(frozen=True)
class Reader:
    """The installed Keras with a file that `version` of Keras wrote, "" if it does not say.

    `objects` are the author's own classes.
    """

    path: Path
    version: str
    keras: Any
    objects: Collection[str]

    def fit(self, value: Any, layer: str = "") -> Any:
        """The configuration as this Keras understands it; `layer` is the one around `value`."""
        if isinstance(value, list):
            return [self.fit(item, layer) for item in value]
        if not isinstance(value, dict):
            return value
        config = value.get("config")
        if not isinstance(config, dict) or not isinstance(value.get("class_name"), str):
            return {key: self.fit(item, layer) for key, item in value.items()}
        layer = f'the layer "{config["name"]}"' if config.get("name") else layer
        config = self._understood(value, config, layer)
        return {**{key: self.fit(item, layer) for key, item in value.items() if key != "config"},
                "config": self.fit(config, layer)}  # fmt: skip

    def _understood(self, value: dict[str, Any], config: dict[str, Any], layer: str) -> Any:
        found = self._class(value, layer)
        known = _arguments(found) if found else set(config)
        unknown = [key for key in config if key not in known]
        for key in unknown:
            item = config[key]
            if not any(item is one or (item == one and item != 0) for one in _neutral(key)):
                raise self._refuse(f"{key} = {item!r:.200} of {value['class_name']}", layer)
        return {key: item for key, item in config.items() if key not in unknown}

    def _class(self, value: dict[str, Any], layer: str) -> type | None:
        """The class that an object names; None for models, and what is not Keras's."""
        name, module = value["class_name"], value.get("module")
        if module is None:
            # HDF5 files name no modules for layers.
            spaces = [vars(getattr(self.keras, space)) for space in NAMESPACES]
            return next((space[name] for space in spaces if name in space), None)
        root, _, namespace = str(module).partition(".")
        if root != "keras" or namespace not in NAMESPACES or name in self.objects:
            return None
        found = vars(getattr(self.keras, namespace)).get(name)
        if not isinstance(found, type):
            raise self._refuse(f"{module}.{name}", layer)
        return found

    def _refuse(self, what: str, layer: str) -> ModelError:
        writer = f"Keras {self.version} wrote it" if self.version else "a newer Keras wrote it"
        place = f" ({layer})" if layer else ""
        return ModelError(
            f"{self.path} has {what}{place}, which the installed Keras {self.keras.__version__} "
            f"does not have: {writer}",
            hint=UPDATE,
        )


def fitted(
    path: Path, config: Any, version: str, library: Library, objects: Collection[str] = ()
) -> Any:
    """The configuration without what only a newer Keras knows; the same object if it has nothing.

    Raises ModelError for what would be lost.
    """
    installed = library.module.__version__
    if not library.is_keras_3 or (version and _numbers(version) <= _numbers(installed)):
        return config
    found = Reader(path, version, library.module, objects).fit(config)
    return config if found == config else found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


def _neutral(key: str) -> tuple[Any, ...]:
    return (*NEUTRAL, DEFAULTS[key]) if key in DEFAULTS else NEUTRAL


def _arguments(found: type) -> set[str]:
    """What a class may be made with, its bases' arguments included where it hands them on."""
    names = set()
    for base in found.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
        names |= {one.name for one in parameters}
        if not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
            break
    return names | KEYWORDS
