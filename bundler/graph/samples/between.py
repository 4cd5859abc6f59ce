"""Samples between two others whose answers are at different ends: there, an answer must move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np

from bundler.feeds import FEEDS
from bundler.graph.samples import worth
from bundler.graph.samples.worth import Sample
from bundler.ground.tensors import Tensor, Tensors
from bundler.plan import Plan

# The line between two inputs is halved so often, and so many lines are tried for an output.
MOST_HALVINGS, MOST_LINES = 14, 4

Ask = Callable[[Tensors], Sample | None]


def between(plan: Plan, pool: Sequence[Sample], ask: Ask) -> Iterator[Sample]:
    """Samples at which an output is not saturated that hides all wrong kernels so far."""
    mixed = {
        item.spec.name
        for item in plan.inputs
        if FEEDS[item.feed].samples(item.spec, item.settings) or "float" in item.spec.dtype
    }
    for output in pool[0].outputs if pool and mixed else ():
        if all(sample.hides(output) for sample in pool):
            for one, other in _ends(output, pool):
                found = _halved(output, one, other, mixed, ask)
                if found:
                    yield found
                    break


def _ends(output: str, pool: Sequence[Sample]) -> list[tuple[Sample, Sample]]:
    """Pairs of the same shapes with different answers."""
    pairs = [
        (one, other)
        for one, other in combinations(pool, 2)
        if one.shapes == other.shapes and worth.moved(output, [one, other]).by > 0.5
    ]
    return pairs[:MOST_LINES]


def _halved(output: str, one: Sample, other: Sample, mixed: set[str], ask: Ask) -> Sample | None:
    near, far = 0.0, 1.0
    for _ in range(MOST_HALVINGS):
        share = (near + far) / 2
        found = ask(_mixed(one.inputs, other.inputs, share, mixed))
        if found is None or not found.is_finite:
            return None
        if not found.saturates(output):
            return found
        if worth.moved(output, [one, found]).by < worth.moved(output, [other, found]).by:
            near = share
        else:
            far = share
    return None


def _mixed(one: Tensors, other: Tensors, share: float, names: set[str]) -> Tensors:
    """Inputs `share` of the way from one to the other; indexes and texts are those of the one."""
    return {
        name: _mix(tensor, other[name], share) if name in names else tensor
        for name, tensor in one.items()
    }


def _mix(one: Tensor, other: Tensor, share: float) -> Tensor:
    value = (1 - share) * one.to_numpy().astype(np.float64) + share * other.to_numpy()
    if one.dtype != "float32":
        value = np.round(value)
    return Tensor(one.dtype, one.shape, value.astype(one.dtype).tobytes())
