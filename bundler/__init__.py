"""tfjs-demo: turns a trained Keras model into a static page that runs it with TensorFlow.js."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.10.0"
__all__ = ["build", "preview"]


def __getattr__(name: str) -> Any:
    """`bundler.build` and `bundler.preview`, which are loaded when they are used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("bundler.serve.notebook"), name)
