"""Exports of Teachable Machine, as a folder or a zip archive: they say how they are to be used.

Either TensorFlow.js's layers format with a metadata.json (github.com/googlecreativelab/
teachablemachine-community, libraries/image/src/custom-mobilenet.ts), or keras_model.h5 with a
labels.txt.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bundler.formats import keras_hdf5
from bundler.formats.source import Source
from bundler.formats.untrusted import archive
from bundler.formats.web import files, layers
from bundler.signature import Hints, Loaded, Signature

NAME = "Teachable Machine"
METADATA, LABELS, KERAS_MODEL = "metadata.json", "labels.txt", "keras_model.h5"
KINDS = ({files.FILE_NAME, METADATA}, {KERAS_MODEL, LABELS})
# A picture is cropped to a square, made small, and brought to this range.
PICTURE = {"widget": "image", "range": (-1.0, 1.0), "fit": "crop"}


def matches(path: Path) -> bool:
    if not any(kind <= _names(path) for kind in KINDS):
        return False
    # Others put a metadata.json beside their model as well.
    return METADATA not in _names(path) or _labels_of(_metadata(path)) is not None


def check(source: Source) -> None:
    """Raises ModelError for damaged files, and for what could run code."""
    if source.path.is_file() and not source.trusted:
        archive.check(source.path)
    with _unpacked(source) as folder:
        if (folder.path / files.FILE_NAME).exists():
            layers.check(folder)
        else:
            keras_hdf5.check(replace(folder, path=folder.path / KERAS_MODEL))


def load(source: Source) -> Loaded:
    with _unpacked(source) as folder:
        if (folder.path / files.FILE_NAME).exists():
            loaded = layers.load(folder)
            metadata = _metadata(folder.path)
            labels = _labels_of(metadata) or []
            is_image = "imageSize" in metadata or "image" in str(metadata.get("packageName"))
        else:
            loaded = keras_hdf5.load(replace(folder, path=folder.path / KERAS_MODEL))
            labels = read_labels((folder.path / LABELS).read_text(encoding="utf-8-sig"))
            is_image = len(loaded.signature.inputs[0].shape) == 4
    hints = _hints(loaded.signature, labels, is_image=is_image)
    return replace(loaded, signature=replace(loaded.signature, hints=hints))


def _hints(signature: Signature, labels: list[str], *, is_image: bool) -> Hints:
    pictures = {signature.inputs[0].name: PICTURE} if is_image else {}
    classes = {signature.outputs[0].name: {"widget": "label", "labels": labels}}
    return Hints(title=_title(labels), inputs=pictures, outputs=classes)


def _title(labels: list[str]) -> str:
    """Cat, dog or bird?"""
    if not 1 < len(labels) <= 5:
        return ""
    return f"{', '.join(labels[:-1])} or {labels[-1]}?"


def read_labels(text: str) -> list[str]:
    """The lines of a labels.txt, without the numbers that Teachable Machine puts before them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    numbered = [re.fullmatch(r"(\d+)\s+(.+)", line) for line in lines]
    if all(found and int(found[1]) == index for index, found in enumerate(numbered)):
        return [found[2] for found in numbered if found]
    return lines


def _names(path: Path) -> set[str]:
    """The files in a folder or archive."""
    if path.is_dir():
        return {file.name for file in path.iterdir()}
    if not path.is_file() or not zipfile.is_zipfile(path):
        return set()
    try:
        with zipfile.ZipFile(path) as opened:
            return set(opened.namelist())
    except (OSError, zipfile.BadZipFile):
        return set()


def _metadata(path: Path) -> dict[str, Any]:
    try:
        if path.is_dir():
            text = (path / METADATA).read_bytes()
        else:
            with zipfile.ZipFile(path) as opened:
                text = opened.read(METADATA)
        data = json.loads(text)
    except (OSError, ValueError, RecursionError, RuntimeError, zipfile.BadZipFile):
        return {}
    return data if isinstance(data, dict) else {}


def _labels_of(metadata: dict[str, Any]) -> list[str] | None:
    """The classes of a picture or pose project, or the words of an audio project."""
    labels = metadata.get("labels", metadata.get("wordLabels"))
    is_list = isinstance(labels, list) and labels and all(isinstance(one, str) for one in labels)
    return labels if is_list else None


@contextmanager
def _unpacked(source: Source) -> Iterator[Source]:
    """The source as a folder."""
    if source.path.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        with zipfile.ZipFile(source.path) as opened:
            for name in opened.namelist():
                # The export is flat: anything else is not needed.
                if "/" not in name and "\\" not in name:
                    (Path(folder) / name).write_bytes(opened.read(name))
        yield replace(source, path=Path(folder))
