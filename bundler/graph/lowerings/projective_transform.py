"""Moving, turning and bending pictures: TF.js reads the transformation as another one.

`keras.ops.image.affine_transform`, and `RandomRotation` and its like when they are called as ops.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("ImageProjectiveTransformV2", "ImageProjectiveTransformV3")


def lower(
    op: Any, images: tf.Tensor, transforms: tf.Tensor, size: tf.Tensor, *fill: tf.Tensor
) -> tf.Tensor:
    shape = tf.shape(images)
    mode = op.get_attr("fill_mode").decode()
    height, width = size[0], size[1]
    rows = tf.cast(tf.range(height), tf.float32)[None, :, None]
    columns = tf.cast(tf.range(width), tf.float32)[None, None, :]
    a0, a1, a2, b0, b1, b2, c0, c1 = (transforms[:, at, None, None] for at in range(8))
    scale = c0 * columns + c1 * rows + 1.0
    x = _mapped((a0 * columns + a1 * rows + a2) / scale, shape[2], mode)
    y = _mapped((b0 * columns + b1 * rows + b2) / scale, shape[1], mode)
    filled = fill[0] if fill else tf.zeros(())
    flat = tf.reshape(images, tf.stack([shape[0], shape[1] * shape[2], shape[3]]))
    # One transformation for all pictures is one for each.
    spread = tf.zeros(tf.stack([shape[0], 1, 1]))
    x, y = x + spread, y + spread

    def pick(row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
        high, wide = (tf.cast(size, tf.float32) for size in (shape[1], shape[2]))
        inside = (row >= 0.0) & (row < high) & (column >= 0.0) & (column < wide)
        places = tf.clip_by_value(row, 0.0, high - 1.0) * wide
        places = tf.cast(places + tf.clip_by_value(column, 0.0, wide - 1.0), tf.int32)
        found = tf.gather(flat, tf.reshape(places, tf.stack([shape[0], -1])), batch_dims=1)
        found = tf.reshape(found, tf.stack([shape[0], height, width, shape[3]]))
        return tf.where(inside[..., None], found, tf.cast(filled, images.dtype))

    if op.get_attr("interpolation") == b"NEAREST":
        result = pick(_rounded(y), _rounded(x))
    else:
        top, left = tf.floor(y), tf.floor(x)
        down, right = (y - top)[..., None], (x - left)[..., None]
        above = (1.0 - right) * pick(top, left) + right * pick(top, left + 1.0)
        below = (1.0 - right) * pick(top + 1.0, left) + right * pick(top + 1.0, left + 1.0)
        result = (1.0 - down) * above + down * below
    result = tf.where(tf.equal(scale, 0.0)[..., None], tf.cast(filled, images.dtype), result)
    result.set_shape(op.outputs[0].shape)
    return result


def _rounded(x: tf.Tensor) -> tf.Tensor:
    """Halves away from zero."""
    return tf.sign(x) * tf.floor(tf.abs(x) + 0.5)


def _whole(x: tf.Tensor) -> tf.Tensor:
    """Without the fraction, of what is not negative."""
    return tf.floor(tf.maximum(x, 0.0))


def _mapped(x: tf.Tensor, size: tf.Tensor, mode: str) -> tf.Tensor:
    """Where a place outside of the picture lies in it, by TensorFlow's own rules."""
    if mode == "CONSTANT":
        return x
    length = tf.cast(size, tf.float32)
    last = length - 1.0
    if mode == "REFLECT":
        twice = 2.0 * length
        under = tf.where(x < -twice, twice * _whole(-x / twice) + x, x)
        under = tf.where(under < -length, under + twice, -under - 1.0)
        over = x - twice * _whole(x / twice)
        over = tf.where(over >= length, twice - over - 1.0, over)
        x = tf.where(x < 0.0, under, tf.where(x > last, over, x))
    elif mode == "WRAP":
        span = tf.maximum(last, 1.0)
        under = x + length * (_whole(-x / span) + 1.0)
        over = x - length * _whole(x / span)
        x = tf.where(x < 0.0, under, tf.where(x > last, over, x))
    return tf.clip_by_value(x, 0.0, last)
