"""A TensorFlow.js model on the disk: model.json, and the shards of weights that it names.

The format: github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts (ModelJSON).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bundler.formats.untrusted.archive import leaves
from bundler.formats.untrusted.error import UntrustedError
from bundler.ground import json_text
from bundler.ground.errors import ModelError

FILE_NAME = "model.json"
# Until version 1 the converter wrote a GraphDef, and the rest of a model.json in a file of its own.
GRAPH_NAME, MANIFEST_NAME = "tensorflowjs_model.pb", "weights_manifest.json"
COPY_AGAIN = "Copy or download the whole folder again."


def find_old(path: Path) -> Path | None:
    """The GraphDef of a model of the time before model.json; None for any other."""
    folder = path if path.is_dir() else path.parent
    is_named = path.is_dir() or path.name in (GRAPH_NAME, MANIFEST_NAME)
    whole = all((folder / name).is_file() for name in (GRAPH_NAME, MANIFEST_NAME))
    return folder / GRAPH_NAME if is_named and whole else None


def find(path: Path) -> Path | None:
    """The model.json that `path` is or has in it; the name of a file does not matter."""
    old = find_old(path)
    if old is not None:
        return old.with_name(MANIFEST_NAME)
    file = path / FILE_NAME if path.is_dir() else path
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        head = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    return file if head.startswith(b"{") else None


def topology(path: Path) -> dict[str, Any] | None:
    """The modelTopology of a model.json; None for what is no such file."""
    file = find(path)
    if file is None:
        return None
    try:
        model = json_text.read_file(file)
    except (ValueError, RecursionError):
        return None
    found = model.get("modelTopology") if isinstance(model, dict) else None
    return found if isinstance(found, dict) else None


def read(path: Path) -> dict[str, Any]:
    """A model.json that `topology` knows; an old one has no modelTopology."""
    file = find(path)
    assert file is not None
    if find_old(path) is None:
        model: dict[str, Any] = json_text.read_file(file)
        return model
    try:
        return {"weightsManifest": json_text.read_file(file)}
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{file} is damaged: it is no JSON", hint=COPY_AGAIN) from error


def shards(path: Path, model: dict[str, Any]) -> list[list[Path]]:
    """The files of each group of weights.

    Raises UntrustedError for paths that lead out of the folder, ModelError for missing files.
    """
    file = find(path)
    assert file is not None
    groups = model.get("weightsManifest")
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise ModelError(f"{file} is damaged: it has no weightsManifest", hint=COPY_AGAIN)
    return [[_shard(file, name) for name in group.get("paths", [])] for group in groups]


def _shard(file: Path, name: Any) -> Path:
    if not isinstance(name, str) or "://" in name or leaves(name):
        raise UntrustedError(
            file, f"names a file outside of its folder: {name}", "weightsManifest",
            hint="The weights have to lie beside it.",
        )  # fmt: skip
    found = file.parent / name
    if not found.is_file():
        raise ModelError(f"{file} is incomplete: {found} is missing", hint=COPY_AGAIN)
    if not found.resolve().is_relative_to(file.parent.resolve()):
        raise UntrustedError(
            file, f"has its weights outside of its folder: {name} is a link", "weightsManifest",
            hint="The weights have to lie beside it.",
        )  # fmt: skip
    return found
