"""Convolutions and pooling of volumes, as those of pictures, one slice of the depth at a time.

WebGPU computes Conv3D wrongly, wasm MaxPool3D and the transposed convolution, which the converter
does not know at all: `keras.layers.Conv3D`, `Conv3DTranspose`, `MaxPooling3D`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

OPS = ("Conv3D", "Conv3DBackpropInputV2", "MaxPool3D", "AvgPool3D")


def lower(op: Any, *inputs: tf.Tensor) -> tf.Tensor | None:
    if op.get_attr("data_format") != b"NDHWC":
        return None
    if op.type == "Conv3D":
        return _convolve_by_slices(op, *inputs)
    return _transposed(op, *inputs) if op.type == "Conv3DBackpropInputV2" else _pool(op, *inputs)


def _frames(x: tf.Tensor) -> tf.Tensor:
    """Every slice of the depth as a picture of its own."""
    return (
        tf.reshape(x, tf.concat([[-1], tf.shape(x)[2:]], 0))
        if None in x.shape[2:]
        else tf.reshape(x, [-1, *x.shape[2:]])
    )


def _volumes(frames: tf.Tensor, depth: int) -> tf.Tensor:
    if None in frames.shape[1:]:
        return tf.reshape(frames, tf.concat([[-1, depth], tf.shape(frames)[1:]], 0))
    return tf.reshape(frames, [-1, depth, *frames.shape[1:]])


def _span(length: int, size: int, stride: int, rate: int, padding: bytes) -> tuple[int, int, int]:
    """How many outputs there are along an axis, and the padding before and after."""
    whole = (size - 1) * rate + 1
    if padding != b"SAME":
        return -(-(length - whole + 1) // stride), 0, 0
    count = -(-length // stride)
    missing = max((count - 1) * stride + whole - length, 0)
    return count, missing // 2, missing - missing // 2


def _convolve_by_slices(op: Any, x: tf.Tensor, weights: tf.Tensor) -> tf.Tensor | None:
    depth, size = x.shape[1], weights.shape[0]
    if depth is None or size is None or x.shape[-1] is None or x.shape[-1] != weights.shape[-2]:
        return None
    (stride, *strides), (rate, *rates) = op.get_attr("strides")[1:4], op.get_attr("dilations")[1:4]
    count, before, after = _span(depth, size, stride, rate, op.get_attr("padding"))
    return _sum_of_slices(
        x, weights, [before, after], stride, rate, count,
        lambda frames, own: tf.nn.conv2d(
            frames, own, strides, op.get_attr("padding").decode(), dilations=rates
        ),
    )  # fmt: skip


def _sum_of_slices(
    x: tf.Tensor, weights: tf.Tensor, padding: list[int], stride: int, rate: int, count: int,
    convolve: Any,
) -> tf.Tensor:  # fmt: skip
    """The sum over the weights' depth of convolutions of pictures."""
    depth = x.shape[1]
    total = None
    for at in range(weights.shape[0]):
        places = at * rate + np.arange(count) * stride - padding[0]
        inside = [int(place) for place in places if 0 <= place < depth]
        if not inside:
            continue
        part = tf.gather(x, inside, axis=1) if inside != list(range(depth)) else x
        frames = _volumes(convolve(_frames(part), weights[at]), len(inside))
        if len(inside) < count:
            missing = int((places < 0).sum())
            frames = tf.pad(
                frames, [[0, 0], [missing, count - missing - len(inside)], *[[0, 0]] * 3]
            )
        total = frames if total is None else total + frames
    return total


def _transposed(op: Any, sizes: tf.Tensor, weights: tf.Tensor, x: tf.Tensor) -> tf.Tensor | None:
    """Zeros between the elements, then a convolution with the weights turned around."""
    wanted = tf.get_static_value(sizes, partial=True)
    strides, padding = op.get_attr("strides")[1:4], op.get_attr("padding")
    lengths = x.shape[1:4].as_list()
    outputs = op.outputs[0].shape[1:4].as_list() if wanted is None else list(wanted[1:4])
    if None in lengths or None in outputs or any(rate != 1 for rate in op.get_attr("dilations")):
        return None
    turned = tf.transpose(tf.reverse(weights, [0, 1, 2]), [0, 1, 2, 4, 3])
    borders = []
    for axis, (length, output, stride) in enumerate(zip(lengths, outputs, strides, strict=True), 1):
        size, output = int(weights.shape[axis - 1]), int(output)
        _, before, _ = _span(output, size, stride, 1, padding)
        first = size - 1 - before
        last = output + size - 1 - first - ((length - 1) * stride + 1)
        x = _spread(x, axis, stride, max(first, 0), last)
        borders.append(first)
    if min(borders) < 0:
        return None
    return _sum_of_slices(
        x, turned, [0, 0], 1, 1, int(outputs[0]),
        lambda frames, own: tf.nn.conv2d(frames, own, 1, "VALID"),
    )  # fmt: skip


def _spread(x: tf.Tensor, axis: int, stride: int, before: int, after: int) -> tf.Tensor:
    """Zeros between the elements of an axis and around them, by picking from one zero more."""
    length = x.shape[axis]
    extended = tf.concat([x, tf.zeros_like(tf.gather(x, [0], axis=axis))], axis)
    places = np.full(before + (length - 1) * stride + 1 + max(after, 0), length)
    places[before : before + length * stride : stride] = np.arange(length)
    places = places[: len(places) + min(after, 0)]
    return tf.gather(extended, places.astype(np.int32), axis=axis)


def _pool(op: Any, x: tf.Tensor) -> tf.Tensor | None:
    """Pools the pictures, then the depth, as pictures whose height is the depth."""
    size, stride = op.get_attr("ksize")[1:4], op.get_attr("strides")[1:4]
    padding = op.get_attr("padding").decode()
    lengths = x.shape[1:].as_list()
    if None in lengths:
        return None
    pool = tf.nn.max_pool2d if op.type == "MaxPool3D" else tf.nn.avg_pool2d
    frames = pool(_frames(x), size[1:], stride[1:], padding)
    _, height, width, channels = frames.shape
    flat = tf.reshape(frames, [-1, lengths[0], height * width, channels])
    pooled = pool(flat, [size[0], 1], [stride[0], 1], padding)
    return tf.reshape(pooled, [-1, pooled.shape[1], height, width, channels])
