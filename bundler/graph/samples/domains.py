"""Where the values of each input come from: demo.toml, the model's ops, the user's examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundler.feeds import FEEDS
from bundler.feeds.patterns import Draw, Pattern, Shape
from bundler.graph.freeze import Frozen
from bundler.graph.samples import vocabulary
from bundler.graph.samples.demand import Demand
from bundler.graph.samples.origins import demands
from bundler.graph.samples.values import (
    NUMBERS,
    TEXTS,
    Domain,
    Family,
    stated,
)
from bundler.graph.samples.wants import WANTS, Wants
from bundler.graph.trace import raw_spec
from bundler.ground.tensors import Tensor, Tensors, TensorSpec
from bundler.plan import Plan, PlannedInput

# What the free dimensions are while demands are traced back.
TRACED_LENGTH = 8
# The values that dtypes hold which are int32 on the web.
LIMITS = {"uint8": (0, 255), "int8": (-128, 127), "uint16": (0, 65535), "int16": (-32768, 32767)}
FROM_DEMO = "stated"


@dataclass(frozen=True)
class Source:
    """The values of one input: its domain, and families of values by name, the likeliest first."""

    spec: TensorSpec
    domain: Domain
    table: dict[str, Family]

    @property
    def families(self) -> list[str]:
        return list(self.table)

    @property
    def is_stated(self) -> bool:
        """Whether demo.toml says which values there are."""
        return FROM_DEMO in self.table

    def make(self, family: str, shape: Shape, draw: Draw) -> Tensor:
        """Raises LookupError for a family that has no values of this shape."""
        values = self.table[family](self.domain, shape, draw)
        if self.spec.dtype == "string":
            return Tensor.from_numpy(np.asarray(values, object))
        return Tensor.from_numpy(np.asarray(values).astype(self.spec.dtype))


def sources(plan: Plan, frozen: Frozen, examples: Sequence[Tensors]) -> dict[str, Source]:
    """A source for each input; `frozen` is the model's own graph."""
    specs = [raw_spec(item) for item in plan.inputs]
    wanted = traced(frozen, dict(zip(frozen.inputs, specs, strict=False)))
    keys, parsed = vocabulary.keys(frozen), vocabulary.parsed(frozen)
    found = {}
    for item, spec, node in zip(plan.inputs, specs, frozen.inputs, strict=False):
        domain = Domain(
            spec.dtype,
            _with_limits(wanted.get(node, Demand.of()), item.spec.dtype),
            keys.get(node, ()),
            [one[spec.name].to_numpy() for one in examples],
        )
        table = _table(item, spec, has_examples=bool(examples), is_parsed=node in parsed)
        found[spec.name] = Source(spec, domain, table)
    return found


def traced(
    frozen: Frozen, specs: dict[str, TensorSpec], wants: Mapping[str, Wants] = WANTS
) -> dict[str, Demand]:
    """The graph's demands, those along free dimensions the same for all their elements."""
    known: dict[str, Sequence[int]] = {
        node: tuple(_size(axis, size) for axis, size in enumerate(spec.shape))
        for node, spec in specs.items()
    }
    found = demands(frozen, known, wants)
    return {node: _along_free(demand, specs[node].shape) for node, demand in found.items()}


def _size(axis: int, size: int | None) -> int:
    if size is not None:
        return size
    return 1 if axis == 0 else TRACED_LENGTH


def _along_free(demand: Demand, shape: tuple[int | None, ...]) -> Demand:
    free = tuple(axis for axis, size in enumerate(shape) if size is None)
    if not demand.shape or not free or not demand.low.size:
        return demand
    low, high = demand.low.max(axis=free, keepdims=True), demand.high.min(axis=free, keepdims=True)
    flags = (part.any(axis=free, keepdims=True) for part in (demand.whole, demand.nonzero))
    return Demand(low, np.maximum(low, high), *flags)


def _with_limits(demand: Demand, dtype: str) -> Demand:
    return demand.both(Demand.of(*LIMITS[dtype])) if dtype in LIMITS else demand


def _table(
    item: PlannedInput, spec: TensorSpec, *, has_examples: bool, is_parsed: bool
) -> dict[str, Family]:
    samples = FEEDS[item.feed].samples(item.spec, item.settings)
    if samples:
        return {name: _drawn(pattern) for name, pattern in samples.patterns.items()}
    said = _stated(item)
    if said:
        return {FROM_DEMO: stated(said)}
    table = TEXTS if spec.dtype == "string" else NUMBERS
    names = [name for name in table if name != "examples" or has_examples]
    if is_parsed:
        names.sort(key=lambda name: name not in ("numbers", "decimals", "examples"))
    return {name: table[name] for name in names}


def _drawn(pattern: Pattern) -> Family:
    """A family of values that do not depend on what the model demands."""
    return lambda _, shape, draw: pattern(shape, draw)


def _stated(item: PlannedInput) -> list[Any] | None:
    """Choices or both ends of each element, or of all, if demo.toml has them."""
    said = [field.settings.offered for field in item.fields]
    return None if not said or any(one is None for one in said) else said
