"""Raw tensors: as the model takes them, but for dtypes that the web does not have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.config import Input
from bundler.errors import ConfigError
from bundler.graph.values import Example, web_dtype
from bundler.tensors import Tensor, TensorSpec, format_shape

if TYPE_CHECKING:
    import tensorflow as tf


def raw_spec(spec: TensorSpec, settings: Input) -> TensorSpec:
    return TensorSpec(spec.name, web_dtype(spec.dtype), spec.shape)


def trace(raw: tf.Tensor, spec: TensorSpec, settings: Input) -> tf.Tensor:
    import tensorflow as tf

    return raw if raw.dtype.name == spec.dtype else tf.cast(raw, spec.dtype)


def read_example(value: Any, folder: Path, spec: TensorSpec, settings: Input) -> Example:
    """A number for a tensor of one element, a nested list for any other."""
    import numpy as np

    wanted = tuple(size or 1 for size in spec.shape)
    try:
        array = np.array(value, dtype=object if spec.dtype == "string" else web_dtype(spec.dtype))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{value!r} is not a tensor of dtype {spec.dtype}: {error}") from None
    if array.size == 1 == int(np.prod(wanted)):
        array = array.reshape(wanted)
    fits = len(array.shape) == len(spec.shape) and all(
        size in (None, length) for size, length in zip(spec.shape, array.shape, strict=True)
    )
    if not fits:
        raise ConfigError(
            f"its shape is {format_shape(array.shape)}, the input wants {format_shape(spec.shape)}"
        )
    return Example(Tensor.from_numpy(array), state=value)
