"""Convolutions, pooling and boxes that TF.js lacks or gets wrong, with inputs that show it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import tf_keras

from tests.graphs import Array, Case, floats
from tests.models import keras, tf

raw = tf.raw_ops
PICTURES = floats(2, 13, 14, 4)
WAVES = floats(2, 30, 4)
VOLUMES = floats(1, 7, 8, 9, 3)
KERNEL = tf.constant(floats(3, 3, 4, 6, seed=2))
PADDINGS = ("SAME", "VALID")


def _boxes(*shape: int, seed: int = 0) -> Array:
    corner = floats(*shape, 2, seed=seed, low=0.0, high=0.7)
    size = floats(*shape, 2, seed=seed + 9, low=0.05, high=0.4)
    return np.concatenate([corner, corner + size], -1)


BOXES, SCORES = _boxes(12), floats(12, seed=1, low=0.0, high=1.0)
ALL_BOXES, ALL_SCORES = _boxes(2, 12, seed=3), floats(2, 12, 3, seed=1, low=0.0, high=1.0)


def _chosen(function: Callable[..., Any]) -> Case:
    """A case that chooses among boxes by their scores."""
    return Case(function, (BOXES, SCORES))


def _combined(function: Callable[..., Any]) -> Case:
    return Case(function, (ALL_BOXES, ALL_SCORES))


CHOICES: dict[str, Case] = {
    "boxes": _chosen(
        lambda b, s: [
            raw.NonMaxSuppression(boxes=b, scores=s, max_output_size=5, iou_threshold=0.4),
            tf.image.non_max_suppression(b, s, 5, 0.4, 0.2),
            tf.image.non_max_suppression(tf.reverse(b, [1]), s, 5, 0.4, 0.2),
            tf.image.non_max_suppression(b, s, 5, 0.4, 2.0),
        ]
    ),
    "boxes_of_equal_scores": _chosen(
        lambda b, s: raw.NonMaxSuppressionV4(
            boxes=b,
            scores=tf.round(s * 2),
            max_output_size=9,
            iou_threshold=0.3,
            score_threshold=0.5,
        )
    ),
    "boxes_padded": _chosen(
        lambda b, s: [
            answer
            for padded in (True, False)
            for answer in raw.NonMaxSuppressionV4(
                boxes=b,
                scores=s,
                max_output_size=11,
                iou_threshold=0.2,
                score_threshold=0.2,
                pad_to_max_output_size=padded,
            )
        ]
    ),
    "boxes_none": _chosen(
        lambda b, s: list(
            raw.NonMaxSuppressionV4(
                boxes=b,
                scores=s,
                max_output_size=3,
                iou_threshold=0.2,
                score_threshold=2.0,
                pad_to_max_output_size=True,
            )
        )
    ),
    "boxes_soft": _chosen(
        lambda b, s: [
            answer
            for sigma, most in ((0.0, 0.4), (0.5, 1.0), (0.3, 0.6))
            for answer in raw.NonMaxSuppressionV5(
                boxes=b,
                scores=s,
                max_output_size=14,
                iou_threshold=most,
                score_threshold=0.05,
                soft_nms_sigma=sigma,
                pad_to_max_output_size=sigma < 0.4,
            )
        ]
    ),
    "boxes_by_overlaps": _chosen(
        lambda b, s: raw.NonMaxSuppressionWithOverlaps(
            overlaps=tf.matmul(b, b, transpose_b=True),
            scores=s,
            max_output_size=5,
            overlap_threshold=0.5,
            score_threshold=0.1,
        )
    ),
    "boxes_combined": _combined(
        lambda b, s: tf.image.combined_non_max_suppression(b[:, :, None], s, 5, 10, 0.5, 0.2)
    ),
    "boxes_combined_pad_per_class": _combined(
        lambda b, s: tf.image.combined_non_max_suppression(
            b[:, :, None], s, 4, 100, 0.5, 0.2, pad_per_class=True
        )
    ),
    "boxes_combined_of_each_class": _combined(
        lambda b, s: [
            answer
            for clip in (True, False)
            for answer in tf.image.combined_non_max_suppression(
                tf.stack([b * 2 - 0.3, b, b + 0.3], 2), s, 4, 9, 0.3, 0.1, clip_boxes=clip
            )
        ]
    ),
}

STRIDES: dict[str, Case] = {
    "strides": Case(
        lambda x: [tf.nn.conv2d(x, KERNEL, s, p) for s in (4, 5, (1, 6)) for p in PADDINGS],
        (PICTURES,),
    ),
    "strides_of_one_pixel": Case(
        lambda x: [tf.nn.conv2d(x, KERNEL[:1, :1], s, p) for s in (2, 3) for p in PADDINGS],
        (PICTURES,),
    ),
    "strides_depthwise": Case(
        lambda x: [
            tf.nn.depthwise_conv2d(x, KERNEL[..., :2], [1, s, s, 1], p)
            for s in (4, 5)
            for p in PADDINGS
        ],
        (PICTURES,),
    ),
    "strides_fused": Case(
        lambda x: tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, KERNEL, 5, "SAME"), KERNEL[0, 0, 0])),
        (PICTURES,),
    ),
    "strides_1d": Case(
        lambda x: [tf.nn.conv1d(x, KERNEL[0], s, p) for s in (4, 7) for p in PADDINGS], (WAVES,)
    ),
    "strides_3d": Case(
        lambda x: [
            tf.nn.conv3d(x, tf.constant(floats(2, 2, 2, 3, 4)), [1, 3, 3, 3, 1], p)
            for p in PADDINGS
        ],
        (VOLUMES,),
    ),
    "strides_pooled": Case(
        lambda x: [
            pool(x, size, stride, p)
            for pool in (tf.nn.max_pool2d, tf.nn.avg_pool2d)
            for size, stride in ((2, 3), (1, 2), ((1, 3), (4, 2)))
            for p in PADDINGS
        ],
        (PICTURES,),
    ),
    "strides_pooled_1d": Case(
        lambda x: [
            pool(x, 2, 5, p) for pool in (tf.nn.max_pool1d, tf.nn.avg_pool1d) for p in PADDINGS
        ],
        (WAVES,),
    ),
    "channels_first": Case(
        lambda x: [
            raw.MaxPool(
                input=x,
                ksize=[1, 1, 2, 3],
                strides=[1, 1, 2, 1],
                padding="SAME",
                data_format="NCHW",
            ),
            tf.nn.conv2d(
                x, KERNEL, [1, 1, 2, 1], [[0, 0], [0, 0], [1, 2], [0, 1]], data_format="NCHW"
            ),
            tf.nn.bias_add(x, [1.0, 2.0, 3.0, 4.0], "NCHW"),
        ],
        (floats(2, 4, 6, 7),),
    ),
}


def _layers(layers: Any) -> dict[str, tuple[Any, Array]]:
    """Layers with their channels first, and others that TF.js gets wrong."""
    waves, pictures, volumes = floats(2, 4, 9), floats(2, 4, 9, 10), floats(1, 4, 5, 6, 7)
    first = {"data_format": "channels_first"}
    return {
        "conv": (
            layers.Conv2D(3, 3, strides=2, padding="same", activation="relu", **first),
            pictures,
        ),
        "groups": (layers.Conv2D(4, 3, groups=2, **first), pictures),
        "dilated": (layers.Conv2D(3, 3, dilation_rate=2, **first), pictures),
        "depthwise": (layers.DepthwiseConv2D(3, **first), pictures),
        "separable": (layers.SeparableConv2D(3, 3, **first), pictures),
        "transposed": (layers.Conv2DTranspose(3, 3, strides=2, **first), pictures),
        "normalized": (layers.BatchNormalization(axis=1), pictures),
        "max": (layers.MaxPooling2D(2, **first), pictures),
        "average": (layers.AveragePooling2D(2, padding="same", **first), pictures),
        "conv_1d": (layers.Conv1D(3, 3, **first), waves),
        "transposed_1d": (layers.Conv1DTranspose(3, 3, strides=2, **first), waves),
        "conv_3d": (layers.Conv3D(3, 2, **first), volumes),
        "max_3d": (layers.MaxPooling3D(2, **first), volumes),
        "transposed_3d": (layers.Conv3DTranspose(3, 2, **first), volumes),
        "transposed_dilated": (layers.Conv2DTranspose(3, 3, dilation_rate=2), pictures),
        "transposed_dilated_first": (
            layers.Conv2DTranspose(3, (2, 3), dilation_rate=2, padding="same", **first),
            pictures,
        ),
        "transposed_dilated_1d": (layers.Conv1DTranspose(3, 3, dilation_rate=3), waves),
        "transposed_output_padding": (
            layers.Conv2DTranspose(3, (2, 5), strides=(3, 4), output_padding=(2, 1)),
            pictures,
        ),
        "two_axes_normalized": (layers.LayerNormalization(axis=[1, 2]), waves),
        "other_axes_normalized": (layers.LayerNormalization(axis=(1, 3)), pictures),
        "all_axes_normalized": (layers.LayerNormalization(axis=(1, 2, 3)), pictures),
    }


def _call(layer: Any, array: Array) -> Case:
    @cache
    def built() -> Any:
        with tf.init_scope():
            layer(tf.constant(array))
        return layer

    return Case(lambda x: built()(x, training=False), (array,))


LAYERS = {
    f"{library}_{name}": _call(layer, array)
    for library, module in {"keras_3": keras.layers, "keras_2": tf_keras.layers}.items()
    for name, (layer, array) in _layers(module).items()
}
CASES = CHOICES | STRIDES | LAYERS
