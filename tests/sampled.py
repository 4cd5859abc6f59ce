"""Samplers for models that are made in the test's own process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bundler import plan
from bundler.demo import parts
from bundler.demo.demo import Demo
from bundler.formats.signature import Loaded, Signature
from bundler.graph import freeze, trace
from bundler.graph.freeze import Frozen
from bundler.graph.samples import Sampler, sampler
from bundler.ground.tensors import Tensors, TensorSpec
from bundler.plan import Plan
from tests.models import tf

Model = Callable[..., Any]


@dataclass(frozen=True)
class Sampled:
    """A model as the build sees it, and what makes its samples."""

    plan: Plan
    frozen: Frozen
    ask: Callable[[Tensors], Tensors]

    def sampler(self, examples: Sequence[Tensors] = (), tolerance: float = 1e-4) -> Sampler:
        return sampler(self.plan, self.frozen, self.ask, examples, tolerance=tolerance)


def sampled(model: Model, *specs: TensorSpec, settings: dict[str, Any] | None = None) -> Sampled:
    """A model of tensors in the order of `specs`; its outputs are called y0, y1, ..."""

    def call(inputs: list[Any]) -> list[Any]:
        found = model(*inputs)
        return list(found) if isinstance(found, list | tuple) else [found]

    signature = [tf.TensorSpec(spec.shape, spec.dtype) for spec in specs]
    traced = tf.function(lambda *args: call(list(args)), autograph=False).get_concrete_function(
        *signature
    )
    outputs = [
        TensorSpec(f"y{n}", one.dtype.name, tuple(one.shape.as_list() if one.shape.rank else ()))
        for n, one in enumerate(traced.outputs)
    ]
    said = Signature(specs, tuple(outputs), {}, normalizes=False)
    tables = {"outputs": [{"widget": "json"} for _ in outputs], **(settings or {})}
    demo = Demo.model_validate({"model": "model", "folder": Path(), **tables})
    planned = plan.make(demo, said, parts.read())
    function = trace.trace(Loaded(call, said), planned)
    return Sampled(planned, freeze.freeze(function), partial(trace.answer, function, planned))
