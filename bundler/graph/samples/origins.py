"""Demands of ops, traced back to the inputs of a graph: through casts, reshapes, slices, sums.

Where the way back is not known, nothing is demanded; TensorFlow has the last word on every sample
anyway (search.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from bundler.graph.freeze import Frozen
from bundler.graph.samples.demand import Demand, known_shape
from bundler.graph.samples.moved import MOVES, moved
from bundler.graph.samples.solved import BACK
from bundler.graph.samples.wants import WANTS, Wants
from bundler.graph.view import import_graph, shaped


def demands(
    frozen: Frozen, shapes: Mapping[str, Sequence[int]], wants: Mapping[str, Wants] = WANTS
) -> dict[str, Demand]:
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
        for number, demand in wants.get(op.type, _nothing)(op).items():
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
    shape = known_shape(tensor)
    if shape is None or (demand.shape and demand.low.size != prod(shape)):
        return demand.overall
    if demand.shape:
        return demand.each(lambda part: part.reshape(shape))
    return demand.each(lambda part: np.broadcast_to(part, shape))


def _traced_back(op: Any, output: Any, demand: Demand) -> dict[int, Demand]:
    if op.type == "IdentityN":
        return {output.value_index: demand}
    if op.type in BACK:
        return BACK[op.type](op, demand)
    if op.type in MOVES:
        return moved(op, output, demand)
    return {}
