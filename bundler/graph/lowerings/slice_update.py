"""TF.js cannot replace a part of a tensor: `keras.ops.slice_update`.

Every place looks along each axis whether, and where, the update covers it.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("XlaDynamicUpdateSlice",)


def lower(op: Any, x: tf.Tensor, update: tf.Tensor, begin: tf.Tensor) -> tf.Tensor | None:
    rank = x.shape.rank
    if rank is None:
        return None
    value, covered = update, tf.constant(True)
    for axis in range(rank):
        size, length = tf.shape(x)[axis], tf.shape(update)[axis]
        # The update is moved until it fits.
        first = tf.clip_by_value(tf.cast(begin[axis], tf.int32), 0, size - length)
        place = tf.range(size) - first
        inside = tf.logical_and(place >= 0, place < length)
        value = tf.gather(value, tf.clip_by_value(place, 0, length - 1), axis=axis)
        along = tf.reshape(inside, [-1] + [1] * (rank - 1 - axis))
        covered = tf.logical_and(covered, along)
    return tf.where(covered, value, x)
