"""Rounding as if values had few bits: models trained for quantisation.

TF.js lacks these ops, or passes values on as they are. The steps are those of TensorFlow's kernels
(fake_quant_ops_functor.h, quantize_and_dequantize_op.h), one by one: where a value lies in the
middle between two others, a last bit decides for one of them.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = (
    "FakeQuantWithMinMaxArgs",
    "FakeQuantWithMinMaxVars",
    "FakeQuantWithMinMaxVarsPerChannel",
    "QuantizeAndDequantizeV2",
    "QuantizeAndDequantizeV3",
    "QuantizeAndDequantizeV4",
)


def lower(op: Any, x: tf.Tensor, *inputs: tf.Tensor) -> tf.Tensor | None:
    if not op.type.startswith("FakeQuant"):
        return _there_and_back(op, x, *inputs)
    ends = inputs or [tf.constant(op.get_attr(name), tf.float32) for name in ("min", "max")]
    return _fake(op, x, *ends)


def _fake(op: Any, x: tf.Tensor, low: tf.Tensor, high: tf.Tensor) -> tf.Tensor:
    first, last = float(op.get_attr("narrow_range")), float(2 ** op.get_attr("num_bits") - 1)
    is_nothing = tf.logical_and(tf.equal(low, 0.0), tf.equal(high, 0.0))
    scale = (high - low) / (last - first)
    zero = tf.clip_by_value(tf.floor(first - low / scale + 0.5), first, last)
    lowest, highest = (first - zero) * scale, (last - zero) * scale
    shift = tf.floor(0.5 - lowest * (1.0 / scale))
    cut = tf.maximum(tf.minimum(x, highest), lowest)
    steps = tf.floor((cut - lowest) / scale - shift + 0.5)
    if op.type == "FakeQuantWithMinMaxArgs":
        return steps * scale
    return tf.where(is_nothing, tf.zeros_like(x), steps * scale)


def _there_and_back(
    op: Any, x: tf.Tensor, low: tf.Tensor, high: tf.Tensor, bits: tf.Tensor | None = None
) -> tf.Tensor | None:
    count = op.get_attr("num_bits") if bits is None else tf.get_static_value(bits)
    axis = op.get_attr("axis")
    if count is None or x.shape.rank is None:
        return None
    signed, narrow = op.get_attr("signed_input"), op.get_attr("narrow_range")
    last = float(2 ** (int(count) - signed) - 1)
    first = (-last if narrow else -last - 1.0) if signed else 0.0
    if not op.get_attr("range_given"):
        others = None if axis == -1 else [at for at in range(x.shape.rank) if at != axis]
        low, high = tf.reduce_min(x, others), tf.reduce_max(x, others)
    # The side that needs the larger steps decides; the other end moves.
    most = x.dtype.max
    below = tf.where(first * low > 0.0, first / low, most)
    above = tf.where(last * high > 0.0, last / high, most)
    by_low = below < above
    scale = tf.where(by_low, below, above)
    step = tf.where(by_low, low / (first or 1.0), high / last)
    low, high = tf.where(by_low, low, first * step), tf.where(by_low, last * step, high)
    shape = (
        [1] * x.shape.rank
        if axis == -1
        else [-1 if at == axis else 1 for at in range(x.shape.rank)]
    )
    low, high, scale, step = (tf.reshape(one, shape) for one in (low, high, scale, step))
    cut = tf.minimum(tf.maximum(x, low), high) if op.get_attr("range_given") else x
    if op.get_attr("round_mode") == b"HALF_UP":
        return tf.floor(cut * scale + 0.5) * step
    return tf.round(cut * scale) * step
