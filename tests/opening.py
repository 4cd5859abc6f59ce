"""A model file as the build opens it: its signature and its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bundler import formats
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from tests.models import tf


def opened(path: Path, **said: Any) -> Loaded:
    source = Source(path, **said)
    return formats.detect(source).load(source)


def shapes(loaded: Loaded) -> list[str]:
    return [str(spec) for spec in (*loaded.signature.inputs, *loaded.signature.outputs)]


def answers(loaded: Loaded, *values: Any) -> dict[str, Any]:
    names = [spec.name for spec in loaded.signature.outputs]
    results = loaded.call([tf.constant(value) for value in values])
    return {name: result.numpy().tolist() for name, result in zip(names, results, strict=True)}
