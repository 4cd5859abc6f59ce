"""What the ops behind a tensor want of its elements, so that they can be computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
# Of larger tensors, all elements get one demand.
MOST_ELEMENTS = 1 << 18


@dataclass(frozen=True)
class Demand:
    """Bounds of each element, both included, and whether it is a whole number or may not be 0.

    Four arrays of the tensor's shape, or of shape `[]` for what holds for all its elements.
    """

    low: Array
    high: Array
    whole: Array
    nonzero: Array

    @staticmethod
    def of(
        low: Any = -np.inf, high: Any = np.inf, *, whole: bool = False, nonzero: bool = False
    ) -> Demand:
        low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
        return Demand(low, high, np.full(low.shape, whole), np.full(low.shape, nonzero))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.low.shape)

    @property
    def is_trivial(self) -> bool:
        """Whether everything is allowed."""
        bounded = np.isfinite(self.low).any() or np.isfinite(self.high).any()
        return not (bounded or self.whole.any() or self.nonzero.any())

    @property
    def is_uniform(self) -> bool:
        """Whether all elements may be the same."""
        return all((part == part.flat[0]).all() for part in self._parts if part.size)

    @property
    def _parts(self) -> tuple[Array, Array, Array, Array]:
        return self.low, self.high, self.whole, self.nonzero

    def each(self, change: Callable[[Array], Array]) -> Demand:
        """With all four arrays rearranged."""
        return Demand(*map(change, self._parts))

    def within(self, change: Callable[[Array], Array], *, falling: bool = False) -> Demand:
        """What a change of the values demands: both bounds are changed, and trade places."""
        low, high = (change(bound) for bound in (self.low, self.high))
        return Demand(*((high, low) if falling else (low, high)), self.whole, self.nonzero)

    def both(self, other: Demand) -> Demand:
        """What satisfies both; of contradictory bounds the demand that came first."""
        if self.shape != other.shape and () not in (self.shape, other.shape):
            return self.overall.both(other.overall)
        low, high = np.maximum(self.low, other.low), np.minimum(self.high, other.high)
        empty = low > high
        low, high = np.where(empty, self.low, low), np.where(empty, self.high, high)
        return Demand(low, high, self.whole | other.whole, self.nonzero | other.nonzero)

    @property
    def overall(self) -> Demand:
        """What satisfies the demands of every element, in a single one."""
        if not self.low.size:
            return Demand.of()
        low, high = self.low.max(), self.high.min()
        if low > high:
            low, high = self.low.min(), self.high.max()
        return Demand(*map(np.asarray, (low, high, self.whole.any(), self.nonzero.any())))

    def gathered(self, places: Array, shape: tuple[int, ...]) -> Demand:
        """The demands on a tensor of `shape`, of which `places` tells every element's index.

        An index below 0 is of an element that comes from elsewhere.
        """
        if not self.shape:
            return self
        size = int(np.prod(shape))
        known = places.ravel() >= 0
        at = places.ravel()[known]
        low, high = np.full(size, -np.inf), np.full(size, np.inf)
        whole, nonzero = np.zeros(size, bool), np.zeros(size, bool)
        np.maximum.at(low, at, self.low.ravel()[known])
        np.minimum.at(high, at, self.high.ravel()[known])
        np.logical_or.at(whole, at, self.whole.ravel()[known])
        np.logical_or.at(nonzero, at, self.nonzero.ravel()[known])
        return Demand(low, high, whole, nonzero).each(lambda part: part.reshape(shape))


def known_shape(tensor: Any) -> tuple[int, ...] | None:
    """The shape of a tensor whose elements get demands of their own; else None."""
    known = tensor.shape.is_fully_defined() and tensor.shape.num_elements() <= MOST_ELEMENTS
    return tuple(tensor.shape.as_list()) if known else None
