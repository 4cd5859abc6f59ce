"""Probabilities of classes, one for each label."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

    from bundler.plan import PlannedOutput


def trace(value: tf.Tensor, output: PlannedOutput) -> tf.Tensor:
    """Applies the activation that the model lacks; one score of two classes becomes both."""
    import tensorflow as tf

    value = tf.cast(value, tf.float32)
    if output.activation == "softmax":
        value = tf.nn.softmax(value)
    elif output.activation == "sigmoid":
        value = tf.sigmoid(value)
    if value.shape[-1] == 1 and len(output.options["labels"]) == 2:
        value = tf.concat([1.0 - value, value], axis=-1)
    return value
