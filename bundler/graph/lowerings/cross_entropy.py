"""TF.js has no cross-entropy ops: `keras.ops.categorical_crossentropy` in a model's own answer."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits")


def lower(op: Any, logits: tf.Tensor, labels: tf.Tensor) -> list[tf.Tensor]:
    """The loss, and its gradient as TensorFlow's op gives it too."""
    if op.type.startswith("Sparse"):
        classes = tf.range(tf.shape(logits)[-1])
        labels = tf.cast(tf.equal(tf.cast(labels, tf.int32)[:, None], classes), logits.dtype)
    away = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    total = tf.reduce_sum(tf.exp(away), axis=-1, keepdims=True)
    loss = tf.reduce_sum(labels * (tf.math.log(total) - away), axis=-1)
    return [loss, tf.exp(away) / total - labels]
