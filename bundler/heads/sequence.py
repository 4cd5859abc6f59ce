"""Probabilities of classes step by step: float32 `[1, steps, classes]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bundler.ground import table
from bundler.ground.kinds import BEST, IF_ASKED, Fit, Place
from bundler.ground.shapes import is_one_of_a_batch
from bundler.ground.table import LINES
from bundler.ground.tensors import TensorSpec
from bundler.ground.texts import Texts
from bundler.ground.visible import quoted
from bundler.heads.kind import Head
from bundler.heads.scores import known_labels, known_scores

if TYPE_CHECKING:
    import tensorflow as tf


class Settings(table.Settings):
    """The keys of a sequence of classes: those of class scores that mean something here."""

    labels: Annotated[list[str] | str | None, LINES] = Field(
        None, description="names, or a file with one a line", examples=["labels.txt"]
    )
    scores: Literal["probabilities", "logits"] | None = Field(
        None, description="what the model gives, where its last layer does not say"
    )

    @property
    def traced(self) -> dict[str, Any]:
        return {"scores": self.scores}


class Sequence(Head):
    """A class at every step, as taggers and speech recognisers give them."""

    SETTINGS = Settings
    KINDS = ("sequence",)
    RANKS = True

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        """The classes are the last of three axes, and exclude each other."""
        count = spec.shape[2] if len(spec.shape) == 3 and is_one_of_a_batch(spec) else None
        if not count or count < 2 or spec.dtype == "string":
            return []
        says_so = settings.labels is not None or settings.scores or activation == "softmax"
        steps = "any number of" if spec.shape[1] is None else spec.shape[1]
        reason = f"{steps} steps of {count} classes"
        return [Fit("sequence", BEST if says_so else IF_ASKED, reason)]

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: Place
    ) -> Settings:
        update = {
            "labels": known_labels(spec, _listed(settings), place),
            "scores": settings.scores or known_scores(spec, activation, "softmax", place),
        }
        return settings.model_copy(update=update)

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        import tensorflow as tf

        (value,) = values.values()
        value = tf.cast(value, tf.float32)
        return tf.nn.softmax(value) if settings.scores == "logits" else value

    def columns(self, label: str, settings: Settings, texts: Texts) -> tuple[str, ...]:
        """A row for each step."""
        return (texts.text("Step"), label, texts.text("Score"))

    def suggestions(self, settings: Settings) -> list[str]:
        labels = settings.labels or []
        if isinstance(labels, str):
            return [f"labels = {quoted(labels)}"]
        return [f"labels = [{', '.join(map(quoted, labels))}]"]


def _listed(settings: Settings) -> list[str] | None:
    return None if settings.labels is None else list(settings.labels)


HEAD = Sequence()
