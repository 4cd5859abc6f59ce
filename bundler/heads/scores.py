"""Probabilities of classes, one for each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bundler.ground import table
from bundler.ground.kinds import BEST, IF_ASKED, Fit, Place
from bundler.ground.table import LINES, PAGE, Threshold
from bundler.ground.tensors import Tensor, TensorSpec, format_shape
from bundler.ground.texts import Texts
from bundler.ground.visible import quoted
from bundler.heads.kind import Head

if TYPE_CHECKING:
    import tensorflow as tf

SHOWN_CLASSES = 5
# Of several at once, more are read together.
SHOWN_LABELS = 10
HALF = 0.5
THRESHOLD = "from which probability on it is a yes; the slider begins there"
# What leaves a probability for each class by itself.
INDEPENDENT = ("sigmoid", "hard_sigmoid")
PROBABILITIES = ("softmax", *INDEPENDENT)


class Settings(table.Settings):
    """The keys of class scores."""

    labels: Annotated[list[str] | str | None, LINES] = Field(
        None, description="names, or a file with one a line", examples=["labels.txt"]
    )
    top: Annotated[int | None, PAGE] = Field(None, gt=0, description="how many are shown")
    scores: Literal["probabilities", "logits"] | None = Field(
        None, description="what the model gives, where its last layer does not say"
    )
    threshold: Threshold = Field(None, ge=0, le=1, description=THRESHOLD, examples=[0.5])

    @property
    def traced(self) -> dict[str, Any]:
        facts = {"classes": len(self.labels or ()), "scores": self.scores}
        return facts if self.threshold is None else {**facts, "several": True}


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
        is_told = settings.scores or settings.threshold is not None
        says_so = has_names or is_told or activation == "softmax"
        return [Fit("scores", BEST if says_so else IF_ASKED, f"scores of {max(count, 2)} classes")]

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: Place
    ) -> Settings:
        labels = known_labels(spec, settings.labels, place)
        threshold = _threshold(spec, settings, activation, place)
        is_several = threshold is not None
        missing = _missing(spec.shape[-1], is_several)
        shown = settings.top or (SHOWN_LABELS if is_several else SHOWN_CLASSES)
        update = {
            "labels": labels,
            "top": min(shown, len(labels)),
            "scores": settings.scores or known_scores(spec, activation, missing, place),
            "threshold": threshold,
        }
        return settings.model_copy(update=update)

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        """Applies the activation that the model lacks; one score of two classes becomes both."""
        import tensorflow as tf

        (value,) = values.values()
        value = tf.cast(value, tf.float32)
        if settings.scores == "logits":
            missing = _missing(value.shape[-1], settings.threshold is not None)
            value = tf.sigmoid(value) if missing == "sigmoid" else tf.nn.softmax(value)
        if value.shape[-1] == 1 and len(settings.labels or ()) == 2:
            value = tf.concat([1.0 - value, value], axis=-1)
        return value

    def names(self, settings: Settings) -> list[str]:
        return list(settings.labels or ())

    def says(self, answer: Tensor, settings: Settings) -> str | None:
        """The class with the highest score, of equal ones the first, as the page ranks them."""
        names, scores = self.names(settings), answer.values
        said = [
            (name, score)
            for name, score in zip(names, scores, strict=False)
            if settings.threshold is None or score >= settings.threshold
        ]
        return max(said, key=lambda pair: pair[1])[0] if said else None

    def sureness(self, answer: Tensor, settings: Settings, name: str) -> float:
        return float(answer.values[self.names(settings).index(name)])

    def agrees(self, answer: Tensor, settings: Settings, name: str) -> bool:
        """Of several at once, each is said whose score reaches the threshold."""
        if settings.threshold is None:
            return super().agrees(answer, settings, name)
        return self.sureness(answer, settings, name) >= settings.threshold

    def columns(self, label: str, settings: Settings, texts: Texts) -> tuple[str, ...]:
        """A row for each class."""
        return (label, texts.text("Score"))

    def suggestions(self, settings: Settings) -> list[str]:
        labels = settings.labels or []
        if isinstance(labels, str):
            return [f"labels = {quoted(labels)}", f"top = {settings.top}"]
        return [f"labels = [{', '.join(map(quoted, labels))}]", f"top = {settings.top}"]


def known_labels(spec: TensorSpec, said: Sequence[str] | None, place: Place) -> list[str]:
    """One for each class of the last axis; a single score is of two."""
    expected = max(spec.shape[-1] or 1, 2)
    if said is None:
        return [f"class {index}" for index in range(expected)]
    if len(said) != expected:
        place.problem(
            "labels",
            f"there are {len(said)}, but the output {spec.name} "
            f"{format_shape(spec.shape)} has {expected} classes",
        )
    return list(said)


def known_scores(
    spec: TensorSpec, activation: str, missing: str, place: Place
) -> Literal["probabilities", "logits"]:
    """What the model's last activation leaves; `missing` is the one that is added to logits."""
    if activation in PROBABILITIES:
        return "probabilities"
    place.findings.notices.append(
        f"The output {spec.name} ends without an activation, so {missing} was "
        "added to make probabilities. If they are probabilities already, add "
        'scores = "probabilities" to [[outputs]] in demo.toml.'
    )
    return "logits"


def _threshold(spec: TensorSpec, settings: Settings, activation: str, place: Place) -> float | None:
    """From which score on a label is said, where several can be; None where they exclude it."""
    is_single = spec.shape[-1] == 1
    if settings.threshold is not None and is_single:
        place.problem(
            "threshold",
            f"the output {spec.name} has one score for two classes, of which it says the likelier; "
            "a threshold is for several labels at once",
        )
    is_several = activation in INDEPENDENT and not is_single
    return HALF if settings.threshold is None and is_several else settings.threshold


def _missing(count: int | None, is_several: bool) -> str:
    """The activation that makes probabilities of so many logits."""
    return "sigmoid" if count == 1 or is_several else "softmax"


HEAD = Scores()
