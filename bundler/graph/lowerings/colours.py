"""Hue, saturation and contrast: `keras.ops.image.rgb_to_hsv`, `tf.image.adjust_hue` …"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

OPS = ("RGBToHSV", "HSVToRGB", "AdjustContrastv2", "AdjustHue", "AdjustSaturation")


def lower(op: Any, x: tf.Tensor, *amount: tf.Tensor) -> tf.Tensor:
    if op.type == "RGBToHSV":
        return tf.stack(_to_hsv(x), -1)
    if op.type == "HSVToRGB":
        return _to_rgb(x[..., 0], x[..., 1], x[..., 2])
    (by,) = amount
    if op.type == "AdjustContrastv2":
        mean = tf.reduce_mean(x, [-3, -2], keepdims=True)
        return (x - mean) * by + mean
    hue, saturation, value = _to_hsv(x)
    if op.type == "AdjustHue":
        turned = hue + by
        return _to_rgb(turned - tf.floor(turned), saturation, value)
    return _to_rgb(hue, tf.clip_by_value(saturation * by, 0.0, 1.0), value)


def _to_hsv(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    red, green, blue = (x[..., channel] for channel in range(3))
    value = tf.maximum(red, tf.maximum(green, blue))
    spread = value - tf.minimum(red, tf.minimum(green, blue))
    zero = tf.zeros_like(value)
    saturation = tf.where(value > 0.0, spread / tf.where(value > 0.0, value, zero + 1.0), zero)
    sixth = 1.0 / (6.0 * tf.where(spread > 0.0, spread, zero + 1.0))
    from_green = sixth * (blue - red) + 2.0 / 6.0
    from_blue = sixth * (red - green) + 4.0 / 6.0
    hue = tf.where(tf.equal(green, value), from_green, from_blue)
    hue = tf.where(tf.equal(red, value), sixth * (green - blue), hue)
    hue = tf.where(spread > 0.0, hue, zero)
    return tf.where(hue < 0.0, hue + 1.0, hue), saturation, value


def _to_rgb(hue: tf.Tensor, saturation: tf.Tensor, value: tf.Tensor) -> tf.Tensor:
    turn = hue * 6.0
    parts = (tf.abs(turn - 3.0) - 1.0, 2.0 - tf.abs(turn - 2.0), 2.0 - tf.abs(turn - 4.0))
    shares = [tf.clip_by_value(part, 0.0, 1.0) for part in parts]
    return tf.stack([(1.0 - saturation + saturation * share) * value for share in shares], -1)
