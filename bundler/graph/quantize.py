"""Which weights are stored in fewer bytes, and what that does to the answers.

Two things are kept apart. That TF.js answers what Python answers is proven with the same
weights on both sides, the quantised ones (reference.py, verify.py). How far those answers
are from the model's own is measured here, and bounded for "auto".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from bundler.graph.changes import Change
from bundler.graph.codes import Code, Codes
from bundler.graph.large import Array, Weights

# Fewer elements save too little: biases, scales, small tables.
LEAST_ELEMENTS = 1024
# Noise over signal, by channel. Weights of a normal distribution have 0.01 in uint8; where
# channels differ so much that their mean noise is 0.1, the small ones have few values left.
MOST_NOISE = 0.1
# What "auto" may change. A class's share may move by so much of the largest one while the order
# at the top stays; it is read as a bar or a rounded percentage.
MOST_SCORE_ERROR = 0.05
# A number, a picture or a mask is read as it is: half of what shows as a difference on a chart.
MOST_ERROR = 0.02
# Of whole numbers, texts, flags: none of a few, and a few pixels at the edges of a mask.
MOST_CHANGED = 0.005


@dataclass(frozen=True)
class Quantized:
    """The codes of the weights that have one, and what they change."""

    codes: Codes
    changes: tuple[Change, ...]

    @property
    def holds(self) -> bool:
        return all(change.holds for change in self.changes)


# What codes change; told whether it may stop at the first change that is too large.
Measure = Callable[[Codes, bool], tuple[Change, ...]]


def choose(mode: str, weights: Weights, measure: Measure) -> Quantized:
    """The codes that `mode` (demo.toml's `quantize`) asks for."""
    fitting = {name: value for name, value in weights.items() if _is_fit(value)}
    if mode == "auto":
        return _smallest(fitting, measure)
    codes = {name: code for name, value in fitting.items() if (code := _by_noise(value, mode))}
    return Quantized(codes, measure(codes, False))


def _is_fit(value: Array) -> bool:
    is_float = value.dtype == np.float32 and value.size >= LEAST_ELEMENTS
    return bool(is_float and np.isfinite(value).all())


def _by_noise(value: Array, dtype: str) -> Code | None:
    """The code of this dtype, or where it hurts too much a larger one or none."""
    larger = ["uint16"] if dtype == "uint8" else []
    codes = (Code.of(value, name) for name in [dtype, *larger])
    return next((code for code in codes if noise(value, code) <= MOST_NOISE), None)


def _smallest(weights: Weights, measure: Measure) -> Quantized:
    """As many weights in one byte as the answers allow, the least noisy first, the rest in two.

    Where not even that holds, none has a code.
    """
    bytes_ = {name: Code.of(value, "uint8") for name, value in weights.items()}
    words = {name: _best_of_two_bytes(value) for name, value in weights.items()}
    quiet = sorted(weights, key=lambda name: noise(weights[name], bytes_[name]))

    def attempt(count: int) -> Quantized:
        codes = {**words, **{name: bytes_[name] for name in quiet[:count]}}
        return Quantized(codes, measure(codes, True))

    best = attempt(len(quiet))
    if best.holds:
        return best
    best = attempt(0)
    if not best.holds:
        return Quantized({}, measure(words, False))
    low, high = 0, len(quiet)
    while high - low > max(1, len(quiet) // 32):
        middle = (low + high) // 2
        tried = attempt(middle)
        low, high, best = (middle, high, tried) if tried.holds else (low, middle, best)
    return best


def _best_of_two_bytes(value: Array) -> Code:
    """Even steps, or half floats where values differ by powers of ten."""
    codes = [Code.of(value, dtype) for dtype in ("uint16", "float16")]
    return min(codes, key=lambda code: noise(value, code))


def noise(value: Array, code: Code) -> float:
    """What a code adds to a weight, over what was there: the mean of its channels.

    A channel that it drowns counts as one, however small it was.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        added = _by_channel(np.square(code.approximate(value) - value))
    there = _by_channel(np.square(value))
    shares = added[there > 0] / there[there > 0]
    # A half float's overflow is infinitely loud.
    loud = np.where(np.isfinite(shares), np.minimum(shares, 1.0), np.inf)
    return float(np.sqrt(loud.mean())) if loud.size else 0.0


def _by_channel(value: Array) -> Array:
    """Sums over all axes but the last one that is longer than one."""
    length = next((size for size in reversed(value.shape) if size > 1), 1)
    sums: Array = value.reshape(-1, length).sum(axis=0, dtype=np.float64)
    return sums


class Comparison:
    """An output's answers before and after, sample by sample."""

    def __init__(self, output: str, before: list[Array], *, is_scores: bool) -> None:
        self._output = output
        self._before = before
        self._is_float = before[0].dtype.kind == "f"
        # One class alone is a number.
        self._is_scores = is_scores and before[0].shape[-1:] != (1,)
        values = [float(np.abs(one).max()) for one in before if self._is_float and one.size]
        self._magnitude = max(values, default=0.0) or 1.0
        self._differences: list[float] = []
        self._agreeing = 0

    def add(self, after: Array) -> None:
        """Compares the answer to the next sample."""
        before = self._before[len(self._differences)]
        if before.shape != after.shape:
            self._differences.append(inf)
        elif not before.size:
            self._differences.append(0.0)
        elif self._is_float:
            largest = float(np.abs(after.astype(np.float64) - before).max())
            self._differences.append(largest / self._magnitude if isfinite(largest) else inf)
        else:
            self._differences.append(float((before != after).mean()))
        if self._is_scores and before.shape == after.shape:
            self._agreeing += bool((before.argmax(-1) == after.argmax(-1)).all())

    @property
    def change(self) -> Change:
        count = len(self._differences)
        if not self._is_float:
            return Change(self._output, sum(self._differences) / count, MOST_CHANGED, None, count)
        agreement = self._agreeing / count if self._is_scores else None
        allowed = MOST_SCORE_ERROR if self._is_scores else MOST_ERROR
        return Change(self._output, max(self._differences), allowed, agreement, count)
