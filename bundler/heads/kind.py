"""What a kind of answer is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from bundler.ground.kinds import Fit, Place
from bundler.ground.table import Settings
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.ground.texts import Texts

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class AnswerPlace(Place):
    """With the model's tensors by role, and what is known of the inputs.

    `sides` are those of the picture that the answer is over, None for no picture, or one of any
    size; `rate` are the samples a second of the sounds that go in, if there are some.
    """

    tensors: Mapping[str, TensorSpec]
    sides: tuple[int, int] | None = None
    rate: int | None = None


@dataclass(frozen=True)
class Kept:
    """A file that an answer is, and what the page is told: as what its path, and what besides."""

    content: bytes
    role: Literal["picture", "sound"] = "picture"
    ending: str = ".png"
    facts: Mapping[str, Any] = field(default_factory=dict)


class Head(ABC):
    """Everything that is special about a kind of answer.

    `spec` is the model's output; of a kind that shows several, the first. `settings` are its own.
    `activation` is the model's last one in front of it, "linear" where none is known.
    """

    # The keys of demo.toml.
    SETTINGS: ClassVar[type[Settings]]
    # All that `fits` can find, as widgets name it in their part.toml.
    KINDS: ClassVar[tuple[str, ...]]
    # The tensors that it shows, by what `tensors` in demo.toml calls them; none for a single one.
    ROLES: ClassVar[tuple[str, ...]] = ()
    # Others of them that may be there.
    OPTIONAL: ClassVar[tuple[str, ...]] = ()
    # Whether the highest element is what an answer says first.
    RANKS: ClassVar[bool] = False

    @abstractmethod
    def fits(self, spec: TensorSpec, settings: Any, activation: str) -> list[Fit]:
        """The ways in which it can show a tensor."""

    def fits_over(
        self,
        tensors: Mapping[str, TensorSpec],
        settings: Any,
        activation: str,
        sides: tuple[int, int] | None,
    ) -> list[Fit]:
        """The ways in which it can show tensors, by role, over a picture of these sides."""
        return self.fits(next(iter(tensors.values())), settings, activation)

    def joined(
        self, specs: tuple[TensorSpec, ...], settings: Any, sides: tuple[int, int] | None
    ) -> dict[str, Any] | None:
        """The keys of a table that names its tensors, where there is no doubt which these are."""
        return None

    @abstractmethod
    def trace(self, values: Mapping[str, tf.Tensor], settings: Any) -> tf.Tensor:
        """Turns the model's outputs, by role, into the answer that the page shows."""

    def settle(
        self, spec: TensorSpec, settings: Any, activation: str, place: AnswerPlace
    ) -> Settings:
        """The settings with what the tensor says itself; mismatches become problems."""
        settled: Settings = settings
        return settled

    def names(self, settings: Any) -> Sequence[str] | None:
        """All that an answer can say, where it is one of several names."""
        return None

    def says(self, answer: Tensor, settings: Any) -> str | None:
        """The one of these names that an answer says first."""
        return None

    def agrees(self, answer: Tensor, settings: Any, name: str) -> bool:
        """Whether an answer says one of these names."""
        return self.says(answer, settings) == name

    def sureness(self, answer: Tensor, settings: Any, name: str) -> float:
        """How much of an answer stands behind one of these names, from 0 to 1."""
        return float(self.agrees(answer, settings, name))

    def keep(self, answer: Tensor, settings: Any) -> Kept | None:
        """The file that an answer is; None for what is shown as text."""
        return None

    def columns(self, label: str, settings: Any, texts: Texts) -> tuple[str, ...]:
        """What stands above an answer in a table; one name where its columns are numbered."""
        return (label,)

    def suggestions(self, settings: Any) -> list[str]:
        """Lines of a new demo.toml."""
        return []
