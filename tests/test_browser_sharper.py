"""The demo with before and after: the page answers as Keras does, and better than bicubic."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage
from PIL import Image
from playwright.sync_api import Page
from skimage.metrics import peak_signal_noise_ratio

from tests import warm
from tests.answer_pages import png
from tests.conftest import DEMOS, BuildDemo, Host, NewPage
from tests.every import OF_ONE_DEMO
from tests.test_browser_mask import kept
from tests.visitor import (
    TOLERANCE,
    Array,
    choose_file,
    expect_live,
    one_more_prediction,
    open_ready,
    page_data,
)

pytestmark = OF_ONE_DEMO

SHARPER = DEMOS / "sharper"
SIDE = 192
# Decibels, on each picture that the training never saw.
GAIN = 1.0
# What the model makes of pictures of any size.
ANSWER = """
import sys
import keras
import numpy as np
model = keras.saving.load_model(sys.argv[1])
with np.load(sys.argv[2]) as pictures:
    answers = {name: model(pictures[name][None] / np.float32(255))[0] for name in pictures}
np.savez(sys.argv[3], **answers)
"""


def answered(pictures: dict[str, Array], folder: Path) -> dict[str, Array]:
    """What Keras makes of small pictures of 0 to 255, from 0 to 255."""
    files = folder / "pictures.npz", folder / "answers.npz"
    np.savez(files[0], **pictures)
    result = warm.run_forked(ANSWER, SHARPER / "sharper.keras", *files)
    assert result.returncode == 0, result.stderr
    with np.load(files[1]) as answers:
        return {name: np.clip(255 * answers[name], 0, 255) for name in answers}


def resize(picture: Array, width: int, height: int) -> Array:
    """As Pillow does it, bicubic."""
    image = Image.fromarray(picture)
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def held_out(name: str) -> Array:
    """A photograph of even sides that the training never saw."""
    picture: Array = getattr(skimage.data, name)()
    height, width = (side // 2 * 2 for side in picture.shape[:2])
    return picture[:height, :width]


def gain(answer: Array, small: Array, truth: Array) -> float:
    """How many decibels an answer is nearer to the truth than bicubic is."""
    height, width = truth.shape[:2]
    found = peak_signal_noise_ratio(truth, np.rint(answer).astype(np.uint8))
    return float(found - peak_signal_noise_ratio(truth, resize(small, width, height)))


def drawn(page: Page) -> Array:
    """What the page shows."""
    url = page.locator("#answer canvas").evaluate("canvas => canvas.toDataURL()")
    content = base64.b64decode(url.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(float)


def test_what_is_small_becomes_sharper_than_by_bicubic(tmp_path: Path) -> None:
    truths = {name: held_out(name) for name in ("astronaut", "chelsea", "coffee")}
    smalls = {
        name: resize(truth, truth.shape[1] // 2, truth.shape[0] // 2)
        for name, truth in truths.items()
    }
    answers = answered(smalls, tmp_path)
    gains = {name: gain(answers[name], smalls[name], truth) for name, truth in truths.items()}
    assert min(gains.values()) >= GAIN, gains


def test_the_page_shows_what_keras_answers(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("sharper").folder).url)
    examples = [
        np.asarray(Image.open(SHARPER / "examples" / f"{name}.png"))
        for name in ("astronaut", "chelsea", "coffee", "chart")
    ]
    assert len(page_data(page)["examples"]) == len(examples)
    # A part of a photograph, half as large: the page's own answer can be held against the truth.
    truth = held_out("astronaut")[: 2 * SIDE, 64 : 64 + 2 * SIDE]
    small = resize(truth, SIDE, SIDE)
    # One of another size and shape: the page takes its middle, and makes it smaller.
    wide = held_out("coffee")
    middle = resize(wide[:, 100:500], SIDE, SIDE)
    pictures = {str(index): example for index, example in enumerate([*examples, small, middle])}
    answers = answered(pictures, tmp_path)
    for index in range(len(examples)):
        page.locator("[data-example]").nth(index).click()
        expect_live(page)
        shown = drawn(page)
        assert shown.shape == (2 * SIDE, 2 * SIDE, 3)
        after = np.abs(shown[:, SIDE + 4 :] - answers[str(index)][:, SIDE + 4 :])
        assert after.max() <= 0.5 + 255 * TOLERANCE
    with one_more_prediction(page):
        choose_file(page, "small.png", png(small))
    expect_live(page)
    _, saved = kept(page, "Save as PNG")
    assert np.abs(saved - answers["4"]).max() <= 0.5 + 255 * TOLERANCE
    assert gain(saved, small, truth) >= GAIN
    with one_more_prediction(page):
        choose_file(page, "wide.png", png(wide))
    expect_live(page)
    _, saved = kept(page, "Save as PNG")
    # Pillow rounds what it makes smaller to whole levels, the page does not.
    assert np.abs(saved - answers["5"]).mean() <= 1
    # Left of the line is what the model saw, and nothing that is finer.
    before = drawn(page)[:, : SIDE - 4]
    coarse, fine = resize(middle, *[2 * SIDE] * 2), resize(wide[:, 100:500], *[2 * SIDE] * 2)
    apart = [np.abs(before - one[:, : SIDE - 4]).mean() for one in (coarse, fine)]
    assert apart[0] < 2 < apart[1]
