"""The weights of a TensorFlow.js model: rows of a manifest, and shards of bytes.

The format: github.com/tensorflow/tfjs, tfjs-core/src/io/io_utils.ts (decodeWeights).
"""

from __future__ import annotations

import struct
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bundler.formats.web import files
from bundler.ground import told
from bundler.ground.errors import ModelError

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[Any]

DTYPES = {
    "float32": "<f4", "int32": "<i4", "bool": "?", "complex64": "<c8", "float16": "<f2",
    "uint8": "u1", "uint16": "<u2",
}  # fmt: skip


def read(path: Path) -> dict[str, Array]:
    """All weights by name, as the model computes with them.

    Raises ModelError for damaged files.
    """
    model = files.read(path)
    weights: dict[str, Array] = {}
    for group, paths in zip(model["weightsManifest"], files.shards(path, model), strict=True):
        data = b"".join(shard.read_bytes() for shard in paths)
        position = 0
        for row in group.get("weights", []):
            try:
                weights[row["name"]], position = _take(row, data, position)
            except (KeyError, TypeError, ValueError, struct.error) as error:
                name = row.get("name") if isinstance(row, dict) else row
                raise ModelError(
                    f"{path} is damaged: the weight {name} cannot be read ({told.line(error)})",
                    hint=files.COPY_AGAIN,
                ) from error
    return weights


def _take(row: dict[str, Any], data: bytes, position: int) -> tuple[Array, int]:
    """One weight, and where the next begins."""
    import numpy as np

    shape = [int(size) for size in row["shape"]]
    count = prod(shape)
    if row["dtype"] == "string":
        texts, position = _texts(data, position, count)
        return np.array(texts, dtype=object).reshape(shape), position
    quantization = row.get("quantization")
    dtype = DTYPES[quantization["dtype"] if quantization else row["dtype"]]
    stored = np.frombuffer(data, dtype, count, position).reshape(shape)
    value = _restored(stored, row["dtype"], quantization) if quantization else stored
    return value, position + stored.nbytes


def _restored(stored: Array, dtype: str, quantization: dict[str, Any]) -> Array:
    if "scale" not in quantization:
        return stored.astype(dtype)
    # In doubles, rounded once, as JavaScript computes.
    value: Array = stored.astype("f8") * quantization["scale"] + quantization["min"]
    return value.round().astype(dtype) if dtype == "int32" else value.astype(dtype)


def _texts(data: bytes, position: int, count: int) -> tuple[list[bytes], int]:
    """Texts, each behind its length in bytes."""
    texts = []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", data, position)
        position += 4
        if position + length > len(data):
            raise ValueError("a text ends after the file")
        texts.append(data[position : position + length])
        position += length
    return texts, position
