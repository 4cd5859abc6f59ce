"""What pictures and drawings share: size, channels and range, stated or the tensor's own."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from bundler.feeds.kind import Feed
from bundler.feeds.preprocessing import Deviation, PerChannel, usual
from bundler.feeds.values import Around
from bundler.ground.cells import Cell
from bundler.ground.kinds import IF_ASKED, Fit
from bundler.ground.shapes import can_be_flat_picture, square_of
from bundler.ground.table import GRAPH, Length, Range, Settings
from bundler.ground.tensors import ENDS, TensorSpec, is_whole, whole_range

if TYPE_CHECKING:
    import tensorflow as tf

# A picture of fewer shades than this is hardly what was meant.
FEW_SHADES = 16


class Pixels(Settings):
    """The keys of what becomes pixels."""

    size: Annotated[tuple[Length, Length] | None, GRAPH] = Field(
        None,
        description="height and width in pixels; of numbers in a row, which of them are a line",
        examples=[[28, 28]],
    )
    channels: Annotated[Literal[1, 3] | None, GRAPH] = Field(
        None, description="1 for grey, 3 for colour"
    )
    range: Annotated[Range | None, GRAPH] = Field(
        None,
        description="what the model wants for black and white (a grey sketch: paper and ink)",
        examples=[[0, 1]],
    )
    mean: Annotated[PerChannel | None, GRAPH] = Field(
        None,
        description="what is taken off afterwards: a number, or one for each channel",
        examples=[[0.485, 0.456, 0.406]],
    )
    std: Annotated[Deviation, GRAPH] = Field(
        None,
        description="what is divided by then: a number, or one for each channel",
        examples=[[0.229, 0.224, 0.225]],
    )

    @property
    def says_values(self) -> bool:
        """Whether anything says what the model wants for black and white."""
        return any(value is not None for value in (self.range, self.mean, self.std))


class PixelFeed(Feed):
    """What pictures and drawings do alike."""

    # What the ends of the raw values mean, by the number of channels.
    RAW: ClassVar[dict[int, str]]
    # The only kind of tensor that it finds.
    KINDS: ClassVar[tuple[str]]

    def fits_flat(self, spec: TensorSpec) -> list[Fit]:
        """Numbers in a row, of which somebody has to say that they are a picture."""
        if not can_be_flat_picture(spec):
            return []
        return [Fit(self.KINDS[0], IF_ASKED, f"{spec.shape[1]} pixels, row by row")]

    def settle(self, spec: TensorSpec, settings: Any, around: Around) -> Pixels:
        height, width, channels = _picture(spec, settings, around)
        if height and width and settings.size not in (None, (height, width)):
            around.problem("size", f"the model is made for [{height}, {width}]")
        if channels and settings.channels not in (None, channels):
            around.problem("channels", f"the model is made for {channels}")
        if is_whole(spec.dtype):
            _check_whole_range(spec, settings, around)
        elif not settings.says_values and not around.normalizes:
            _notice_raw_values(spec, self.RAW[channels or 3], around)
        size = settings.size or ((height, width) if height and width else None)
        known = channels if channels in (1, 3) else None
        settled: Pixels = settings.model_copy(
            update={"size": size, "channels": settings.channels or known}
        )
        for key in ("mean", "std"):
            if settled.channels == 1 and isinstance(getattr(settled, key), tuple):
                around.problem(key, "a grey picture has one channel: write one number")
        return settled

    def becomes(self, settings: Any) -> tuple[int, int, int] | None:
        return (*settings.size, settings.channels or 3) if settings.size else None

    def from_cells(self, cells: Sequence[Cell], spec: TensorSpec, settings: Any) -> str:
        """The path of a picture, also as Windows writes it."""
        (cell,) = cells
        return cell.filled.strip().replace("\\", "/")

    def example_text(self, spec: TensorSpec) -> str:
        return '"picture.png"'

    def usual(self, spec: TensorSpec, settings: Any) -> list[list[dict[str, Any]]]:
        """What black and white are; whole numbers are pixels, or these less 128."""
        ways = usual(settings.channels or 3)
        if is_whole(spec.dtype):
            ways = [{"range": ends} for ends in ((0.0, 255.0), (-128.0, 127.0), (255.0, 0.0))]
            low, high = ENDS.get(spec.dtype, (-128, 255))
            ways = [way for way in ways if low <= min(way["range"]) and max(way["range"]) <= high]
        known = type(settings).model_fields
        return [[{key: way[key] for key in way if key in known} for way in ways]]

    def suggestions(self, spec: TensorSpec, settings: Any) -> list[str]:
        """What lines are, where the model does not say it, and what it was trained on."""
        lines = []
        if len(spec.shape) == 2 and settings.size:
            height, width = settings.size
            colours = ["channels = 3"] if settings.channels == 3 else []
            lines += [f"size = [{height}, {width}]", *colours]
        if settings.range:
            return [*lines, f"range = [{settings.range[0]:g}, {settings.range[1]:g}]"]
        return [
            *lines,
            "# What the model was trained on: [0, 1], [-1, 1] or, without this line, [0, 255].",
            "# range = [0, 1]",
        ]


def _picture(
    spec: TensorSpec, settings: Pixels, around: Around
) -> tuple[int | None, int | None, int | None]:
    """Height, width and channels as the tensor says them; of numbers in a row, as `size` does."""
    if len(spec.shape) != 2:
        return spec.shape[1], spec.shape[2], spec.shape[3] if len(spec.shape) == 4 else 1
    length = spec.shape[1] or 0
    size = settings.size or square_of(length) or (0, 0)
    if length in (prod(size), 3 * prod(size)):
        return (*size, length // prod(size))
    around.problem(
        "size",
        f"the model takes {length} numbers: so many must height times width make, or a third "
        "of that in colour",
    )
    return None, None, settings.channels


def _check_whole_range(spec: TensorSpec, settings: Pixels, around: Around) -> None:
    """Whole numbers from 0 to 255 are pixels; for others, what black and white are is said."""
    value_range = settings.range
    for key in ("mean", "std"):
        if getattr(settings, key) is not None:
            around.problem(
                key, f"the input {spec.name} takes {spec.dtype}, whole numbers: use range"
            )
    low, high = sorted(value_range or whole_range(spec.dtype))
    least, most = ENDS.get(spec.dtype, (low, high))
    notices = around.findings.notices
    if low < least or high > most:
        around.problem(
            "range",
            f"the input {spec.name} takes {spec.dtype}, whole numbers from {least} to {most}",
        )
    elif value_range and high - low < FEW_SHADES and spec.dtype != "bool":
        notices.append(
            f"The input {spec.name} takes whole numbers ({spec.dtype}), so range = "
            f"[{value_range[0]:g}, {value_range[1]:g}] leaves {int(high - low) + 1} shades of "
            "a picture. If it was trained on pixels, leave range out."
        )
    elif value_range is None and low < 0:
        notices.append(
            f"The input {spec.name} takes {spec.dtype}, so black is {low:g}, white {high:g}. "
            "If the model was trained on something else, add range to [[inputs]]."
        )


def _notice_raw_values(spec: TensorSpec, raw: str, around: Around) -> None:
    around.findings.raw_values.append(spec.name)
    around.findings.notices.append(
        f"The input {spec.name} gets raw values ({raw}), because nothing says what the model "
        f"was trained on. If it was trained on values from 0 to 1, add range = [0, 1] to "
        f"[[inputs]] in demo.toml."
    )


def shaped(made: tf.Tensor, spec: TensorSpec) -> tf.Tensor:
    """A picture `[1, height, width, channels]` as the model's tensor has it: also row by row."""
    import tensorflow as tf

    if len(spec.shape) == 2:
        return tf.reshape(made, [1, spec.shape[1]])
    return tf.reshape(made, made.shape[:3]) if len(spec.shape) == 3 else made


def normalize(unit: tf.Tensor, settings: Pixels) -> tf.Tensor:
    """Values from 0 to 1 as the model wants them: in its range, less the mean, over the deviation.

    0 to 255 when nothing is said.
    """
    import tensorflow as tf

    low, high = settings.range or (0.0, 255.0)
    values = unit * (high - low) + low
    if settings.mean is not None:
        values -= tf.constant(settings.mean, tf.float32)
    if settings.std is not None:
        values /= tf.constant(settings.std, tf.float32)
    return values
