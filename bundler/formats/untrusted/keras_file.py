"""Keras files by others, whole: the container, then all configurations in it.

Call these in a format's `check`, before TensorFlow; a trusted source passes unseen.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from bundler.formats.source import Source
from bundler.formats.untrusted import archive, hdf5, keras_config
from bundler.formats.untrusted.error import UntrustedError
from bundler.ground import json_text
from bundler.ground.errors import ModelError

CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
# Keras 2 reads these with pickles allowed.
PICKLED = ("model.weights.npz",)


def check_archive(source: Source) -> None:
    """A .keras file. Raises UntrustedError, or ModelError when it is damaged."""
    if source.trusted:
        return
    path = source.path
    archive.check(path)
    with zipfile.ZipFile(path) as opened:
        names = opened.namelist()
        pickled = [name for name in names if name in PICKLED]
        if pickled:
            raise UntrustedError(path, "has weights that may be pickled Python objects", pickled[0])
        if CONFIG in names:
            check_config(source, opened.read(CONFIG), CONFIG)
        for name in names:
            if name.endswith((".h5", ".hdf5")):
                with opened.open(name) as stream:
                    hdf5.check(path, stream, name)


def check_hdf5(source: Source) -> None:
    """A .h5 file: a model, or weights alone.

    Raises UntrustedError, or ModelError when it is damaged.
    """
    if source.trusted:
        return
    hdf5.check(source.path)
    for name, check in (
        ("model_config", keras_config.check),
        ("training_config", keras_config.check_training),
    ):
        text = hdf5.read_attribute(source.path, name)
        if text is not None:
            check(source.path, parse(source.path, text, name), name)


def check_config(source: Source, text: bytes | str, part: str) -> None:
    """A configuration as JSON; `part` is the name of the file or member that it is in."""
    if not source.trusted:
        keras_config.check(source.path, parse(source.path, text, part), part)


def parse(path: Path, text: bytes | str, part: str) -> Any:
    """The JSON of a configuration. Raises ModelError when it is none."""
    try:
        return json_text.read(text)
    except RecursionError as error:
        raise UntrustedError(path, "is nested too deep", part) from error
    except ValueError as error:
        raise ModelError(
            f"{path} is damaged: its {part} is not JSON ({error})",
            hint="Copy, download or save it again.",
        ) from error
