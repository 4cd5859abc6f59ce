"""TF.js has no Softsign: `keras.activations.softsign`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("Softsign",)


def lower(op: Any, x: tf.Tensor) -> tf.Tensor:
    return x / (1.0 + tf.abs(x))
