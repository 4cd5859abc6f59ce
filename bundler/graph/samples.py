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
# No larger number is of use: int64 is int32 on the web.
MOST_INT = (1 << 31) - 1
# For models that know no words, and unknown ones for those that do.
WORDS = ("Hello", "world", "a", "42", "-1.5", "Grüße", "don't", "The", "naïve", "日本", "x_y")
PICTURE_SIDES = ((24, 20), (20, 28), (32, 32))
SKETCH_SIDE = 40


def make(
    plan: Plan,
    *,
    attempt: int = 0,
    count: int = COUNT,
    words: dict[str, list[Any]] | None = None,
) -> list[Tensors]:
    """Different sets of inputs, the same for the same attempt.

    Later attempts are weaker, for models that answer strong inputs with their extremes.
    `words` are keys that the model itself looks up, by input.
    """
    import numpy as np

    generator = np.random.default_rng(attempt)
    strength = STRENGTHS[attempt]
    return [
        {
            item.spec.name: _sample(
                item, index, strength, generator, (words or {}).get(item.spec.name, [])
            )
            for item in plan.inputs
        }
        for index in range(count)
    ]


def _sample(
    item: PlannedInput,
    index: int,
    strength: float,
    generator: np.random.Generator,
    words: list[Any],
) -> Tensor:
    import numpy as np

    if item.feed == "image":
        height, width = PICTURE_SIDES[index % len(PICTURE_SIDES)]
        return Tensor.from_numpy(_picture(height, width, strength, generator))
    if item.feed == "sketch":
        return Tensor.from_numpy(_drawing(generator))
    spec = raw_spec(item)
    shape = tuple(size or 1 for size in spec.shape)
    offered = _offered(item, generator)
    if offered:
        if spec.dtype == "string":
            return Tensor.from_numpy(np.array(offered, object).reshape(shape))
        values = offered if spec.dtype == "float32" else [round(value) for value in offered]
        return Tensor.from_numpy(np.array(values, spec.dtype).reshape(shape))
    if spec.dtype == "string":
        texts = [word for word in words if isinstance(word, str)]
        return Tensor.from_numpy(_texts(shape, index, generator, texts))
    pattern = _pattern(spec.dtype, strength, generator)
    if numbers := [word for word in words if isinstance(word, int) and abs(word) <= MOST_INT]:
        looked_up = generator.choice(numbers, PATTERN)
        pattern = np.where(generator.random(PATTERN) < 0.6, looked_up, pattern)
    return Tensor.from_numpy(np.resize(pattern, shape))


def _offered(item: PlannedInput, generator: np.random.Generator) -> list[Any] | None:
    """A value of each element's choices or scale, if every one has choices or two ends."""
    scales: Sequence[Scale] = item.settings.fields or [item.settings]
    values: list[Any] = []
    for scale in scales:
        if scale.choices:
            values.append(scale.choices[generator.integers(len(scale.choices))].value)
        elif scale.min is not None and scale.max is not None:
            values.append(generator.uniform(scale.min, scale.max))
        else:
            return None
    return values


def _pattern(dtype: str, strength: float, generator: np.random.Generator) -> npt.NDArray[Any]:
    import numpy as np

    if dtype == "bool":
        return generator.integers(0, 2, PATTERN).astype(bool)
    if dtype == "int32":
        # Indexes into tables of unknown length: the small ones exist in all of them.
        return generator.integers(0, 4, PATTERN).astype(np.int32)
    return (strength * generator.normal(size=PATTERN)).astype(np.float32)


def _texts(
    shape: tuple[int, ...], index: int, generator: np.random.Generator, words: list[str]
) -> npt.NDArray[Any]:
    """Words and sentences by turns: known words for the most part, others, and empty texts."""
    import numpy as np

    def pick() -> str:
        known = bool(words) and generator.random() < 0.8
        return str(generator.choice(words if known else WORDS))

    def text(place: int) -> str:
        if place % 7 == 6:
            return ""
        if (place + index) % 2 == 0:
            return pick()
        sentence = " ".join(pick() for _ in range(generator.integers(2, 9)))
        return f"{sentence.capitalize()}!"

    texts = [text(place) for place in range(int(np.prod(shape)))]
    return np.array(texts, dtype=object).reshape(shape)


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
