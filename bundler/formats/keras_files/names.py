"""Names for the tensors of nested structures."""

from __future__ import annotations

from typing import Any

from bundler.formats.keras_files.library import Library
from bundler.ground.tensors import TensorSpec

# The keys and indexes that lead to a tensor.
Path = tuple[str | int, ...]


def places(structure: Any, library: Library) -> list[Path]:
    """Where each tensor of a structure is, in the library's order of flattening."""
    count = len(library.tree.flatten(structure))
    numbered = library.tree.pack_sequence_as(structure, list(range(count)))
    found: dict[int, Path] = {}
    pending: list[tuple[Path, Any]] = [((), numbered)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, int):
            found[value] = place
        elif hasattr(value, "items"):
            pending += [((*place, str(key)), item) for key, item in value.items()]
        else:
            pending += [((*place, index), item) for index, item in enumerate(value)]
    return [found[number] for number in range(count)]


def join(place: Path) -> str:
    """`("boxes", 0)` as "boxes_0"."""
    return "_".join(map(str, place))


def unique(tensors: list[tuple[str, Any]]) -> tuple[TensorSpec, ...]:
    """Specs of named tensors; a name that is taken gets a number."""
    specs: list[TensorSpec] = []
    for name, tensor in tensors:
        taken = {spec.name for spec in specs}
        chosen, number = name, 2
        while chosen in taken:
            chosen, number = f"{name}_{number}", number + 1
        dtype = getattr(tensor.dtype, "name", tensor.dtype)
        specs.append(TensorSpec(chosen, dtype, tuple(tensor.shape)))
    return tuple(specs)
