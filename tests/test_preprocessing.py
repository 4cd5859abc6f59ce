"""What a model was trained to see: pictures as the libraries make them that people train with."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pytest
import tf_keras
from PIL import Image

from bundler.feeds import FEEDS, image, preprocessing, resampling
from bundler.feeds.pixels import Pixels
from bundler.feeds.values import Around
from bundler.ground.kinds import Findings
from bundler.ground.tensors import TensorSpec
from tests.graphs import TOLERANCE, Array, Case, rewrite_all, run_tfjs
from tests.models import keras, tf

METHODS = get_args(resampling.Method)
# Theirs are whole levels, of each direction by itself: a half for each, the first one sharpened.
LEVELS = 1.25
PILLOW = {
    "bilinear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
}
OPENCV = {
    "bilinear": cv2.INTER_LINEAR,
    "nearest": cv2.INTER_NEAREST,
    "bicubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
    "lanczos": cv2.INTER_LANCZOS4,
}
# Smaller, larger, both, neither, nearly the same, a line of pixels, a photograph's.
SIZES = [
    ((63, 48), (28, 20)), ((20, 24), (37, 50)), ((100, 31), (50, 62)), ((33, 60), (33, 60)),
    ((17, 19), (18, 19)), ((120, 90), (40, 30)), ((1, 5), (4, 4)), ((511, 381), (224, 224)),
]  # fmt: skip


def picture(height: int, width: int, seed: int = 0) -> Array:
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (height, width, 3), np.uint8)


def resized(pixels: Array, size: tuple[int, int], method: str, like: str, **more: Any) -> Array:
    """By a graph that does not know the picture's size."""

    @tf.function(input_signature=[tf.TensorSpec((1, None, None, 3))])  # type: ignore[untyped-decorator]
    def graph(levels: Any) -> Any:
        return resampling.resize(levels, size, method, like, more.get("antialias", False))  # type: ignore[arg-type]

    return np.asarray(graph(pixels[None].astype(np.float32)).numpy()[0])


def by_pillow(pixels: Array, size: tuple[int, int], method: str) -> Array:
    """First one direction, then the other, as all versions before 13 do."""
    code = PILLOW[method]
    narrow = Image.fromarray(pixels).resize((size[1], pixels.shape[0]), code)
    return np.asarray(narrow.resize((size[1], size[0]), code)).astype(np.float32)


def between(before: int, after: int) -> Array:
    """Which new pixels have their middle exactly between two old ones."""
    return np.asarray((2 * np.arange(after) + 1) * before % (2 * after) == 0)


@pytest.mark.parametrize(("before", "after"), SIZES)
@pytest.mark.parametrize("method", METHODS)
def test_a_picture_is_resized_as_pillow_does(
    before: tuple[int, int], after: tuple[int, int], method: str
) -> None:
    pixels = picture(*before)
    far = np.abs(resized(pixels, after, method, "pillow") - by_pillow(pixels, after, method))
    if method == "nearest":
        decided = [~between(*lengths) for lengths in zip(before, after, strict=True)]
        assert (far[decided[0]][:, decided[1]] == 0).all()
    else:
        assert far.max() <= LEVELS


@pytest.mark.parametrize(("before", "after"), SIZES)
@pytest.mark.parametrize("method", METHODS)
def test_a_picture_is_resized_as_opencv_does(
    before: tuple[int, int], after: tuple[int, int], method: str
) -> None:
    pixels = picture(*before, seed=1)
    found = resized(pixels, after, method, "opencv")
    expected = cv2.resize(pixels, (after[1], after[0]), interpolation=OPENCV[method])
    bound = 0 if method == "nearest" else LEVELS
    assert np.abs(found - expected.astype(np.float32)).max() <= bound


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_a_picture_is_resized_as_tensorflow_does(method: str, antialias: bool) -> None:
    pixels = picture(63, 48)
    name = resampling.TENSORFLOW[method]
    expected = tf.image.resize(pixels.astype(np.float32), (28, 30), name, antialias=antialias)
    found = resized(pixels, (28, 30), method, "tensorflow", antialias=antialias)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize(("before", "after"), [(64, 28), (48, 36), (100, 24), (512, 224), (30, 20)])
def test_between_two_pixels_either_is_the_nearest(before: int, after: int) -> None:
    """Pillow takes the one or the other, as its own rounding happens to fall."""
    pixels = picture(before, 1)
    found = resized(pixels, (after, 1), "nearest", "pillow")[:, 0]
    expected = by_pillow(pixels, (after, 1), "nearest")[:, 0]
    for index, tied in enumerate(between(before, after)):
        place = (2 * index + 1) * before // (2 * after)
        neighbours = pixels[place - int(tied) : place + 1, 0]
        assert any((expected[index] == one).all() for one in neighbours)
        assert (found[index] == pixels[min(place, before - 1), 0]).all()


@pytest.mark.parametrize("library", [keras, tf_keras], ids=["keras", "tf_keras"])
@pytest.mark.parametrize("name", get_args(preprocessing.Name))
def test_names_mean_what_keras_means(name: str, library: Any) -> None:
    module = getattr(library.applications, name, None)
    if module is None:
        pytest.skip(f"{library.__name__} has no {name}")
    pixels = picture(9, 7)[None].astype(np.float32)
    found = seen(pixels, size=(9, 7), preprocess=name)
    np.testing.assert_allclose(found, module.preprocess_input(pixels.copy()), atol=1e-4)


@pytest.mark.parametrize("library", [keras, tf_keras], ids=["keras", "tf_keras"])
def test_no_network_of_keras_is_left_out(library: Any) -> None:
    modules = {
        name
        for name in dir(library.applications)
        if hasattr(getattr(library.applications, name), "preprocess_input")
    }
    assert modules - {"imagenet_utils"} <= set(preprocessing.NAMES)
    assert set(preprocessing.NAMES) == set(get_args(preprocessing.Name))


def settled(settings: image.Settings, dtype: str = "float32", channels: int = 3) -> Around:
    """What planning an input with these settings has found."""
    around = Around("inputs[0]", Findings(), False)
    spec = TensorSpec("x", dtype, (None, 9, 7, channels))
    FEEDS["image"].settle(spec, settings, around)
    return around


def seen(pixels: Array, channels: int = 3, dtype: str = "float32", **settings: Any) -> Array:
    """What the model gets of a picture, planned as demo.toml is."""
    spec = TensorSpec("x", dtype, (None, *pixels.shape[1:3], channels))
    around = Around("inputs[0]", Findings(), False)
    made = image.FEED.settle(spec, image.Settings(**settings), around)
    assert not around.findings.problems and isinstance(made, image.Settings)
    return np.asarray(image.FEED.trace(tf.constant(pixels.astype(np.int32)), spec, made).numpy())


def test_mean_and_deviation_are_those_of_the_values_in_their_range() -> None:
    pixels = picture(5, 4)[None]
    found = seen(pixels, range=(0, 1), mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.3))
    np.testing.assert_allclose(found, (pixels / 255 - [0.5, 0.4, 0.3]) / [0.1, 0.2, 0.3], atol=1e-5)
    whole = seen(pixels, mean=127.5, std=127.5)
    np.testing.assert_allclose(whole, pixels / 127.5 - 1, atol=1e-5)
    assert (seen(pixels, order="bgr") == pixels[..., ::-1]).all()
    grey = seen(pixels, channels=1, grey=(0.0, 1.0, 0.0), mean=10.0)
    np.testing.assert_allclose(grey, pixels[..., 1:2] - 10.0, atol=1e-4)


@pytest.mark.parametrize("like", ["pillow", "opencv", "tensorflow"])
@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_models_of_whole_numbers_get_whole_levels(like: str, dtype: str) -> None:
    pixels = picture(40, 30)[None]
    spec = TensorSpec("x", dtype, (None, 17, 13, 3))
    settings = image.Settings(size=(17, 13), resize="bicubic", like=like, order="bgr")
    found = image.FEED.trace(tf.constant(pixels.astype(np.int32)), spec, settings).numpy()
    exact = resized(pixels[0], (17, 13), "bicubic", like)[..., ::-1]
    assert found.dtype == dtype and found.min() >= 0 and found.max() <= 255
    assert np.abs(found[0].astype(float) - np.clip(exact, 0, 255)).max() <= 0.5 + 1e-3


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"preprocess": "vgg16", "range": (0, 1)}, "leave one of them out"),
        ({"preprocess": "vgg16", "mean": 1.0}, "leave one of them out"),
        ({"like": "opencv", "antialias": True}, "leave antialias out"),
        ({"grey": (1.0, 0.0, 0.0)}, "leave grey out"),
        ({"sources": ["clipboard"]}, 'add "upload" or "webcam"'),
    ],
)
def test_keys_that_contradict_are_told(settings: dict[str, Any], said: str) -> None:
    problems = settled(image.Settings(**settings)).findings.problems
    assert any(said in problem for problem in problems), problems


@pytest.mark.parametrize(
    "settings",
    [
        {"mean": (1.0, 2.0, 3.0)},
        {"std": (1.0, 2.0, 3.0)},
        {"order": "bgr"},
        {"preprocess": "vgg16"},
    ],
)
def test_a_grey_picture_has_one_channel(settings: dict[str, Any]) -> None:
    assert settled(image.Settings(**settings), channels=1).findings.problems
    assert settled(image.Settings(mean=1.0, std=2.0), channels=1).findings.problems == []


@pytest.mark.parametrize("settings", [{"mean": 1.0}, {"std": 2.0}, {"preprocess": "densenet"}])
def test_whole_numbers_have_a_range_alone(settings: dict[str, Any]) -> None:
    problems = settled(image.Settings(**settings), dtype="uint8").findings.problems
    assert any("whole numbers" in problem for problem in problems), problems


@pytest.mark.parametrize("value", [0, 0.0, [1, 0, 1]])
def test_nothing_is_divided_by_zero(value: Any) -> None:
    with pytest.raises(ValueError, match="divided by 0"):
        Pixels(std=value)


def graph_of(like: str, method: str, **settings: Any) -> Case:
    spec = TensorSpec("x", "float32", (None, 24, 20, 3))
    made = image.Settings(size=(24, 20), resize=method, like=like, **settings)
    trace = partial(image.FEED.trace, spec=spec, settings=made)
    return Case(trace, (picture(41, 53)[None].astype(np.int32),))


CASES = {
    **{
        f"{like} {method}": graph_of(like, method, range=(0, 1))
        for like in get_args(resampling.Library)
        for method in METHODS
    },
    "smoothed": graph_of("tensorflow", "bilinear", antialias=True, range=(-1, 1)),
    "of a network": graph_of("pillow", "nearest", order="bgr", mean=(103.9, 116.8, 123.7)),
    "less the mean": graph_of("opencv", "area", range=(0, 1), mean=0.5, std=(0.2, 0.3, 0.4)),
}


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_tfjs_makes_the_same(backend: str, tmp_path: Path) -> None:
    made = rewrite_all(CASES)
    expected = {name: answers[0] for one in made for name, answers in one.expected.items()}
    different = {}
    for name, answer in run_tfjs(made, tmp_path, backend).items():
        if isinstance(answer, str):
            different[name] = answer
            continue
        far = np.abs(answer[0].to_numpy() - expected[name]).max()
        if not far <= TOLERANCE * max(1.0, np.abs(expected[name]).max()):
            different[name] = str(far)
    assert different == {} and len(expected) == len(CASES)
