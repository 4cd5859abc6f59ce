"""Functions between layers (`x + y`, `keras.ops.…`) in HDF5 files of Keras 3.

Such a file names classes without their modules, and Keras takes what is called Add for its layer
of that name.
"""

from __future__ import annotations

import importlib
from typing import Any

# Where the classes of functions are.
MODULES = tuple(
    f"keras.src.ops.{name}" for name in ("core", "image", "linalg", "math", "nn", "numpy")
)


def located(config: Any) -> Any:
    """The configuration with the module of every function; the same object if it has none."""
    if isinstance(config, list):
        made: Any = [located(item) for item in config]
        return config if all(map(_same, made, config)) else made
    if not isinstance(config, dict):
        return config
    made = {key: located(item) for key, item in config.items()}
    module = _module(config) if _is_function(config) else None
    if module:
        return {**made, "module": module, "registered_name": config["class_name"]}
    return config if all(made[key] is config[key] for key in config) else made


def _same(one: Any, other: Any) -> bool:
    return one is other


def _is_function(config: dict[str, Any]) -> bool:
    """Whether a node of a model is no layer: layers say whether they are trained."""
    is_node = {"class_name", "config", "inbound_nodes"} <= config.keys()
    inner = config.get("config")
    return is_node and "module" not in config and isinstance(inner, dict) and (
        "trainable" not in inner and "batch_shape" not in inner and "layers" not in inner
    )  # fmt: skip


def _module(config: dict[str, Any]) -> str | None:
    from keras.src.ops.operation import Operation

    for name in MODULES:
        found = vars(importlib.import_module(name)).get(str(config["class_name"]))
        if isinstance(found, type) and issubclass(found, Operation):
            return name
    return None
