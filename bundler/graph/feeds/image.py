"""Pictures: int32 RGB pixels of any size, resized and scaled to what the model wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bundler.demo import pictures
from bundler.demo.settings import Input
from bundler.graph.feeds import whole
from bundler.graph.values import Example, Find, scale
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec, is_whole

if TYPE_CHECKING:
    import tensorflow as tf

# Weights of red, green and blue in a grey value: ITU-R BT.601, as tf.image.rgb_to_grayscale.
GREY = (0.2989, 0.587, 0.114)

# The longer side of an example picture is at most this, or twice the model's size.
EXAMPLE_SIDE = 320


def raw_spec(spec: TensorSpec, settings: Input) -> TensorSpec:
    return TensorSpec(spec.name, "int32", (1, None, None, 3))


def trace(raw: tf.Tensor, spec: TensorSpec, settings: Input) -> tf.Tensor:
    """Crops (`fit = "crop"`), resizes bilinearly, greys and scales; returns the model's tensor."""
    import tensorflow as tf

    pixels = tf.cast(raw, tf.float32)
    if settings.size and settings.fit == "crop":
        pixels = whole.crop(pixels, settings.size)
    convert = _to_whole if is_whole(spec.dtype) else _to_floats
    pixels = convert(pixels, spec, settings)
    return tf.reshape(pixels, pixels.shape[:3]) if len(spec.shape) == 3 else pixels


def _to_floats(pixels: tf.Tensor, spec: TensorSpec, settings: Input) -> tf.Tensor:
    import tensorflow as tf

    if settings.size:
        pixels = tf.image.resize(pixels, settings.size, method="bilinear")
    if settings.channels == 1:
        pixels = tf.reduce_sum(pixels * tf.constant(GREY), axis=-1, keepdims=True)
    return tf.cast(scale(pixels / 255.0, settings.range), spec.dtype)


def _to_whole(levels: tf.Tensor, spec: TensorSpec, settings: Input) -> tf.Tensor:
    if settings.channels == 1:
        levels = whole.grey(levels)
    if settings.size:
        levels = whole.resize(levels, settings.size)
    return whole.in_range(levels, spec.dtype, settings.range)


def read_example(value: Any, find: Find, spec: TensorSpec, settings: Input) -> Example:
    if not isinstance(value, str):
        raise ConfigError(f"a picture is the path of a file, not {value!r}")
    longest = max(EXAMPLE_SIDE, *(2 * length for length in settings.size or ()))
    picture = pictures.read(find(value), longest=longest)
    return Example(picture.pixels, picture=picture)
