"""The model with its feeds and heads as one TensorFlow function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bundler.feeds import FEEDS
from bundler.formats.signature import Loaded
from bundler.ground.tensors import Tensor, Tensors, TensorSpec, web_dtype
from bundler.heads import HEADS
from bundler.plan import SOLE, Plan, PlannedInput

if TYPE_CHECKING:
    import tensorflow as tf


def raw_spec(item: PlannedInput) -> TensorSpec:
    """The graph's input for one of the model's."""
    return FEEDS[item.feed].raw_spec(item.spec, item.settings)


def trace(loaded: Loaded, plan: Plan) -> Any:
    """A concrete function from raw values to answers, positional in the plan's order."""

    def predict(*raws: tf.Tensor) -> list[tf.Tensor]:
        return _head(plan, loaded.call(_feed(plan, raws)))

    return _concrete(predict, [raw_spec(item) for item in plan.inputs])


def trace_feeds(plan: Plan) -> Any:
    """A concrete function from raw values to the model's inputs, in the page's dtypes."""

    def feed(*raws: tf.Tensor) -> list[tf.Tensor]:
        return [_to_web(value) for value in _feed(plan, raws)]

    return _concrete(feed, [raw_spec(item) for item in plan.inputs])


def trace_heads(plan: Plan, specs: list[TensorSpec]) -> Any:
    """A concrete function from the model's outputs, which are like `specs`, to answers."""

    def head(*values: tf.Tensor) -> list[tf.Tensor]:
        return _head(plan, values)

    return _concrete(head, specs)


def _feed(plan: Plan, raws: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The model's inputs, in its own order."""
    found = {}
    for item, raw in zip(plan.inputs, raws, strict=True):
        made = FEEDS[item.feed].trace(raw, item.spec, item.settings)
        by_role = made if isinstance(made, Mapping) else {SOLE: made}
        found.update({spec.name: by_role[role] for role, spec in item.tensors.items()})
    return [found[name] for name in plan.takes]


def _head(plan: Plan, values: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The answers; the model's outputs are in its own order."""
    import tensorflow as tf

    given = dict(zip(plan.gives, values, strict=True))
    return [
        tf.identity(
            HEADS[item.head].trace(
                {role: given[spec.name] for role, spec in item.tensors.items()}, item.settings
            )
        )
        for item in plan.outputs
    ]


def _to_web(value: tf.Tensor) -> tf.Tensor:
    import tensorflow as tf

    return tf.identity(tf.cast(value, web_dtype(value.dtype.name)))


def _concrete(call: Callable[..., list[tf.Tensor]], specs: list[TensorSpec]) -> Any:
    import tensorflow as tf

    signature = [
        tf.TensorSpec(spec.shape, spec.dtype, name=f"input_{index}_{_node_name(spec.name)}")
        for index, spec in enumerate(specs)
    ]
    return tf.function(call, autograph=False).get_concrete_function(*signature)


def answer_otherwise(call: Callable[..., Any], plan: Plan, inputs: Tensors) -> Tensors:
    """What TensorFlow computes with the feeds and heads of a plan around the model's `call`."""
    values = call(*_feed(plan, _raws(plan, inputs)))
    return _answers(plan, _head(plan, values))


def _node_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]", "_", name)


def output_specs(function: Any, plan: Plan) -> list[TensorSpec]:
    """The graph's outputs: what the trace knows of their shapes, else the model's own."""
    specs = []
    for item, tensor in zip(plan.outputs, function.outputs, strict=True):
        known = tensor.shape.rank is not None
        shape = tuple(tensor.shape.as_list()) if known else item.spec.shape
        specs.append(TensorSpec(item.spec.name, tensor.dtype.name, shape))
    return specs


def answer(function: Any, plan: Plan, inputs: Tensors) -> Tensors:
    """What TensorFlow computes, on the CPU, by output name."""
    return _answers(plan, function(*_raws(plan, inputs)))


def _raws(plan: Plan, inputs: Tensors) -> list[tf.Tensor]:
    import tensorflow as tf

    return [
        tf.constant(inputs[item.spec.name].to_numpy(), dtype=raw_spec(item).dtype)
        for item in plan.inputs
    ]


def _answers(plan: Plan, values: Sequence[tf.Tensor]) -> Tensors:
    return {
        item.spec.name: Tensor.from_numpy(value.numpy())
        for item, value in zip(plan.outputs, values, strict=True)
    }
