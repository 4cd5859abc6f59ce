"""WebGPU counts wrong, and TF.js has no RaggedBincount: CategoryEncoding, lookups that count.

Counting is comparing each value with each bin.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("Bincount", "DenseBincount", "RaggedBincount")


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor:
    if op.type == "Bincount":
        values, size, weights = inputs
        return _count([values], size, weights, binary=False)
    binary = bool(op.get_attr("binary_output"))
    if op.type == "DenseBincount":
        values, size, weights = inputs
        return _count([values], size, weights, binary=binary)
    splits, values, size, weights = inputs
    return _count([values, splits], size, weights, binary=binary)


def _count(
    values_and_splits: list[tf.Tensor], size: tf.Tensor, weights: tf.Tensor, *, binary: bool
) -> tf.Tensor:
    """How often each number below `size` occurs, in each row if there are rows."""
    values = values_and_splits[0]
    bins = tf.range(tf.cast(tf.reshape(size, []), values.dtype))
    # As floats, whose sums every backend has: counts are far below 2^24.
    found = tf.cast(tf.equal(values[..., None], bins), tf.float32)
    if weights.shape.num_elements() != 0:
        found *= tf.cast(weights, tf.float32)[..., None]
    if len(values_and_splits) == 2:
        counts = tf.matmul(_members(values_and_splits[1], tf.size(values)), found)
    else:
        counts = tf.reduce_sum(found, -2)
    if binary:
        counts = tf.cast(counts > 0, tf.float32)
    return tf.cast(counts, weights.dtype)


def _members(splits: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Which of `count` values belong to which row: `[rows, count]`, 1 or 0."""
    places = tf.range(tf.cast(count, splits.dtype))[None, :]
    inside = tf.logical_and(places >= splits[:-1, None], places < splits[1:, None])
    return tf.cast(inside, tf.float32)
