"""Models saved with the batch of their training: they answer one row alone as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf

Specs = tuple[TensorSpec, ...]


def freed(
    model: Any,
    call: Callable[[list[tf.Tensor]], list[tf.Tensor]],
    inputs: Specs,
    outputs: Specs,
) -> tuple[Specs, Specs]:
    """The signature with a free batch, where it is fixed and `call` does not need it to be."""
    sizes = {spec.shape[0] for spec in inputs if spec.shape}
    # A layer that keeps its state has a row of it for each row of the batch.
    is_stateful = any(getattr(layer, "stateful", False) for layer in model._flatten_layers())
    if is_stateful or not inputs or len(sizes) != 1 or sizes & {None, 1}:
        return inputs, outputs
    free = tuple(_free(spec) for spec in inputs)
    if not _can_trace(call, free):
        return inputs, outputs
    (size,) = sizes
    return free, tuple(_free(spec) if spec.shape[:1] == (size,) else spec for spec in outputs)


def _free(spec: TensorSpec) -> TensorSpec:
    return replace(spec, shape=(None, *spec.shape[1:]))


def _can_trace(call: Callable[[list[tf.Tensor]], list[tf.Tensor]], specs: Specs) -> bool:
    import tensorflow as tf

    signature = [tf.TensorSpec((1, *spec.shape[1:]), spec.dtype) for spec in specs]
    try:
        tf.function(lambda *rows: call(list(rows)), autograph=False).get_concrete_function(
            *signature
        )
    except Exception:  # layers raise what they like
        return False
    return True
