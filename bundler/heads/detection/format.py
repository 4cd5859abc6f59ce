"""What a format is, and what it reads from the tensors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.ground.tensors import TensorSpec
from bundler.heads.detection.settings import Settings, Settled

if TYPE_CHECKING:
    import tensorflow as tf

Specs = Mapping[str, TensorSpec]
Sides = tuple[int, int] | None


@dataclass(frozen=True)
class Candidates:
    """Boxes `[count, 4]` (top, left, bottom, right, as shares of the model's picture).

    With their scores and classes `[count]`, and points `[count, points, 3]` (y, x, score).
    """

    boxes: tf.Tensor
    scores: tf.Tensor
    classes: tf.Tensor
    points: tf.Tensor | None = None


@dataclass(frozen=True)
class Measured:
    """How many classes tensors of these shapes tell apart, and boxes hold: None where unsaid."""

    classes: int | None = 1
    boxes: int | None = None


class MismatchError(Exception):
    """Tensors of these shapes do not hold this; `key` is of demo.toml."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Format(ABC):
    """What detectors of a kind answer."""

    # The tensors that it is read from, as `tensors` in demo.toml calls them: one of these sets.
    ROLES: ClassVar[tuple[frozenset[str], ...]]
    # Others that may be there.
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()
    # What nobody stated.
    DEFAULTS: ClassVar[dict[str, Any]] = {}
    # Whether boxes that cover each other are out already.
    IS_FINAL: ClassVar[bool] = False
    # The name of its one class.
    ONLY: ClassVar[str] = ""

    @abstractmethod
    def measure(self, specs: Specs, settings: Settings, sides: Sides) -> Measured:
        """What the shapes say. Raises MismatchError where they are of something else."""

    @abstractmethod
    def read(self, values: Mapping[str, tf.Tensor], settings: Settled) -> Candidates:
        """The boxes that the tensors hold."""

    def recognise(self, specs: Sequence[TensorSpec], sides: Sides) -> dict[str, str] | None:
        """The names of its tensors by role, where names or shapes leave no doubt."""
        return None

    def takes(self, roles: frozenset[str]) -> bool:
        """Whether it is read from these tensors."""
        return any(needed <= roles <= needed | self.OPTIONAL for needed in self.ROLES)
