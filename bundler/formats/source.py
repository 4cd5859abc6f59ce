"""What a format is given: where the model lies, and what the user says of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bundler.demo.demo import Demo
from bundler.formats.signature import Loaded
from bundler.ground import json_text

# Endings of files with the weights of a .json.
BESIDE_JSON = (".h5", ".hdf5", ".bin")
# What belongs to the models that are folders; a demo's own files may lie beside it.
FOLDER_MEMBERS = (
    "saved_model.pb", "tfhub_module.pb", "fingerprint.pb", "keras_metadata.pb", "variables",
    "assets", "assets.extra", "model.json", "metadata.json", "keras_model.h5", "model.savedmodel",
    "labels.txt", "tensorflowjs_model.pb", "weights_manifest.json",
)  # fmt: skip
# Those of them that make the folder a model.
MODELS = {
    "saved_model.pb", "model.json", "keras_model.h5", "model.savedmodel", "tensorflowjs_model.pb",
}  # fmt: skip
# A model of TensorFlow.js before version 1: its graph, and the list of its weights.
OLD_TFJS = ("tensorflowjs_model.pb", "weights_manifest.json")


@dataclass(frozen=True)
class Source:
    """A model file or folder, with what demo.toml and the command line say of how to open it.

    `inputs` and `outputs` are the names in [[inputs]] and [[outputs]]: a graph without a
    signature is cut there; `shapes` are those of [[inputs]], by name if they have one. Only a
    `trusted` model may run code of its own. Where its folder may not be looked through, `listed`
    are its files, relative to that folder.
    """

    path: Path
    signature: str | None = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    shapes: tuple[tuple[str | None, tuple[int | None, ...]], ...] = ()
    custom_objects: Path | None = None
    trusted: bool = False
    listed: tuple[str, ...] | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All that the model is made of, files and folders: what lies beside it is not."""
        path = self.path
        if self.listed is not None:
            return tuple(path.parent / name for name in self.listed)
        if path.is_dir():
            found = [path / name for name in FOLDER_MEMBERS if (path / name).exists()]
            # Layers and weights of Keras may have any name.
            of_keras = [file for file in path.iterdir() if file.suffix in (".json", *BESIDE_JSON)]
            if not any(file.name in MODELS for file in found) and not any(map(_is_net, of_keras)):
                return (path,)  # the model lies somewhere in it
            shards = [*_shards(path / "model.json"), *_shards(path / OLD_TFJS[1])]
            return tuple(sorted({*found, *of_keras, *shards}))
        old = [path.with_name(name) for name in OLD_TFJS]
        if path in old and all(file.is_file() for file in old):
            return (*old, *_shards(old[1]))
        if path.suffix != ".json":
            return (path,)
        beside = sorted(file for file in path.parent.iterdir() if file.suffix in BESIDE_JSON)
        metadata = [file for file in [path.with_name("metadata.json")] if file.is_file()]
        return (path, *(_shards(path) or beside), *metadata)

    @property
    def file_names(self) -> list[str]:
        """Its files, relative to the folder that it lies in."""
        return [os.path.relpath(file, self.path.parent) for file in self.files]

    @staticmethod
    def of(demo: Demo) -> Source:
        objects = demo.custom_objects
        return Source(
            demo.model_path,
            demo.signature,
            tuple(entry.name for entry in demo.inputs if entry.name),
            tuple(entry.name for entry in demo.outputs if entry.name),
            tuple((entry.name, entry.shape) for entry in demo.inputs if entry.shape),
            demo.path(objects) if objects else None,
            demo.trusted,
        )

    def shapes_of(self, names: Sequence[str]) -> dict[str, tuple[int | None, ...]]:
        """The stated shapes of these inputs; one without a name is the only input's."""
        stated = dict(self.shapes)
        if len(names) == 1 and None in stated:
            stated.setdefault(names[0], stated[None])
        return {name: stated[name] for name in names if name in stated}

    def narrowed(self, loaded: Loaded) -> Loaded:
        """The model with the stated sizes where its own are free."""
        inputs = loaded.signature.inputs
        stated = self.shapes_of([spec.name for spec in inputs])
        narrow = tuple(
            replace(spec, shape=_narrowed(spec.shape, stated.get(spec.name, ()))) for spec in inputs
        )
        return replace(loaded, signature=replace(loaded.signature, inputs=narrow))


def _narrowed(
    own: tuple[int | None, ...], stated: tuple[int | None, ...]
) -> tuple[int | None, ...]:
    """The stated shape, if it only says more than the model's own."""
    says_more = len(own) == len(stated) and all(
        size in (None, said) for size, said in zip(own, stated, strict=True)
    )
    return stated if says_more else own


def _is_net(file: Path) -> bool:
    """Whether a file is the layers of a Keras model as JSON."""
    try:
        data = json_text.read_file(file) if file.suffix == ".json" else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and {"class_name", "config"} <= data.keys()


def _shards(file: Path) -> list[Path]:
    """The files that the model.json of a TensorFlow.js model names and that are there."""
    try:
        data = json_text.read_file(file)
        groups = data if isinstance(data, list) else data["weightsManifest"]
        names = [str(name) for group in groups for name in group["paths"]]
        return [file.parent / name for name in names if (file.parent / name).is_file()]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []
