"""TF.js's converter does not know its own ragged ops: `TextVectorization`, ragged layers.

Rows of different lengths become a table of places into the flat values, with one more place
for what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

OPS = ("RaggedGather", "RaggedRange", "RaggedTensorToSparse", "RaggedTensorToTensor")


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | Sequence[tf.Tensor] | None:
    if op.type == "RaggedTensorToTensor":
        return _to_tensor(op, *inputs)
    if op.type == "RaggedRange":
        return _range(op, *inputs)
    if op.type == "RaggedTensorToSparse":
        return _to_sparse(list(inputs[:-1]), inputs[-1])
    return _gather(op, list(inputs[:-2]), *inputs[-2:])


def _to_tensor(
    op: Any, shape: tf.Tensor, values: tf.Tensor, default: tf.Tensor, *partitions: tf.Tensor
) -> tf.Tensor | None:
    """Rows filled up with `default`, or cut, to the wanted or else the greatest length."""

    kinds = [kind.decode() for kind in op.get_attr("row_partition_types")]
    if kinds[0] == "FIRST_DIM_SIZE":
        rows = partitions[0]
        splits = [_splits_of_row_ids(ids, rows) for ids in partitions[1:2]]
        if kinds[1:] != ["VALUE_ROWIDS"]:
            return None
    elif set(kinds) == {"ROW_SPLITS"}:
        splits = list(partitions)
    else:
        return None
    wanted = _sizes(op, shape, len(splits))
    if wanted is None:
        return None
    # The innermost rows first: each becomes one value of the rows around it.
    for split, width in zip(reversed(splits), reversed(wanted[1:]), strict=True):
        values = _fill_up(values, default, split, width)
    return values if wanted[0] is None else _fit_rows(values, default, wanted[0])


def _sizes(op: Any, shape: tf.Tensor, depth: int) -> list[Any] | None:
    """The wanted number of rows and widths; None where the longest decides."""
    if shape.shape.rank == 0:
        return [None] * (depth + 1)
    known = tf.get_static_value(shape)
    if known is None:
        return None
    return [None if size < 0 else int(size) for size in known[: depth + 1]]


def _fill_up(
    values: tf.Tensor, default: tf.Tensor, splits: tf.Tensor, width: int | None
) -> tf.Tensor:
    starts, lengths = splits[:-1], splits[1:] - splits[:-1]
    longest = tf.reduce_max(tf.concat([lengths, tf.zeros([1], splits.dtype)], 0))
    steps = tf.range(longest if width is None else tf.constant(width, splits.dtype))
    missing = tf.cast(tf.shape(values)[0], splits.dtype)
    places = tf.where(steps < lengths[:, None], starts[:, None] + steps, missing)
    row = tf.broadcast_to(default, tf.concat([[1], tf.shape(values)[1:]], 0))
    return tf.gather(tf.concat([values, row], 0), places)


def _fit_rows(values: tf.Tensor, default: tf.Tensor, rows: int) -> tf.Tensor:
    missing = tf.shape(values)[0]
    row = tf.broadcast_to(default, tf.concat([[1], tf.shape(values)[1:]], 0))
    return tf.gather(tf.concat([values, row], 0), tf.minimum(tf.range(rows), missing))


def _splits_of_row_ids(ids: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Where each row begins, and the last ends, from the row of each value."""
    limits = tf.range(tf.cast(rows, ids.dtype) + 1)
    before = tf.cast(ids[None, :] < limits[:, None], tf.int32)
    return tf.cast(tf.reduce_sum(before, 1), ids.dtype)


def _range(op: Any, starts: tf.Tensor, limits: tf.Tensor, deltas: tf.Tensor) -> list[tf.Tensor]:
    """The numbers of several ranges one after the other, and where each begins."""
    starts, limits, deltas = _same_length(starts, limits, deltas)
    steps = (limits - starts) / deltas
    lengths = tf.cast(tf.maximum(tf.math.ceil(tf.cast(steps, tf.float32)), 0), tf.int32)
    splits = tf.concat([[0], tf.cumsum(lengths)], 0)
    places = tf.range(splits[-1])
    rows = _rows_of_places(splits, places)
    step = tf.cast(places - tf.gather(splits, rows), starts.dtype)
    values = tf.gather(starts, rows) + step * tf.gather(deltas, rows)
    return [tf.cast(splits, op.outputs[0].dtype), values]


def _same_length(*values: tf.Tensor) -> list[tf.Tensor]:
    lengths = [tf.size(value) for value in values if value.shape.rank != 0] or [tf.constant(1)]
    return [tf.fill([lengths[0]], value) if value.shape.rank == 0 else value for value in values]


def _rows_of_places(splits: tf.Tensor, places: tf.Tensor) -> tf.Tensor:
    """The row that each place of the flat values lies in."""
    ended = tf.cast(places[:, None] >= splits[None, 1:], tf.int32)
    return tf.reduce_sum(ended, 1)


def _to_sparse(all_splits: list[tf.Tensor], values: tf.Tensor) -> list[tf.Tensor] | None:
    """Row and place of each value, the values, and the dense shape."""
    if len(all_splits) != 1 or values.shape.rank != 1:
        return None
    splits = tf.cast(all_splits[0], tf.int32)
    places = tf.range(tf.size(values))
    rows = _rows_of_places(splits, places)
    indices = tf.stack([rows, places - tf.gather(splits, rows)], 1)
    lengths = tf.concat([splits[1:] - splits[:-1], [0]], 0)
    shape = tf.stack([tf.size(splits) - 1, tf.reduce_max(lengths)])
    return [tf.cast(indices, tf.int64), values, tf.cast(shape, tf.int64)]


def _gather(
    op: Any, all_splits: list[tf.Tensor], values: tf.Tensor, indices: tf.Tensor
) -> list[tf.Tensor] | None:
    """The rows at `indices` one after the other: their splits, and their values."""
    if len(all_splits) != 1 or len(op.outputs) != 2:
        return None
    splits = tf.cast(all_splits[0], tf.int32)
    chosen = tf.reshape(tf.cast(indices, tf.int32), [-1])
    starts = tf.gather(splits[:-1], chosen)
    lengths = tf.gather(splits[1:], chosen) - starts
    new = tf.concat([[0], tf.cumsum(lengths)], 0)
    places = tf.range(new[-1])
    rows = _rows_of_places(new, places)
    taken = tf.gather(starts, rows) + places - tf.gather(new, rows)
    return [tf.cast(new, op.outputs[0].dtype), tf.gather(values, taken)]
