"""Fourier transforms as products with matrices of cosines and sines.

A transform of a known length is one product; of a long one two, by Cooley's and Tukey's rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bundler.graph.complex_numbers.pairs import Pair, constant, multiply
from bundler.ground.errors import ModelError

# Longer transforms are made of two, if their length can be divided.
MOST_DIRECT = 192


def _matrices(rows: int, columns: int, length: int, sign: int) -> Pair:
    """The cosines and sines of all products of two numbers, around a circle."""
    # Whole turns are taken away first, so that no digits are lost.
    turns = np.outer(np.arange(rows), np.arange(columns)) % length
    angle = sign * 2.0 * math.pi * turns / length
    # Zeros are none but for rounding, and angles hang on the sign of zero.
    cosine, sine = (np.round(part, 15) + 0.0 for part in (np.cos(angle), np.sin(angle)))
    return constant(cosine + 1j * sine)


def _last_axis(x: Any, matrix: Any) -> Any:
    import tensorflow as tf

    shape = tf.concat([tf.shape(x)[:-1], [matrix.shape[-1]]], 0)
    flat = tf.matmul(tf.reshape(x, [-1, matrix.shape[0]]), matrix)
    result = tf.reshape(flat, shape)
    result.set_shape([*x.shape[:-1], matrix.shape[-1]])
    return result


def _directly(x: Pair, length: int, sign: int) -> Pair:
    matrices = _matrices(length, length, length, sign)
    return Pair(
        _last_axis(x.real, matrices.real) - _last_axis(x.imaginary, matrices.imaginary),
        _last_axis(x.real, matrices.imaginary) + _last_axis(x.imaginary, matrices.real),
    )


def transform(x: Pair, length: int, sign: int) -> Pair:
    """The discrete Fourier transform along the last axis."""
    import tensorflow as tf

    outer = next((n for n in range(math.isqrt(length), 1, -1) if length % n == 0), 1)
    if length <= MOST_DIRECT or outer == 1:
        return _directly(x, length, sign)
    inner = length // outer
    shape = tf.shape(x.real)[:-1]
    folded = [tf.reshape(part, [-1, outer, inner]) for part in x]
    columns = transform(Pair(*map(tf.linalg.matrix_transpose, folded)), outer, sign)
    turned = multiply(columns, _matrices(inner, outer, length, sign))
    rows = transform(Pair(*map(tf.linalg.matrix_transpose, turned)), inner, sign)
    whole = tf.concat([shape, [length]], 0)
    parts = [tf.reshape(tf.linalg.matrix_transpose(part), whole) for part in rows]
    for part, before in zip(parts, x, strict=True):
        part.set_shape(before.shape)
    return Pair(*parts)


def _along(x: Pair, axis: int, length: int, sign: int) -> Pair:
    """The transform along an axis counted from the end."""
    import tensorflow as tf

    rank = x.real.shape.rank
    order = list(range(rank))
    order[axis], order[-1] = order[-1], order[axis]
    turned = x if axis == -1 else Pair(*(tf.transpose(part, order) for part in x))
    done = transform(turned, length, sign)
    return done if axis == -1 else Pair(*(tf.transpose(part, order) for part in done))


def _fit(x: Any, axis: int, length: int) -> Any:
    """Cut, or filled with zeros, to a length."""
    import tensorflow as tf

    rank = x.shape.rank
    if x.shape[axis] is None:
        padding = [[0, length if at == rank + axis else 0] for at in range(rank)]
        return tf.gather(tf.pad(x, padding), np.arange(length), axis=rank + axis)
    missing = length - x.shape[axis]
    if missing > 0:
        padding = [[0, missing if at == rank + axis else 0] for at in range(rank)]
        return tf.pad(x, padding)
    return tf.gather(x, np.arange(length), axis=rank + axis) if missing else x


def _scaled(x: Pair, count: int) -> Pair:
    return Pair(x.real * (1.0 / count), x.imaginary * (1.0 / count))


def fourier(axes: int, sign: int) -> Callable[[Any, Pair], Pair]:
    """The rule for FFT (`sign` -1) and IFFT (1) along that many last axes."""

    def rule(op: Any, x: Pair) -> Pair:
        count = 1
        for axis in range(-1, -axes - 1, -1):
            length = _length(op, x.real.shape[axis])
            x = _along(x, axis, length, sign)
            count *= length
        return _scaled(x, count) if sign > 0 else x

    return rule


def _length(op: Any, length: int | None) -> int:
    if length is None:
        raise ModelError(
            f"{op.name} is a Fourier transform of a length that is not known before the model runs",
            hint="Give the model's input a fixed length.",
        )
    return int(length)


def _lengths(op: Any, lengths: Any) -> list[int]:
    import tensorflow as tf

    values = tf.get_static_value(lengths)
    return [_length(op, value) for value in ([None] if values is None else values)]


def real_fourier(op: Any, x: Any, lengths: Any) -> Pair:
    """RFFT: of the last axis the bins up to the middle, whole along the others."""
    import tensorflow as tf

    sizes = _lengths(op, lengths)
    for axis, size in zip(range(-1, -len(sizes) - 1, -1), reversed(sizes), strict=True):
        x = _fit(x, axis, size)
    bins = sizes[-1] // 2 + 1
    if sizes[-1] <= MOST_DIRECT:
        matrices = _matrices(sizes[-1], bins, sizes[-1], -1)
        result = Pair(*(_last_axis(x, matrix) for matrix in matrices))
    else:
        whole = transform(Pair(x, tf.zeros_like(x)), sizes[-1], -1)
        result = Pair(*(_fit(part, -1, bins) for part in whole))
    for axis, size in zip(range(-2, -len(sizes) - 1, -1), reversed(sizes[:-1]), strict=True):
        result = _along(result, axis, size, -1)
    return result


def inverse_real_fourier(op: Any, x: Pair, lengths: Any) -> Any:
    """IRFFT: real numbers from the bins up to the middle."""
    import tensorflow as tf

    sizes = _lengths(op, lengths)
    last, bins, count = sizes[-1], sizes[-1] // 2 + 1, int(np.prod(sizes))
    for axis, size in zip(
        range(-1, -len(sizes) - 1, -1), [bins, *reversed(sizes[:-1])], strict=True
    ):
        x = Pair(*(_fit(part, axis, size) for part in x))
    for axis, size in zip(range(-2, -len(sizes) - 1, -1), reversed(sizes[:-1]), strict=True):
        x = _along(x, axis, size, 1)
    # Every bin but the first, and the middle one of an even length, stands for its mirror image.
    places = np.arange(bins)
    single = (places == 0) | (2 * places == last)
    if last <= MOST_DIRECT:
        matrices = _matrices(bins, last, last, 1)
        weights = tf.constant(np.where(single, 1.0, 2.0)[:, None] / count, tf.float32)
        return _last_axis(x.real, matrices.real * weights) - _last_axis(
            x.imaginary, matrices.imaginary * weights
        )
    mirror = np.arange(last - bins, 0, -1)
    imaginary = x.imaginary * tf.constant(np.where(single, 0.0, 1.0), tf.float32)
    whole = Pair(
        tf.concat([x.real, tf.gather(x.real, mirror, axis=-1)], -1),
        tf.concat([imaginary, -tf.gather(imaginary, mirror, axis=-1)], -1),
    )
    return transform(whole, last, 1).real * (1.0 / count)
