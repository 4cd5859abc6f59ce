"""Sums and extrema by segment, of which TF.js has few: `keras.ops.segment_max`.

As masks against each number in turn.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

UNSORTED = ("UnsortedSegmentSum", "UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd")
SORTED = ("SegmentSum", "SegmentMean", "SegmentMax", "SegmentMin", "SegmentProd",
          "SegmentSumV2", "SegmentMaxV2", "SegmentMinV2", "SegmentProdV2")  # fmt: skip
SPARSE = ("SparseSegmentSum", "SparseSegmentMean", "SparseSegmentSqrtN")
OPS = (*UNSORTED, *SORTED, *SPARSE)


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    if op.type in SPARSE:
        data, indices, owners = inputs
        return _segment(op.type.removeprefix("Sparse"), tf.gather(data, indices), owners)
    if op.type in UNSORTED:
        data, owners, count = inputs
        flat = tf.reshape(data, tf.concat([[-1], tf.shape(data)[owners.shape.rank :]], 0))
        known = data.shape[owners.shape.rank :]
        flat = tf.ensure_shape(flat, [None, *known])
        return _reduce(
            op.type.removeprefix("UnsortedSegment"), flat, tf.reshape(owners, [-1]), count
        )
    data, owners, *count = inputs
    return _segment(op.type.removesuffix("V2"), data, owners, *count)


def _segment(
    kind: str, data: tf.Tensor, owners: tf.Tensor, count: tf.Tensor | None = None
) -> tf.Tensor:
    """Of sorted segments; extrema of none are zero."""
    kind = kind.removeprefix("Segment")
    count = tf.cast(owners[-1], tf.int32) + 1 if count is None else count
    steps = tf.range(tf.cast(count, tf.int32))
    own = tf.equal(steps[:, None], tf.cast(owners, tf.int32)[None])
    members = tf.reduce_sum(tf.cast(own, tf.float32), 1)
    members = tf.reshape(members, tf.concat([[-1], tf.ones_like(tf.shape(data)[1:])], 0))
    if kind in ("Mean", "SqrtN"):
        divisor = members if kind == "Mean" else tf.sqrt(members)
        return _reduce("Sum", data, owners, count) / tf.maximum(divisor, 1.0)
    reduced = _reduce(kind, data, owners, count)
    if kind in ("Sum", "Prod"):
        return reduced
    return tf.where(tf.equal(members, 0.0), tf.zeros_like(reduced), reduced)


def _reduce(kind: str, data: tf.Tensor, owners: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Of unsorted segments along the first axis."""
    steps = tf.range(tf.cast(count, tf.int32))
    own = tf.equal(steps[:, None], tf.cast(owners, tf.int32)[None])
    own = tf.reshape(own, tf.concat([tf.shape(own), tf.ones_like(tf.shape(data)[1:])], 0))
    reduce, neutral = {
        "Sum": (tf.reduce_sum, 0),
        "Prod": (tf.reduce_prod, 1),
        "Max": (tf.reduce_max, data.dtype.min),
        "Min": (tf.reduce_min, data.dtype.max),
    }[kind]
    neutral = tf.constant(neutral, data.dtype)
    reduced = reduce(tf.where(own, data[None], neutral), 1)
    # Of no rows at all they are infinite.
    if kind in ("Max", "Min") and data.dtype.is_floating:
        return tf.maximum(reduced, neutral) if kind == "Max" else tf.minimum(reduced, neutral)
    return reduced
