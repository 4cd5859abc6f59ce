"""TF.js has no grouped convolutions: `keras.layers.Conv2D(groups=…)`, ConvNeXt.

One group a channel is a depthwise convolution; others become one convolution a group.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("Conv2D", "Conv3D")
NHWC = (b"NHWC", b"NDHWC")


def lower(op: Any, x: tf.Tensor, weights: tf.Tensor) -> tf.Tensor | None:
    channels, channels_of_group = x.shape[-1], weights.shape[-2]
    if op.get_attr("data_format") not in NHWC or not channels or channels == channels_of_group:
        return None
    groups = channels // channels_of_group
    options = {
        "strides": op.get_attr("strides"),
        "padding": op.get_attr("padding"),
        "dilations": op.get_attr("dilations"),
    }
    if op.type == "Conv2D" and channels_of_group == 1 and _is_depthwise(options):
        height, width, _, outputs = weights.shape
        by_channel = tf.reshape(weights, [height, width, channels, outputs // channels])
        return tf.raw_ops.DepthwiseConv2dNative(input=x, filter=by_channel, **options)
    convolve = tf.raw_ops.Conv2D if op.type == "Conv2D" else tf.raw_ops.Conv3D
    parts = zip(tf.split(x, groups, -1), tf.split(weights, groups, -1), strict=True)
    return tf.concat([convolve(input=part, filter=own, **options) for part, own in parts], -1)


def _is_depthwise(options: dict[str, Any]) -> bool:
    """Depthwise kernels want equal strides, and no dilation beside strides."""
    _, down, right, _ = options["strides"]
    dilated = any(rate != 1 for rate in options["dilations"])
    return down == right and not (dilated and down != 1) and options["padding"] != b"EXPLICIT"
