"""Raw tensors: as the model takes them, but for dtypes that the web does not have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bundler.demo.settings import Input
from bundler.graph.values import Example, Find, web_dtype
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import Tensor, TensorSpec, format_shape

if TYPE_CHECKING:
    import tensorflow as tf


def raw_spec(spec: TensorSpec, settings: Input) -> TensorSpec:
    return TensorSpec(spec.name, web_dtype(spec.dtype), spec.shape)


def trace(raw: tf.Tensor, spec: TensorSpec, settings: Input) -> tf.Tensor:
    import tensorflow as tf

    return raw if raw.dtype.name == spec.dtype else tf.cast(raw, spec.dtype)


def read_example(value: Any, find: Find, spec: TensorSpec, settings: Input) -> Example:
    """A number for a tensor of one element, a nested list for any other."""
    try:
        tensor = Tensor.from_nested(value, web_dtype(spec.dtype))
    except (ValueError, TypeError, OverflowError) as error:
        raise ConfigError(f"{value!r} is not a tensor of dtype {spec.dtype}: {error}") from None
    if not tensor.shape and all(size in (None, 1) for size in spec.shape):
        tensor = replace(tensor, shape=tuple(1 for _ in spec.shape))
    fits = len(tensor.shape) == len(spec.shape) and all(
        size in (None, length) for size, length in zip(spec.shape, tensor.shape, strict=True)
    )
    if not fits:
        raise ConfigError(
            f"its shape is {format_shape(tensor.shape)}, the input wants {format_shape(spec.shape)}"
        )
    return Example(tensor, state=value)
