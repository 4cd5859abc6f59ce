"""Which numbers a model knows of each input: those that its lookups hold, where Python says so too.

Of others, TensorFlow's lookups raise, and those of TensorFlow.js raise in words for developers or
answer zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, prod

import numpy as np

from bundler.graph.changes import Range
from bundler.graph.freeze import Frozen
from bundler.graph.samples.demand import Demand
from bundler.graph.samples.domains import traced
from bundler.graph.samples.wants import WANTS
from bundler.graph.trace import raw_spec
from bundler.ground.tensors import Tensor, Tensors, TensorSpec
from bundler.plan import Plan

LOOKUPS = {
    name: WANTS[name]
    for name in (
        *("Gather", "GatherV2", "ResourceGather", "GatherNd"),
        *("ScatterNd", "TensorScatterUpdate", "TensorScatterAdd"),
    )
}
# Python is asked about so many different ranges of an input.
MOST_ASKED = 32


def ranges(
    plan: Plan, frozen: Frozen, ask: Callable[[Tensors], Tensors], inputs: Tensors
) -> dict[str, list[Range]]:
    """The range of each of an input's elements, or the one that all have; `inputs` have an answer.

    Inputs of which any number is known are left out.
    """
    specs = {item.spec.name: raw_spec(item) for item in plan.inputs}
    demands = traced(frozen, dict(zip(frozen.inputs, specs.values(), strict=False)), LOOKUPS)
    nodes = dict(zip(frozen.inputs, specs, strict=False))
    found = {}
    for node, demand in demands.items():
        name = nodes[node]
        if specs[name].dtype not in ("string", "bool") and inputs[name].data:
            known = _of_input(_Trial(ask, inputs, name), specs[name], demand)
            if any(one != (None, None) for one in known):
                found[name] = known
    return found


class _Trial:
    """Asks Python about other values of one element of an input."""

    def __init__(self, ask: Callable[[Tensors], Tensors], inputs: Tensors, name: str) -> None:
        self._ask, self._inputs, self._name = ask, inputs, name

    @property
    def shape(self) -> tuple[int, ...]:
        return self._inputs[self._name].shape

    def is_refused(self, place: int, value: float) -> bool:
        """Whether Python raises when the element at a place has this value."""
        values = self._inputs[self._name].to_numpy().copy()
        values.flat[place] = value
        try:
            self._ask({**self._inputs, self._name: Tensor.from_numpy(values)})
        except Exception:  # what ops raise has no common class
            return True
        return False


def _of_input(trial: _Trial, spec: TensorSpec, demand: Demand) -> list[Range]:
    try:
        low, high, whole = (
            np.broadcast_to(part, trial.shape) for part in (demand.low, demand.high, demand.whole)
        )
    except ValueError:  # the model takes other sizes
        return []
    pairs = list(zip(low.ravel().tolist(), high.ravel().tolist(), strict=True))
    places = {pair: place for place, pair in reversed([*enumerate(pairs)])}
    # What is rounded on its way to a lookup has other ends.
    if len(places) > MOST_ASKED or not whole.all():
        return []
    known = {pair: _confirmed(trial, place, pair) for pair, place in places.items()}
    if len(places) == 1:
        return list(known.values())
    return [known[pair] for pair in pairs[: prod(size or 1 for size in spec.shape)]]


def _confirmed(trial: _Trial, place: int, ends: tuple[float, float]) -> Range:
    """The ends behind which Python raises.

    Many models count from the end below 0, as Python does: nobody enters that, and where Python
    raises further down, they begin at 0.
    """
    low, high = ends
    has_high = isfinite(high) and trial.is_refused(place, high + 1)
    below = [low - 1, low - 1 - (high + 1)] if isfinite(high) else [low - 1]
    has_low = isfinite(low) and any(trial.is_refused(place, value) for value in below)
    if any(trial.is_refused(place, end) for end in ends if isfinite(end)):
        return None, None  # the way back was another
    return (low if has_low else None), (high if has_high else None)
