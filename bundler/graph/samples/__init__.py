"""Inputs that could show a difference between Python and TF.js, small enough to ship."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bundler.graph import cost
from bundler.graph.freeze import Frozen
from bundler.graph.noise import with_noise
from bundler.graph.samples.domains import sources
from bundler.graph.samples.ranges import ranges
from bundler.graph.samples.search import Sampler
from bundler.graph.samples.sizes import Shapes
from bundler.graph.samples.steadiness import Steadiness
from bundler.graph.samples.steps import stepped
from bundler.graph.samples.worth import Sample, moved
from bundler.graph.view import shaped
from bundler.ground.tensors import Tensors
from bundler.plan import Plan

__all__ = ["Sample", "Sampler", "moved", "ranges", "sampler"]


def sampler(
    plan: Plan,
    frozen: Frozen,
    ask: Callable[[Tensors], Tensors],
    examples: Sequence[Tensors] = (),
    *,
    tolerance: float,
    precise: Frozen | None = None,
) -> Sampler:
    """Samples for a model: `frozen` is its own graph, `ask` answers as Python or raises.

    `precise` is the graph in which Python's own errors are measured, if it is another one.
    """
    nodes = {item.spec.name: node for item, node in zip(plan.inputs, frozen.inputs, strict=False)}

    def multiply_adds(shapes: Shapes) -> int:
        return cost.multiply_adds(frozen, {nodes[name]: shapes[name] for name in shapes})

    def fits(shapes: Shapes) -> bool:
        """Whether every op can have what follows from these shapes: TensorFlow may not complain."""
        try:
            shaped(frozen, {nodes[name]: shapes[name] for name in shapes})
        except ValueError:
            return False
        return True

    def answered(inputs: Tensors) -> Sample:
        """With the noise that the graph is fed besides."""
        fed = with_noise(inputs, frozen.noise)
        return Sample(fed, ask(fed), stepped=steps)

    steps = frozenset(plan.outputs[number].spec.name for number in stepped(frozen))
    return Sampler(
        plan,
        sources(plan, frozen, examples),
        answered,
        Steadiness(plan, precise or frozen, ask),
        tolerance=tolerance,
        examples=examples,
        multiply_adds=multiply_adds,
        fits=fits,
    )
