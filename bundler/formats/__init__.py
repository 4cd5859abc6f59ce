"""Model formats in: which one a file is, by its content, and how to open it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

from bundler.errors import ModelError
from bundler.formats import keras_zip
from bundler.signature import Loaded


class Format(Protocol):
    """What a module of this folder offers."""

    NAME: str

    def matches(self, path: Path) -> bool:
        """Whether the content of `path` is this format; never imports TensorFlow."""

    def check(self, path: Path) -> None:
        """Raises ModelError for what can be known without TensorFlow."""

    def load(self, path: Path) -> Loaded:
        """Opens the model. Raises ModelError."""


MODULES: tuple[ModuleType, ...] = (keras_zip,)


def detect(path: Path) -> Format:
    """The format of a model file or folder.

    Raises ModelError, saying what the file is and which export would work.
    """
    for module in MODULES:
        form = cast(Format, module)
        if form.matches(path):
            form.check(path)
            return form
    raise ModelError(f"{path} is {_describe(path)}, which cannot be converted", hint=_advice(path))


# What a file starts with, what it then is, and how to make a .keras file of it.
_SAVE_AS_KERAS = 'open it in Python and save it again: model.save("model.keras")'
_SIGNATURES: tuple[tuple[bytes, int, str, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", 0, "an HDF5 file (.h5)", f"Keras: {_SAVE_AS_KERAS}"),
    (b"TFL3", 4, "a TensorFlow Lite model", f"Go back to the Keras model: {_SAVE_AS_KERAS}"),
    (b"\x80\x02", 0, "a pickle (PyTorch or scikit-learn)", "Only Keras models can be converted."),
    (
        b"PK\x03\x04",
        0,
        "an incomplete zip archive, or one without a Keras model",
        "Download it again, or save it with model.save('model.keras').",
    ),
    (b"version https://git-lfs", 0, "a Git LFS pointer, not the model itself", "Run: git lfs pull"),
)


def _describe(path: Path) -> str:
    if path.is_dir():
        kinds = {"saved_model.pb": "a SavedModel", "model.json": "a TensorFlow.js model"}
        found_kinds = [kind for name, kind in kinds.items() if (path / name).exists()]
        return found_kinds[0] if found_kinds else "a folder without a model"
    found = _known(path)
    if path.stat().st_size == 0:
        return "an empty file"
    return found[2] if found else "not a model file that this tool knows"


def _advice(path: Path) -> str:
    found = _known(path)
    if path.is_dir() and (path / "model.json").exists():
        return f"Go back to the Keras model: {_SAVE_AS_KERAS}"
    return found[3] if found else f"For Keras models: {_SAVE_AS_KERAS}"


def _known(path: Path) -> tuple[bytes, int, str, str] | None:
    if path.is_dir():
        return None
    with path.open("rb") as stream:
        head = stream.read(64)
    rows = (row for row in _SIGNATURES if head[row[1] :].startswith(row[0]))
    return next(rows, None)
