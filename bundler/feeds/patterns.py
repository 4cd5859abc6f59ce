"""Samples of pictures, drawings and sounds: the same for the same generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bundler.ground.tensors import PATTERN

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[Any]

Shape = tuple[int, ...]
# A picture with longer sides repeats a pattern, so that it ships in a few kilobytes.
LONGEST_DRAWN_SIDE = 64


@dataclass(frozen=True)
class Draw:
    """One request for values: how strong they are, and which of several it is."""

    generator: np.random.Generator
    strength: float = 1.0
    index: int = 0


Pattern = Callable[[Shape, Draw], "Array"]


@dataclass(frozen=True)
class Samples:
    """Raw values of one kind, whatever the model's ops demand.

    `patterns` by name, the likeliest first; `sides` are the lengths of what the raw tensor
    leaves free, heights and widths, in the order in which they are tried.
    """

    patterns: Mapping[str, Pattern]
    sides: Sequence[tuple[int, ...]]


def picture(shape: Shape, draw: Draw) -> Array:
    """Slopes of colour with noise: `[1, height, width, 3]`, 0 to 255."""
    import numpy as np

    height, width = shape[1:3]
    if max(height, width) > LONGEST_DRAWN_SIDE:
        small = _slopes(LONGEST_DRAWN_SIDE, LONGEST_DRAWN_SIDE, draw)
        return np.resize(small.ravel()[:PATTERN], shape)
    return _slopes(height, width, draw)


def _slopes(height: int, width: int, draw: Draw) -> Array:
    import numpy as np

    generator = draw.generator
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    slopes = np.stack([x, y, 1 - x], axis=-1) * generator.uniform(80, 255, 3)
    noise = generator.normal(0, 30, (height, width, 3))
    pixels: Array = np.clip(draw.strength * (slopes + noise), 0, 255).astype(np.int32)
    return pixels[None]


def dots(shape: Shape, draw: Draw) -> Array:
    """A few faint pixels on black: `[1, height, width, 3]`."""
    import numpy as np

    pixels = np.zeros(shape, np.int32)
    height, width = min(shape[1], LONGEST_DRAWN_SIDE), min(shape[2], LONGEST_DRAWN_SIDE)
    places = draw.generator.integers((0, 0), (height, width), (5, 2))
    pixels[0, places[:, 0], places[:, 1]] = draw.generator.integers(1, 6, (5, shape[3]))
    return pixels


def inverted(shape: Shape, draw: Draw) -> Array:
    """A picture with light and dark exchanged."""
    return 255 - picture(shape, draw)


def drawing(shape: Shape, draw: Draw) -> Array:
    """A few thick strokes, 0 (or colours) on 255: `[1, height, width, channels]`."""
    import numpy as np

    height, width, channels = shape[1:]
    paper = np.full((height, width, channels), 255.0)
    ys, xs = np.mgrid[0:height, 0:width]
    margin, thickness = min(height, width) / 5, min(height, width) / 16
    ends = draw.generator.uniform(margin, (height - margin, width - margin), (4, 2))
    inks = draw.generator.uniform(0, 255, (3, channels)) if channels > 1 else np.zeros((3, 1))
    for (start, end), ink in zip(pairwise(ends), inks, strict=True):
        for part in np.linspace(0, 1, 40):
            y, x = start + (end - start) * part
            distance = np.hypot(ys - y, xs - x)
            edge = np.clip((distance - thickness) * 255, 0, 255)[:, :, None]
            paper = np.minimum(paper, np.maximum(edge, ink))
    return paper.astype(np.int32)[None]


def sound(shape: Shape, draw: Draw) -> Array:
    """A few tones with noise: `[1, samples]`, -1 to 1."""
    import numpy as np

    time = np.arange(min(shape[1], PATTERN)) / PATTERN
    # Whole turns, so that it goes on where it repeats.
    turns = draw.generator.integers(1, PATTERN // 3, 4)
    tones = np.sin(2 * np.pi * (turns[:, None] * time + draw.generator.random((4, 1))))
    mixed = draw.generator.random(4) @ tones / 4 + 0.05 * draw.generator.normal(size=len(time))
    return _repeated(shape, draw.strength * mixed)


def noise(shape: Shape, draw: Draw) -> Array:
    """All frequencies at once: `[1, samples]`."""
    values = 0.1 * draw.strength * draw.generator.normal(size=min(shape[1], PATTERN))
    return _repeated(shape, values)


def _repeated(shape: Shape, values: Array) -> Array:
    import numpy as np

    made: Array = np.resize(np.clip(values, -1, 1), shape).astype(np.float32)
    return made
