"""Starts TensorFlow and Keras without what they only look for: two of its six seconds."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

# Packages that TensorFlow and Keras import if they are installed, for what no conversion does.
OPTIONAL = ("jax", "matplotlib", "pandas", "pyarrow", "scipy", "sklearn", "torch")


def start_tensorflow(keras: str = "keras") -> ModuleType:
    """Imports TensorFlow and one of "keras" (Keras 3) and "tf_keras" (Keras 2), which it gives.

    The first call decides what `tf.keras` is, also for a model's own code.
    """
    library = import_tensorflow(keras)
    tensorflow = sys.modules["tensorflow"]
    # No device may change after the first use; a test may have used one before.
    if not tensorflow.config.list_logical_devices("GPU"):
        tensorflow.config.set_visible_devices([], "GPU")
    return library


def import_tensorflow(keras: str = "keras") -> ModuleType:
    """The same, without a thread that is started or a device that is asked for."""
    if keras == "tf_keras" and "tensorflow" not in sys.modules:
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
    with without_optional():
        importlib.import_module("tensorflow")
        return importlib.import_module(keras)


@contextmanager
def without_optional() -> Iterator[None]:
    """Has what is imported meanwhile do without what it only looks for."""
    hidden = [name for name in OPTIONAL if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
