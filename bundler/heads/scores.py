"""Probabilities of classes, one for each label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bundler.ground import table
from bundler.ground.kinds import BEST, IF_ASKED, Fit, Place
from bundler.ground.table import LINES, PAGE
from bundler.ground.tensors import Tensor, TensorSpec, format_shape
from bundler.ground.texts import Texts
from bundler.ground.visible import quoted
from bundler.heads.kind import Head

if TYPE_CHECKING:
    import tensorflow as tf

SHOWN_CLASSES = 5
PROBABILITIES = ("softmax", "sigmoid", "hard_sigmoid")


class Settings(table.Settings):
    """The keys of class scores."""

    labels: Annotated[list[str] | str | None, LINES] = Field(
        None, description="names, or a file with one a line", examples=["labels.txt"]
    )
    top: Annotated[int | None, PAGE] = Field(None, gt=0, description="how many are shown")
    scores: Literal["probabilities", "logits"] | None = Field(
        None, description="what the model gives, where its last layer does not say"
    )

    @property
    def traced(self) -> dict[str, Any]:
        return {"classes": len(self.labels or ()), "scores": self.scores}


class Scores(Head):
    """A probability for each label."""

    SETTINGS = Settings
    KINDS = ("scores",)
    RANKS = True

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        """Scores only where something says that they are: a key, an activation."""
        count = spec.shape[1] if len(spec.shape) == 2 else None
        has_names = settings.labels is not None
        if not count or not (count > 1 or (has_names and len(settings.labels or ()) == 2)):
            return []
        says_so = has_names or settings.scores or activation == "softmax"
        return [Fit("scores", BEST if says_so else IF_ASKED, f"scores of {max(count, 2)} classes")]

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: Place
    ) -> Settings:
        labels = _labels(spec, settings, place)
        update = {
            "labels": labels,
            "top": min(settings.top or SHOWN_CLASSES, len(labels)),
            "scores": settings.scores or _scores(spec, activation, place),
        }
        return settings.model_copy(update=update)

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        """Applies the activation that the model lacks; one score of two classes becomes both."""
        import tensorflow as tf

        (value,) = values.values()
        value = tf.cast(value, tf.float32)
        if settings.scores == "logits":
            is_single = _missing(value.shape[-1]) == "sigmoid"
            value = tf.sigmoid(value) if is_single else tf.nn.softmax(value)
        if value.shape[-1] == 1 and len(settings.labels or ()) == 2:
            value = tf.concat([1.0 - value, value], axis=-1)
        return value

    def names(self, settings: Settings) -> list[str]:
        return list(settings.labels or ())

    def says(self, answer: Tensor, settings: Settings) -> str | None:
        """The class with the highest score, of equal ones the first, as the page ranks them."""
        names, scores = self.names(settings), answer.values
        return max(zip(names, scores, strict=False), key=lambda pair: pair[1])[0] if names else None

    def sureness(self, answer: Tensor, settings: Settings, name: str) -> float:
        return float(answer.values[self.names(settings).index(name)])

    def columns(self, label: str, settings: Settings, texts: Texts) -> tuple[str, ...]:
        """A row for each class."""
        return (label, texts.text("Score"))

    def suggestions(self, settings: Settings) -> list[str]:
        labels = settings.labels or []
        if isinstance(labels, str):
            return [f"labels = {quoted(labels)}", f"top = {settings.top}"]
        return [f"labels = [{', '.join(map(quoted, labels))}]", f"top = {settings.top}"]


def _labels(spec: TensorSpec, settings: Settings, place: Place) -> list[str]:
    """One for each class; a single score is of two."""
    expected = max(spec.shape[-1] or 1, 2)
    if settings.labels is None:
        return [f"class {index}" for index in range(expected)]
    labels = list(settings.labels)
    if len(labels) != expected:
        place.problem(
            "labels",
            f"there are {len(labels)}, but the output {spec.name} "
            f"{format_shape(spec.shape)} has {expected} classes",
        )
    return labels


def _scores(spec: TensorSpec, activation: str, place: Place) -> str:
    """What the model's last activation leaves."""
    if activation in PROBABILITIES:
        return "probabilities"
    place.findings.notices.append(
        f"The output {spec.name} ends without an activation, so {_missing(spec.shape[-1])} was "
        "added to make probabilities. If they are probabilities already, add "
        'scores = "probabilities" to [[outputs]] in demo.toml.'
    )
    return "logits"


def _missing(count: int | None) -> str:
    """The activation that makes probabilities of so many logits."""
    return "sigmoid" if count == 1 else "softmax"


HEAD = Scores()
