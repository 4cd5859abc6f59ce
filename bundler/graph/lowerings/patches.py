"""Patches of pictures and volumes, of which TF.js has none: `tf.image.extract_patches`.

One strided slice for each place in a patch, one after the other along the channels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

OPS = ("ExtractImagePatches", "ExtractVolumePatches")


def lower(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    axes = x.shape.rank - 2
    sizes, strides = op.get_attr("ksizes")[1:-1], op.get_attr("strides")[1:-1]
    rates = op.get_attr("rates")[1:-1] if op.type == "ExtractImagePatches" else [1] * axes
    lengths = x.shape[1:-1].as_list()
    if None in lengths:
        return None
    spans = [(size - 1) * rate + 1 for size, rate in zip(sizes, rates, strict=True)]
    counts, padding = [], []
    for length, span, stride in zip(lengths, spans, strides, strict=True):
        if op.get_attr("padding") == b"SAME":
            count = -(-length // stride)
            missing = max((count - 1) * stride + span - length, 0)
        else:
            count, missing = -(-(length - span + 1) // stride), 0
        counts.append(count)
        padding.append([missing // 2, missing - missing // 2])
    if np.any(padding):
        x = tf.pad(x, [[0, 0], *padding, [0, 0]])
    parts = []
    for offset in np.ndindex(*sizes):
        part = x
        for axis in range(axes):
            places = offset[axis] * rates[axis] + np.arange(counts[axis]) * strides[axis]
            part = tf.gather(part, places.astype(np.int32), axis=axis + 1)
        parts.append(part)
    return tf.concat(parts, -1)
