"""Pictures: float32 `[1, height, width, channels]`, 0 to 255, from values in the stated range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from bundler.ground import pictures, table
from bundler.ground.kinds import BEST, IF_ASKED, Fit, Place
from bundler.ground.shapes import can_be_picture, format_size, is_picture
from bundler.ground.table import Range
from bundler.ground.tensors import Tensor, TensorSpec, is_whole, whole_range
from bundler.heads.kind import Head

if TYPE_CHECKING:
    import tensorflow as tf

# The values for black and white that follow from the last activation.
RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
}


class Settings(table.Settings):
    """The keys of a picture."""

    range: Range | None = Field(
        None, description="the output's values for black and white", examples=[[0, 1]]
    )


class Image(Head):
    """A picture of the values."""

    SETTINGS = Settings
    KINDS = ("picture",)

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        if not can_be_picture(spec):
            return []
        is_bounded = is_picture(spec) and len(spec.shape) == 4 and activation in RANGES
        rank = BEST if settings.range or is_bounded else IF_ASKED
        return [Fit("picture", rank, f"{format_size(spec)} pixels")]

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: Place
    ) -> Settings:
        """The values for black and white: stated, or known from activation or dtype."""
        known = RANGES.get(activation)
        if known is None and is_whole(spec.dtype):
            known = whole_range(spec.dtype)
        if not settings.range and not known:
            place.problem(
                "range",
                'the widget "image" needs the values for black and white, for example [0, 1], '
                f"because nothing says what the output {spec.name} holds",
            )
        return settings.model_copy(update={"range": settings.range or known})

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        """What lies outside the range is cut off; rounding is left to whoever draws."""
        import tensorflow as tf

        (value,) = values.values()
        low, high = settings.range or (0.0, 255.0)
        value = tf.cast(value, tf.float32)
        if len(value.shape) == 3:
            value = value[:, :, :, tf.newaxis]
        return tf.clip_by_value((value - low) * (255.0 / (high - low)), 0.0, 255.0)

    def keep(self, answer: Tensor) -> bytes:
        return pictures.encode(answer)

    def suggestions(self, settings: Settings) -> list[str]:
        return [f"range = [{settings.range[0]:g}, {settings.range[1]:g}]"] if settings.range else []


HEAD = Image()
