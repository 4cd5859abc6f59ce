"""Pictures: int32 RGB pixels of any size, resized and scaled to what the model wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bundler.feeds import patterns, resampling, whole
from bundler.feeds.patterns import Samples
from bundler.feeds.pixels import PixelFeed, Pixels, normalize, shaped
from bundler.feeds.preprocessing import NAMES, Name, Order
from bundler.feeds.sources import OF_PICTURES, Sources, check
from bundler.feeds.values import Around, Example, Find
from bundler.ground import pictures
from bundler.ground.errors import ConfigError
from bundler.ground.kinds import BEST, IF_ASKED, WELL, Fit
from bundler.ground.shapes import can_be_picture, format_size, is_drawing, is_picture
from bundler.ground.table import GRAPH
from bundler.ground.tensors import TensorSpec, is_whole

if TYPE_CHECKING:
    import tensorflow as tf

# Weights of red, green and blue in a grey value: ITU-R BT.601, as tf.image.rgb_to_grayscale.
GREY = (0.2989, 0.587, 0.114)

# How others make a picture smaller than it is.
RESIZES: list[dict[str, Any]] = [
    {"like": "pillow"}, {"like": "pillow", "resize": "bicubic"}, {"resize": "nearest"},
    {"like": "opencv", "resize": "area"}, {"antialias": True}, {"fit": "crop"}, {"fit": "pad"},
]  # fmt: skip
UNSAID = dict.fromkeys(("resize", "like", "antialias", "fit"))

# The longer side of an example picture is at most this, or twice the model's size.
EXAMPLE_SIDE = 320


class Settings(Pixels):
    """The keys of a picture."""

    fit: Annotated[Literal["stretch", "crop", "pad"] | None, GRAPH] = Field(
        None,
        description="of another aspect: stretched, its middle alone, or whole with bars beside it",
    )
    fill_value: Annotated[int | None, GRAPH] = Field(
        None,
        ge=0,
        le=255,
        description='what the bars of fit = "pad" are, from 0 for black to 255 for white; without '
        "this key 0",
    )
    resize: Annotated[resampling.Method | None, GRAPH] = Field(
        None, description='how it gets its size; without this key "bilinear"'
    )
    like: Annotated[resampling.Library | None, GRAPH] = Field(
        None, description='whose way of resizing; without this key "tensorflow"'
    )
    antialias: Annotated[bool | None, GRAPH] = Field(
        None, description="whether TensorFlow smooths what it makes smaller"
    )
    grey: Annotated[tuple[float, float, float] | None, GRAPH] = Field(
        None,
        description="the weights of red, green and blue in a grey picture",
        examples=[[0.2989, 0.587, 0.114]],
    )
    order: Annotated[Order | None, GRAPH] = Field(
        None, description="of the colours; mean and std are in it too"
    )
    sources: Sources = None
    preprocess: Annotated[Name | None, GRAPH] = Field(
        None, description="range, mean, std and order of a network of keras.applications"
    )


class Image(PixelFeed):
    """Pixels of any size, resized."""

    SETTINGS = Settings
    KINDS = ("picture",)
    LABEL = "Picture"
    RAW = dict.fromkeys((1, 3), "pixels from 0 to 255")
    SAMPLES = Samples(
        patterns={
            "picture": patterns.picture,
            "inverted": patterns.inverted,
            "dots": patterns.dots,
        },
        sides=(
            (24, 20), (20, 28), (32, 32), (64, 48), (64, 64), (96, 96), (128, 128), (160, 160),
            (192, 192), (224, 224), (256, 256), (300, 300), (320, 320), (384, 384), (416, 416),
            (512, 512), (640, 640),
        ),
    )  # fmt: skip

    def fits(self, spec: TensorSpec) -> list[Fit]:
        if is_drawing(spec):
            return [Fit("picture", WELL, f"{format_size(spec)} pixels")]
        if not can_be_picture(spec):
            return self.fits_flat(spec)
        return [
            Fit("picture", BEST if is_picture(spec) else IF_ASKED, f"{format_size(spec)} pixels")
        ]

    def settle(self, spec: TensorSpec, settings: Settings, around: Around) -> Pixels:
        """What a name of a network stands for is written out."""
        if settings.preprocess:
            meant = NAMES[settings.preprocess].keys
            for key in meant:
                if getattr(settings, key) is not None:
                    said = f'preprocess = "{settings.preprocess}" says it: leave one of them out'
                    around.problem(key, said)
            settings = settings.model_copy(update=meant)
        if settings.antialias is not None and settings.like not in (None, "tensorflow"):
            around.problem("antialias", f"{settings.like} has no choice: leave antialias out")
        if settings.fill_value is not None and settings.fit != "pad":
            around.problem("fill_value", 'there are no bars without fit = "pad"')
        settled = super().settle(spec, settings, around)
        if settled.channels == 1 and settings.order == "bgr":
            around.problem("order", "a grey picture has no order of colours")
        if settled.channels == 3 and settings.grey:
            around.problem("grey", "the model takes colours: leave grey out")
        sources = settings.sources or OF_PICTURES
        check(sources, ("upload", "webcam", "clipboard"), around)
        if "upload" not in sources and "webcam" not in sources:
            around.problem("sources", 'add "upload" or "webcam": phones cannot paste')
        return settled.model_copy(update={"sources": sources})

    def usual(self, spec: TensorSpec, settings: Settings) -> list[list[dict[str, Any]]]:
        ways = [{**UNSAID, **way} for way in RESIZES] if settings.size else []
        return [*super().usual(spec, settings), ways]

    def suggestions(self, spec: TensorSpec, settings: Settings) -> list[str]:
        fit = [f'fit = "{settings.fit}"'] if settings.fit else []
        camera = ['# sources = ["upload", "webcam", "clipboard"]']
        return [*fit, *super().suggestions(spec, settings), *camera]

    def raw_spec(self, spec: TensorSpec, settings: Settings) -> TensorSpec:
        return TensorSpec(spec.name, "int32", (1, None, None, 3))

    def trace(self, raw: tf.Tensor, spec: TensorSpec, settings: Settings) -> tf.Tensor:
        """Crops or pads (`fit`), resizes, greys and scales."""
        import tensorflow as tf

        levels = tf.cast(raw, tf.float32)
        if settings.size and settings.fit == "crop":
            levels = whole.crop(levels, settings.size)
        if settings.size and settings.fit == "pad":
            levels = whole.pad(levels, settings.size, float(settings.fill_value or 0))
        convert = _to_whole if is_whole(spec.dtype) else _to_floats
        return shaped(convert(levels, spec, settings), spec)

    def read_example(self, value: Any, find: Find, spec: TensorSpec, settings: Settings) -> Example:
        if not isinstance(value, str):
            raise ConfigError(f"a picture is the path of a file, not {value!r}")
        longest = max([EXAMPLE_SIDE, *(2 * length for length in settings.size or ())])
        picture = pictures.read(find(value), longest=longest)
        return Example(picture.pixels, picture=picture)


def _to_floats(levels: tf.Tensor, spec: TensorSpec, settings: Settings) -> tf.Tensor:
    import tensorflow as tf

    levels = _resized(levels, settings)
    if settings.channels == 1:
        levels = tf.reduce_sum(levels * tf.constant(settings.grey or GREY), axis=-1, keepdims=True)
    return tf.cast(normalize(_ordered(levels, settings) / 255.0, settings), spec.dtype)


def _to_whole(levels: tf.Tensor, spec: TensorSpec, settings: Settings) -> tf.Tensor:
    plain = settings.resize in (None, "bilinear") and not settings.antialias
    if settings.channels == 1:
        levels = whole.grey(levels, settings.grey)
    if settings.size and plain and settings.like in (None, "tensorflow"):
        levels = whole.resize(levels, settings.size)
    else:
        levels = whole.nearest_level(_resized(levels, settings))
    return whole.in_range(_ordered(levels, settings), spec.dtype, settings.range)


def _resized(levels: tf.Tensor, settings: Settings) -> tf.Tensor:
    if not settings.size:
        return levels
    return resampling.resize(
        levels,
        settings.size,
        settings.resize or "bilinear",
        settings.like or "tensorflow",
        bool(settings.antialias),
    )


def _ordered(levels: tf.Tensor, settings: Settings) -> tf.Tensor:
    import tensorflow as tf

    return tf.reverse(levels, [-1]) if settings.order == "bgr" else levels


FEED = Image()
