"""Demands of ops, traced back to the inputs of a graph: through casts, reshapes, slices, sums.

What moves elements around is asked where it put them: the op itself is run on the elements' own
numbers. Where the way back is not known, nothing is demanded; TensorFlow has the last word on
every sample anyway (search.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from bundler.graph.freeze import Frozen
from bundler.graph.rewrite import known_value
from bundler.graph.samples.demand import Array, Demand
from bundler.graph.samples.wants import WANTS
from bundler.graph.view import import_graph, shaped

Back = Callable[[Any, Demand], dict[int, Demand]]

# Of larger tensors, all elements get one demand.
MOST_ELEMENTS = 1 << 18


def demands(frozen: Frozen, shapes: Mapping[str, Sequence[int]]) -> dict[str, Demand]:
    """What the graph demands of its inputs, by node, when they have these shapes."""
    try:
        graph = shaped(frozen, shapes)
    except ValueError:  # the model takes other sizes
        graph = import_graph(frozen)
    found: dict[str, Demand] = {}

    def add(tensor: Any, demand: Demand) -> None:
        if not demand.is_trivial:
            demand = _fitted(demand, tensor)
            found[tensor.name] = found[tensor.name].both(demand) if tensor.name in found else demand

    for op in reversed(graph.get_operations()):
        for number, demand in WANTS.get(op.type, _nothing)(op).items():
            if number < len(op.inputs):
                add(op.inputs[number], demand)
        for output in op.outputs:
            if output.name in found:
                for number, demand in _traced_back(op, output, found[output.name]).items():
                    add(op.inputs[number], demand)
    return {name: found[f"{name}:0"] for name in frozen.inputs if f"{name}:0" in found}


def _nothing(_: Any) -> dict[int, Demand]:
    return {}


def _fitted(demand: Demand, tensor: Any) -> Demand:
    """In the tensor's own shape; one for all elements of a tensor that is large or unknown."""
    shape = _shape(tensor)
    if shape is None or (demand.shape and demand.low.size != prod(shape)):
        return demand.overall
    if demand.shape:
        return demand.each(lambda part: part.reshape(shape))
    return demand.each(lambda part: np.broadcast_to(part, shape))


def _shape(tensor: Any) -> tuple[int, ...] | None:
    known = tensor.shape.is_fully_defined() and tensor.shape.num_elements() <= MOST_ELEMENTS
    return tuple(tensor.shape.as_list()) if known else None


def _traced_back(op: Any, output: Any, demand: Demand) -> dict[int, Demand]:
    if op.type == "IdentityN":
        return {output.value_index: demand}
    if op.type in BACK:
        return BACK[op.type](op, demand)
    if op.type in MOVES:
        return _moved(op, output, demand)
    return {}


def _moved(op: Any, output: Any, demand: Demand) -> dict[int, Demand]:
    """Through an op that only puts elements elsewhere."""
    data = [number for number in _data(op) if known_value(op.inputs[number]) is None]
    shapes = [_shape(op.inputs[number]) for number in data]
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
        value, shape = known_value(tensor), _shape(tensor)
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


def _same(_: Any, demand: Demand) -> dict[int, Demand]:
    return {0: demand}


def _of_all(op: Any, demand: Demand) -> dict[int, Demand]:
    """Any of the inputs may be what comes out."""
    return dict.fromkeys(range(len(op.inputs)), demand)


def _chosen(_: Any, demand: Demand) -> dict[int, Demand]:
    return {1: demand, 2: demand}


def _reduced(op: Any, demand: Demand) -> dict[int, Demand]:
    """A sum, mean, largest or smallest of numbers above a bound that is not negative."""
    if op.type in ("Sum", "Prod"):
        keeps = bool((demand.low >= 0).all())
        return {0: Demand.of(demand.overall.low)} if keeps else {}
    return {0: demand.overall}


def _absolute(_: Any, demand: Demand) -> dict[int, Demand]:
    low = np.where(demand.low > 0, demand.low, -demand.high)
    return {0: Demand(low, demand.high, demand.whole, demand.nonzero)}


def _square(_: Any, demand: Demand) -> dict[int, Demand]:
    root = np.sqrt(np.maximum(demand.high, 0))
    low = np.where(demand.low > 0, np.sqrt(np.maximum(demand.low, 0)), -root)
    return {0: Demand(low, root, np.zeros_like(demand.whole), demand.nonzero)}


def _negative(_: Any, demand: Demand) -> dict[int, Demand]:
    return {0: demand.within(np.negative, falling=True)}


def _limited(op: Any, demand: Demand) -> dict[int, Demand]:
    """A bound that the op itself keeps is demanded of nobody."""
    limits = [known_value(tensor) for tensor in op.inputs]
    low = limits[1] if op.type == "ClipByValue" else max(_numbers(limits), default=None)
    high = limits[2] if op.type == "ClipByValue" else min(_numbers(limits), default=None)
    keeps_low = op.type != "Minimum" and low is not None and (np.max(low) >= demand.low).all()
    keeps_high = op.type != "Maximum" and high is not None and (np.min(high) <= demand.high).all()
    left = Demand(
        np.full_like(demand.low, -np.inf) if keeps_low else demand.low,
        np.full_like(demand.high, np.inf) if keeps_high else demand.high,
        demand.whole,
        demand.nonzero,
    )
    return {n: left for n, value in enumerate(limits) if value is None}


def _rectified(op: Any, demand: Demand) -> dict[int, Demand]:
    low = np.where(demand.low <= 0, -np.inf, demand.low)
    high = np.where(demand.high >= 6, np.inf, demand.high) if op.type == "Relu6" else demand.high
    return {0: Demand(low, high, demand.whole, demand.nonzero)}


def _numbers(values: list[Any]) -> list[float]:
    return [float(np.max(value)) for value in values if value is not None and np.size(value)]


def _arithmetic(op: Any, demand: Demand) -> dict[int, Demand]:
    """Sums and products with a constant are solved; of two unknowns only the sign is known."""
    left, right = (known_value(tensor) for tensor in op.inputs[:2])
    if left is None and right is None:
        return _of_unknowns(op, demand)
    if left is not None and right is not None:
        return {}
    number, constant = (0, right) if right is not None else (1, left)
    solved = _solved(op.type, number, np.asarray(constant, float), demand)
    return {} if solved is None else {number: _unbroadcast(solved, op, number)}


def _of_unknowns(op: Any, demand: Demand) -> dict[int, Demand]:
    if op.type == "Sub" or not (demand.low >= 0).all():
        return {}
    positive = Demand.of(demand.overall.low)
    return {0: positive, 1: positive}


def _solved(kind: str, number: int, constant: Array, demand: Demand) -> Demand | None:
    """What x must be so that `x kind constant`, or `constant kind x`, is what is demanded."""
    if demand.shape:
        try:
            constant = np.broadcast_to(constant, demand.shape)
        except ValueError:
            return None
    elif constant.size != 1:
        spread = [_solved(kind, number, one, demand) for one in np.unique(constant)[:64]]
        found = [one for one in spread if one is not None]
        return None if not found else _all_of(found)
    else:
        constant = constant.reshape(())
    if kind in ("Add", "AddV2", "BiasAdd", "Sub"):
        # What may not be 0 here is another number there.
        demand = Demand(demand.low, demand.high, demand.whole, np.zeros_like(demand.nonzero))
        if kind == "Sub" and number == 1:
            return demand.within(lambda bound: constant - bound, falling=True)
        shift = -constant if kind == "Sub" else constant
        return demand.within(lambda bound: bound - shift)
    if kind == "RealDiv" and number == 1:
        return None
    factor = 1 / constant if kind == "RealDiv" and constant.all() else constant
    if not factor.all() or not np.isfinite(factor).all():
        return None
    low, high = demand.low / factor, demand.high / factor
    whole = demand.whole & (factor == 1)
    return Demand(np.minimum(low, high), np.maximum(low, high), whole, demand.nonzero)


def _all_of(found: list[Demand]) -> Demand:
    first, *others = found
    for other in others:
        first = first.both(other)
    return first


def _unbroadcast(demand: Demand, op: Any, number: int) -> Demand:
    """On the operand itself, each of whose elements may be used many times."""
    shape = _shape(op.inputs[number])
    if not demand.shape or shape is None or shape == demand.shape:
        return demand
    places = np.broadcast_to(np.arange(prod(shape)).reshape(shape), demand.shape)
    return demand.gathered(places, shape)


# What moves elements around and changes none.
MOVES = {
    "BatchToSpaceND", "BroadcastTo", "Concat", "ConcatV2", "DepthToSpace", "DiagPart",
    "ExpandDims", "ExtractImagePatches", "Gather", "GatherNd", "GatherV2", "MatrixDiagPartV3",
    "MirrorPad", "Pack", "Pad", "PadV2", "Reshape", "Reverse", "ReverseV2", "Roll", "Slice",
    "SpaceToBatchND", "SpaceToDepth", "Split", "SplitV", "Squeeze", "StridedSlice", "Tile",
    "Transpose", "Unpack",
}  # fmt: skip
_UNCHANGED = (
    "Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics", "EnsureShape",
    "Enter", "Exit", "NextIteration", "Switch", "Floor", "Ceil", "Round", "Rint", "Real",
    "PlaceholderWithDefault", "TensorListFromTensor", "TensorListGetItem", "TensorListStack",
    "TensorArrayReadV3", "TensorArrayScatterV3",
)  # fmt: skip
BACK: dict[str, Back] = {
    **dict.fromkeys(_UNCHANGED, _same),
    **dict.fromkeys(("Select", "SelectV2"), _chosen),
    **dict.fromkeys(("Sum", "Mean", "Max", "Min", "Prod"), _reduced),
    **dict.fromkeys(("Maximum", "Minimum", "ClipByValue"), _limited),
    **dict.fromkeys(("Add", "AddV2", "BiasAdd", "Sub", "Mul", "RealDiv"), _arithmetic),
    "AddN": lambda op, demand: _of_all(op, demand) if (demand.low >= 0).all() else {},
    "Merge": _of_all,
    "Abs": _absolute,
    "Square": _square,
    "Neg": _negative,
    "Cast": _same,
    "Relu": _rectified,
    "Relu6": _rectified,
}
