"""What samples prove: how far the answers move, whether they are saturated, which to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from bundler.graph.changes import Moved
from bundler.graph.samples.demand import Array
from bundler.ground.tensors import Tensor, Tensors

# Answers that differ by less of the output's largest magnitude do not show a wrong kernel.
LEAST_MOVE = 0.05
# What wrong kernels change at least, of the answer's largest magnitude, if they show.
LEAST_SHOWN = 1e-3
# A sample has moved an output that it changes by so much.
MOVED = 1e-3
# As near to one of these, all elements of an answer are at an end of what it can be.
ENDS = (-1.0, 0.0, 1.0)
NEAR_END = 1e-4
# So many of Python's own errors are allowed, but never a larger one.
OWN_ERRORS, MOST_ALLOWED = 4.0, 1e-2
# Golden samples ship with the site.
LEAST_SAMPLES, MOST_SAMPLES = 3, 8


@dataclass(frozen=True)
class Sample:
    """Inputs, Python's answers, and by output how far Python is from itself.

    `own_errors` are the differences to its answers in more digits, `jitter` to those of who
    rounds otherwise, `shown` to those of wrong kernels, over the answer's largest magnitude;
    `stepped` are the outputs that hold zeros and ones by nature.
    """

    inputs: Tensors
    outputs: Tensors
    own_errors: dict[str, float] = field(default_factory=dict)
    jitter: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    stepped: frozenset[str] = frozenset()

    @property
    def is_finite(self) -> bool:
        return all(_is_finite(tensor) for tensor in self.outputs.values())

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the inputs, in the plan's order."""
        return [tensor.shape for tensor in self.inputs.values()]

    @property
    def is_empty(self) -> bool:
        """Whether there is an output without elements."""
        return not all(tensor.data for tensor in self.outputs.values())

    def allowed(self, tolerance: float) -> dict[str, float]:
        """By output, the error that is allowed where Python is further than that from itself."""
        return {
            name: max(tolerance, min(OWN_ERRORS * own, MOST_ALLOWED))
            for name, own in self.own_errors.items()
            if own > tolerance
        }

    def hides(self, output: str) -> bool:
        """Whether a wrong kernel would not show in the answer."""
        if output in self.stepped or self.outputs[output].dtype != "float32":
            return False
        return self.shown.get(output, LEAST_SHOWN) < LEAST_SHOWN or self.saturates(output)

    def saturates(self, output: str) -> bool:
        """Whether the answer is at the ends of its range: other inputs would give it too."""
        tensor = self.outputs[output]
        if tensor.dtype != "float32" or not tensor.data or output in self.stepped:
            return False
        distances = [np.abs(tensor.flat() - end) for end in ENDS]
        return bool((np.minimum.reduce(distances) < NEAR_END).all())


def proves(found: Moved) -> bool:
    """Whether a wrong kernel would show in an output that moved so."""
    return found.by >= LEAST_MOVE and not found.saturated


def moved(output: str, samples: Sequence[Sample]) -> Moved:
    """What an output does over samples."""
    answers = [sample.outputs[output] for sample in samples]
    scale = max((_magnitude(answer) for answer in answers), default=0.0)
    differences = [
        max((_difference(one, other, scale) for other in answers if other is not one), default=0.0)
        for one in answers
    ]
    return Moved(
        output,
        sum(difference >= MOVED for difference in differences),
        max(differences, default=0.0),
        bool(samples) and all(sample.hides(output) for sample in samples),
    )


def choose(pool: Sequence[Sample], steady: float) -> list[Sample]:
    """The samples that ship: a few, and for each output what proves most.

    Samples at which Python is steadier than `steady` are the better judges.
    """
    different = [one for n, one in enumerate(pool) if all(one.inputs != p.inputs for p in pool[:n])]
    judges = sorted(different, key=lambda one: max(steady, *one.jitter.values(), steady))
    chosen = judges[:LEAST_SAMPLES]
    chosen += [one for one in judges if one.shapes not in [other.shapes for other in chosen]]
    for output in pool[0].outputs if pool else ():
        while len(chosen) < MOST_SAMPLES and not proves(moved(output, chosen)):
            best = max(judges, key=lambda one: _gain(output, one, chosen, steady))
            if _gain(output, best, chosen, steady) <= _gain(output, None, chosen, steady):
                break
            chosen.append(best)
    return chosen[:MOST_SAMPLES]


def _gain(
    output: str, one: Sample | None, chosen: list[Sample], steady: float
) -> tuple[bool, bool, float]:
    """Whether the output proves something with one more sample, and how much it moves then."""
    if one and one.jitter.get(output, 0.0) > steady:
        return False, False, 0.0
    found = moved(output, [*chosen, one] if one else chosen)
    return proves(found), not found.saturated, round(found.by, 3)


def _is_finite(tensor: Tensor) -> bool:
    return tensor.dtype != "float32" or bool(np.isfinite(tensor.flat()).all())


def _magnitude(tensor: Tensor) -> float:
    if tensor.dtype != "float32" or not tensor.data:
        return 1.0
    largest = float(np.abs(tensor.flat()).max())
    return largest if isfinite(largest) else 0.0


def _difference(one: Tensor, other: Tensor, scale: float) -> float:
    """Of numbers over the scale, of other elements the share that differs; over what both have."""
    first, second = _common(one.to_numpy(), other.to_numpy())
    if not first.size:
        return float(one.shape != other.shape)
    if one.dtype != "float32":
        return float((first != second).mean())
    with np.errstate(invalid="ignore"):
        largest = float(np.abs(first.astype(np.float64) - second).max())
    return largest / scale if scale and isfinite(largest) else 0.0


def _common(one: Array, other: Array) -> tuple[Array, Array]:
    """The parts of two answers at the same places."""
    if one.ndim != other.ndim:
        return one.ravel()[:0], other.ravel()[:0]
    part = tuple(slice(min(sizes)) for sizes in zip(one.shape, other.shape, strict=True))
    return one[part], other[part]
