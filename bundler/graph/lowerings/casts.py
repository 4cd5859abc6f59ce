"""Casts to booleans and to narrow integers.

wasm writes a float's lowest byte as the boolean (`keras.ops.cast(x, "bool")`), and what wraps
around in TensorFlow does not in TF.js, which has int32 alone.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("Cast",)
# How many values there are, and the lowest.
WRAPPED = {
    tf.uint8: (1 << 8, 0),
    tf.int8: (1 << 8, -(1 << 7)),
    tf.uint16: (1 << 16, 0),
    tf.int16: (1 << 16, -(1 << 15)),
}
# Says that the values are in range already, so that the cast is one of types alone.
MARK = "_in_range"


def lower(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    target = op.outputs[0].dtype
    if target == tf.bool and (x.dtype.is_floating or x.dtype.is_integer):
        return tf.not_equal(x, tf.zeros((), x.dtype))
    if target not in WRAPPED or not _can_leave(x.dtype, target) or MARK in op.node_def.attr:
        return None
    count, lowest = WRAPPED[target]
    whole = tf.cast(x, tf.int32)
    wrapped = tf.math.floormod(whole - lowest, count) + lowest if lowest else whole % count
    result = tf.raw_ops.Cast(x=wrapped, DstT=target)
    result.op._set_attr(MARK, tf.compat.v1.AttrValue(b=True))
    return result


def _can_leave(source: tf.DType, target: tf.DType) -> bool:
    """Whether a value of one type may lie outside the other."""
    if source == tf.bool:
        return False
    return bool(source.is_floating or source.min < target.min or source.max > target.max)
