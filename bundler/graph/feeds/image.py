"""Pictures: int32 RGB pixels of any size, resized and scaled to what the model wants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler import pictures
from bundler.config import Input
from bundler.errors import ConfigError
from bundler.graph.values import Example, scale
from bundler.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf

# Weights of red, green and blue in a grey value: ITU-R BT.601, as tf.image.rgb_to_grayscale.
GREY = (0.2989, 0.587, 0.114)

# The longer side of an example picture is at most this, or twice the model's size.
EXAMPLE_SIDE = 320


def raw_spec(spec: TensorSpec, settings: Input) -> TensorSpec:
    return TensorSpec(spec.name, "int32", (1, None, None, 3))


def trace(raw: tf.Tensor, spec: TensorSpec, settings: Input) -> tf.Tensor:
    """Crops (`fit = "crop"`), resizes bilinearly, greys and scales; returns the model's shape."""
    import tensorflow as tf

    pixels = tf.cast(raw, tf.float32)
    if settings.size:
        if settings.fit == "crop":
            pixels = _crop_to_aspect(pixels, settings.size[1] / settings.size[0])
        pixels = tf.image.resize(pixels, settings.size, method="bilinear")
    if settings.channels == 1:
        pixels = tf.reduce_sum(pixels * tf.constant(GREY), axis=-1, keepdims=True)
    pixels = scale(pixels / 255.0, settings.range)
    return tf.reshape(pixels, pixels.shape[:3]) if len(spec.shape) == 3 else pixels


def _crop_to_aspect(pixels: tf.Tensor, aspect: float) -> tf.Tensor:
    """The largest middle part with `aspect` = width / height."""
    import tensorflow as tf

    shape = tf.shape(pixels)
    height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
    new_height = tf.cast(tf.minimum(height, width / aspect), tf.int32)
    new_width = tf.cast(tf.minimum(width, height * aspect), tf.int32)
    begin = tf.stack([0, (shape[1] - new_height) // 2, (shape[2] - new_width) // 2, 0])
    return tf.slice(pixels, begin, tf.stack([1, new_height, new_width, 3]))


def read_example(value: Any, folder: Path, spec: TensorSpec, settings: Input) -> Example:
    if not isinstance(value, str):
        raise ConfigError(f"a picture is the path of a file, not {value!r}")
    longest = max(EXAMPLE_SIDE, *(2 * length for length in settings.size or ()))
    picture = pictures.read(folder / value, longest=longest)
    return Example(picture.pixels, picture=picture)
