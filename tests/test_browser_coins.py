"""The demo with the mask: painted as Keras says, and on a photograph that it has never seen."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page

from bundler.demo import config
from tests import warm
from tests.conftest import DEMOS, BuildDemo, Host, NewPage
from tests.every import OF_ONE_DEMO
from tests.test_browser_mask import drawn, painted
from tests.visitor import Array, expect_live, one_more_prediction, open_ready, settle

pytestmark = OF_ONE_DEMO

COINS = DEMOS / "coins"
# The examples are so many times as large as what the model sees.
SCALE = 2
LEAST_OVERLAP = 0.85
# What rounding alone may decide.
MOST_DIFFERENT = 1e-3
ANSWER = """
import sys
import keras
import numpy as np
import tensorflow as tf
seen = np.load(sys.argv[2])[..., None].astype(np.float32)
small = tf.image.resize(seen, (160, 208), antialias=True)
answers = keras.saving.load_model(sys.argv[1])(small).numpy()
np.save(sys.argv[3], answers.argmax(axis=-1))
"""
PHOTOGRAPH = """
import sys
import numpy as np
import skimage.data
np.save(sys.argv[1], skimage.data.coins())
"""


def classes_by_keras(pictures: list[Array], folder: Path) -> Array:
    """Of each pixel of what the model sees of grey pictures of one size."""
    files = folder / "seen.npy", folder / "classes.npy"
    np.save(files[0], np.stack(pictures))
    result = warm.run_forked(ANSWER, COINS / "coins.keras", *files)
    assert result.returncode == 0, result.stderr
    return np.asarray(np.load(files[1]))


def photograph(folder: Path) -> Array:
    result = warm.run_forked(PHOTOGRAPH, folder / "coins.npy")
    assert result.returncode == 0, result.stderr
    return np.asarray(np.load(folder / "coins.npy"))


def outlined(shape: tuple[int, ...]) -> Array:
    """Which pixels of the photograph are of a coin, as it was outlined by hand."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    rows = np.loadtxt(COINS / "coins.csv", delimiter=",", skiprows=1)
    assert len(rows) == 24
    inside = [((x - a) / across) ** 2 + ((y - b) / down) ** 2 <= 1 for a, b, across, down in rows]
    return np.asarray(np.any(inside, axis=0))


def colours() -> list[tuple[int, ...] | None]:
    """Of the classes; what is no thing is not painted."""
    texts = config.read(COINS).outputs[0].colors or []
    return [None, *(tuple(bytes.fromhex(text[1:])) for text in texts[1:])]


def shown(page: Page, picture: Array) -> Array:
    """The classes that the page has painted over a grey picture."""
    colourful = np.stack([picture] * 3, axis=-1).astype(int)
    count = range(len(colours()))
    every = [painted(colourful, np.full(picture.shape, index), colours()) for index in count]
    seen = drawn(page)
    far = [np.abs(seen - one).sum(axis=-1) for one in every]
    assert np.min(far, axis=0).max() <= 6
    return np.asarray(np.argmin(far, axis=0))


def test_things_are_painted_as_keras_says(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("coins").folder).url)
    files = sorted((COINS / "examples").iterdir())
    pictures = [np.asarray(Image.open(file).convert("L")) for file in files]
    expected = classes_by_keras(pictures, tmp_path).repeat(SCALE, 1).repeat(SCALE, 2)
    for index, file in enumerate(files):
        page.locator("[data-example]").nth(index).click()
        expect_live(page)
        settle(page)
        different = shown(page, pictures[index]) != expected[index]
        assert different.mean() <= MOST_DIFFERENT, file.name


def test_the_coins_of_a_photograph_are_found(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("coins").folder).url)
    seen = photograph(tmp_path)
    stream = io.BytesIO()
    Image.fromarray(seen).save(stream, "PNG")
    file = FilePayload(name="coins.png", mimeType="image/png", buffer=stream.getvalue())
    with one_more_prediction(page):
        page.locator(".image-target [type=file]").set_input_files(file)
    expect_live(page)
    settle(page)
    found = shown(page, seen) == 1
    real = outlined(seen.shape)
    assert (found & real).sum() / (found | real).sum() >= LEAST_OVERLAP
