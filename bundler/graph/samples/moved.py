"""Demands traced back through ops that put elements elsewhere and change none.

Such an op is asked where it put them: it is run on the elements' own numbers.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from bundler.graph.rewrite import known_value
from bundler.graph.samples.demand import Array, Demand, known_shape

# What moves elements around and changes none.
MOVES = {
    "BatchToSpaceND", "BroadcastTo", "Concat", "ConcatV2", "DepthToSpace", "DiagPart",
    "ExpandDims", "ExtractImagePatches", "Gather", "GatherNd", "GatherV2", "MatrixDiagPartV3",
    "MirrorPad", "Pack", "Pad", "PadV2", "Reshape", "Reverse", "ReverseV2", "Roll", "Slice",
    "SpaceToBatchND", "SpaceToDepth", "Split", "SplitV", "Squeeze", "StridedSlice", "Tile",
    "Transpose", "Unpack",
}  # fmt: skip


def moved(op: Any, output: Any, demand: Demand) -> dict[int, Demand]:
    """Through an op that only puts elements elsewhere."""
    data = [number for number in _data(op) if known_value(op.inputs[number]) is None]
    shapes = [known_shape(op.inputs[number]) for number in data]
    places = _places(op, output) if demand.shape and None not in shapes else None
    if places is None:
        return dict.fromkeys(data, demand.overall)
    found, start = {}, 0
    for number, shape in zip(data, shapes, strict=True):
        assert shape is not None
        end = start + prod(shape)
        mine = np.where((places >= start) & (places < end), places - start, -1)
        found[number] = demand.gathered(mine, shape)
        start = end
    return found


def _data(op: Any) -> list[int]:
    """The operands whose elements are moved; the others say where to."""
    count = len(op.inputs)
    several = {"ConcatV2": range(count - 1), "Concat": range(1, count), "Pack": range(count)}
    return list(several.get(op.type, [1 if op.type == "Split" else 0]))


def _places(op: Any, output: Any) -> Array | None:
    """The number of the element that is at each place of the output, -1 for none of the inputs."""
    import tensorflow as tf

    start, inputs = 1, []  # what a padding adds is 0
    for number, tensor in enumerate(op.inputs):
        value, shape = known_value(tensor), known_shape(tensor)
        if number not in _data(op):
            is_padding = op.type == "PadV2" and number == 2
            inputs.append(np.int32(0) if is_padding else value)
        elif value is not None:
            inputs.append(np.zeros(np.shape(value), np.int32))
        else:
            assert shape is not None
            inputs.append(np.arange(start, start + prod(shape), dtype=np.int32).reshape(shape))
            start += prod(shape)
    if any(value is None for value in inputs):
        return None
    try:
        return np.asarray(_run(op, inputs)[output.value_index]) - 1
    except (tf.errors.OpError, ValueError, TypeError):
        return None


def _run(op: Any, inputs: list[Any]) -> list[Any]:
    """The op's outputs for other inputs, computed at once."""
    import tensorflow as tf

    values = iter(inputs)
    arguments: dict[str, Any] = {}
    for argument in op.op_def.input_arg:
        count = int(op.get_attr(argument.number_attr)) if argument.number_attr else None
        own = next(values) if count is None else [next(values) for _ in range(count)]
        arguments[argument.name] = own
    with tf.Graph().as_default() as graph:
        made = {
            name: list(map(tf.constant, value)) if isinstance(value, list) else tf.constant(value)
            for name, value in arguments.items()
        }
        attributes = {
            attribute.name: op.get_attr(attribute.name)
            for attribute in op.op_def.attr
            if attribute.type != "type" and not _is_count(op, attribute.name)
        }
        result = getattr(tf.raw_ops, op.type)(**made, **attributes)
        results = result if isinstance(result, list | tuple) else [result]
        with tf.compat.v1.Session(graph=graph) as session:
            return list(session.run(list(results)))


def _is_count(op: Any, name: str) -> bool:
    return any(argument.number_attr == name for argument in op.op_def.input_arg)
