"""Masks: of one thing its probability, 0 to 255; of several classes the likeliest, pixel by pixel.

float32 or int32 `[1, height, width, 1]`.
"""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bundler.ground import pictures, table
from bundler.ground.kinds import BEST, IF_ASKED, Fit, Place
from bundler.ground.shapes import format_size, is_one_of_a_batch, is_picture
from bundler.ground.table import LINES, PAGE, Threshold
from bundler.ground.tensors import Tensor, TensorSpec, is_number, is_whole
from bundler.ground.texts import Texts
from bundler.heads.kind import Head, Kept
from bundler.heads.scores import HALF, THRESHOLD, known_scores

if TYPE_CHECKING:
    import tensorflow as tf

# As many classes as a byte can tell apart.
MOST_CLASSES = 256
LEVELS = 256
# What is not painted.
BACKGROUNDS = ("background", "_background_", "bg", "void", "unlabeled", "unlabelled", "none")
# Colours that people with any colour vision tell apart: Okabe and Ito, without black.
FIRST = ("#e69f00", "#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#f0e442", "#0072b2")
# The next hue is as far from all before as can be.
GOLDEN = 0.618033988749895

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class Settings(table.Settings):
    """The keys of a mask; `labels` are those of all classes, or of the one thing."""

    labels: Annotated[list[str] | str | None, LINES] = Field(
        None, description="names, or a file with one a line", examples=["labels.txt"]
    )
    scores: Literal["probabilities", "logits"] | None = Field(
        None, description="what the model gives, where its last layer does not say"
    )
    threshold: Threshold = Field(None, ge=0, le=1, description=THRESHOLD, examples=[0.5])
    colors: Annotated[list[Colour] | None, PAGE] = Field(
        None, description="of the classes, in their order", examples=[["#e69f00", "#56b4e9"]]
    )

    @property
    def traced(self) -> dict[str, Any]:
        return {"scores": self.scores, "one": self.threshold is not None}


class Mask(Head):
    """What is where in a picture."""

    SETTINGS = Settings
    KINDS = ("mask",)

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        channels = _channels(spec)
        if not channels or channels > MOST_CLASSES:
            return []
        is_sure = activation == ("sigmoid" if channels == 1 else "softmax") and is_picture(
            TensorSpec(spec.name, spec.dtype, (*spec.shape[:3], 1))
        )
        says_so = settings.labels is not None or settings.threshold is not None
        reason = f"{format_size(spec)} values"
        return [Fit("mask", BEST if is_sure or says_so else IF_ASKED, reason)]

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: Place
    ) -> Settings:
        channels = _channels(spec) or 1
        is_one = channels <= 2 and not is_whole(spec.dtype)
        if settings.threshold is not None and not is_one:
            place.problem("threshold", "of several classes the likeliest is shown: leave it out")
        labels = _labels(spec, settings, channels, place)
        scores = settings.scores
        if is_one and scores is None:
            missing = "sigmoid" if channels == 1 else "softmax"
            scores = known_scores(spec, activation, missing, place)
        colours = settings.colors or _colours(labels)
        if len(colours) < len(labels):
            problem = f"there are {len(colours)}, but {len(labels)} classes"
            place.problem("colors", problem)
        update = {
            "labels": labels,
            "scores": scores,
            "threshold": _begin(settings) if is_one else None,
            "colors": colours,
        }
        return settings.model_copy(update=update)

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        import tensorflow as tf

        (value,) = values.values()
        if len(value.shape) == 3:
            value = value[..., tf.newaxis]
        if settings.threshold is None:
            is_index = value.shape[-1] == 1
            index = value if is_index else tf.argmax(value, axis=-1)[..., tf.newaxis]
            return tf.cast(index, tf.int32)
        value = tf.cast(value, tf.float32)
        if settings.scores == "logits":
            value = tf.sigmoid(value) if value.shape[-1] == 1 else tf.nn.softmax(value)
        return tf.clip_by_value(value[..., -1:] * 255.0, 0.0, 255.0)

    def keep(self, answer: Tensor, settings: Settings) -> Kept:
        """Painted as the page does before anybody has moved a slider."""
        painted = [_rgb(colour) for colour in settings.colors or []]
        if settings.threshold is None:
            shown = [is_painted(name) for name in settings.labels or []]
            colours = [(*rgb, 255 * on) for rgb, on in zip(painted, shown, strict=False)]
        else:
            least = settings.threshold * 255
            colours = [(*painted[0], 255 * (level >= least)) for level in range(LEVELS)]
        return Kept(pictures.encode_indices(answer, colours))

    def columns(self, label: str, settings: Settings, texts: Texts) -> tuple[str, ...]:
        """A row for each class."""
        return (label, texts.text("Share of the picture"))


def _begin(settings: Settings) -> float:
    """Where the slider begins."""
    return HALF if settings.threshold is None else settings.threshold


def is_painted(name: str) -> bool:
    """Whether a class is a thing, and not what is left."""
    return name.strip().lower() not in BACKGROUNDS


def _channels(spec: TensorSpec) -> int | None:
    """Of pixels, if a tensor can be some."""
    if not is_one_of_a_batch(spec) or not is_number(spec.dtype):
        return None
    return 1 if len(spec.shape) == 3 else spec.shape[3] if len(spec.shape) == 4 else None


def _labels(spec: TensorSpec, settings: Settings, channels: int, place: Place) -> list[str]:
    """One for each class; of one thing its own, "" where nobody named it."""
    said = None if settings.labels is None else list(settings.labels)
    if channels == 1 and is_whole(spec.dtype):
        if said is None:
            place.problem("labels", f"the output {spec.name} has places of classes: name them all")
        return said or []
    if channels <= 2:
        if said is not None and len(said) not in (1, 2):
            place.problem("labels", f"there are {len(said)}, but one thing, or it and what is left")
        return (said or [""])[-1:]
    if said is not None and len(said) != channels:
        problem = f"there are {len(said)}, but the output {spec.name} has {channels} classes"
        place.problem("labels", problem)
    return said or [f"class {index}" for index in range(channels)]


def _colours(labels: list[str]) -> list[str]:
    """One for each class; what is not painted takes none of the first."""
    made = iter(_made(len(labels)))
    return [next(made) if is_painted(name) else "#808080" for name in labels]


def _made(count: int) -> list[str]:
    further = []
    for index in range(max(count - len(FIRST), 0)):
        lightness = (0.45, 0.6, 0.75)[index % 3]
        parts = colorsys.hls_to_rgb((index * GOLDEN) % 1, lightness, 0.7)
        further.append("#" + "".join(f"{round(255 * part):02x}" for part in parts))
    return [*FIRST, *further][:count]


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


HEAD = Mask()
