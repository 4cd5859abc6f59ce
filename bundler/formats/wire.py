"""Protocol buffers without their schema: what can be known of a file before TensorFlow starts.

The encoding: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from pathlib import Path

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
# The fields of a GraphDef (node, version, library, versions, debug info) and of a NodeDef.
GRAPH_FIELDS = {1, 2, 3, 4, 5}
NODE, NAME, OP = 1, 1, 2
# A SavedModel: the version of its schema, and its graphs.
SCHEMA_VERSION, META_GRAPH = 1, 2

Field = tuple[int, int, int | memoryview]


def fields(data: memoryview) -> Iterator[Field]:
    """Number, wire type and value of each field.

    Raises ValueError where the bytes are no message.
    """
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        if not number:
            raise ValueError("a field has the number 0")
        if kind == VARINT:
            value, position = _varint(data, position)
            yield number, kind, value
            continue
        if kind == LENGTH:
            length, position = _varint(data, position)
        elif kind in (FIXED64, FIXED32):
            length = 8 if kind == FIXED64 else 4
        else:
            raise ValueError(f"a field has the wire type {kind}")
        if position + length > len(data):
            raise ValueError("a field ends after the message")
        yield number, kind, data[position : position + length]
        position += length


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise ValueError("a number ends after the message")
        byte = data[position]
        value |= (byte & 127) << shift
        position += 1
        if byte < 128:
            return value, position
    raise ValueError("a number has more than 64 bits")


def is_graph(path: Path) -> bool:
    """Whether a file is a GraphDef: nodes that have a name and an op, and nothing else."""
    return _check(path, _is_graph)


def is_saved_model(path: Path) -> bool:
    """Whether a file is the saved_model.pb of a SavedModel."""
    return _check(path, _is_saved_model)


def _check(path: Path, test: Callable[[memoryview], bool]) -> bool:
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        return test(memoryview(mapped))
    except ValueError:
        return False


def _is_graph(data: memoryview) -> bool:
    nodes = 0
    for number, kind, value in fields(data):
        if number not in GRAPH_FIELDS or (number == NODE and kind != LENGTH):
            return False
        if number == NODE and isinstance(value, memoryview):
            nodes += 1
            if nodes <= 3 and not {NAME, OP} <= _texts(value).keys():
                return False
    return nodes > 0


def _is_saved_model(data: memoryview) -> bool:
    found = [(number, kind) for number, kind, _ in fields(data)]
    # TensorFlow Hub's first modules state no version; no graph is a row of such fields alone.
    is_versioned = found[:1] == [(SCHEMA_VERSION, VARINT)] and (META_GRAPH, LENGTH) in found
    return is_versioned or (bool(found) and set(found) == {(META_GRAPH, LENGTH)})


def _texts(message: memoryview) -> dict[int, str]:
    """The fields of a NodeDef that are names."""
    texts = {}
    for number, kind, value in fields(message):
        if number in (NAME, OP) and kind == LENGTH and isinstance(value, memoryview):
            texts[number] = bytes(value).decode("ascii")
    return texts
