"""How far Python's answers are from themselves in more digits: below that, nobody can judge.

Measured on the frozen graph in float64. Where TensorFlow has no float64 of an op, also on inputs
that are moved by one unit in the last place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bundler.graph.freeze import Frozen
from bundler.graph.reference import Reference
from bundler.plan import Plan
from bundler.tensors import Tensor, Tensors


class Steadiness:
    """Measures noise; the graph in float64 is made when it is first needed."""

    def __init__(self, plan: Plan, frozen: Frozen, answer: Callable[[Tensors], Tensors]) -> None:
        self._plan = plan
        self._frozen = frozen
        self._answer = answer
        self._precise: Reference | None = None
        # Until the graph was made: whether all of it is computed in float64, and any.
        self._is_complete = self._is_possible = True

    def noise(self, inputs: Tensors, outputs: Tensors) -> dict[str, float]:
        """By output, the largest difference over the answer's largest magnitude."""
        floats = {name: one for name, one in outputs.items() if one.dtype == "float32"}
        found = [self._in_float64(inputs)]
        if not self._is_complete:
            found.append(self._moved(inputs))
        return {
            name: max(_difference(tensor.to_numpy(), one.get(name)) for one in found)
            for name, tensor in floats.items()
        }

    def _in_float64(self, inputs: Tensors) -> dict[str, Any]:
        if not self._is_possible:
            return {}
        try:
            if self._precise is None:
                self._precise = self._made()
            fed = [item.spec.name for item in self._plan.inputs]
            fed += [one.name for one in self._frozen.noise]
            results = self._precise.run([inputs[name].to_numpy() for name in fed])
        except Exception:  # whatever TensorFlow says of a graph that it cannot run
            self._is_complete = self._is_possible = False
            return {}
        names = [item.spec.name for item in self._plan.outputs]
        return dict(zip(names, results, strict=True))

    def _made(self) -> Reference:
        from bundler.graph import precision

        retyped = precision.retyped(self._frozen, {"float32": "float64"})
        self._is_complete = not retyped.kept
        return Reference(retyped.frozen)

    def _moved(self, inputs: Tensors) -> dict[str, Any]:
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
        if self._precise is not None:
            self._precise.close()
            self._precise = None


def _difference(own: Any, other: Any) -> float:
    if other is None or own.shape != np.shape(other) or not own.size:
        return 0.0
    with np.errstate(invalid="ignore"):
        difference = float(np.abs(own.astype(np.float64) - other).max())
    # An answer that drowned in noise altogether may be 0.
    magnitude = max(float(np.abs(own).max()), float(np.abs(other).max())) or 1.0
    return difference / magnitude if np.isfinite(difference) else 0.0
