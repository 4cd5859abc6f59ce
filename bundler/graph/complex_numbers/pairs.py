"""A complex tensor as two of floats."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Pair(NamedTuple):
    """The real and the imaginary part."""

    real: Any
    imaginary: Any


def constant(value: Any) -> Pair:
    """A known complex value, in float32."""
    import tensorflow as tf

    return Pair(
        tf.constant(np.real(value).astype(np.float32)),
        tf.constant(np.imag(value).astype(np.float32)),
    )


def multiply(x: Pair, y: Pair) -> Pair:
    """The product of two complex tensors."""
    return Pair(
        x.real * y.real - x.imaginary * y.imaginary, x.real * y.imaginary + x.imaginary * y.real
    )


def absolute(x: Pair) -> Any:
    """The magnitude."""
    import tensorflow as tf

    return tf.sqrt(x.real * x.real + x.imaginary * x.imaginary)
