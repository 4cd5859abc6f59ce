"""Resizing pictures by two products with matrices of weights, one for each direction.

TF.js has bilinear and nearest alone, without antialiasing: `keras.ops.image.resize` by bicubic and
Lanczos, `keras.layers.Resizing(antialias=True)`. The sizes may be free.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

OPS = ("ScaleAndTranslate", "ResizeBicubic", "ResizeArea", "ResizeNearestNeighbor")
# TensorFlow rounds the fractions of bicubic weights to this.
TABLE = 1024.0


def lower(op: Any, x: tf.Tensor, size: tf.Tensor, *inputs: tf.Tensor) -> tf.Tensor | None:
    if op.type == "ResizeNearestNeighbor":
        if x.dtype.is_floating:
            return None
        # wasm calls the result of integers a float.
        options = {name: op.get_attr(name) for name in ("align_corners", "half_pixel_centers")}
        resize = tf.raw_ops.ResizeNearestNeighbor
        return tf.cast(resize(images=tf.cast(x, tf.float32), size=size, **options), x.dtype)
    x = tf.cast(x, tf.float32)
    matrices = []
    for axis in (1, 2):
        length = tf.shape(x)[axis] if x.shape[axis] is None else tf.constant(x.shape[axis])
        before, after = tf.cast(length, tf.float32), tf.cast(size[axis - 1], tf.float32)
        source = tf.range(before)[None]
        target = tf.range(after)[:, None]
        if op.type == "ScaleAndTranslate":
            scale, shift = inputs
            weights = _scaled(op, source, target, before, scale[axis - 1], shift[axis - 1])
        else:
            step = _step(before, after, op.get_attr("align_corners"))
            weigh = _area if op.type == "ResizeArea" else _bicubic
            weights = weigh(op, source, target, before, step)
        matrices.append(weights)
    return _multiply(x, *matrices)


def _multiply(x: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    shape, channels = tf.shape(x), x.shape[-1]
    height, width = tf.shape(rows)[0], tf.shape(columns)[0]
    flat = tf.reshape(x, tf.stack([shape[0], shape[1], shape[2] * shape[3]]))
    high = tf.matmul(tf.tile(rows[None], tf.stack([shape[0], 1, 1])), flat)
    lines = tf.reshape(high, tf.stack([shape[0] * height, shape[2], shape[3]]))
    wide = tf.matmul(tf.tile(columns[None], tf.stack([shape[0] * height, 1, 1])), lines)
    result = tf.reshape(wide, tf.stack([shape[0], height, width, shape[3]]))
    result.set_shape([x.shape[0], None, None, channels])
    return result


def _step(before: tf.Tensor, after: tf.Tensor, align_corners: bool) -> tf.Tensor:
    if not align_corners:
        return before / after
    return tf.where(after > 1.0, (before - 1.0) / tf.maximum(after - 1.0, 1.0), before / after)


def _scaled(
    op: Any, source: tf.Tensor, target: tf.Tensor, before: tf.Tensor, scale: Any, shift: Any
) -> tf.Tensor:
    """TensorFlow's sampling kernels, widened for smaller pictures if antialiasing is wanted."""
    inverse = 1.0 / scale
    place = (target + 0.5) * inverse - inverse * shift
    spread = tf.maximum(inverse, 1.0) if op.get_attr("antialias") else tf.ones_like(inverse)
    kernel = KERNELS[op.get_attr("kernel_type").decode()]
    weights = kernel(tf.abs(source + 0.5 - place) / spread)
    total = tf.reduce_sum(weights, 1, keepdims=True)
    weights = tf.where(tf.abs(total) > 1e-34, weights / total, tf.zeros_like(weights))
    inside = tf.logical_and(place >= 0.0, place <= before)
    return tf.where(inside, weights, tf.zeros_like(weights))


def _cubic(x: tf.Tensor, a: float) -> tf.Tensor:
    near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    far = ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
    return tf.where(x <= 1.0, near, tf.where(x < 2.0, far, tf.zeros_like(x)))


def _bicubic(
    op: Any, source: tf.Tensor, target: tf.Tensor, before: tf.Tensor, step: tf.Tensor
) -> tf.Tensor:
    """Four neighbours; those outside count as none, or in the old version as the edge."""
    centered = op.get_attr("half_pixel_centers")
    place = (target + 0.5) * step - 0.5 if centered else target * step
    start = tf.floor(place)
    fraction = tf.round((place - start) * TABLE) * (1 / TABLE)
    total = tf.zeros_like(source + target)
    for tap in (-1.0, 0.0, 1.0, 2.0):
        index = start + tap
        if not centered:
            index = tf.clip_by_value(index, 0.0, before - 1.0)
        weight = _cubic(tf.abs(tap - fraction), -0.5 if centered else -0.75)
        total = total + tf.where(tf.equal(index, source), weight, tf.zeros_like(total))
    return total / tf.reduce_sum(total, 1, keepdims=True) if centered else total


def _area(
    op: Any, source: tf.Tensor, target: tf.Tensor, before: tf.Tensor, step: tf.Tensor
) -> tf.Tensor:
    """What each pixel covers of the new one; the last goes on for ever."""
    first, last = target * step, (target + 1.0) * step
    end = tf.where(tf.equal(source, before - 1.0), tf.maximum(last, before), source + 1.0)
    return tf.nn.relu(tf.minimum(end, last) - tf.maximum(source, first)) / step


def _lanczos(radius: float) -> Callable[[tf.Tensor], tf.Tensor]:
    def kernel(x: tf.Tensor) -> tf.Tensor:
        angle = math.pi * tf.maximum(x, 1e-3)
        value = radius * tf.sin(angle) * tf.sin(angle / radius) / (angle * angle)
        inside = tf.where(x <= 1e-3, tf.ones_like(x), value)
        return tf.where(x <= radius, inside, tf.zeros_like(x))

    return kernel


def _gaussian(x: tf.Tensor) -> tf.Tensor:
    return tf.where(x < 1.5, tf.exp(-2.0 * x * x), tf.zeros_like(x))


def _mitchell(x: tf.Tensor) -> tf.Tensor:
    near = ((7.0 / 6.0) * x - 2.0) * x * x + 8.0 / 9.0
    far = (((-7.0 / 18.0) * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    return tf.where(x < 1.0, near, tf.where(x < 2.0, far, tf.zeros_like(x)))


KERNELS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "triangle": lambda x: tf.nn.relu(1.0 - x),
    "box": lambda x: tf.where(x < 0.5, 1.0, tf.where(tf.equal(x, 0.5), 0.5, 0.0)),
    "keyscubic": lambda x: _cubic(x, -0.5),
    "lanczos1": _lanczos(1.0),
    "lanczos3": _lanczos(3.0),
    "lanczos5": _lanczos(5.0),
    "gaussian": _gaussian,
    "mitchellcubic": _mitchell,
}
