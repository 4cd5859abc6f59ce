"""Normalizations that TF.js lacks or gets wrong.

FusedBatchNormV3 in training mode, which tf_keras' LayerNormalization uses for its moments, gives
NaN; local response normalization has no kernel on wasm and WebGPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

OPS = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "LRN")


def lower(op: Any, x: tf.Tensor, *inputs: tf.Tensor) -> tf.Tensor | list[tf.Tensor] | None:
    return _response(op, x) if op.type == "LRN" else _batch(op, x, *inputs)


def _batch(op: Any, x: tf.Tensor, *inputs: tf.Tensor) -> list[tf.Tensor]:
    scale, offset, mean, variance = inputs
    rank = x.shape.rank or 4
    first = op.get_attr("data_format") in (b"NCHW", b"NCDHW")
    axes = [at for at in range(rank) if at != (1 if first else rank - 1)]
    shape = [1, -1, *[1] * (rank - 2)] if first else [-1]
    given = mean, variance
    if op.get_attr("is_training"):
        mean = tf.reduce_mean(x, axes)
        variance = tf.reduce_mean(tf.square(x - tf.reshape(mean, shape)), axes)
        # What is handed on is the estimate for the whole population.
        count = tf.cast(tf.size(x) // tf.size(mean), tf.float32)
        given = mean, variance * (count / tf.maximum(count - 1.0, 1.0))
    factor = scale * tf.math.rsqrt(variance + op.get_attr("epsilon"))
    if op.get_attr("is_training"):
        y = (x - tf.reshape(mean, shape)) * tf.reshape(factor, shape) + tf.reshape(offset, shape)
    else:
        y = x * tf.reshape(factor, shape) + tf.reshape(offset - mean * factor, shape)
    return [y, *given, mean, variance, tf.zeros(0)][: len(op.outputs)]


def _response(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    channels = x.shape[-1]
    if channels is None:
        return None
    distance = np.abs(np.arange(channels)[:, None] - np.arange(channels)[None])
    near = tf.constant(distance <= op.get_attr("depth_radius"), tf.float32)
    flat = tf.reshape(tf.square(x), [-1, channels])
    summed = tf.reshape(tf.matmul(flat, near), tf.shape(x))
    return x / tf.pow(op.get_attr("bias") + op.get_attr("alpha") * summed, op.get_attr("beta"))
