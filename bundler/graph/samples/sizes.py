"""Sizes of the dimensions that a model leaves free, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from math import prod

from bundler.feeds import FEEDS
from bundler.graph.trace import raw_spec
from bundler.ground.tensors import Tensors
from bundler.plan import Plan, PlannedInput

Shapes = dict[str, tuple[int, ...]]

LENGTHS = (
    *range(1, 33), 40, 48, 50, 60, 64, 80, 96, 100, 120, 128, 150, 160, 192, 200, 224, 256, 300,
    320, 400, 416, 500, 512, 640, 784, 1000, 1024, 2048, 4096, 8000, 16000, 16384, 32000, 44100,
)  # fmt: skip
# Another one than the first that works: not so near that both are the same to a window.
OTHER_LENGTHS = (12, 20, 7, 5, 3, 2, 4, 6, 8, 16, 32, 64, 128, 256, 512)
BATCHES = (2, 3, 4, 5, 6, 8, 10, 16, 20, 32, 50, 64, 100, 128)
MOST_ELEMENTS = 1 << 22


def candidates(plan: Plan, examples: Sequence[Tensors]) -> Iterator[Shapes]:
    """Shapes of all inputs, those of the user's examples first, but for pictures of any size."""
    shown = [{name: tensor.shape for name, tensor in one.items()} for one in examples]
    pictures = _shapes(plan, length=1, batch=1)
    pictures = {
        item.spec.name: pictures[item.spec.name]
        for item in plan.inputs
        if FEEDS[item.feed].samples(item.spec, item.settings)
    }
    made = chain(
        ({**one, **pictures} for one in shown),
        (_shapes(plan, length=length, batch=1) for length in LENGTHS),
        (_shapes(plan, length=length, batch=batch) for batch in BATCHES for length in (1, 8, 32)),
        shown,
    )
    yield from _different(made)


def others(plan: Plan, found: Shapes, batch: int) -> Iterator[Shapes]:
    """Shapes that differ from those that were found to work."""
    longer = (length for length in LENGTHS if length > 32)
    made = (
        _shapes(plan, length=length, batch=batch, side=1 + number)
        for number, length in enumerate((*OTHER_LENGTHS, *longer))
    )
    yield from (shapes for shapes in _different(made) if shapes != found)


def _different(made: Iterable[Shapes]) -> Iterator[Shapes]:
    seen: list[Shapes] = []
    for shapes in made:
        if shapes not in seen and all(prod(shape) <= MOST_ELEMENTS for shape in shapes.values()):
            seen.append(shapes)
            yield shapes


def _shapes(plan: Plan, *, length: int, batch: int, side: int | None = None) -> Shapes:
    return {
        item.spec.name: _shape(item, length, batch, length - 1 if side is None else side)
        for item in plan.inputs
    }


def _shape(item: PlannedInput, length: int, batch: int, side: int) -> tuple[int, ...]:
    """Of one input; pictures and sounds have sides of their own, the `side`-th."""
    shape = raw_spec(item).shape
    samples = FEEDS[item.feed].samples(item.spec, item.settings)
    if samples:
        free = iter(samples.sides[min(side, len(samples.sides) - 1)])
        return tuple(next(free) if size is None else size for size in shape)
    return tuple(
        size if size is not None else batch if axis == 0 else length
        for axis, size in enumerate(shape)
    )
