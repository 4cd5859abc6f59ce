"""Raw tensors: as the model gives them, but for dtypes that the web does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundler.graph.values import web_dtype

if TYPE_CHECKING:
    import tensorflow as tf

    from bundler.plan import PlannedOutput


def trace(value: tf.Tensor, output: PlannedOutput) -> tf.Tensor:
    import tensorflow as tf

    dtype = web_dtype(value.dtype.name)
    return value if value.dtype.name == dtype else tf.cast(value, dtype)
