"""Weights in the layout of `.weights.h5`, read into a model of tf_keras.

Keras 2.12 to 2.15 name a group by the attributes that lead to its layer, in three ways, and on
Windows with backslashes; tf_keras knows only the last. Each layer reads its own group here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

# Where Keras up to 2.14 found the layers of a model, and 2.15 no longer looks.
FORMER_CONTAINER = "_layer_checkpoint_dependencies"


class Naming(NamedTuple):
    """How a Keras names groups: where it finds layers, and whether it counts one again."""

    former: bool
    counts_seen: bool


# Of Keras 2.15 and later, of 2.14, and of 2.12 and 2.13.
NAMINGS = (Naming(False, False), Naming(True, False), Naming(True, True))
VARIABLES = "vars"


def is_v3_layout(file: Any) -> bool:
    """Whether an open HDF5 file has this layout, and not that of `.h5` models."""
    return "layer_names" not in file.attrs and next(_groups(file), None) is not None


def load(model: Any, file: Any, assets: Path | None) -> None:
    """Sets the variables of `model` from an open HDF5 file, and its assets from a folder."""
    groups = dict(_groups(file))
    namings = [list(_walk(model, naming)) for naming in NAMINGS]
    # Names that belong to no layer are of the other naming.
    chosen = max(namings, key=lambda pairs: sum(name in groups for name, _ in pairs))
    for name, item in chosen:
        if hasattr(item, "load_own_variables"):
            item.load_own_variables(groups.get(name, {}))
        folder = assets / name if assets else None
        if hasattr(item, "load_assets") and folder and folder.exists():
            item.load_assets(str(folder))


def _groups(file: Any) -> Iterator[tuple[str, Any]]:
    """Every group of variables by the path that leads to it, "" for the model itself."""
    if VARIABLES in file:
        yield "", file[VARIABLES]
    found: list[str] = []
    file.visit(found.append)
    for name in found:
        parent, _, last = name.rpartition("/")
        if last == VARIABLES and parent:
            yield parent.replace("\\", "/"), file[name]


def _walk(model: Any, naming: Naming) -> Iterator[tuple[str, Any]]:
    """The model and what it is made of, each once, with the path that Keras saves it under."""
    visited: set[int] = set()

    def visit(item: Any, name: str) -> Iterator[tuple[str, Any]]:
        if id(item) in visited:
            return
        visited.add(id(item))
        yield name, item
        for attribute, value in _attributes(item, former=naming.former):
            path = f"{name}/{attribute}" if name else attribute
            if _is_trackable(value):
                yield from visit(value, path)
            elif isinstance(value, list | dict | tuple | set):
                yield from contained(value, path)

    def contained(container: Any, name: str) -> Iterator[tuple[str, Any]]:
        counts: dict[str, int] = {}
        for item in container.values() if isinstance(container, dict) else container:
            if not _is_trackable(item) or (id(item) in visited and not naming.counts_seen):
                continue
            kind = _snake_case(type(item).__name__)
            counts[kind] = number = counts.get(kind, -1) + 1
            yield from visit(item, f"{name}/{kind}" + (f"_{number}" if number else ""))

    yield from visit(model, "")


def _attributes(item: Any, *, former: bool) -> Iterator[tuple[str, Any]]:
    from tf_keras.src.saving.saving_lib import ATTR_SKIPLIST

    skipped = ATTR_SKIPLIST - {FORMER_CONTAINER} if former else ATTR_SKIPLIST
    for name in sorted(dir(item), reverse=not former):
        if name.startswith("__") or name in skipped:
            continue
        try:
            yield name, getattr(item, name)
        except Exception:
            continue


def _is_trackable(value: Any) -> bool:
    from tf_keras.src.saving.saving_lib import _is_keras_trackable

    return bool(_is_keras_trackable(value))


def _snake_case(name: str) -> str:
    from tf_keras.src.utils.generic_utils import to_snake_case

    return str(to_snake_case(name))
