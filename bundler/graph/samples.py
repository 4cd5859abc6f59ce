"""Inputs that could show a difference between Python and TF.js, small enough to ship."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bundler.config import Scale
from bundler.graph.trace import raw_spec
from bundler.plan import Plan, PlannedInput
from bundler.tensors import Tensor, Tensors

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

COUNT = 3
STRENGTHS = (1, 0.25, 0.05, 0.01)
# A tensor of more elements is filled by repeating a pattern of this (prime) length.
PATTERN = 1021
PICTURE_SIDES = ((24, 20), (20, 28), (32, 32))
SKETCH_SIDE = 40


def make(plan: Plan, *, attempt: int = 0) -> list[Tensors]:
    """COUNT different sets of inputs, the same for the same attempt.

    Later attempts are weaker, for models that answer strong inputs with their extremes.
    """
    import numpy as np

    generator = np.random.default_rng(attempt)
    strength = STRENGTHS[attempt]
    return [
        {item.spec.name: _sample(item, index, strength, generator) for item in plan.inputs}
        for index in range(COUNT)
    ]


def _sample(
    item: PlannedInput, index: int, strength: float, generator: np.random.Generator
) -> Tensor:
    import numpy as np

    if item.feed == "image":
        height, width = PICTURE_SIDES[index % len(PICTURE_SIDES)]
        return Tensor.from_numpy(_picture(height, width, strength, generator))
    if item.feed == "sketch":
        return Tensor.from_numpy(_drawing(generator))
    spec = raw_spec(item)
    shape = tuple(size or 1 for size in spec.shape)
    ranges = _ranges(item)
    if ranges:
        values = [generator.uniform(low, high) for low, high in ranges]
        if spec.dtype != "float32":
            values = [round(value) for value in values]
        return Tensor.from_numpy(np.array(values, spec.dtype).reshape(shape))
    return Tensor.from_numpy(np.resize(_pattern(spec.dtype, strength, generator), shape))


def _ranges(item: PlannedInput) -> list[tuple[float, float]] | None:
    """The ends of each element's scale, if every one has ends."""
    scales: Sequence[Scale] = item.settings.fields or [item.settings]
    ends = []
    for scale in scales:
        values = [choice.value for choice in scale.choices or []]
        low, high = (min(values), max(values)) if values else (scale.min, scale.max)
        if low is None or high is None:
            return None
        ends.append((float(low), float(high)))
    return ends


def _pattern(dtype: str, strength: float, generator: np.random.Generator) -> npt.NDArray[Any]:
    import numpy as np

    if dtype == "string":
        return np.array(["", "a", "Hello world", "42", "Grüße"], dtype=object)
    if dtype == "bool":
        return generator.integers(0, 2, PATTERN).astype(bool)
    if dtype == "int32":
        # Indexes into tables of unknown length: the small ones exist in all of them.
        return generator.integers(0, 4, PATTERN).astype(np.int32)
    return (strength * generator.normal(size=PATTERN)).astype(np.float32)


def _picture(
    height: int, width: int, strength: float, generator: np.random.Generator
) -> npt.NDArray[Any]:
    """Slopes of colour with noise: `[1, height, width, 3]`, 0 to 255."""
    import numpy as np

    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    slopes = np.stack([x, y, 1 - x], axis=-1) * generator.uniform(80, 255, 3)
    noise = generator.normal(0, 30, (height, width, 3))
    pixels: npt.NDArray[Any] = np.clip(strength * (slopes + noise), 0, 255).astype(np.int32)
    return pixels[None]


def _drawing(generator: np.random.Generator) -> npt.NDArray[Any]:
    """A few thick strokes, 0 on 255: `[1, SKETCH_SIDE, SKETCH_SIDE, 1]`."""
    import numpy as np

    paper = np.full((SKETCH_SIDE, SKETCH_SIDE), 255.0)
    ys, xs = np.mgrid[0:SKETCH_SIDE, 0:SKETCH_SIDE]
    points = generator.uniform(8, SKETCH_SIDE - 8, (4, 2))
    for start, end in pairwise(points):
        for part in np.linspace(0, 1, 40):
            y, x = start + (end - start) * part
            distance = np.hypot(ys - y, xs - x)
            paper = np.minimum(paper, np.clip((distance - 2.5) * 255, 0, 255))
    return paper.astype(np.int32)[None, :, :, None]
