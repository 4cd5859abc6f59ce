"""Drawings: ink on white paper, cropped, centred and scaled to the model's size.

In grey, models want ink where it is dark; in colour they want what is to be seen, as of a picture.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from bundler.feeds import patterns, whole
from bundler.feeds.patterns import Samples
from bundler.feeds.pixels import PixelFeed, Pixels, normalize, shaped
from bundler.feeds.values import Around, Example, Find
from bundler.ground import pictures
from bundler.ground.errors import ConfigError
from bundler.ground.kinds import BEST, IF_ASKED, WELL, Fit
from bundler.ground.shapes import can_be_picture, format_size, is_drawing, is_picture
from bundler.ground.table import GRAPH, PAGE
from bundler.ground.tensors import TensorSpec, is_whole

if TYPE_CHECKING:
    import tensorflow as tf

# An ink below this is paper: it ignores the faint rim of anti-aliased strokes.
INK_THRESHOLD = 0.1
# The digits of MNIST are 20 pixels high in a picture of 28.
DEFAULT_FILL = 20 / 28
# The longer side of the sketchpad's paper in pixels, as templates/widgets/input/sketchpad has it.
PAPER_SIDE = 280


class Settings(Pixels):
    """The keys of a drawing."""

    center: Annotated[Literal["mass", "box", "none"] | None, GRAPH] = Field(
        None,
        description="what is put into the middle: the ink's mass, its box, or nothing; "
        'without this key "mass", in colour "none"',
    )
    fill: Annotated[float | None, GRAPH] = Field(
        None, gt=0, le=1, description="the share of the picture that the ink's longer side takes"
    )
    stroke: Annotated[float | None, PAGE] = Field(
        None, gt=0, lt=0.5, description="the pen's width, as a share of the paper's"
    )


class Sketch(PixelFeed):
    """Ink on paper, placed."""

    SETTINGS = Settings
    KINDS = ("drawing",)
    LABEL = "Drawing"
    RAW: ClassVar = {1: "paper 0 and ink 255", 3: "paper 255 and black 0"}
    SAMPLES = Samples(patterns={"drawing": patterns.drawing}, sides=((40, 40), (28, 36)))

    def fits(self, spec: TensorSpec) -> list[Fit]:
        if is_drawing(spec):
            return [Fit("drawing", BEST, f"{format_size(spec)}, as the drawings of MNIST are")]
        if not can_be_picture(spec):
            return self.fits_flat(spec)
        return [Fit("drawing", WELL if is_picture(spec) else IF_ASKED, "a drawing of that size")]

    def settle(self, spec: TensorSpec, settings: Settings, around: Around) -> Pixels:
        settled = super().settle(spec, settings, around)
        if self.becomes(settled) is None and len(spec.shape) > 2:
            around.problem("size", "the model takes any size, so say which: [28, 28]")
        return settled

    def usual(self, spec: TensorSpec, settings: Settings) -> list[list[dict[str, Any]]]:
        ways = [{"center": center} for center in ("mass", "box", "none")]
        return [*super().usual(spec, settings), ways]

    def raw_spec(self, spec: TensorSpec, settings: Settings) -> TensorSpec:
        return TensorSpec(spec.name, "int32", (1, None, None, settings.channels or 1))

    def trace(self, raw: tf.Tensor, spec: TensorSpec, settings: Settings) -> tf.Tensor:
        """What was drawn, placed, in the model's shape.

        `range` holds the values of paper and ink; in colour those of black and white, as a
        picture's.
        """
        import tensorflow as tf

        size = settings.size or (28, 28)
        is_grey = raw.shape[3] == 1
        center = settings.center or ("mass" if is_grey else "none")
        fill = settings.fill or DEFAULT_FILL
        if is_whole(spec.dtype):
            levels = whole.place_ink(raw, size, center=center, fill=fill)
            levels = levels if is_grey else 255.0 - levels
            made = whole.in_range(levels, spec.dtype, settings.range)
        else:
            ink = place_ink(raw, size, center=center, fill=fill)
            made = tf.cast(normalize(ink if is_grey else 1.0 - ink, settings), spec.dtype)
        return shaped(made, spec)

    def read_example(self, value: Any, find: Find, spec: TensorSpec, settings: Settings) -> Example:
        if not isinstance(value, str):
            raise ConfigError(f"a drawing is the path of a picture, not {value!r}")
        height, width = settings.size or (1, 1)
        scale_up = PAPER_SIDE / max(height, width)
        size = (max(1, round(height * scale_up)), max(1, round(width * scale_up)))
        picture = pictures.read(find(value), size=size, grey=settings.channels != 3)
        return Example(picture.pixels, picture=picture)


def place_ink(
    pixels: tf.Tensor, size: tuple[int, int], *, center: str = "mass", fill: float = DEFAULT_FILL
) -> tf.Tensor:
    """Ink of a drawing, from 0 (paper) to 1, resampled to `size`.

    `pixels` is int32 `[1, height, width, channels]`, 0 is ink and 255 is paper. The ink's
    bounding box is scaled until its longer side is `fill` of the result, then its
    centre of mass (`center="mass"`, as in MNIST) or the box's middle (`"box"`) is put
    in the middle; `"none"` scales the whole paper. Of colours, the
    strongest counts. Returns float32 `[1, *size, channels]`.

    The resampling is a product with two matrices of triangle filters as wide as a
    target pixel: anti-aliased, and made of ops that every TF.js backend has.
    """
    import tensorflow as tf

    channels = range(pixels.shape[3])
    inks = [1.0 - tf.cast(pixels[0, :, :, one], tf.float32) / 255.0 for one in channels]
    ink = reduce(tf.maximum, inks)
    shape = tf.shape(ink)
    height, width = tf.cast(shape[0], tf.float32), tf.cast(shape[1], tf.float32)
    ys, xs = tf.range(height) + 0.5, tf.range(width) + 0.5
    if center == "none":
        step_y, step_x = height / size[0], width / size[1]
        middle_y, middle_x = height / 2, width / 2
    else:
        top, bottom = _extent(tf.reduce_max(ink, axis=1), ys, height)
        left, right = _extent(tf.reduce_max(ink, axis=0), xs, width)
        step = tf.maximum((bottom - top) / (fill * size[0]), (right - left) / (fill * size[1]))
        step_y = step_x = step
        middle_y, middle_x = (top + bottom) / 2, (left + right) / 2
        if center == "mass":
            mass = tf.reduce_sum(ink)
            safe = tf.maximum(mass, 1.0)
            middle_y = tf.where(mass > 1, tf.reduce_sum(ink * ys[:, None]) / safe, middle_y)
            middle_x = tf.where(mass > 1, tf.reduce_sum(ink * xs[None, :]) / safe, middle_x)
    rows = _triangle_filters(ys, middle_y, step_y, size[0])
    columns = _triangle_filters(xs, middle_x, step_x, size[1])
    placed = [tf.matmul(tf.matmul(rows, one), columns, transpose_b=True) for one in inks]
    planes = [tf.reshape(tf.clip_by_value(one, 0.0, 1.0), [1, *size, 1]) for one in placed]
    return tf.concat(planes, axis=-1)


def _extent(profile: tf.Tensor, at: tf.Tensor, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """First and last coordinate of the ink along one side; the whole side without ink."""
    import tensorflow as tf

    inked = profile > INK_THRESHOLD
    first = tf.reduce_min(tf.where(inked, at, length)) - 0.5
    last = tf.reduce_max(tf.where(inked, at, tf.zeros_like(at))) + 0.5
    empty = last < first
    return tf.where(empty, 0.0, first), tf.where(empty, length, last)


def _triangle_filters(at: tf.Tensor, middle: tf.Tensor, step: tf.Tensor, count: int) -> tf.Tensor:
    """Matrix `[count, len(at)]` whose rows average the pixels under each target pixel."""
    import tensorflow as tf

    offsets = tf.constant([index + 0.5 - count / 2 for index in range(count)], tf.float32)
    centers = middle + offsets * step
    width = tf.maximum(step, 1.0)
    return tf.maximum(0.0, 1.0 - tf.abs(at[None, :] - centers[:, None]) / width) / width


FEED = Sketch()
