"""Values of one input: numbers, texts, pictures, drawings, the same for the same generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from bundler.feeds.patterns import Draw, Shape
from bundler.graph.samples.demand import Array, Demand
from bundler.ground.tensors import PATTERN

Generator = np.random.Generator

# No larger number is of use: int64 is int32 on the web.
MOST_INT = (1 << 31) - 1
# What small numbers are asked for where nothing is known: they exist in tables of any length.
SMALL = 4
# The share of elements that are the first of an index's rows, which stands for padding.
PADDING = 0.15
# For models that know no words, and unknown ones for those that do.
WORDS = ("Hello", "world", "a", "42", "-1.5", "Grüße", "don't", "The", "naïve", "日本", "x_y")
Stated = Sequence[Sequence[float | str] | tuple[float, float]]


@dataclass(frozen=True)
class Domain:
    """What is known of an input's values.

    `demand` is the model's (origins.py), `keys` are those of tables that the input is looked
    up in, `examples` the user's own values.
    """

    dtype: str
    demand: Demand = field(default_factory=Demand.of)
    keys: Sequence[Any] = ()
    examples: Sequence[Array] = ()


Family = Callable[[Domain, Shape, Draw], Array]


def filled(shape: Shape, make: Callable[[int], Array]) -> Array:
    """A tensor that repeats up to PATTERN values."""
    return np.resize(make(min(prod(shape), PATTERN)), shape)


def fitting(domain: Domain, shape: Shape, draw: Draw) -> Array:
    """What the model's ops demand, element by element where they demand different things."""
    demand = domain.demand
    if demand.is_uniform:
        one = demand.overall
        return filled(shape, lambda count: _within(domain, one, (count,), draw))
    spread = demand.each(lambda part: np.broadcast_to(part, shape))
    return _within(domain, spread, shape, draw)


def _within(domain: Domain, demand: Demand, shape: Shape, draw: Draw) -> Array:
    """Random values inside the demand's bounds."""
    generator, strength = draw.generator, draw.strength
    if domain.dtype == "bool":
        return np.asarray(generator.integers(0, 2, shape))
    whole = np.broadcast_to(demand.whole, shape) | (domain.dtype != "float32")
    numbers = np.where(
        whole, _whole(demand, shape, draw), _real(demand, shape, generator, strength)
    )
    numbers = np.clip(numbers, demand.low, demand.high)
    if domain.keys:
        known = [key for key in domain.keys if isinstance(key, int) and abs(key) <= MOST_INT]
        if known:
            chosen = generator.choice(known, shape)
            numbers = np.where(generator.random(shape) < 0.6, chosen, numbers)
    return np.where(np.broadcast_to(demand.nonzero, shape) & (numbers == 0), 1, numbers)


def _whole(demand: Demand, shape: Shape, draw: Draw) -> Array:
    generator = draw.generator
    low = np.ceil(np.where(np.isfinite(demand.low), demand.low, np.minimum(demand.high, 0)))
    reach = low + (SMALL * max(1.0, draw.strength) - 1)
    high = np.floor(np.where(np.isfinite(demand.high), demand.high, reach))
    high = np.minimum(high, np.where(np.isfinite(demand.high), MOST_INT, reach))
    low, high = np.broadcast_to(low, shape), np.broadcast_to(np.maximum(high, low), shape)
    numbers = np.floor(generator.uniform(low, high + 1))
    return np.where(generator.random(shape) < PADDING, low, np.minimum(numbers, high))


def _real(demand: Demand, shape: Shape, generator: Generator, strength: float) -> Array:
    has_low, has_high = np.isfinite(demand.low), np.isfinite(demand.high)
    low, high = np.where(has_low, demand.low, 0.0), np.where(has_high, demand.high, 0.0)
    normal = strength * generator.normal(size=shape)
    middle, half = (low + high) / 2, (high - low) / 2
    between = middle + half * np.clip(strength, 0, 1) * generator.uniform(-1, 1, shape)
    above, below = low + np.abs(normal), high - np.abs(normal)
    one_sided = np.where(has_low, above, np.where(has_high, below, normal))
    return np.where(has_low & has_high, between, one_sided)


def from_examples(domain: Domain, shape: Shape, draw: Draw) -> Array:
    """Each element from one of the user's examples, numbers that are not whole moved a little."""
    fitting_ones = [one for one in domain.examples if one.shape == shape]
    if not fitting_ones:
        raise LookupError
    stacked = np.stack(fitting_ones)
    chosen = draw.generator.integers(0, len(stacked), shape)
    values: Array = np.take_along_axis(stacked, chosen[None], 0)[0]
    if domain.dtype != "float32":
        return values
    moved = values * (1 + 0.1 * draw.strength * draw.generator.uniform(-1, 1, shape))
    low, high = stacked.min(0), stacked.max(0)
    inside = np.clip(moved, np.minimum(low, values), np.maximum(high, values))
    has_fractions = (stacked != np.round(stacked)).any()
    return np.where(low == high, moved, inside) if has_fractions else values


def _random(make: Callable[[Generator, int], Array]) -> Family:
    return lambda _, shape, draw: filled(shape, lambda count: make(draw.generator, count))


def _rising(_: Domain, shape: Shape, draw: Draw) -> Array:
    """Whole numbers that grow along the last axis from 0, as in sorted segments."""
    steps = draw.generator.integers(0, 2, shape)
    if shape:
        steps[..., :1] = 0
    return np.cumsum(steps, axis=-1)


def _definite(_: Domain, shape: Shape, draw: Draw) -> Array:
    """Symmetric, positive definite matrices."""
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise LookupError
    half = draw.generator.normal(size=shape)
    definite: Array = half @ np.swapaxes(half, -1, -2) / shape[-1] + np.eye(shape[-1])
    return definite


# In the order in which they are tried.
NUMBERS: dict[str, Family] = {
    "fitting": fitting,
    "examples": from_examples,
    "flags": _random(lambda generator, count: generator.integers(0, 2, count)),
    "fractions": _random(lambda generator, count: generator.uniform(0.05, 0.95, count)),
    "positive": _random(lambda generator, count: 1 + np.abs(generator.normal(size=count))),
    "bytes": _random(lambda generator, count: generator.integers(0, 256, count)),
    "rising": _rising,
    "definite": _definite,
    "ones": _random(lambda _, count: np.ones(count)),
    "zeros": _random(lambda _, count: np.zeros(count)),
}


def sentences(domain: Domain, shape: Shape, draw: Draw) -> Array:
    """Words and sentences by turns: known words for the most part, others, and empty texts."""
    generator = draw.generator
    words = [key for key in domain.keys if isinstance(key, str)]
    words += [word for one in domain.examples for text in one.flat for word in str(text).split()]

    def pick() -> str:
        known = bool(words) and generator.random() < 0.8
        return str(generator.choice(words if known else WORDS))

    def text(place: int) -> str:
        if place % 7 == 6:
            return ""
        if (place + draw.index) % 2 == 0:
            return pick()
        sentence = " ".join(pick() for _ in range(generator.integers(2, 9)))
        return f"{sentence.capitalize()}!"

    return np.array([text(place) for place in range(prod(shape))], dtype=object).reshape(shape)


def _texts(make: Callable[[Generator], str]) -> Family:
    def texts(_: Domain, shape: Shape, draw: Draw) -> Array:
        made = [make(draw.generator) for _ in range(prod(shape))]
        return np.array(made, dtype=object).reshape(shape)

    return texts


def _date(generator: Generator) -> str:
    year, month, day = generator.integers((1990, 1, 1), (2030, 13, 29))
    return f"{year}-{month:02}-{day:02}"


TEXTS: dict[str, Family] = {
    "sentences": sentences,
    "examples": from_examples,
    "numbers": _texts(lambda generator: str(generator.integers(0, 10))),
    "decimals": _texts(lambda generator: f"{generator.uniform(0, 10):.2f}"),
    "dates": _texts(_date),
    "letters": _texts(lambda generator: str(generator.choice(list("abcxyz")))),
    "empty": _texts(lambda _: ""),
}


def stated(choices: Stated) -> Family:
    """Of each element one of its choices, or a number between its two ends."""

    def offered(domain: Domain, shape: Shape, draw: Draw) -> Array:
        generator = draw.generator
        values: list[Any] = []
        for number in range(prod(shape)):
            own = choices[number % len(choices)]
            is_range = isinstance(own, tuple)
            values.append(
                generator.uniform(*own) if is_range else own[generator.integers(len(own))]
            )
        if domain.dtype == "string":
            return np.array(values, object).reshape(shape)
        made = np.array(values, float).reshape(shape)
        return made if domain.dtype == "float32" else np.round(made)

    return offered
