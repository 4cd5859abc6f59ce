"""GPUs compute sine and cosine to three digits only (WGSL promises 2^-11): here, a polynomial.

Sinusoidal embeddings and `keras.ops.sin` need more. The argument is reduced to half a period in
two steps (Cody and Waite), so that what is left is exact; the polynomial is the Taylor series up
to x^11, whose error on [-pi/2, pi/2] is below 6e-8.
"""

from __future__ import annotations

import math
from typing import Any

import tensorflow as tf

OPS = ("Cos", "Sin", "Tan")
# pi as the sum of a number of few bits and the rest.
PI_HIGH = 3.140625
PI_LOW = math.pi - PI_HIGH
TERMS = tuple((-1) ** n / math.factorial(2 * n + 1) for n in range(6))


def lower(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    if x.dtype != tf.float32:
        return None
    if op.type == "Sin":
        return _sine(x, 0.0)
    cosine = _sine(x, 0.5)
    return cosine if op.type == "Cos" else _sine(x, 0.0) / cosine


def _sine(x: tf.Tensor, shift: float) -> tf.Tensor:
    """sin(x + shift * pi)."""
    turns = tf.floor(x * (1 / math.pi) + (0.5 + shift))
    away = turns - shift
    rest = (x - away * PI_HIGH) - away * PI_LOW
    square = rest * rest
    value = square * TERMS[-1] + TERMS[-2]
    for term in reversed(TERMS[:-2]):
        value = value * square + term
    odd = turns - 2.0 * tf.floor(turns * 0.5)
    return rest * value * (1.0 - 2.0 * odd)
