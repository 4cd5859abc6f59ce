"""What ops want of their inputs: rows that exist, numbers that have a logarithm, and so on.

A table of functions from an op to demands by the number of an input. What an op does with other
values is an error, NaN or infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bundler.graph.rewrite import known_value
from bundler.graph.samples.demand import Demand

Wants = Callable[[Any], dict[int, Demand]]

# The smallest number that is meant by "above 0": its logarithm and inverse are still moderate.
TINY = 1e-2
# Exponentials of more are far from everything else in a model.
MOST_EXPONENT = 20.0


def first(low: float = -np.inf, high: float = np.inf, *, nonzero: bool = False) -> Wants:
    """The only or first operand lies within bounds."""
    return lambda _: {0: Demand.of(low, high, nonzero=nonzero)}


def second(low: float = -np.inf, *, nonzero: bool = False) -> Wants:
    """The second operand lies above a bound, or is not 0."""
    return lambda _: {1: Demand.of(low, nonzero=nonzero)}


def indices(operand: int, *, of: int, axis: int | None = None) -> Wants:
    """Operand `operand` holds whole numbers from 0 below a size of operand `of`."""

    def wants(op: Any) -> dict[int, Demand]:
        chosen = known_value(op.inputs[2]) if axis is None else axis
        shape = op.inputs[of].shape
        if chosen is None or not shape.rank:
            return {operand: _below(None)}
        return {operand: _below(shape[int(chosen)])}

    return wants


def _below(size: int | None) -> Demand:
    return Demand.of(0, np.inf if size is None else max(size - 1, 0), whole=True)


def below_value(operand: int, *, of: int) -> Wants:
    """Operand `operand` holds whole numbers from 0 below the value of operand `of`."""

    def wants(op: Any) -> dict[int, Demand]:
        value = known_value(op.inputs[of])
        return {operand: _below(None if value is None else int(np.max(value)))}

    return wants


def coordinates(operand: int, shape_of: Callable[[Any], list[int | None] | None]) -> Wants:
    """The last axis of an operand holds a place in a tensor, one element for each axis."""

    def wants(op: Any) -> dict[int, Demand]:
        shape, mine = shape_of(op), op.inputs[operand].shape
        if shape is None or not mine.rank or mine[-1] is None:
            return {operand: Demand.of(0, whole=True)}
        highest = [np.inf if size is None else max(size - 1, 0) for size in shape[: mine[-1]]]
        if not mine.is_fully_defined():
            return {operand: Demand.of(0, min(highest, default=0), whole=True)}
        high = np.broadcast_to(np.asarray(highest, float), mine.as_list())
        return {operand: Demand.of(np.zeros(high.shape), high, whole=True)}

    return wants


def _shape_of_input(number: int) -> Callable[[Any], list[int | None] | None]:
    return lambda op: op.inputs[number].shape.as_list() if op.inputs[number].shape.rank else None


def _value_of_input(number: int) -> Callable[[Any], list[int | None] | None]:
    def shape(op: Any) -> list[int | None] | None:
        value = known_value(op.inputs[number])
        return None if value is None else [int(size) for size in np.ravel(value)]

    return shape


def sizes(*operands: int) -> Wants:
    """Operands that are lengths or shapes themselves."""
    return lambda _: {number: Demand.of(1, 8, whole=True) for number in operands}


def _power(op: Any) -> dict[int, Demand]:
    exponent = known_value(op.inputs[1])
    if exponent is not None and (np.asarray(exponent) == np.round(exponent)).all():
        return {0: Demand.of(nonzero=bool((np.asarray(exponent) < 0).any()))}
    return {0: Demand.of(TINY), 1: Demand.of(-MOST_EXPONENT, MOST_EXPONENT)}


def _sequence_lengths(op: Any) -> dict[int, Demand]:
    size = op.inputs[0].shape[op.get_attr("seq_dim")] if op.inputs[0].shape.rank else None
    return {1: Demand.of(0, size or 1, whole=True)}


def _shift(op: Any) -> dict[int, Demand]:
    return {1: Demand.of(0, 8 * op.inputs[0].dtype.size - 1, whole=True)}


def _crops(op: Any) -> dict[int, Demand]:
    boxes = op.inputs[0].shape[0] if op.inputs[0].shape.rank else 1
    return {2: _below(boxes or 1)}


def _within(bound: float) -> Wants:
    return first(-bound, bound)


_DIVISIONS = (
    "RealDiv", "Div", "DivNoNan", "FloorDiv", "FloorMod", "Mod", "TruncateDiv", "TruncateMod",
    "Xdivy",
)  # fmt: skip
_SEGMENTS = (
    "UnsortedSegmentSum", "UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd",
)  # fmt: skip

WANTS: dict[str, Wants] = {
    "Gather": indices(1, of=0, axis=0),
    "GatherV2": indices(1, of=0),
    "ResourceGather": indices(1, of=0, axis=0),
    "GatherNd": coordinates(1, _shape_of_input(0)),
    "ScatterNd": coordinates(0, _value_of_input(2)),
    "TensorScatterUpdate": coordinates(1, _shape_of_input(0)),
    "TensorScatterAdd": coordinates(1, _shape_of_input(0)),
    "OneHot": below_value(0, of=1),
    "Bincount": below_value(0, of=1),
    "DenseBincount": below_value(0, of=1),
    "RaggedBincount": below_value(1, of=2),
    "InTopKV2": lambda op: {1: _below(op.inputs[0].shape[-1])},
    "CropAndResize": _crops,
    "ReverseSequence": _sequence_lengths,
    "LeftShift": _shift,
    "RightShift": _shift,
    **dict.fromkeys(_SEGMENTS, below_value(1, of=2)),
    **dict.fromkeys(_DIVISIONS, second(nonzero=True)),
    "Pow": _power,
    "Reciprocal": first(nonzero=True),
    "Inv": first(nonzero=True),
    "Log": first(TINY),
    "Log1p": first(TINY - 1),
    "Sqrt": first(0.0),
    "Rsqrt": first(TINY),
    "Xlogy": second(TINY),
    "Xlog1py": second(TINY - 1),
    "Exp": first(high=MOST_EXPONENT),
    "Expm1": first(high=MOST_EXPONENT),
    "Sinh": _within(MOST_EXPONENT),
    "Cosh": _within(MOST_EXPONENT),
    "Asin": _within(1),
    "Acos": _within(1),
    "Atanh": _within(1 - TINY),
    "Acosh": first(1.0),
    "Erfinv": _within(1 - TINY),
    "Ndtri": first(TINY, 1 - TINY),
    "Lgamma": first(TINY),
    "Digamma": first(TINY),
    "Polygamma": lambda _: {0: Demand.of(1, 4, whole=True), 1: Demand.of(TINY)},
    "Zeta": lambda _: {0: Demand.of(1 + TINY), 1: Demand.of(TINY)},
    "Igamma": lambda _: {0: Demand.of(TINY), 1: Demand.of(0)},
    "Igammac": lambda _: {0: Demand.of(TINY), 1: Demand.of(0)},
    "Betainc": lambda _: {0: Demand.of(TINY), 1: Demand.of(TINY), 2: Demand.of(0, 1)},
    "BesselK0": first(TINY),
    "BesselK1": first(TINY),
    "BesselY0": first(TINY),
    "BesselY1": first(TINY),
    "AdjustHue": lambda _: {1: Demand.of(-1, 1)},
    "AdjustSaturation": lambda _: {1: Demand.of(0)},
    "RGBToHSV": first(0.0, 1.0),
    "HSVToRGB": first(0.0, 1.0),
    "NonMaxSuppressionV3": lambda _: {2: Demand.of(1, 8), 3: Demand.of(0, 1)},
    "NonMaxSuppressionV4": lambda _: {2: Demand.of(1, 8), 3: Demand.of(0, 1)},
    "NonMaxSuppressionV5": lambda _: {2: Demand.of(1, 8), 3: Demand.of(0, 1), 5: Demand.of(0, 1)},
    "TopKV2": sizes(1),
    "Reshape": sizes(1),
    "Fill": sizes(0),
    "BroadcastTo": sizes(1),
    "Tile": sizes(1),
    "ResizeBilinear": sizes(1),
    "ResizeNearestNeighbor": sizes(1),
    "ResizeBicubic": sizes(1),
    "ResizeArea": sizes(1),
    "RandomUniform": sizes(0),
    "RandomStandardNormal": sizes(0),
}
