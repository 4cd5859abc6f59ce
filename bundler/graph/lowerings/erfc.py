"""TF.js has Erf, but not Erfc: `keras.activations.gelu`, whose default is the exact one."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("Erfc",)


def lower(op: Any, x: tf.Tensor) -> tf.Tensor:
    return 1.0 - tf.math.erf(x)
