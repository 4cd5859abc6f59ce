"""Model formats in: which one a file is, by its content, and how to open it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

from bundler.errors import ModelError
from bundler.formats import (
    foreign,
    frozen_graph,
    keras_hdf5,
    keras_json,
    keras_zip,
    saved_model,
    teachable_machine,
    tfjs_graph,
    tfjs_layers,
)
from bundler.formats.source import Source
from bundler.signature import Loaded


class Format(Protocol):
    """What a module of this folder offers."""

    NAME: str

    def matches(self, path: Path) -> bool:
        """Whether the content of `path` is this format; never imports TensorFlow."""

    def check(self, source: Source) -> None:
        """Raises ModelError for what can be known without TensorFlow."""

    def load(self, source: Source) -> Loaded:
        """Opens the model. Raises ModelError."""


MODULES: tuple[ModuleType, ...] = (
    keras_zip,
    keras_hdf5,
    keras_json,
    saved_model,
    teachable_machine,
    tfjs_graph,
    tfjs_layers,
    frozen_graph,
)


def detect(source: Source) -> Format:
    """The format of a model file or folder.

    Raises ModelError, saying what the file is and which export would work.
    """
    path = source.path
    for module in MODULES:
        form = cast(Format, module)
        if form.matches(path):
            form.check(source)
            return form
    found = foreign.describe(path)
    raise ModelError(f"{path} is {found.what}, which cannot be converted", hint=found.advice)
