"""Exports of Teachable Machine: they say how they are to be used.

TensorFlow.js's layers format with a metadata.json (github.com/googlecreativelab/
teachablemachine-community, libraries/image/src/custom-mobilenet.ts; for sounds and poses beside
it), keras_model.h5, or a SavedModel, with a labels.txt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bundler.demo import label_files
from bundler.formats import keras_hdf5, saved_model
from bundler.formats.signature import Hints, Loaded, Signature
from bundler.formats.source import Source
from bundler.formats.web import files, layers
from bundler.ground import json_text
from bundler.ground.errors import ModelError

NAME = "Teachable Machine"
METADATA, LABELS = "metadata.json", "labels.txt"
KERAS_MODEL, SAVED_MODEL = "keras_model.h5", "model.savedmodel"
# A picture is cropped to a square, made small, and brought to this range.
PICTURE: dict[str, Any] = {"widget": "image", "range": (-1.0, 1.0), "fit": "crop"}
# A spectrogram is no picture, though it has the shape of one.
SPECTROGRAM: dict[str, Any] = {"widget": "json"}


@dataclass(frozen=True)
class Project:
    """What a metadata.json, or labels.txt, says: the classes, and what they are classes of."""

    labels: list[str]
    kind: str = "image"


def matches(path: Path) -> bool:
    return path.is_dir() and _project(path) is not None


def check(source: Source) -> None:
    """Raises ModelError for damaged files, what could run code, and half a network."""
    project, part = _project(source.path), _part(source.path)
    if project and project.kind == "pose":
        raise ModelError(
            f"{source.path} is a pose project of Teachable Machine, which is half a network: it "
            "classifies what PoseNet, which is not in the export, finds in a picture",
            hint="Train an image project: its export is whole. Or name the model.json in the "
            "unpacked export for a page of the classifier alone, which takes PoseNet's numbers.",
        )
    _format(part).check(replace(source, path=part))


def load(source: Source) -> Loaded:
    project, part = _project(source.path), _part(source.path)
    assert project
    loaded: Loaded = _format(part).load(replace(source, path=part))
    hints = _hints(loaded.signature, project)
    return replace(loaded, signature=replace(loaded.signature, hints=hints))


def _part(folder: Path) -> Path:
    """What of the export is the model."""
    parts = (folder / KERAS_MODEL, folder / SAVED_MODEL)
    return next((part for part in parts if part.exists()), folder)


def _format(part: Path) -> Any:
    return {KERAS_MODEL: keras_hdf5, SAVED_MODEL: saved_model}.get(part.name, layers)


def _project(folder: Path) -> Project | None:
    """None for folders of others, who put a metadata.json beside their model as well."""
    if (folder / files.FILE_NAME).is_file() and (folder / METADATA).is_file():
        return _described(_metadata(folder))
    if _part(folder) != folder and (folder / LABELS).is_file():
        return Project(label_files.lines((folder / LABELS).read_text("utf-8-sig", "replace")))
    return None


def _described(metadata: dict[str, Any]) -> Project | None:
    words = metadata.get("wordLabels")
    found: Any = metadata.get("labels") if words is None else words
    is_list = isinstance(found, list) and found and all(isinstance(one, str) for one in found)
    if not is_list:
        return None
    if words is not None:
        return Project(found, "audio")
    is_pose = "pose" in str(metadata.get("packageName")) or "posenet" in str(
        metadata.get("modelSettings")
    )
    is_image = "imageSize" in metadata or "image" in str(metadata.get("packageName"))
    return Project(found, "pose" if is_pose else "image" if is_image else "")


def _metadata(folder: Path) -> dict[str, Any]:
    try:
        data = json_text.read_file(folder / METADATA)
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _hints(signature: Signature, project: Project) -> Hints:
    feeds = {"image": PICTURE, "audio": SPECTROGRAM}
    widget: dict[str, Any] | None = feeds.get(project.kind)
    if project.kind == "image" and len(signature.inputs[0].shape) != 4:
        widget = None
    inputs = {signature.inputs[0].name: widget} if widget else {}
    classes = {signature.outputs[0].name: {"widget": "label", "labels": project.labels}}
    return Hints(title=_title(project.labels), inputs=inputs, outputs=classes)


def _title(labels: list[str]) -> str:
    """Cat, dog or bird?"""
    if not 1 < len(labels) <= 5:
        return ""
    return f"{', '.join(labels[:-1])} or {labels[-1]}?"
