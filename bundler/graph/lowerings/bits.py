"""Operations on bits: TF.js has BitwiseAnd alone, and reads its inputs under wrong names.

Halves of 16 bits and powers of two are exact in float32, which is all that WebGL has:
`keras.ops.bitwise_xor`, `left_shift`, `invert` … Only products, because Grappler makes of a
division one by a reciprocal that is not exact even for powers of two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

OPS = (
    "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Invert", "LeftShift", "RightShift",
    "PopulationCount", "Bitcast",
)  # fmt: skip
HALF = 65536.0
POWERS = 2.0 ** np.arange(32, dtype=np.float32)


def lower(op: Any, x: tf.Tensor, *others: tf.Tensor) -> tf.Tensor | None:
    dtype = x.dtype
    if op.type == "Bitcast":
        # `keras.ops.signbit`, and with it argmax.
        target = op.outputs[0].dtype
        if (dtype, target) == (tf.float32, tf.int32):
            return _bits_of_float(x)
        return _float_of_bits(x) if (dtype, target) == (tf.int32, tf.float32) else None
    if op.type == "Invert":
        return (255 - x) if dtype == tf.uint8 else (-1 - x)
    if op.type == "PopulationCount":
        high, low = _halves(x)
        bits = _bits(tf.where(high < 0, high + HALF, high)), _bits(low)
        # All ones of a negative number that is narrower than 32 bits are its own.
        narrow = tf.where(high < 0, dtype.size * 8.0 - 32.0, 0.0)
        counted = tf.reduce_sum(bits[0] + bits[1], -1) + narrow
        return tf.cast(counted, tf.uint8)
    (y,) = others
    shape = tf.broadcast_dynamic_shape(tf.shape(x), tf.shape(y))
    known = tf.broadcast_static_shape(x.shape, y.shape)
    x, y = (tf.ensure_shape(tf.broadcast_to(z, shape), known) for z in (x, y))
    (high, low), (other_high, other_low) = _halves(x), _halves(y)
    if op.type == "LeftShift":
        joined = _shift_left(high, low, y)
    elif op.type == "RightShift":
        joined = _shift_right(high, low, y)
    else:
        joined = _combine(op.type, high, other_high), _combine(op.type, low, other_low)
    return tf.cast(_join(*joined), dtype)


def _halves(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The upper sixteen bits, with their sign, and the lower ones, as floats."""
    x = tf.cast(x, tf.int32)
    low = tf.math.floormod(x, int(HALF))
    # A multiple of 65536 has at most 16 bits: the float is exact.
    return tf.cast(x - low, tf.float32) * (1 / HALF), tf.cast(low, tf.float32)


def _join(high: tf.Tensor, low: tf.Tensor) -> tf.Tensor:
    """The int32 of two halves; the upper one wraps around."""
    high = high - HALF * tf.floor((high + HALF / 2) * (1 / HALF))
    return tf.cast(high, tf.int32) * int(HALF) + tf.cast(low, tf.int32)


def _bits(half: tf.Tensor) -> tf.Tensor:
    """The sixteen bits of a half along a new last axis."""
    shifted = tf.floor(half[..., None] * tf.constant(1 / POWERS[:16]))
    return shifted - 2.0 * tf.floor(shifted * 0.5)


def _combine(kind: str, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    x, y = (tf.where(half < 0, half + HALF, half) for half in (x, y))
    both = tf.reduce_sum(_bits(x) * _bits(y) * tf.constant(POWERS[:16]), -1)
    return {"BitwiseAnd": both, "BitwiseOr": x + y - both, "BitwiseXor": x + y - 2.0 * both}[kind]


def _look_up(table: np.ndarray[Any, Any], y: tf.Tensor) -> tf.Tensor:
    # Not computed, because pow() is not exact on every GPU.
    return tf.gather(tf.constant(table), tf.clip_by_value(tf.cast(y, tf.int32), 0, 31))


def _wrap(x: tf.Tensor) -> tf.Tensor:
    return x - HALF * tf.floor(x * (1 / HALF))


def _shift_left(high: tf.Tensor, low: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    power = _look_up(POWERS, y)
    carried = tf.floor(low * power * (1 / HALF))
    return _wrap(_wrap(high * power) + _wrap(carried)), _wrap(low * power)


def _shift_right(high: tf.Tensor, low: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    power, inverse = _look_up(POWERS, y), _look_up(1 / POWERS, y)
    shifted = tf.floor(high * inverse)
    rest = high - shifted * power
    return shifted, tf.floor(rest * (inverse * HALF)) + tf.floor(low * inverse)


def _bits_of_float(x: tf.Tensor) -> tf.Tensor:
    """The IEEE bits; what is below the normal numbers counts as zero."""
    size, exponent = tf.abs(x), tf.zeros_like(x)
    for step in (64, 32, 16, 8, 4, 2, 1):
        large = size >= 2.0**step
        size = tf.where(large, size * 2.0**-step, size)
        exponent = exponent + tf.where(large, float(step), 0.0)
    for step in (64, 32, 16, 8, 4, 2, 1):
        small = size < 2.0 ** (1 - step)
        size = tf.where(small, size * 2.0**step, size)
        exponent = exponent - tf.where(small, float(step), 0.0)
    fraction = tf.cast((size - 1.0) * 2.0**23, tf.int32)
    bits = tf.cast(exponent + 127.0, tf.int32) * (1 << 23) + fraction
    bits = tf.where(tf.abs(x) < 2.0**-126, 0, bits)
    bits = tf.where(tf.math.is_inf(x), 0x7F800000, bits)
    bits = tf.where(tf.math.is_nan(x), 0x7FC00000, bits)
    # Of the two zeros, division tells one from the other.
    negative = tf.logical_or(x < 0.0, tf.logical_and(tf.equal(x, 0.0), tf.math.reciprocal(x) < 0.0))
    return bits + tf.where(negative, tf.int32.min, 0)


def _float_of_bits(x: tf.Tensor) -> tf.Tensor:
    high, low = _halves(x)
    rest = tf.where(high < 0.0, high + HALF / 2, high)
    exponent = tf.floor(rest * (1 / 128))
    fraction = ((rest - exponent * 128.0) * HALF + low) * 2.0**-23
    powers = np.concatenate([[0.0], 2.0 ** np.arange(-126.0, 128.0), [np.inf]])
    power = tf.gather(tf.constant(powers, tf.float32), tf.cast(exponent, tf.int32))
    value = power * (1.0 + fraction)
    return tf.where(high < 0.0, -value, value)
