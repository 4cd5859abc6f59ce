"""Transposed convolutions with a dilation, which TF.js ignores.

Zeros between the weights do the same.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from bundler.graph.rewrite import like

OPS = ("Conv2DBackpropInput", "Conv3DBackpropInputV2")


def lower(op: Any, sizes: tf.Tensor, weights: tf.Tensor, y: tf.Tensor) -> tf.Tensor | None:
    rates = op.get_attr("dilations")[1:-1]
    if op.get_attr("data_format") not in (b"NHWC", b"NDHWC") or all(rate == 1 for rate in rates):
        return None
    for axis, rate in enumerate(rates):
        weights = _spread(weights, axis, rate) if rate > 1 else weights
    plain = [1] * len(op.get_attr("dilations"))
    return like(op, [sizes, weights, y], {"dilations": plain})


def _spread(weights: tf.Tensor, axis: int, rate: int) -> tf.Tensor:
    """The weights with zeros between those along an axis."""
    shape = weights.shape.as_list()
    rows = tf.reshape(weights, [*shape[: axis + 1], 1, *shape[axis + 1 :]])
    padding = [[0, rate - 1 if at == axis + 1 else 0] for at in range(len(shape) + 1)]
    spread = tf.reshape(
        tf.pad(rows, padding), [*shape[:axis], shape[axis] * rate, *shape[axis + 1 :]]
    )
    return tf.gather(spread, list(range((shape[axis] - 1) * rate + 1)), axis=axis)
