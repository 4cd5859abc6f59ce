"""Ops that hand their input on, but that TF.js lacks, or reads as if they had another input.

EnsureShape (`tf.ensure_shape`, Keras 3's attention and RNNs) is mapped to an attribute as a tensor.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("EnsureShape", "PreventGradient", "CheckNumerics", "CheckNumericsV2", "DebugIdentityV2")


def lower(op: Any, x: tf.Tensor, *_: tf.Tensor) -> tf.Tensor:
    return tf.identity(x)
