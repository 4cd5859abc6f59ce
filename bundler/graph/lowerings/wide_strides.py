"""Convolutions that step over more than their kernel covers: with padding "same", wasm gives zeros.

It takes what is left over at the end for a padding below zero. A border of zeros, where one is
needed at all, and no padding are the same.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from bundler.graph.rewrite import like

OPS = ("Conv2D", "DepthwiseConv2dNative")


def lower(op: Any, x: tf.Tensor, weights: tf.Tensor) -> tf.Tensor | None:
    if op.get_attr("padding") != b"SAME" or op.get_attr("data_format") != b"NHWC":
        return None
    strides, rates = op.get_attr("strides")[1:3], op.get_attr("dilations")[1:3]
    sizes = [
        (size - 1) * rate + 1 for size, rate in zip(weights.shape[:2], rates, strict=True) if size
    ]
    if len(sizes) < 2 or all(step <= size for step, size in zip(strides, sizes, strict=True)):
        return None
    borders = [_border(x, axis, sizes[axis - 1], strides[axis - 1]) for axis in (1, 2)]
    if borders != [[0, 0], [0, 0]]:
        x = tf.pad(x, [[0, 0], *borders, [0, 0]])
    return like(op, [x, weights], {"padding": "VALID"})


def _border(x: tf.Tensor, axis: int, size: int, stride: int) -> list[Any]:
    """How many zeros there are before and behind an axis."""
    length = x.shape[axis]
    if length is not None:
        missing = max((-(-length // stride) - 1) * stride + size - length, 0)
        return [missing // 2, missing - missing // 2]
    length = tf.shape(x)[axis]
    dynamic = tf.maximum(((length + stride - 1) // stride - 1) * stride + size - length, 0)
    return [dynamic // 2, dynamic - dynamic // 2]
