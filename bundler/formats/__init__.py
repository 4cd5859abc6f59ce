"""Model formats in: which one a file is, by its content, and how to open it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

from bundler.formats import (
    foreign,
    frozen_graph,
    inside,
    keras_hdf5,
    keras_json,
    keras_zip,
    ml5,
    private,
    saved_model,
    teachable_machine,
    tfjs_graph,
    tfjs_layers,
)
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted.error import UntrustedError
from bundler.ground.errors import ModelError


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
    ml5,
    tfjs_graph,
    tfjs_layers,
    frozen_graph,
)


class Within:
    """A model in a folder: its format, and where it is."""

    def __init__(self, form: Format, path: Path) -> None:
        self.NAME = form.NAME
        self.form = form
        self.path = path

    def matches(self, path: Path) -> bool:
        return path == self.path

    def check(self, source: Source) -> None:
        self.form.check(replace(source, path=self.path))

    def load(self, source: Source) -> Loaded:
        return self.form.load(replace(source, path=self.path))


class Packed:
    """A zip archive of something that is a model, or has one in it."""

    NAME = "zip archive"

    def matches(self, path: Path) -> bool:
        return inside.is_archive(path) and foreign.describe(path) is foreign.ZIP

    def check(self, source: Source) -> None:
        with inside.unpacked(source) as folder:
            detect(folder, archives=False)

    def load(self, source: Source) -> Loaded:
        with inside.unpacked(source) as folder:
            return detect(folder, archives=False).load(folder)


def private_copy(source: Source, folder: Path) -> Source:
    """The model that `source` is, or has in it, as a copy below `folder` under its own names.

    Raises UntrustedError, or ModelError when a folder has several models.
    """
    found = None if _matching(source.path, True) else _within(source, True)
    if isinstance(found, Within):
        return private.copy(
            replace(source, path=found.path, listed=None), source.path.parent, folder
        )
    return private.copy(source, source.path.parent, folder)


def detect(source: Source, *, archives: bool = True) -> Format:
    """The format of a model file or folder, or of the one model that a folder or archive holds.

    An archive in an archive is none of its `archives`: it could hold itself. Raises ModelError,
    saying what the file is and which export would work.
    """
    form = _matching(source.path, archives) or _within(source, archives)
    if form is None:
        found = foreign.describe(source.path)
        raise ModelError(
            f"{source.path} is {found.what}, which cannot be converted", hint=found.advice
        )
    form.check(source)
    return form


def _matching(path: Path, archives: bool) -> Format | None:
    modules = cast(Iterable[Format], (*MODULES, *([Packed()] if archives else [])))
    return next((form for form in modules if form.matches(path)), None)


def _within(source: Source, archives: bool) -> Format | None:
    """The only model that a folder has in it; what is no whole one counts if nothing else does."""
    if not source.path.is_dir():
        return None
    levels = list(inside.models_in(source.path, lambda path: bool(_matching(path, archives))))
    whole = ([p for p in level if _is_whole(replace(source, path=p), archives)] for level in levels)
    found = next(filter(None, whole), levels[0] if levels else [])
    if len(found) > 1:
        names = ", ".join(str(path.relative_to(source.path)) for path in found)
        raise ModelError(
            f"{source.path} has several models: {names}",
            hint=f"Name one of them: {found[0]}",
        )
    form = _matching(found[0], archives) if found else None
    return Within(form, found[0]) if form else None


def _is_whole(source: Source, archives: bool) -> bool:
    """Whether a file can be a model: not weights alone, nor an archive of something else."""
    form = _matching(source.path, archives)
    try:
        if form:
            form.check(source)
    except UntrustedError:
        return True
    except ModelError:
        return False
    return form is not None
