"""Pictures: float32 `[1, height, width, channels]`, 0 to 255, from values in the stated range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from bundler.ground import pictures, table
from bundler.ground.kinds import BEST, IF_ASKED, WELL, Fit, Place
from bundler.ground.shapes import can_be_picture, format_size, is_picture
from bundler.ground.table import Length, Range
from bundler.ground.tensors import Tensor, TensorSpec, is_number, is_whole, whole_range
from bundler.heads import colormaps
from bundler.heads.kind import Head, Kept

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
        None,
        description="the output's values for black and white; where nothing says them, the lowest "
        "and the highest of each answer",
        examples=[[0, 1]],
    )
    colormap: colormaps.Name | None = Field(
        None, description="how one channel is shown: grey, or in colours for depth and heat"
    )
    size: tuple[Length, Length] | None = Field(
        None, description="height and width of a flat output", examples=[[28, 28]]
    )
    channels: Literal[1, 3] | None = Field(
        None, description="of a flat output: 1 for grey, 3 for colour"
    )

    @property
    def traced(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


class Image(Head):
    """A picture of the values."""

    SETTINGS = Settings
    KINDS = ("picture",)

    def fits(self, spec: TensorSpec, settings: Settings, activation: str) -> list[Fit]:
        is_flat = len(spec.shape) == 2 and settings.size is not None
        if is_flat and spec.shape[1] and is_number(spec.dtype):
            return [Fit("picture", BEST, f"{format_size(spec)} pixels")]
        if not can_be_picture(spec):
            return []
        is_bounded = is_picture(spec) and len(spec.shape) == 4 and activation in RANGES
        says_so = settings.range or settings.colormap
        rank = BEST if says_so else WELL if is_bounded else IF_ASKED
        return [Fit("picture", rank, f"{format_size(spec)} pixels")]

    def settle(
        self, spec: TensorSpec, settings: Settings, activation: str, place: Place
    ) -> Settings:
        """The values for black and white: stated, or known from activation or dtype."""
        known = RANGES.get(activation)
        if known is None and is_whole(spec.dtype):
            known = whole_range(spec.dtype)
        if not settings.range and not known:
            place.findings.notices.append(
                f"Nothing says which values of the output {spec.name} are black and white, so each "
                "answer is shown from its lowest value to its highest. If answers are to be "
                "compared, add range = [0, 1], or what it is, to [[outputs]] in demo.toml."
            )
        flat = _flat(spec, settings, place)
        channels = flat.get("channels") or (spec.shape[3] if len(spec.shape) == 4 else 1)
        if settings.colormap and channels == 3:
            place.problem(
                "colormap", f"the output {spec.name} has colours of its own: leave it out"
            )
        return settings.model_copy(update={"range": settings.range or known, **flat})

    def trace(self, values: Mapping[str, tf.Tensor], settings: Settings) -> tf.Tensor:
        """What lies outside the range is cut off; rounding is left to whoever draws."""
        import tensorflow as tf

        (value,) = values.values()
        value = tf.cast(value, tf.float32)
        if settings.size and len(value.shape) == 2:
            value = tf.reshape(value, (1, *settings.size, settings.channels))
        if len(value.shape) == 3:
            value = value[:, :, :, tf.newaxis]
        if settings.range:
            low, high = settings.range
            levels = (value - low) / (high - low)
        else:
            lowest = tf.reduce_min(value)
            levels = tf.math.divide_no_nan(value - lowest, tf.reduce_max(value) - lowest)
        if settings.colormap in (None, "grey"):
            return tf.clip_by_value(levels * 255.0, 0.0, 255.0)
        return colormaps.coloured(levels, str(settings.colormap))

    def keep(self, answer: Tensor, settings: Settings) -> Kept:
        return Kept(pictures.encode(answer))

    def suggestions(self, settings: Settings) -> list[str]:
        return [f"range = [{settings.range[0]:g}, {settings.range[1]:g}]"] if settings.range else []


def _flat(spec: TensorSpec, settings: Settings, place: Place) -> dict[str, Any]:
    """The height, width and channels of a flat output; of another, what it has itself."""
    if len(spec.shape) != 2:
        for key in ("size", "channels"):
            if getattr(settings, key) is not None:
                place.problem(key, f"the output {spec.name} has it already: leave {key} out")
        return {}
    height, width = settings.size or (1, 1)
    count = spec.shape[1] or 0
    channels = settings.channels or (3 if count == 3 * height * width else 1)
    if count != height * width * channels:
        place.problem(
            "size",
            f"{height} × {width} pixels of {channels} are {height * width * channels} values, "
            f"but the output {spec.name} has {count}",
        )
    return {"channels": channels}


HEAD = Image()
