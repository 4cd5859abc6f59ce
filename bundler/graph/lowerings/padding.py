"""Padding and blocks of volumes, which WebGL and WebGPU have up to four dimensions only.

`keras.layers.ZeroPadding3D`, dilated `Conv3D`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

OPS = ("Pad", "PadV2", "MirrorPad", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepth",
       "DepthToSpace", "SpaceToBatch", "BatchToSpace")  # fmt: skip
MOST_RANK = 4


def lower(op: Any, x: tf.Tensor, *inputs: tf.Tensor) -> tf.Tensor | None:
    if x.shape.rank is None:
        return None
    if op.type in ("SpaceToDepth", "DepthToSpace"):
        return _depth(op, x)
    known = [tf.get_static_value(value) for value in inputs[:2]]
    if any(value is None for value in known[: 2 if "ND" in op.type else 1]):
        return None
    if op.type in ("Pad", "PadV2", "MirrorPad"):
        if x.shape.rank <= MOST_RANK and x.dtype != tf.bool:
            return None
        return _pad(op, x, np.asarray(known[0]), *inputs[1:])
    if "ND" not in op.type:
        size = op.get_attr("block_size")
        known = [np.array([size, size]), known[0]]
    elif x.shape.rank <= MOST_RANK:
        return None
    blocks = _to_batch if op.type.startswith("Space") else _from_batch
    return blocks(x, *known)


def _pad(op: Any, x: tf.Tensor, padding: Any, value: tf.Tensor | None = None) -> tf.Tensor:
    if x.dtype == tf.bool:
        numbers = tf.pad(
            tf.cast(x, tf.float32), padding, constant_values=tf.cast(value or 0, tf.float32)
        )
        return tf.not_equal(numbers, 0.0)
    for axis, (before, after) in enumerate(padding.tolist()):
        if not before and not after:
            continue
        if op.type == "MirrorPad":
            x = _mirror(x, axis, before, after, op.get_attr("mode") == b"REFLECT")
        else:
            fill = tf.zeros((), x.dtype) if value is None else value
            parts = [(before, True), (after, False)]
            pieces = [tf.fill(_shape_with(x, axis, count), fill) for count, _ in parts]
            x = tf.concat([pieces[0], x, pieces[1]], axis)
    return x


def _shape_with(x: tf.Tensor, axis: int, size: int) -> Any:
    if all(other is not None for at, other in enumerate(x.shape) if at != axis):
        return [size if at == axis else other for at, other in enumerate(x.shape)]
    dynamic = tf.shape(x)
    return tf.stack(
        [
            size if at == axis else dynamic[at] if other is None else other
            for at, other in enumerate(x.shape)
        ]
    )


def _mirror(x: tf.Tensor, axis: int, before: int, after: int, skip: bool) -> tf.Tensor:
    size = tf.shape(x)[axis] if x.shape[axis] is None else x.shape[axis]
    start = int(skip)
    first = tf.range(before - 1 + start, start - 1, -1)
    last = size - 1 - start - tf.range(after)
    return tf.gather(x, tf.concat([first, tf.range(size), last], 0), axis=axis)


def _to_batch(x: tf.Tensor, block: Any, paddings: Any) -> tf.Tensor:
    """Each offset within a block is a strided slice; they go one after the other into the batch."""
    count = len(block)
    rest = x.shape.rank - 1 - count
    padding = [[0, 0], *np.asarray(paddings).tolist(), *[[0, 0]] * rest]
    x = tf.pad(x, padding) if np.any(padding) else x
    parts = []
    for offset in np.ndindex(*np.asarray(block).tolist()):
        index = [slice(start, None, int(step)) for start, step in zip(offset, block, strict=True)]
        parts.append(_slices(x, index))
    return tf.concat(parts, 0)


def _slices(x: tf.Tensor, index: list[slice]) -> tf.Tensor:
    """Strides along the axes after the first, one axis at a time."""
    for axis, one in enumerate(index, 1):
        size = tf.shape(x)[axis] if x.shape[axis] is None else x.shape[axis]
        if one.step != 1:
            x = tf.gather(x, tf.range(one.start, size, one.step), axis=axis)
    return x


def _from_batch(x: tf.Tensor, block: Any, crops: Any) -> tf.Tensor:
    """Interleaves the parts of the batch along one axis after the other, the last one first."""
    sizes = [int(size) for size in block]
    for axis in range(len(sizes), 0, -1):
        x = _interleave(_regroup(x, sizes, axis), axis)
    for axis, (before, after) in enumerate(np.asarray(crops).tolist(), 1):
        size = tf.shape(x)[axis] if x.shape[axis] is None else x.shape[axis]
        if before or after:
            x = tf.gather(x, tf.range(before, size - after), axis=axis)
    return x


def _regroup(x: tf.Tensor, sizes: list[int], axis: int) -> list[tf.Tensor]:
    """The parts of the batch that differ in one offset alone."""
    outer = int(np.prod(sizes[: axis - 1]))
    chunks = tf.split(x, outer * sizes[axis - 1], 0)
    return [tf.concat(chunks[offset :: sizes[axis - 1]], 0) for offset in range(sizes[axis - 1])]


def _interleave(pieces: list[tf.Tensor], axis: int) -> tf.Tensor:
    count = len(pieces)
    size = tf.shape(pieces[0])[axis] if pieces[0].shape[axis] is None else pieces[0].shape[axis]
    steps = tf.range(size * count)
    places = tf.math.floormod(steps, count) * size + steps // count
    return tf.gather(tf.concat(pieces, axis), places, axis=axis)


def _depth(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    size, wide = op.get_attr("block_size"), op.get_attr("data_format")
    if wide != b"NHWC" or op.type == "DepthToSpace":
        return None
    height, width, channels = x.shape[1:]
    if None in (height, width, channels):
        return None
    # By pieces of at most four dimensions.
    rows = tf.reshape(x, [-1, size, width, channels])
    parts = []
    for down in range(size):
        row = tf.reshape(rows[:, down], [-1, height // size, width, channels])
        parts += [tf.gather(row, np.arange(right, width, size), axis=2) for right in range(size)]
    return tf.concat(parts, -1)
