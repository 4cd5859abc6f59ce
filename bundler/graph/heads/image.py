"""Pictures: float32 `[1, height, width, channels]`, 0 to 255, from values in the stated range."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

    from bundler.plan import PlannedOutput


def trace(value: tf.Tensor, output: PlannedOutput) -> tf.Tensor:
    """What lies outside the range is cut off; rounding is left to whoever draws."""
    import tensorflow as tf

    low, high = output.options["range"]
    value = tf.cast(value, tf.float32)
    if len(value.shape) == 3:
        value = value[:, :, :, tf.newaxis]
    return tf.clip_by_value((value - low) * (255.0 / (high - low)), 0.0, 255.0)
