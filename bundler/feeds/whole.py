"""Pictures and drawings for models of whole numbers, to the last pixel the same everywhere.

A rounded number near a half is one number in one place and its neighbour in another. So nothing
is rounded that arithmetic has made inexact: all values are whole numbers (or parts of a power of
two) below 2^24, which float32 holds, adds and multiplies exactly, in whatever order. Quotients
are corrected by their remainders. What is resized differs from `tf.image.resize` by less than
one level of 255.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from bundler.ground.tensors import whole_range

if TYPE_CHECKING:
    import tensorflow as tf

# Weights of red, green and blue in a grey value, over 65536: ITU-R BT.601, as in Pillow.
GREY = (19595.0, 38470.0, 7471.0)
# A pixel lies between two others in so many steps: two weights and a level fill 24 bits.
STEPS = 256
# Where a drawing is put, and how much it is scaled, in parts of its own pixels.
PARTS = 32
# A level of ink above this is no rim of an anti-aliased stroke (sketch.INK_THRESHOLD of 255).
INK_LEVEL = 25.5


def divide(numerator: tf.Tensor, denominator: tf.Tensor) -> tf.Tensor:
    """The whole part of a quotient of two numbers that are not negative."""
    import tensorflow as tf

    # Division may be off by an ulp, on a graphics card or by a constant's reciprocal.
    quotient = tf.floor(numerator / denominator)
    rest = numerator - quotient * denominator
    over, under = tf.cast(rest >= denominator, tf.float32), tf.cast(rest < 0.0, tf.float32)
    return quotient + over - under


def divide_rounded(numerator: tf.Tensor, denominator: tf.Tensor) -> tf.Tensor:
    """The whole number nearest to a quotient; a half goes up."""
    return divide(numerator + denominator * 0.5, denominator)


def crop(pixels: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """The largest middle part of `[1, height, width, channels]` with the aspect of `size`."""
    import tensorflow as tf

    shape = tf.shape(pixels)
    height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
    rows = tf.minimum(height, divide(width * float(size[0]), tf.constant(float(size[1]))))
    columns = tf.minimum(width, divide(height * float(size[1]), tf.constant(float(size[0]))))
    # A line of pixels has an aspect of its own.
    rows = tf.cast(tf.maximum(rows, 1.0), tf.int32)
    columns = tf.cast(tf.maximum(columns, 1.0), tf.int32)
    begin = tf.stack([0, (shape[1] - rows) // 2, (shape[2] - columns) // 2, 0])
    return tf.slice(pixels, begin, tf.stack([1, rows, columns, pixels.shape[3]]))


def pad(pixels: tf.Tensor, size: tuple[int, int], level: float) -> tf.Tensor:
    """`[1, height, width, channels]` with bars of a level, for the aspect of `size`.

    As `keras.ops.image.resize(…, pad_to_aspect_ratio=True)`: both bars have the same whole width.
    """
    import tensorflow as tf

    shape = tf.shape(pixels)
    height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
    rows = tf.maximum(height, divide(width * float(size[0]), tf.constant(float(size[1]))))
    columns = tf.maximum(width, divide(height * float(size[1]), tf.constant(float(size[0]))))
    above = (tf.cast(rows, tf.int32) - shape[1]) // 2
    beside = (tf.cast(columns, tf.int32) - shape[2]) // 2
    bars = tf.reshape(tf.stack([0, 0, above, above, beside, beside, 0, 0]), [4, 2])
    return tf.pad(pixels, bars, constant_values=level)


def grey(levels: tf.Tensor, weights: tuple[float, float, float] | None = None) -> tf.Tensor:
    """Grey levels of colours: whole numbers, 0 to 255."""
    import tensorflow as tf

    parts = [float(round(weight * 65536)) for weight in weights] if weights else GREY
    mixed = tf.reduce_sum(levels * tf.constant(parts), axis=-1, keepdims=True)
    return tf.clip_by_value(tf.floor(mixed / 65536.0 + 0.5), 0.0, 255.0)


def nearest_level(levels: tf.Tensor) -> tf.Tensor:
    """Whole numbers of 0 to 255; a half goes up."""
    import tensorflow as tf

    return tf.clip_by_value(tf.floor(levels + 0.5), 0.0, 255.0)


def resize(levels: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Bilinear, as `tf.image.resize`: `[1, height, width, channels]` of whole numbers to 255."""
    import tensorflow as tf

    for axis in (1, 2):
        length = tf.cast(tf.shape(levels)[axis], tf.float32)
        first, second, weight = _neighbours(length, size[axis - 1])
        weight = tf.reshape(weight, [-1, 1, 1] if axis == 1 else [-1, 1])
        near, far = tf.gather(levels, first, axis=axis), tf.gather(levels, second, axis=axis)
        levels = near * (STEPS - weight) + far * weight
    return tf.floor(levels / float(STEPS * STEPS) + 0.5)


def _neighbours(length: tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The two old pixels beside the middle of each of `count` new ones, and the second's weight."""
    import tensorflow as tf

    # (index + 1/2) * length / count - 1/2, over a common denominator.
    steps = tf.constant([2.0 * index + 1.0 for index in range(count)])
    place = tf.maximum(steps * length - float(count), 0.0)
    whole = tf.constant(2.0 * count)
    first = divide(place, whole)
    weight = divide_rounded((place - first * whole) * float(STEPS), whole)
    second = tf.minimum(first + 1.0, length - 1.0)
    return tf.cast(first, tf.int32), tf.cast(second, tf.int32), weight


def in_range(levels: tf.Tensor, dtype: str, value_range: tuple[float, float] | None) -> tf.Tensor:
    """Levels of 0 to 255 as the model's values of `dtype` between the ends of a range."""
    import numpy as np
    import tensorflow as tf

    low, high = value_range or whole_range(dtype)
    values = tf.cast(levels, tf.int32)
    if (low, high) != (0.0, 255.0):
        exact = low + (high - low) * np.arange(256) / 255
        values = tf.gather(tf.constant(np.floor(exact + 0.5), tf.int32), values)
    return tf.cast(values, dtype)


def place_ink(pixels: tf.Tensor, size: tuple[int, int], *, center: str, fill: float) -> tf.Tensor:
    """What `sketch.place_ink` makes of a drawing, in levels: 0 is paper and 255 is ink."""
    import tensorflow as tf

    channels = range(pixels.shape[3])
    inks = [255.0 - tf.cast(pixels[0, :, :, one], tf.float32) for one in channels]
    ink = reduce(tf.maximum, inks)
    shape = tf.cast(tf.shape(ink), tf.float32)
    if center == "none":
        steps = [
            divide_rounded(shape[axis] * PARTS, tf.constant(float(size[axis]))) for axis in (0, 1)
        ]
        middles = [shape[axis] * (PARTS / 2) for axis in (0, 1)]
    else:
        ends = [_ends(tf.reduce_max(ink, axis=1 - axis), shape[axis]) for axis in (0, 1)]
        step = tf.maximum(
            *[
                divide_rounded(
                    (last - first) * PARTS * 8.0, tf.constant(float(round(fill * size[axis] * 8)))
                )
                for axis, (first, last) in enumerate(ends)
            ]
        )
        steps = [tf.maximum(step, 1.0)] * 2
        middles = [(first + last) * (PARTS / 2) for first, last in ends]
        if center == "mass":
            middles = [
                _mass_middle(tf.reduce_sum(ink, axis=1 - axis), shape[axis], middles[axis])
                for axis in (0, 1)
            ]
    rows, row_weight = _triangles(shape[0], middles[0], steps[0], size[0])
    columns, column_weight = _triangles(shape[1], middles[1], steps[1], size[1])
    placed = []
    for one in inks:
        lines = tf.minimum(divide_rounded(tf.matmul(rows, one), row_weight), 255.0)
        made = divide_rounded(tf.matmul(lines, columns, transpose_b=True), column_weight)
        placed.append(tf.reshape(tf.minimum(made, 255.0), [1, *size, 1]))
    return tf.concat(placed, axis=-1)


def _ends(darkest: tf.Tensor, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where the ink begins and ends along one side; the whole side without ink."""
    import tensorflow as tf

    inked, at = darkest > INK_LEVEL, tf.range(length)
    first = tf.reduce_min(tf.where(inked, at, length))
    last = tf.reduce_max(tf.where(inked, at + 1.0, tf.zeros_like(at)))
    empty = last < first
    return tf.where(empty, 0.0, first), tf.where(empty, length, last)


def _mass_middle(sums: tf.Tensor, length: tf.Tensor, otherwise: tf.Tensor) -> tf.Tensor:
    """The ink's centre along one side in PARTS of a pixel, from the sums of its lines."""
    import tensorflow as tf

    masses = tf.floor(sums / 256.0 + 0.5)
    mass = tf.reduce_sum(masses)
    safe = tf.maximum(mass, 1.0)
    total = tf.reduce_sum(masses * (2.0 * tf.range(length) + 1.0))
    # In halves of a pixel first, because the product of all would be too large to be exact.
    halves = divide(total, safe)
    parts = divide_rounded((total - halves * safe) * (PARTS / 2), safe)
    return tf.where(mass > 0.0, halves * (PARTS / 2) + parts, otherwise)


def _triangles(
    length: tf.Tensor, middle: tf.Tensor, step: tf.Tensor, count: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """Weights `[count, length]` of old pixels in each new one, and what they come to together.

    `middle` and `step` are in PARTS of a pixel, the weights in half of that.
    """
    import tensorflow as tf

    offsets = tf.constant([2.0 * index + 1.0 - count for index in range(count)])
    centers = 2.0 * middle + offsets * step
    width = tf.maximum(2.0 * step, 2.0 * PARTS)
    at = tf.range(length) * (2.0 * PARTS) + PARTS
    weights = tf.maximum(0.0, width - tf.abs(at[None, :] - centers[:, None]))
    return weights, width * width / (2.0 * PARTS)
