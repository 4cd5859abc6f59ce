"""Pictures and drawings for models of whole numbers: the same to the last pixel everywhere."""

from __future__ import annotations

from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler.feeds import image, sketch, whole
from bundler.ground.tensors import TensorSpec
from tests.graphs import Array, Case, Rewritten, rewrite_all, run_tfjs
from tests.models import tf

generator = np.random.default_rng(8)


def picture(height: int, width: int) -> Array:
    return generator.integers(0, 256, (1, height, width, 3)).astype(np.int32)


@cache
def drawing(height: int, width: int, seed: int = 0) -> Array:
    """A crooked stroke with soft rims, 0 on 255."""
    random = np.random.default_rng(seed)
    nearest: Array = np.full((height, width), np.inf)
    ys, xs = np.mgrid[0:height, 0:width]
    ends = random.uniform(0.15, 0.85, (4, 2)) * (height, width)
    for (y0, x0), (y1, x1) in pairwise(ends):
        for part in np.linspace(0, 1, 60):
            far = (ys - y0 - (y1 - y0) * part) ** 2 + (xs - x0 - (x1 - x0) * part) ** 2
            np.minimum(nearest, far, out=nearest)
    paper: Array = np.clip((np.sqrt(nearest) - height / 16) * 200, 0, 255)
    return paper.astype(np.int32)[None, :, :, None]


def seen(raw: Any, shape: tuple[int | None, ...], dtype: str = "uint8", **settings: Any) -> Any:
    """As the page gets it: an int32 of what the model gets."""
    value = image.FEED.trace(raw, TensorSpec("x", dtype, shape), image.Settings(**settings))
    assert value.dtype == dtype
    return tf.cast(value, tf.int32)


def drawn(raw: Any, size: tuple[int, int], dtype: str = "uint8", **settings: Any) -> Any:
    spec = TensorSpec("x", dtype, (None, *size, 1))
    value = sketch.FEED.trace(raw, spec, sketch.Settings(size=size, **settings))
    assert value.dtype == dtype and tuple(value.shape) == (1, *size, 1)
    return tf.cast(value, tf.int32)


def sized(side: int, height: int, width: int, **settings: Any) -> Case:
    shape = (None, side, side, settings.get("channels", 3))
    return Case(
        partial(seen, shape=shape, size=(side, side), **settings), (picture(height, width),)
    )


def sketched(height: int, width: int, size: tuple[int, int], **settings: Any) -> Case:
    return Case(partial(drawn, size=size, **settings), (drawing(height, width),))


CASES = {
    **{f"side {side}": sized(side, 40, 56) for side in (24, 28, 48, 64, 96, 160, 224)},
    "half": sized(24, 48, 48),
    "third": sized(32, 96, 33),
    "as it is": Case(partial(seen, shape=(None, None, None, 3)), (picture(13, 21),)),
    "large": sized(96, 1024, 700),
    "grey": sized(24, 40, 56, channels=1),
    "grey of any size": Case(
        partial(seen, shape=(None, None, None, 1), channels=1), (picture(13, 21),)
    ),
    "cropped": sized(28, 50, 31, fit="crop"),
    "padded": sized(28, 50, 31, fit="pad", fill_value=114),
    "int8": sized(24, 40, 56, dtype="int8"),
    "int64": sized(24, 40, 56, dtype="int64"),
    "turned round": sized(24, 40, 56, range=(255, 0)),
    "seven shades": sized(24, 40, 56, range=(-3, 3), dtype="int32"),
    **{f"by {how}": sketched(280, 280, (28, 28), center=how) for how in ("mass", "box", "none")},
    "small paper": sketched(40, 40, (28, 28)),
    "tiny model": sketched(280, 280, (8, 8)),
    "large model": sketched(280, 210, (128, 96), fill=0.9),
    "ink -128 to 127": sketched(280, 280, (28, 28), dtype="int8"),
    "other range": sketched(280, 280, (28, 28), range=(16, 0)),
    "empty paper": Case(partial(drawn, size=(28, 28)), (np.full((1, 40, 40, 1), 255, np.int32),)),
}


@pytest.fixture(scope="module")
def made() -> list[Rewritten]:
    return rewrite_all(CASES)


@pytest.fixture(scope="module")
def expected(made: list[Rewritten]) -> dict[str, list[Array]]:
    return {name: answers for one in made for name, answers in one.expected.items()}


def test_tensorflow_makes_the_same_of_the_rewritten_graph(
    made: list[Rewritten], expected: dict[str, list[Array]]
) -> None:
    found = [item for one in made for item in one.run(list(one.cases)).items()]
    assert len(found) == len(CASES)
    for name, answers in found:
        assert (answers[0] == expected[name][0]).all(), name


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_tfjs_makes_the_same_to_the_last_pixel(
    made: list[Rewritten], expected: dict[str, list[Array]], backend: str, tmp_path: Path
) -> None:
    different = {}
    for name, answer in run_tfjs(made, tmp_path, backend).items():
        if isinstance(answer, str):
            different[name] = answer
        elif not (answer[0].to_numpy() == expected[name][0]).all():
            different[name] = str(np.abs(answer[0].to_numpy() - expected[name][0]).sum())
    assert different == {}


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("side")])
def test_resizing_is_bilinear(expected: dict[str, list[Array]], name: str) -> None:
    """Within the half level of rounding, and what steps of 1/256 between pixels take."""
    raw = tf.cast(CASES[name].inputs[0], tf.float32)
    side = int(name.split()[1])
    exact = tf.image.resize(raw, [side, side]).numpy()
    assert np.abs(expected[name][0] - exact).max() < 0.5 + 2 * 255 / 512
    assert np.abs(expected[name][0] - exact).mean() < 0.35


def test_half_way_between_two_levels_goes_up() -> None:
    """1, 2 and 3 halves, which no resize of floats decides the same everywhere."""
    raw = tf.constant([[[[0] * 3, [1] * 3], [[1] * 3, [4] * 3]]])
    assert whole.resize(tf.cast(raw, tf.float32), (1, 1)).numpy().ravel().tolist() == [2, 2, 2]
    value = whole.resize(tf.cast(raw, tf.float32), (1, 2)).numpy()[0, 0, :, 0]
    assert value.tolist() == [1, 3]  # 0.5 and 2.5


def test_a_size_that_the_picture_has_changes_nothing() -> None:
    raw = picture(24, 24)
    assert (seen(tf.constant(raw), (None, 24, 24, 3), size=(24, 24)) == raw).numpy().all()


def test_grey_pixels_stay_as_grey_as_they_are() -> None:
    raw = np.repeat(np.arange(256, dtype=np.int32)[None, None, :, None], 3, axis=3)
    value = seen(tf.constant(raw), (None, 1, 256, 1), channels=1)
    assert value.numpy().ravel().tolist() == list(range(256))


@pytest.mark.parametrize(
    ("dtype", "value_range", "black", "white"),
    [
        ("uint8", None, 0, 255), ("int32", None, 0, 255), ("int64", None, 0, 255),
        ("int8", None, -128, 127), ("bool", None, 0, 1), ("int32", (0, 1023), 0, 1023),
        ("uint8", (255, 0), 255, 0), ("int16", (-1, 1), -1, 1),
    ],
)  # fmt: skip
def test_black_and_white_of_whole_numbers(
    dtype: str, value_range: tuple[float, float] | None, black: int, white: int
) -> None:
    raw = np.zeros((1, 16, 16, 3), np.int32)
    raw[0, 8:] = 255
    settings = {} if value_range is None else {"range": value_range}
    value = seen(tf.constant(raw), (None, 16, 16, 3), dtype, **settings).numpy()
    assert (value[0, 0] == black).all() and (value[0, -1] == white).all()


@pytest.mark.parametrize("dtype", ["float16", "float64", "bfloat16"])
def test_other_floats_are_cast(dtype: str) -> None:
    said: dict[str, Any] = {"size": (24, 24), "range": (0, 1)}
    assert seen(tf.constant(picture(40, 56)), (1, 24, 24, 3), dtype, **said).dtype == "int32"
    assert drawn(tf.constant(drawing(40, 40)), dtype=dtype, **said).dtype == "int32"


@pytest.mark.parametrize("center", ["mass", "box", "none"])
@pytest.mark.parametrize("seed", range(4))
def test_a_drawing_is_placed_as_for_floats(center: str, seed: int) -> None:
    pixels = tf.constant(drawing(280, 280, seed))
    levels = whole.place_ink(pixels, (28, 28), center=center, fill=20 / 28).numpy()
    ink = sketch.place_ink(pixels, (28, 28), center=center).numpy()
    assert (levels == np.round(levels)).all() and levels.min() >= 0 and levels.max() <= 255
    assert np.abs(levels / 255 - ink).mean() < 0.006
    assert np.abs(levels / 255 - ink).max() < 0.12


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 7), (6, 7), (7, 7), (16_777_213, 3)])
def test_division_is_exact(numerator: int, denominator: int) -> None:
    found = whole.divide(tf.constant(float(numerator)), tf.constant(float(denominator)))
    assert int(found) == numerator // denominator
