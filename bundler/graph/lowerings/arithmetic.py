"""Arithmetic that TF.js lacks, or does in another way than TensorFlow.

FloorDiv of floats gives integers of rounded operands in TF.js, and Div of integers a float's
quotient. The others are missing: `keras.ops.logaddexp`, `tf.math.xlogy`, `tf.math.mod` …
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = (
    "Rint", "Inv", "Xlogy", "Xlog1py", "Xdivy", "MulNoNan", "DivNoNan", "TruncateDiv",
    "TruncateMod", "FloorDiv", "Div", "ApproximateEqual", "L2Loss",
    "Log1p",
)  # fmt: skip


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    if op.type in ("FloorDiv", "Div") and inputs[0].dtype.is_floating == (op.type == "Div"):
        return None
    return _LOWER[op.type](op, *inputs)


def truncated_quotient(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """The quotient of integers, rounded towards zero as in C."""
    quotient = tf.abs(x) // tf.abs(y)
    return tf.where(tf.equal(x < 0, y < 0), quotient, -quotient)


def _where_not_zero(x: tf.Tensor, value: tf.Tensor) -> tf.Tensor:
    """`value`, but zero where `x` is zero, whatever infinity or NaN `value` is there."""
    x = x + tf.zeros_like(value)
    return tf.where(tf.equal(x, 0.0), tf.zeros_like(value), value)


def _log1p(op: Any, x: tf.Tensor) -> tf.Tensor:
    """wasm adds the one and loses the digits of small numbers; here they cancel."""
    one_more = 1.0 + x
    near = tf.logical_or(tf.equal(one_more, 1.0), tf.math.is_inf(one_more))
    difference = tf.where(near, tf.ones_like(x), one_more - 1.0)
    return tf.where(near, x, tf.math.log(one_more) * (x / difference))


def _truncate_mod(op: Any, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    if x.dtype.is_integer:
        return x - truncated_quotient(x, y) * y
    remainder = tf.math.floormod(tf.abs(x), tf.abs(y))
    return tf.where(x < 0, -remainder, remainder)


_LOWER: dict[str, Any] = {
    "Rint": lambda op, x: tf.round(x),
    "Inv": lambda op, x: tf.math.reciprocal(x),
    "Xlogy": lambda op, x, y: _where_not_zero(x, x * tf.math.log(y)),
    "Xlog1py": lambda op, x, y: _where_not_zero(x, x * tf.math.log1p(y)),
    "Xdivy": lambda op, x, y: _where_not_zero(x, x / y),
    "MulNoNan": lambda op, x, y: _where_not_zero(y, x * y),
    "DivNoNan": lambda op, x, y: _where_not_zero(y, x / y),
    "TruncateDiv": lambda op, x, y: truncated_quotient(x, y),
    "TruncateMod": _truncate_mod,
    "FloorDiv": lambda op, x, y: tf.floor(x / y),
    "Div": lambda op, x, y: truncated_quotient(x, y),
    "ApproximateEqual": lambda op, x, y: tf.abs(x - y) < op.get_attr("tolerance"),
    "Log1p": _log1p,
    "L2Loss": lambda op, x: tf.reduce_sum(tf.square(x)) / 2.0,
}
