"""What a kind of input is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bundler.feeds.patterns import Samples
from bundler.feeds.values import Around, Example, Find
from bundler.ground.cells import Cell
from bundler.ground.kinds import Fit
from bundler.ground.table import Settings
from bundler.ground.tensors import TensorSpec

if TYPE_CHECKING:
    import tensorflow as tf


class Feed(ABC):
    """Everything that is special about a kind of input.

    `spec` is the model's input; of a kind that fills several, the first. `settings` are its own.
    """

    # The keys of demo.toml.
    SETTINGS: ClassVar[type[Settings]]
    # All that `fits` can find, as widgets name it in their part.toml.
    KINDS: ClassVar[tuple[str, ...]]
    # What an input is called whose name Keras made up.
    LABEL: ClassVar[str] = "Input"
    # The tensors that it fills, by what `tensors` in demo.toml calls them; none for a single one.
    ROLES: ClassVar[tuple[str, ...]] = ()
    # Others of them that may be there.
    OPTIONAL: ClassVar[tuple[str, ...]] = ()
    # Whether its widgets can stand for one element each of a vector.
    EACH: ClassVar[bool] = False
    # What its samples are; None: what the model's ops demand.
    SAMPLES: ClassVar[Samples | None] = None

    def samples(self, spec: TensorSpec, settings: Any) -> Samples | None:
        """What its samples are for this tensor; None: what the model's ops demand."""
        return self.SAMPLES

    @abstractmethod
    def fits(self, spec: TensorSpec) -> list[Fit]:
        """The ways in which it can fill a tensor."""

    @abstractmethod
    def settle(self, spec: TensorSpec, settings: Any, around: Around) -> Settings:
        """The settings with what the tensor says itself; mismatches become problems."""

    @abstractmethod
    def raw_spec(self, spec: TensorSpec, settings: Any) -> TensorSpec:
        """The graph's input in front of the model's input `spec`."""

    @abstractmethod
    def trace(
        self, raw: tf.Tensor, spec: TensorSpec, settings: Any
    ) -> tf.Tensor | Mapping[str, tf.Tensor]:
        """Turns a value of `raw_spec` into what the model takes; of several, by role."""

    @abstractmethod
    def read_example(self, value: Any, find: Find, spec: TensorSpec, settings: Any) -> Example:
        """An example's value in demo.toml as raw value; `find` looks a path of it up.

        Raises ConfigError when it does not fit.
        """

    @abstractmethod
    def example_text(self, spec: TensorSpec) -> str:
        """How an example's value could be written in demo.toml."""

    def columns(self, name: str, spec: TensorSpec, settings: Any) -> list[tuple[str, ...]]:
        """The columns of a table that fill its widget `name`, in each way that there is."""
        return [(name,)]

    def from_cells(self, cells: Sequence[Cell], spec: TensorSpec, settings: Any) -> Any:
        """What stands in these columns of a row, as an example's value in demo.toml.

        Raises ConfigError for what no such value is.
        """
        (cell,) = cells
        return cell.filled

    def default(self, spec: TensorSpec, settings: Any) -> Any:
        """What its widget holds first; None where it begins empty."""
        return None

    def becomes(self, settings: Any) -> tuple[int, int, int] | None:
        """Height, width and channels of the picture that the model sees, if it sees one."""
        return None

    def usual(self, spec: TensorSpec, settings: Any) -> list[list[dict[str, Any]]]:
        """Other values of its keys that models are often trained with, in rounds.

        Those of a round are tried together with the best of the rounds before.
        """
        return []

    def suggestions(self, spec: TensorSpec, settings: Any) -> list[str]:
        """Lines of a new demo.toml, those to be thought about as comments."""
        return []
