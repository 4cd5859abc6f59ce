"""Boxes from the four numbers that models have for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundler.heads.detection.format import MismatchError
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf

# A box of shares is at most this high; one of pixels is higher, among many.
HIGHEST_SHARE = 2.0


def corners(numbers: tf.Tensor, box: str) -> tf.Tensor:
    """Top, left, bottom and right of boxes `[…, 4]`."""
    import tensorflow as tf

    first, second, third, fourth = tf.unstack(numbers, axis=-1)
    if box == "yxyx":
        return numbers
    if box == "xyxy":
        return tf.stack([second, first, fourth, third], axis=-1)
    if box == "xywh":
        return tf.stack([second, first, second + fourth, first + third], axis=-1)
    y, x, height, width = (
        (first, second, third, fourth) if box == "cycxhw" else (second, first, fourth, third)
    )
    low, high = [y - height / 2, x - width / 2], [y + height / 2, x + width / 2]
    return tf.stack([*low, *high], axis=-1)


def shares(boxes: tf.Tensor, settings: Settled) -> tf.Tensor:
    """What to multiply y and x of boxes (top, left, bottom, right) with to have shares."""
    import tensorflow as tf

    if settings.units == "relative" or settings.sides is None:
        return tf.ones([2])
    height, width = settings.sides
    of_pixels = tf.constant([1.0 / height, 1.0 / width])
    if settings.units == "pixels":
        return of_pixels
    highest = tf.reduce_max(boxes[:, 2:] - boxes[:, :2])
    return tf.where(highest > HIGHEST_SHARE, of_pixels, tf.ones([2]))


def check_units(settings: Settings, sides: tuple[int, int] | None) -> None:
    """Pixels are shares of a size that has to be known."""
    if settings.units != "relative" and sides is None:
        raise MismatchError(
            "units",
            'say units = "relative", or size in [[inputs]], if boxes are in pixels: the model '
            "takes pictures of any size",
        )
    if settings.units == "cells":
        raise MismatchError("units", 'only "centernet" counts cells')


def scored(values: tf.Tensor, settings: Settled) -> tf.Tensor:
    """Scores from 0 to 1."""
    import tensorflow as tf

    return tf.sigmoid(values) if settings.scores == "logits" else values


def best(scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Of scores `[count, classes]`, the highest of each box and its class."""
    import tensorflow as tf

    if scores.shape[-1] == 1:
        return scores[:, 0], tf.zeros_like(scores[:, 0])
    return tf.reduce_max(scores, -1), tf.cast(tf.argmax(scores, -1), tf.float32)
