"""The demo with the mask: painted as Keras says, and on a photograph of which nobody has told it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from bundler.demo import config
from tests import warm
from tests.conftest import DEMOS, BuildDemo, Host, NewPage
from tests.test_browser_mask import drawn, painted
from tests.visitor import Array, choose_file, expect_live, open_ready, settle

COINS = DEMOS / "coins"
# The examples are so many times as large as what the model sees.
SCALE = 3
LEAST_OVERLAP = 0.85
# What rounding alone may decide.
MOST_DIFFERENT = 1e-3
ANSWER = """
import sys
import keras
import numpy as np
import tensorflow as tf
seen = np.load(sys.argv[2])[None, ..., None].astype(np.float32)
small = tf.image.resize(seen, (160, 208), antialias=True)
answer = keras.saving.load_model(sys.argv[1])(small).numpy()[0]
np.save(sys.argv[3], answer.argmax(axis=-1))
"""
PHOTOGRAPH = """
import sys
import numpy as np
import skimage.data
np.save(sys.argv[1], skimage.data.coins())
"""


def classes_by_keras(picture: Array, folder: Path) -> Array:
    """Of each pixel of what the model sees."""
    files = folder / "seen.npy", folder / "classes.npy"
    np.save(files[0], picture)
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
    texts = config.read(COINS).outputs[0].settings.colors
    return [None, *(tuple(bytes.fromhex(text[1:])) for text in texts[1:])]


def shown(page: Page, picture: Array) -> Array:
    """The classes that the page has painted over a grey picture."""
    count = range(len(colours()))
    every = [painted(picture, np.full(picture.shape[:2], index), colours()) for index in count]
    far = [np.abs(drawn(page) - one).sum(axis=-1) for one in every]
    assert np.min(far, axis=0).max() <= 6
    return np.argmin(far, axis=0)


def test_things_are_painted_as_keras_says(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("coins").folder).url)
    for index, example in enumerate(config.read(COINS).examples):
        page.locator("[data-example]").nth(index).click()
        page.evaluate("index => tfjsDemo.example?.(index)", index)
        expect_live(page)
        settle(page)
        picture = np.asarray(Image.open(COINS / f"examples/table-{index + 1}.jpg").convert("RGB"))
        expected = classes_by_keras(picture[..., 0], tmp_path).repeat(SCALE, 0).repeat(SCALE, 1)
        different = shown(page, picture.astype(int)) != expected
        assert different.mean() <= MOST_DIFFERENT, example.title
    seen = photograph(tmp_path)
    stream = io.BytesIO()
    Image.fromarray(seen).save(stream, "PNG")
    choose_file(page, "coins.png", stream.getvalue())
    expect_live(page)
    settle(page)
    found = shown(page, np.stack([seen] * 3, axis=-1).astype(int)) == 1
    real = outlined(seen.shape)
    assert (found & real).sum() / (found | real).sum() >= LEAST_OVERLAP
