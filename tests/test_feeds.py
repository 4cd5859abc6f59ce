"""What is traced in front of a model: drawings, pictures, raw tensors, against numpy and Pillow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from bundler.demo.settings import Input, Output, narrowed
from bundler.feeds import FEEDS, image, sketch, tensor, whole
from bundler.ground.tensors import TensorSpec
from bundler.heads import HEADS, mask, scores, sequence
from bundler.heads import image as head_image
from bundler.plan import SOLE
from bundler.site import over
from tests.models import keras, tf

Array = npt.NDArray[Any]
WEB_DTYPES = {"float32", "int32", "bool", "string"}
PAPER = 80


def draw(box: tuple[int, int, int, int], *, side: int = PAPER) -> Array:
    """A filled box (top, left, bottom, right) of ink on paper, int32 `[1, side, side, 1]`."""
    pixels = np.full((1, side, side, 1), 255, np.int32)
    top, left, bottom, right = box
    pixels[0, top:bottom, left:right] = 0
    return pixels


def place(pixels: Array, size: tuple[int, int] = (28, 28), **options: Any) -> Array:
    placed = sketch.place_ink(tf.constant(pixels), size, **options).numpy()
    assert placed.shape == (1, *size, 1)
    return np.asarray(placed[0, :, :, 0])


def middle_of_mass(ink: Array) -> tuple[float, float]:
    ys, xs = np.mgrid[0 : ink.shape[0], 0 : ink.shape[1]] + 0.5
    return float((ink * ys).sum() / ink.sum()), float((ink * xs).sum() / ink.sum())


@pytest.mark.parametrize("center", ["mass", "box", "none"])
@pytest.mark.parametrize("shape", [(1, 80, 80, 1), (1, 28, 28, 1), (1, 10, 50, 1)])
def test_empty_paper_is_no_ink(center: str, shape: tuple[int, ...]) -> None:
    ink = place(np.full(shape, 255, np.int32), center=center)
    assert (ink == 0).all()


@pytest.mark.parametrize("center", ["mass", "box"])
def test_a_drawing_may_be_anywhere_and_of_any_size(center: str) -> None:
    reference = place(draw((30, 34, 50, 46)), center=center)
    for top, left in ((0, 0), (5, 61), (60, 2), (60, 68)):
        moved = place(draw((top, left, top + 20, left + 12)), center=center)
        np.testing.assert_allclose(moved, reference, atol=1e-5)
    larger = place(draw((60, 68, 100, 92), side=160), center=center)
    assert np.abs(larger - reference).max() < 0.35  # only the rim differs
    assert abs(larger.sum() - reference.sum()) < 0.02 * reference.sum()


@pytest.mark.parametrize("fill", [0.5, 20 / 28, 1.0])
def test_the_longer_side_fills_what_is_asked_for(fill: float) -> None:
    ink = place(draw((10, 20, 50, 30)), center="box", fill=fill)
    rows, columns = (ink > 0.5).any(axis=1).sum(), (ink > 0.5).any(axis=0).sum()
    assert abs(rows - fill * 28) <= 1
    assert abs(columns - fill * 28 / 4) <= 1


def test_the_middle_of_mass_is_in_the_middle() -> None:
    """An L: its middle of mass is not that of its box."""
    pixels = np.minimum(draw((10, 10, 60, 20)), draw((50, 10, 60, 40)))
    np.testing.assert_allclose(middle_of_mass(place(pixels, center="mass")), (14, 14), atol=0.05)
    boxed = place(pixels, center="box")
    assert max(abs(np.array(middle_of_mass(boxed)) - 14)) > 1
    rows, columns = np.where((boxed > 0.5).any(axis=1))[0], np.where((boxed > 0.5).any(axis=0))[0]
    assert abs(rows[0] - (27 - rows[-1])) <= 1 and abs(columns[0] - (27 - columns[-1])) <= 1


def test_uncentred_paper_is_resampled_as_pillow_does() -> None:
    generator = np.random.default_rng(4)
    pixels = generator.integers(0, 256, (1, 84, 56, 1)).astype(np.int32)
    ink = place(pixels, (28, 28), center="none")
    paper = Image.fromarray((255 - pixels[0, :, :, 0]).astype(np.float32) / 255)
    expected = np.asarray(paper.resize((28, 28), Image.Resampling.BILINEAR))
    inner = (slice(1, -1), slice(1, -1))  # Pillow weighs the rim anew
    np.testing.assert_allclose(ink[inner], expected[inner], atol=0.01)


def test_results_need_not_be_square() -> None:
    tall = place(draw((10, 10, 50, 30)), (40, 20), center="box", fill=1.0)
    np.testing.assert_allclose(tall[2:-2, 2:-2], 1, atol=1e-4)
    wide = place(draw((10, 10, 50, 30)), (20, 40), center="box", fill=1.0)
    assert abs((wide > 0.5).any(axis=0).sum() - 10) <= 1
    assert (wide > 0.5).any(axis=1).all()


@pytest.mark.parametrize(
    "pixels", [draw((0, 0, PAPER, PAPER)), draw((3, 3, 4, 4)), draw((0, 0, 1, 80))]
)
def test_ink_is_from_zero_to_one_whatever_is_drawn(pixels: Array) -> None:
    for center in ("mass", "box", "none"):
        ink = place(pixels, center=center)
        assert np.isfinite(ink).all() and ink.min() >= 0 and 0 < ink.max() <= 1


def test_a_faint_speck_moves_nothing() -> None:
    """Anti-aliased rims are lighter than the threshold."""
    pixels = draw((30, 34, 50, 46))
    specked = pixels.copy()
    specked[0, 0, 0] = 240
    assert np.abs(place(specked, center="box") - place(pixels, center="box")).max() < 0.07


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((None, 28, 28, 1), (1, 28, 28, 1)), ((None, 28, 28), (1, 28, 28)), ((None, 784), (1, 784))],
)  # fmt: skip
def test_a_sketch_has_the_shape_and_the_range_of_the_model(
    shape: tuple[int | None, ...], expected: tuple[int, ...]
) -> None:
    settings = sketch.Settings(size=(28, 28), range=(1, -1))
    raw = tf.constant(draw((30, 34, 50, 46)))
    value = sketch.FEED.trace(raw, TensorSpec("x", "float32", shape), settings).numpy()
    assert value.shape == expected and value.dtype == np.float32
    assert (value.max(), value.min()) == (1, -1)  # paper 1, ink -1
    np.testing.assert_allclose(value.reshape(28, 28, -1)[14, 14], -1)


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("shape", [(None, 32, 48, 3), (None, 4608)])
def test_a_sketch_in_colour_is_a_picture(shape: tuple[int | None, ...], dtype: str) -> None:
    """Where it was drawn, black is black and paper white, in any order of numbers: by rows."""
    raw = np.full((1, 320, 480, 3), 255, np.int32)
    raw[0, 100:200, 40:400] = (200, 30, 90)
    raw[0, 260:300, 40:400] = 0
    said = sketch.Settings(size=(32, 48), channels=3)
    value = sketch.FEED.trace(tf.constant(raw), TensorSpec("x", dtype, shape), said).numpy()
    assert value.shape == (1, *shape[1:]) and value.dtype == dtype
    small = Image.fromarray(raw[0].astype(np.uint8)).resize((48, 32), Image.Resampling.BILINEAR)
    assert np.abs(value.reshape(32, 48, 3) - np.asarray(small, np.float32)).max() <= 1
    np.testing.assert_allclose(value.reshape(32, 48, 3)[15, 24], (200, 30, 90), atol=1e-3)


@pytest.mark.parametrize("center", ["mass", "box"])
def test_colours_move_together(center: Literal["mass", "box"]) -> None:
    raw = np.full((1, 80, 80, 3), 255, np.int32)
    raw[0, 10:20, 5:15] = (0, 255, 255)
    raw[0, 10:20, 15:25] = (255, 255, 0)
    said = sketch.Settings(size=(28, 28), channels=3, center=center, range=(1, 0))
    spec = TensorSpec("x", "float32", (None, 28, 28, 3))
    red, green, blue = sketch.FEED.trace(tf.constant(raw), spec, said).numpy()[0].transpose(2, 0, 1)
    assert middle_of_mass(red)[1] < 14 < middle_of_mass(blue)[1] and green.max() < 1e-6
    np.testing.assert_allclose(middle_of_mass(red + blue), (14, 14), atol=0.1)


@pytest.mark.parametrize("level", [0, 114])
@pytest.mark.parametrize("sides", [(40, 100), (100, 40), (37, 64), (64, 64), (3, 200)])
def test_bars_beside_a_picture_are_those_of_keras(sides: tuple[int, int], level: int) -> None:
    pixels = picture(*sides)
    said = image.Settings(size=(32, 32), channels=3, fit="pad", fill_value=level)
    spec = TensorSpec("x", "float32", (None, 32, 32, 3))
    made = image.FEED.trace(tf.constant(pixels), spec, said).numpy()
    options = {"pad_to_aspect_ratio": True, "fill_value": level}
    expected = keras.ops.image.resize(pixels.astype(np.float32), (32, 32), **options)
    np.testing.assert_allclose(made, expected, atol=1e-3)


@pytest.mark.parametrize("fit", ["crop", "pad"])
@pytest.mark.parametrize("sides", [(40, 100), (100, 40), (37, 64), (64, 64), (3, 200)])
def test_what_the_page_says_the_model_sees_is_what_it_sees(
    sides: tuple[int, int], fit: str
) -> None:
    """Each pixel holds its number, which tells where what the model gets begins."""
    height, width = sides
    numbers = np.arange(1, height * width + 1, dtype=np.float32).reshape(1, height, width, 1)
    size = (24, 40)
    taken = whole.crop(numbers, size) if fit == "crop" else whole.pad(numbers, size, 0.0)
    part = over.seen(width, height, {"fit": fit, "size": size})
    assert taken.shape[1:3] == (part["height"], part["width"])
    shown = over.shown(width, height, part)
    row, column = shown["y"] - part["y"], shown["x"] - part["x"]
    there = taken.numpy()[0, row : row + shown["height"], column : column + shown["width"], 0]
    assert there[0, 0] == 1 + shown["y"] * width + shown["x"]
    assert np.count_nonzero(taken) == there.size == np.count_nonzero(there)


@pytest.mark.parametrize("channels", [1, 3])
def test_numbers_in_a_row_are_pixels_row_by_row(channels: Literal[1, 3]) -> None:
    """As numpy's and TensorFlow's reshape have it."""
    raw = tf.constant(picture(50, 70))
    said = image.Settings(size=(20, 30), channels=channels, range=(0, 1))
    shapes = (None, 20, 30, channels), (None, 600 * channels)
    value, flat = (image.FEED.trace(raw, TensorSpec("x", "float32", s), said) for s in shapes)
    assert flat.shape == (1, 600 * channels)
    np.testing.assert_array_equal(flat, tf.reshape(value, [1, -1]))


def picture(height: int, width: int) -> Array:
    generator = np.random.default_rng(5)
    return generator.integers(0, 256, (1, height, width, 3)).astype(np.int32)


def see(pixels: Array, shape: tuple[int | None, ...], **settings: Any) -> Array:
    spec = TensorSpec("x", "float32", shape)
    return np.asarray(
        image.FEED.trace(tf.constant(pixels), spec, image.Settings(**settings)).numpy()
    )


def resize(pixels: Array, height: int, width: int) -> Array:
    """Bilinear with half-pixel centres and no anti-aliasing, as tf.image.resize says of itself."""

    def at(length: int, count: int) -> tuple[Array, Array, Array]:
        places = (np.arange(count) + 0.5) * length / count - 0.5
        low = np.floor(places)
        upper = np.clip(low + 1, 0, length - 1).astype(int)
        return np.clip(low, 0, length - 1).astype(int), upper, (places - low)

    top, bottom, y = at(pixels.shape[1], height)
    left, right, x = at(pixels.shape[2], width)
    rows = pixels[0][top] * (1 - y)[:, None, None] + pixels[0][bottom] * y[:, None, None]
    return np.asarray(rows[:, left] * (1 - x)[:, None] + rows[:, right] * x[:, None])[None]


@pytest.mark.parametrize(("height", "width"), [(24, 24), (12, 48), (50, 9), (100, 100)])
def test_a_picture_is_resized(height: int, width: int) -> None:
    pixels = picture(height, width)
    value = see(pixels, (None, 24, 24, 3), size=(24, 24))
    np.testing.assert_allclose(value, resize(pixels, 24, 24), atol=0.01)


@pytest.mark.parametrize(
    ("value_range", "low", "high"),
    [(None, 0, 255), ((0, 1), 0, 1), ((-1, 1), -1, 1), ((1, 0), 1, 0)],
)
def test_black_and_white_have_the_values_of_the_range(
    value_range: tuple[float, float] | None, low: float, high: float
) -> None:
    pixels = np.zeros((1, 2, 1, 3), np.int32)
    pixels[0, 1] = 255
    value = see(pixels, (None, 2, 1, 3), range=value_range)
    np.testing.assert_allclose(value[0, :, 0], [[low] * 3, [high] * 3], atol=1e-6)


def test_grey_is_that_of_tensorflow() -> None:
    pixels = picture(6, 6)
    expected = tf.image.rgb_to_grayscale(tf.cast(pixels, tf.float32)).numpy()
    value = see(pixels, (None, 6, 6, 1), size=(6, 6), channels=1)
    np.testing.assert_allclose(value, expected, atol=1e-3)
    flat = see(pixels, (None, 6, 6), size=(6, 6), channels=1)
    np.testing.assert_allclose(flat, expected[..., 0], atol=1e-3)


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [(40, 20, (10, 10)), (20, 40, (10, 10)), (30, 30, (20, 10)), (31, 10, (8, 24))],
)
def test_a_picture_is_cropped_to_its_middle(height: int, width: int, size: tuple[int, int]) -> None:
    pixels = picture(height, width)
    new_height = int(min(height, width * size[0] / size[1]))
    new_width = int(min(width, height * size[1] / size[0]))
    top, left = (height - new_height) // 2, (width - new_width) // 2
    cropped = pixels[:, top : top + new_height, left : left + new_width]
    value = see(pixels, (None, *size, 3), size=size, fit="crop")
    np.testing.assert_allclose(value, resize(cropped, *size), atol=0.01)


def test_a_model_of_any_size_sees_the_picture_as_it_is() -> None:
    pixels = picture(13, 7)
    assert (see(pixels, (None, None, None, 3)) == pixels).all()


# What a sound becomes follows from more than these settings: test_hearing.py has its features.
@pytest.mark.parametrize("name", sorted(FEEDS.keys() - {"audio"}))
def test_every_feed_gives_what_the_model_takes(name: str) -> None:
    spec, said = TensorSpec("x", "float32", (None, 28, 28, 1)), Input(size=(28, 28), channels=1)
    settings = narrowed(FEEDS[name].SETTINGS, said)
    raw_spec = FEEDS[name].raw_spec(spec, settings)
    assert raw_spec.name == "x" and raw_spec.dtype in WEB_DTYPES
    raw = tf.zeros([length or 1 for length in raw_spec.shape], raw_spec.dtype)
    value = FEEDS[name].trace(raw, spec, settings)
    assert not isinstance(value, Mapping) and value.dtype.name == "float32"
    assert tuple(value.shape[1:]) == (28, 28, 1)


@pytest.mark.parametrize(
    "dtype", ["int64", "int32", "uint8", "bool", "float16", "float64", "string"]
)
def test_raw_tensors_have_dtypes_of_the_web_and_become_the_models(dtype: str) -> None:
    spec = TensorSpec("x", dtype, (None, 2))
    raw_spec = FEEDS["tensor"].raw_spec(spec, tensor.Settings())
    assert raw_spec.dtype in WEB_DTYPES and raw_spec.shape == spec.shape
    raw = tf.constant([["a", "b"]]) if dtype == "string" else tf.zeros((1, 2), raw_spec.dtype)
    assert tensor.FEED.trace(raw, spec, tensor.Settings()).dtype.name == dtype


# What boxes are read from is not one tensor of any values: test_boxes.py has their formats.
@pytest.mark.parametrize("name", sorted(HEADS.keys() - {"boxes"}))
@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "int64"])
def test_every_head_answers_in_dtypes_of_the_web(name: str, dtype: str) -> None:
    said = Output(labels=["a", "b", "c"], scores="probabilities", range=(0, 255), amplitude=1)
    settings = narrowed(HEADS[name].SETTINGS, said)
    value = tf.cast([[1, 2, 3]], dtype)
    shapes = {"image": (1, 1, 3), "sequence": (1, 1, 3), "mask": (1, 1, 3, 1)}
    shaped = tf.reshape(value, shapes.get(name, (1, 3)))
    answer = HEADS[name].trace({SOLE: shaped}, settings)
    assert answer.dtype.name in WEB_DTYPES
    assert answer.numpy().ravel().tolist() == [1, 2, 3]


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
@pytest.mark.parametrize(
    ("ends", "values", "pixels"),
    [
        ((0, 1), [0, 0.2, 1, -0.5, 7], [0, 51, 255, 0, 255]),
        ((-1, 1), [-1, -0.6, 1, -2, 2], [0, 51, 255, 0, 255]),
        ((1, 0), [0, 0.2, 1, -0.5, 7], [255, 204, 0, 255, 0]),
        ((0, 255), [0, 51, 255, -1, 256], [0, 51, 255, 0, 255]),
    ],
)
def test_values_in_their_range_become_pixels(
    channels: tuple[int, ...],
    ends: tuple[float, float],
    values: list[float],
    pixels: list[float],
) -> None:
    shape = (1, 1, len(values), *channels)
    value = np.broadcast_to(np.reshape(values, (1, 1, -1, *(1 for _ in channels))), shape)
    settings = head_image.Settings(range=ends)
    answer = HEADS["image"].trace({SOLE: tf.constant(value, tf.float32)}, settings).numpy()
    assert answer.shape == (1, 1, len(values), *(channels or (1,)))
    assert np.abs(answer - np.reshape(pixels, (1, 1, -1, 1))).max() <= 1e-4


@pytest.mark.parametrize(
    ("said", "values", "labels", "expected"),
    [
        ("logits", [0.0, 0.0], ["a", "b"], [0.5, 0.5]),
        ("logits", [np.log(1), np.log(3)], ["a", "b"], [0.25, 0.75]),
        ("probabilities", [0.2, 0.8], ["a", "b"], [0.2, 0.8]),
        ("probabilities", [0.8], ["no", "yes"], [0.2, 0.8]),
        ("logits", [np.log(3)], ["no", "yes"], [0.25, 0.75]),
        ("probabilities", [0.8], ["yes"], [0.8]),
    ],
)
def test_scores_become_probabilities_of_each_label(
    said: Literal["logits", "probabilities"],
    values: list[float],
    labels: list[str],
    expected: list[float],
) -> None:
    settings = scores.Settings(labels=labels, scores=said)
    answer = HEADS["scores"].trace({SOLE: tf.constant([values])}, settings)
    np.testing.assert_allclose(answer.numpy(), [expected], atol=1e-6)


def test_logits_of_several_labels_at_once_are_each_by_itself() -> None:
    settings = scores.Settings(labels=["a", "b"], scores="logits", threshold=0.5)
    answer = HEADS["scores"].trace({SOLE: tf.constant([[np.log(3), 0.0]], tf.float32)}, settings)
    np.testing.assert_allclose(answer.numpy(), [[0.75, 0.5]], atol=1e-6)


@pytest.mark.parametrize(
    ("values", "keys", "expected"),
    [
        ([[0.2], [0.8]], {"threshold": 0.5, "scores": "probabilities"}, [51, 204]),
        ([[0.0], [np.log(3)]], {"threshold": 0.5, "scores": "logits"}, [127.5, 191.25]),
        ([[0.8, 0.2], [0.2, 0.8]], {"threshold": 0.5, "scores": "probabilities"}, [51, 204]),
        ([[np.log(3), 0.0], [0.0, 0.0]], {"threshold": 0.5, "scores": "logits"}, [63.75, 127.5]),
        ([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], {}, [1, 0]),
        ([[2], [7]], {}, [2, 7]),
    ],
)
def test_masks_are_levels_of_one_thing_or_places_of_classes(
    values: list[list[float]], keys: dict[str, Any], expected: list[float]
) -> None:
    settings = mask.Settings.model_validate(keys)
    pixels = tf.constant([[values]], tf.float32)
    answer = HEADS["mask"].trace({SOLE: pixels}, settings)
    assert answer.shape == (1, 1, 2, 1)
    assert answer.dtype.name == ("float32" if keys else "int32")
    np.testing.assert_allclose(answer.numpy().ravel(), expected, atol=1e-3)


def test_logits_of_a_sequence_become_probabilities_of_each_step() -> None:
    settings = sequence.Settings(labels=["a", "b"], scores="logits")
    logits = tf.constant([[[0.0, 0.0], [0.0, np.log(3)]]], tf.float32)
    answer = HEADS["sequence"].trace({SOLE: logits}, settings)
    np.testing.assert_allclose(answer.numpy(), [[[0.5, 0.5], [0.25, 0.75]]], atol=1e-6)
