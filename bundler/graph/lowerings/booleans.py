"""Moving booleans about, and strides over integers and texts, which move as integers.

wasm's kernels copy elements of four bytes where a boolean has one, and call every strided slice
a float: `keras.ops.flip(mask)`, `mask[:, ::2]`, `where` of masks. And `where` of
more axes than graphics cards have a kernel for.
"""

from __future__ import annotations

import functools
from typing import Any

import tensorflow as tf

OPS = ("StridedSlice", "ReverseV2", "SelectV2", "Select")


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    if op.type == "StridedSlice":
        return _strided_slice(op, *inputs)
    if op.type == "ReverseV2":
        x, axis = inputs
        return _as_numbers(lambda y: tf.reverse(y, axis), x) if x.dtype == tf.bool else None
    condition, x, y = inputs
    if op.type == "Select" and condition.shape.rank == 1 and x.shape.rank not in (None, 1):
        # The first version picks whole rows.
        condition = tf.reshape(condition, [-1, *[1] * (x.shape.rank - 1)])
    elif x.dtype != tf.bool:
        return _select_flat(op, condition, x, y)
    if x.dtype != tf.bool:
        return tf.where(condition, x, y)
    chosen, other = tf.logical_and(condition, x), tf.logical_and(tf.logical_not(condition), y)
    return tf.logical_or(chosen, other)


def _select_flat(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    """WebGL and WebGPU select up to rank 4."""
    rank = op.outputs[0].shape.rank
    if rank is None or rank <= 4:
        return None
    shape = functools.reduce(tf.broadcast_dynamic_shape, map(tf.shape, inputs))
    flat = [tf.reshape(tf.broadcast_to(one, shape), [-1]) for one in inputs]
    return tf.reshape(tf.where(*flat), shape)


def _as_numbers(function: Any, x: tf.Tensor) -> tf.Tensor:
    return tf.cast(function(tf.cast(x, tf.float32)), tf.bool)


def _strided_slice(op: Any, x: tf.Tensor, begin: Any, end: Any, strides: Any) -> tf.Tensor | None:
    steps = tf.get_static_value(strides)
    if x.dtype.is_floating or steps is None or (steps == 1).all():
        return None
    masks = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    options = {name: op.get_attr(name) for name in masks}

    def cut(y: tf.Tensor) -> tf.Tensor:
        return tf.raw_ops.StridedSlice(input=y, begin=begin, end=end, strides=strides, **options)

    if x.dtype == tf.bool:
        return _as_numbers(cut, x)
    # A float has room for the places, if not for the integers there.
    places = tf.reshape(tf.range(tf.size(x)), tf.shape(x))
    return tf.gather(tf.reshape(x, [-1]), tf.cast(cut(tf.cast(places, tf.float32)), tf.int32))
