"""How far Python's answers are from themselves in more digits: below that, nobody can judge.

Measured on the frozen graph in float64. Where TensorFlow has no float64 of an op, also on inputs
that are moved by one unit in the last place. Who rounds otherwise than Python is imitated by
weights that differ by less than float32 can say, and by jitter before the graph decides
(jitter.py). So are wrong kernels: a sample at which they do not show proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bundler.graph import large
from bundler.graph.freeze import Frozen
from bundler.graph.large import Weights
from bundler.graph.reference import Reference
from bundler.graph.samples.jitter import AMOUNT, USUAL, with_jitter
from bundler.graph.samples.vocabulary import ancestors
from bundler.graph.samples.worth import Sample
from bundler.ground.tensors import Tensor, Tensors
from bundler.plan import Plan

# Half a unit in the last place of float32, relative.
ROUNDING = 2.0**-24
# A kernel that is wrong by so much must show.
WRONG = 0.02
# Constants of fewer elements are thresholds and sizes as often as weights.
LEAST_WEIGHTS = 16

Answers = dict[str, Any]


class Steadiness:
    """Measures Python's own errors; the graph in float64 is made when it is first needed."""

    def __init__(self, plan: Plan, frozen: Frozen, answer: Callable[[Tensors], Tensors]) -> None:
        self._plan = plan
        self._frozen = frozen
        self._answer = answer
        self._precise: Reference | None = None
        self._weights: Weights = {}
        # For what TensorFlow cannot run in float64: the graph as it is, with its weights apart.
        self._own: Frozen | None = None
        self._single: Reference | None = None
        # The outputs that kernels have a part in.
        self._weighed: set[str] = set()
        # Until the graph was made: whether all of it is computed in float64, and any.
        self._is_complete = self._is_possible = True

    def measured(self, sample: Sample, tolerance: float) -> Sample:
        """With Python's own errors, measured exactly where they could matter."""
        jitter = _differences(sample.outputs, self._in_float64(sample.inputs, self._rounded))
        own = jitter
        if max(jitter.values(), default=0.0) > tolerance:
            own = _differences(sample.outputs, self._in_float64(sample.inputs, {}))
        if not self._is_complete:
            moved = _differences(sample.outputs, self._moved(sample.inputs))
            jitter, own = _larger(jitter, moved), _larger(own, moved)
        wrong = self._by_wrong_kernels(sample.inputs)
        shown = _differences(sample.outputs, wrong)
        shown = {name: shown[name] for name in self._weighed & wrong.keys()}
        return replace(sample, own_errors=own, jitter=jitter, shown=shown)

    def _in_float64(self, inputs: Tensors, weights: Callable[[], Weights] | Weights) -> Answers:
        """The answers with these weights in place of the graph's own."""
        if not self._is_possible:
            return {}
        try:
            if self._precise is None:
                self._precise = self._made()
            return self._run(self._precise, inputs, weights() if callable(weights) else weights)
        except Exception:  # whatever TensorFlow says of a graph that it cannot run
            self._is_complete = self._is_possible = False
            return {}

    def _by_wrong_kernels(self, inputs: Tensors) -> Answers:
        answers = self._in_float64(inputs, lambda: _wrong(self._weights))
        if self._is_possible or self._own is None:
            return answers
        try:
            self._single = self._single or Reference(self._own)
            return self._run(self._single, inputs, _wrong(self._own.weights))
        except Exception:  # as above; Keras has some ops run by a compiler alone
            self._own = None
            return {}

    def _run(self, reference: Reference, inputs: Tensors, weights: Weights) -> Answers:
        fed = [item.spec.name for item in self._plan.inputs]
        fed += [one.name for one in self._frozen.noise]
        results = reference.run([inputs[name].to_numpy() for name in fed], weights)
        return dict(zip([item.spec.name for item in self._plan.outputs], results, strict=True))

    def _made(self) -> Reference:
        from bundler.graph import precision

        own = with_jitter(self._frozen)
        own.weights.update(large.take(own.graph, more_than=LEAST_WEIGHTS - 1))
        self._own = own.copy()
        retyped = precision.retyped(own, {"float32": "float64"})
        self._is_complete = not retyped.kept
        self._weights = retyped.frozen.weights
        kernels = {name for name, value in self._weights.items() if _is_kernel(value)}
        names = [item.spec.name for item in self._plan.outputs]
        self._weighed = {
            name
            for name, node in zip(names, own.outputs, strict=True)
            if kernels & ancestors(own, node)
        }
        return Reference(retyped.frozen)

    def _rounded(self) -> Weights:
        generator = np.random.default_rng(0)
        rounded = {
            name: value * (1 + ROUNDING * generator.uniform(-1, 1, value.shape))
            for name, value in self._weights.items()
        }
        return rounded | ({AMOUNT: np.asarray(USUAL)} if AMOUNT in rounded else {})

    def _moved(self, inputs: Tensors) -> Answers:
        """The answers to inputs whose every number is the next one that float32 has."""
        moved = {
            name: Tensor.from_numpy(np.nextafter(tensor.to_numpy(), np.float32(np.inf)))
            if tensor.dtype == "float32"
            else tensor
            for name, tensor in inputs.items()
        }
        if moved == inputs:
            return {}
        try:
            return {name: tensor.to_numpy() for name, tensor in self._answer(moved).items()}
        except Exception:  # the next number may be outside of what the model takes
            return {}

    def close(self) -> None:
        for reference in filter(None, (self._precise, self._single)):
            reference.close()
        self._precise = self._single = None


def _is_kernel(value: Any) -> bool:
    """Whether there is anything in a weight that could be wrong."""
    return bool(value.ndim > 1 and np.any(value))


def _wrong(weights: Weights) -> Weights:
    """Every kernel too large by WRONG: in one direction, so that no two make up for it."""
    factor = 1 + WRONG
    return {n: (v * factor).astype(v.dtype) for n, v in weights.items() if _is_kernel(v)}


def _larger(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {name: max(value, other[name]) for name, value in one.items()}


def _differences(own: Tensors, other: Answers) -> dict[str, float]:
    """By output, as verification counts errors: of integers, the share that differs."""
    return {name: _difference(tensor, other.get(name)) for name, tensor in own.items()}


def _difference(own: Tensor, other: Any) -> float:
    if other is None or own.shape != np.shape(other) or not own.data or own.dtype == "string":
        return 0.0
    values = own.to_numpy()
    if own.dtype != "float32":
        return float((values != np.asarray(other)).mean())
    with np.errstate(invalid="ignore"):
        difference = float(np.abs(values.astype(np.float64) - other).max())
    # An answer that drowned in noise altogether may be 0.
    magnitude = max(float(np.abs(values).max()), float(np.abs(other).max())) or 1.0
    return difference / magnitude if np.isfinite(difference) else 0.0
