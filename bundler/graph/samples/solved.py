"""Demands traced back through ops that compute: what goes in so that this comes out."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from bundler.graph.rewrite import known_value
from bundler.graph.samples.demand import Array, Demand, known_shape

Back = Callable[[Any, Demand], dict[int, Demand]]


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
    shape = known_shape(op.inputs[number])
    if not demand.shape or shape is None or shape == demand.shape:
        return demand
    places = np.broadcast_to(np.arange(prod(shape)).reshape(shape), demand.shape)
    return demand.gathered(places, shape)


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
