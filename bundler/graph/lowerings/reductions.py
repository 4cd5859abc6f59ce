"""Sums and counts that TF.js lacks, or gets wrong.

A running sum's axis from the end is taken for another one (`keras.ops.cumsum(x, axis=-1)`), the
mean of integers and several shapes at once become floats.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

RUNNING = ("Cumsum", "Cumprod", "CumulativeLogsumexp")
# The highest rank for which WebGL and WebGPU compute running sums.
RUNNING_RANK = 4
# What reductions of nothing give.
OF_NOTHING = {"Sum": 0, "Prod": 1, "Any": False, "All": True, "Max": -math.inf, "Min": math.inf}
OPS = (*RUNNING, *OF_NOTHING, "Mean", "ShapeN", "HistogramFixedWidth")


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | list[tf.Tensor] | None:
    if op.type in RUNNING:
        return _running(op, *inputs)
    if op.type in OF_NOTHING:
        return _of_nothing(op, *inputs)
    if op.type == "ShapeN":
        return [tf.shape(x, out_type=op.get_attr("out_type")) for x in inputs]
    return _mean(op, *inputs) if op.type == "Mean" else _histogram(op, *inputs)


def _of_nothing(op: Any, x: tf.Tensor, axis: tf.Tensor) -> tf.Tensor | None:
    """Of a dimension that is known to be 0; wasm answers what its memory holds."""
    axes = tf.get_static_value(axis)
    if x.shape.rank is None or axes is None:
        return None
    gone = {int(at) % x.shape.rank for at in np.ravel(axes)}
    if not any(x.shape[at] == 0 for at in gone):
        return None
    sizes = tf.unstack(tf.shape(x), x.shape.rank)
    kept = [1 if at in gone else size for at, size in enumerate(sizes)]
    shape = kept if op.get_attr("keep_dims") else [s for at, s in enumerate(kept) if at not in gone]
    value = OF_NOTHING[op.type]
    if isinstance(value, float) and not x.dtype.is_floating:
        value = x.dtype.min if op.type == "Max" else x.dtype.max
    return tf.fill(tf.stack(shape) if shape else [], tf.constant(value, x.dtype))


def _mean(op: Any, x: tf.Tensor, axis: tf.Tensor) -> tf.Tensor | None:
    if not x.dtype.is_integer:
        return None
    exact = tf.reduce_mean(tf.cast(x, tf.float32), axis, keepdims=op.get_attr("keep_dims"))
    return tf.cast(exact, x.dtype)


def _histogram(op: Any, x: tf.Tensor, span: tf.Tensor, bins: tf.Tensor) -> tf.Tensor:
    width = (span[1] - span[0]) / tf.cast(bins, x.dtype)
    places = tf.cast(tf.floor((tf.reshape(x, [-1]) - span[0]) / width), tf.int32)
    own = tf.equal(tf.clip_by_value(places, 0, bins - 1)[:, None], tf.range(bins))
    return tf.reduce_sum(tf.cast(own, op.outputs[0].dtype), 0)


def _running(op: Any, x: tf.Tensor, axis: tf.Tensor) -> tf.Tensor | None:
    place, rank = tf.get_static_value(axis), x.shape.rank
    if place is None or rank is None:
        return None
    options = {"exclusive": op.get_attr("exclusive"), "reverse": op.get_attr("reverse")}
    if op.type == "CumulativeLogsumexp":
        highest = tf.reduce_max(x, int(place), keepdims=True)
        summed = tf.cumsum(tf.exp(x - highest), int(place), **options)
        return tf.math.log(summed) + highest
    run = tf.cumsum if op.type == "Cumsum" else tf.math.cumprod
    if rank > RUNNING_RANK and int(place) % rank == rank - 1:
        rows = run(tf.reshape(x, (-1, tf.shape(x)[-1])), 1, **options)
        return tf.reshape(rows, tf.shape(x))
    if place >= 0 and x.dtype != tf.bool:
        return None
    return run(x, int(place) % rank, **options)
