"""TF.js mixes axes up that one slice both steps over and drops: `x[:, 1::2, 0]`.

First the axes that are dropped, by a slice without steps, then the others.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("StridedSlice",)


def lower(
    op: Any, x: tf.Tensor, begin: tf.Tensor, end: tf.Tensor, strides: tf.Tensor
) -> tf.Tensor | None:
    steps = tf.get_static_value(strides)
    dropped = op.get_attr("shrink_axis_mask")
    others = op.get_attr("ellipsis_mask") or op.get_attr("new_axis_mask")
    if steps is None or (steps == 1).all() or not dropped or others:
        return None
    kept = [axis for axis in range(len(steps)) if not dropped >> axis & 1]
    whole = sum(1 << axis for axis in kept)
    without = tf.raw_ops.StridedSlice(
        input=x,
        begin=begin,
        end=end,
        strides=tf.ones_like(strides),
        begin_mask=whole,
        end_mask=whole,
        shrink_axis_mask=dropped,
    )
    masks = {
        name: sum((op.get_attr(name) >> axis & 1) << place for place, axis in enumerate(kept))
        for name in ("begin_mask", "end_mask")
    }
    begin, end = tf.gather(begin, kept), tf.gather(end, kept)
    steps = tf.constant(steps[kept])
    return tf.raw_ops.StridedSlice(input=without, begin=begin, end=end, strides=steps, **masks)
