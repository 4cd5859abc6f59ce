"""Resizing pictures as TensorFlow, Pillow and OpenCV do, with any size of the picture in the graph.

TensorFlow's own ops are left to the conversion. The others are two products with a matrix of
weights, one for each direction. Pillow and OpenCV round to whole levels on the way, which is left
out: what comes is within one level of 255 of theirs, and the same on every backend.

Sources: Pillow's `Resample.c` and `Geometry.c`, OpenCV's `resize.cpp`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bundler.feeds.whole import divide

if TYPE_CHECKING:
    import tensorflow as tf

Method = Literal["bilinear", "nearest", "bicubic", "area", "lanczos"]
Library = Literal["tensorflow", "pillow", "opencv"]
TENSORFLOW = {
    "bilinear": "bilinear", "nearest": "nearest", "bicubic": "bicubic", "area": "area",
    "lanczos": "lanczos3",
}  # fmt: skip


@dataclass(frozen=True)
class Kernel:
    """A pixel's weight by its distance from a new pixel's middle, in pixels."""

    weigh: Callable[[tf.Tensor], tf.Tensor]
    reach: float


def _triangle(x: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf

    return tf.nn.relu(1.0 - x)


def _cubic(a: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Keys' cubic convolution."""

    def weigh(x: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
        far = ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
        return tf.where(x < 1.0, near, tf.where(x < 2.0, far, tf.zeros_like(x)))

    return weigh


def _lanczos(reach: float) -> Callable[[tf.Tensor], tf.Tensor]:
    def weigh(x: tf.Tensor) -> tf.Tensor:
        import tensorflow as tf

        angle = math.pi * tf.maximum(x, 1e-3)
        value = reach * tf.sin(angle) * tf.sin(angle / reach) / (angle * angle)
        inside = tf.where(x <= 1e-3, tf.ones_like(x), value)
        return tf.where(x < reach, inside, tf.zeros_like(x))

    return weigh


# Pillow widens them for smaller pictures; OpenCV never does.
PILLOW = {
    "bilinear": Kernel(_triangle, 1.0),
    "bicubic": Kernel(_cubic(-0.5), 2.0),
    "lanczos": Kernel(_lanczos(3.0), 3.0),
}
OPENCV = {
    "bilinear": Kernel(_triangle, 1.0),
    "bicubic": Kernel(_cubic(-0.75), 2.0),
    "lanczos": Kernel(_lanczos(4.0), 4.0),
}


def resize(
    levels: tf.Tensor, size: tuple[int, int], method: Method, like: Library, antialias: bool
) -> tf.Tensor:
    """`[1, height, width, channels]` of 0 to 255, as float32 of `size`.

    `antialias` is TensorFlow's own; Pillow always does, OpenCV by "area" alone.
    """
    import tensorflow as tf

    if like == "tensorflow":
        made = tf.image.resize(levels, size, method=TENSORFLOW[method], antialias=antialias)
        return tf.cast(made, tf.float32)
    if method == "nearest":
        return _nearest(levels, size, centered=like == "pillow")
    weigh = _pillow if like == "pillow" else _opencv
    shape = tf.shape(levels)
    height, width = (tf.cast(shape[axis], tf.float32) for axis in (1, 2))
    smaller = tf.logical_and(height >= float(size[0]), width >= float(size[1]))
    rows = weigh(method, height, size[0], smaller)
    columns = weigh(method, width, size[1], smaller)
    # Each channel is a matrix: [channels, height, width].
    planes = tf.transpose(levels[0], [2, 0, 1])
    flat = tf.reshape(planes, tf.stack([-1, shape[2]]))
    narrow = tf.matmul(flat, columns, transpose_b=True)
    narrow = _within(narrow) if like == "pillow" else narrow
    lines = tf.reshape(narrow, tf.stack([levels.shape[3], shape[1], size[1]]))
    rows = tf.tile(rows[None], [levels.shape[3], 1, 1])
    made = _within(tf.matmul(rows, lines))
    return tf.reshape(tf.transpose(made, [1, 2, 0]), [1, *size, levels.shape[3]])


def _within(levels: tf.Tensor) -> tf.Tensor:
    """Neither darker than black nor lighter than white, as what is kept in 8 bits."""
    import tensorflow as tf

    return tf.clip_by_value(levels, 0.0, 255.0)


def _nearest(levels: tf.Tensor, size: tuple[int, int], *, centered: bool) -> tf.Tensor:
    """The pixel in which a new pixel's middle (or its corner) lies, to the last one."""
    import tensorflow as tf

    for axis in (1, 2):
        count = size[axis - 1]
        length = tf.cast(tf.shape(levels)[axis], tf.float32)
        places = [2.0 * index + (1.0 if centered else 0.0) for index in range(count)]
        index = divide(tf.constant(places) * length, tf.constant(2.0 * count))
        index = tf.minimum(index, length - 1.0)
        levels = tf.gather(levels, tf.cast(index, tf.int32), axis=axis)
    return tf.cast(levels, tf.float32)


def _distances(length: tf.Tensor, count: int) -> tf.Tensor:
    """How far the middles of old pixels are from those of new ones, `[count, length]`.

    In old pixels, times twice `count`: whole numbers, so that nothing is lost.
    """
    import tensorflow as tf

    old = (2.0 * tf.range(length) + 1.0) * float(count)
    new = tf.constant([[2.0 * index + 1.0] for index in range(count)]) * length
    return old[None, :] - new


def _pillow(method: Method, length: tf.Tensor, count: int, smaller: tf.Tensor) -> tf.Tensor:
    """A kernel as wide as the new pixels, if those are wider; what lies outside does not count."""
    import tensorflow as tf

    spread = tf.maximum(length / float(count), 1.0)
    away = tf.abs(_distances(length, count)) / (2.0 * float(count) * spread)
    weights = _boxes(length, count) if method == "area" else PILLOW[method].weigh(away)
    return weights / tf.reduce_sum(weights, axis=1, keepdims=True)


def _boxes(length: tf.Tensor, count: int) -> tf.Tensor:
    """One for the pixels whose middle lies in a new one (Pillow's BOX)."""
    import tensorflow as tf

    doubled = _distances(length, count)
    half = tf.maximum(length, float(count))
    inside = tf.logical_and(doubled > -half, doubled <= half)
    return tf.cast(inside, tf.float32)


def _opencv(method: Method, length: tf.Tensor, count: int, smaller: tf.Tensor) -> tf.Tensor:
    """A kernel as wide as old pixels; what lies outside is as the pixel at the edge.

    Areas only where the picture gets `smaller` in both directions.
    """
    import tensorflow as tf

    if method == "area":
        return tf.where(smaller, _covered(length, count), _drawn_out(length, count))
    kernel = OPENCV[method]
    beyond = math.ceil(kernel.reach)
    old = tf.range(-float(beyond), length + float(beyond))
    new = tf.constant([[2.0 * index + 1.0] for index in range(count)]) * length
    doubled = (2.0 * old + 1.0)[None, :] * float(count) - new
    weights = kernel.weigh(tf.abs(doubled) / (2.0 * float(count)))
    weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
    return _folded(weights, beyond)


def _folded(weights: tf.Tensor, beyond: int) -> tf.Tensor:
    """Weights of pixels beyond the edges, put on those at the edges."""
    import tensorflow as tf

    first = tf.reduce_sum(weights[:, : beyond + 1], axis=1, keepdims=True)
    inner = weights[:, beyond:-beyond]
    last = tf.reduce_sum(weights[:, -beyond:], axis=1, keepdims=True)
    length = tf.shape(inner)[1]
    at = tf.range(length)[None, :]
    inner = tf.where(at == 0, first, inner)
    return inner + tf.where(at == length - 1, last, tf.zeros_like(inner))


def _covered(length: tf.Tensor, count: int) -> tf.Tensor:
    """How much of each old pixel lies in a new one, as a share of that."""
    import tensorflow as tf

    # In parts of an old pixel of which `count` are a whole one.
    old = tf.range(length) * float(count)
    new = tf.constant([[float(index)] for index in range(count)]) * length
    common = tf.minimum(old[None, :] + float(count), new + length) - tf.maximum(old[None, :], new)
    return tf.nn.relu(common) / length


def _drawn_out(length: tf.Tensor, count: int) -> tf.Tensor:
    """Old pixels as large as they are, with a seam between them (OpenCV's area, larger)."""
    import tensorflow as tf

    target = tf.constant([[float(index)] for index in range(count)])
    first = divide(target * length, tf.constant(float(count)))
    share = (target + 1.0) - (first + 1.0) * (float(count) / length)
    share = tf.where(share <= 0.0, tf.zeros_like(share), share - tf.floor(share))
    at = tf.range(length)[None, :]
    near = tf.where(tf.equal(at, first), 1.0 - share, tf.zeros_like(share + at))
    after = tf.minimum(first + 1.0, length - 1.0)
    return near + tf.where(tf.equal(at, after), share, tf.zeros_like(share + at))
