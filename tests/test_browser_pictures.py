"""Two pictures for one model: each is chosen, dropped or pasted where it belongs."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from bundler.pipeline import build
from tests import warm
from tests.answer_pages import png
from tests.conftest import NewPage, ServeFolder
from tests.shared import Shared
from tests.test_browser_camera import wait
from tests.visitor import Array, expect_bars, expect_live, one_more_prediction, open_ready

MODEL = """
import sys
import keras
pictures = [keras.Input((8, 8, 3), name=name) for name in ("content", "style")]
keras.utils.set_random_seed(3)
flat = [keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(one)) for one in pictures]
both = keras.layers.Concatenate()(flat)
scores = keras.layers.Dense(4, activation="softmax", name="kind")(both)
keras.Model(pictures, scores).save(sys.argv[1])
"""
ANSWER = """
import sys
import keras
import numpy as np
with np.load(sys.argv[2]) as pictures:
    values = {name: pictures[name][None].astype(np.float32) for name in pictures}
model = keras.saving.load_model(sys.argv[1])
np.save(sys.argv[3], model([values["content"], values["style"]]).numpy()[0])
"""
KEYS = """model = "two.keras"
[[inputs]]
name = "content"
label = "Content"
widget = "image"
range = [0, 255]
[[inputs]]
name = "style"
label = "Style"
widget = "image"
range = [0, 255]
[[outputs]]
labels = ["a", "b", "c", "d"]
top = 4
"""
# What a browser sends, with files from a screenshot or another program.
HANDED = """(element, [type, file]) => {
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], 'own.png', { type: 'image/png' }));
  const options = { bubbles: true, cancelable: true };
  const event = type === 'drop'
    ? new DragEvent('drop', { ...options, dataTransfer: transfer })
    : new ClipboardEvent('paste', { ...options, clipboardData: transfer });
  element.dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def site(shared: Shared) -> Path:
    def make(folder: Path) -> None:
        made = warm.run_forked(MODEL, folder / "two.keras")
        assert made.returncode == 0, made.stderr
        (folder / "demo.toml").write_text(KEYS, encoding="utf-8")
        build(folder)

    return shared.once("two-pictures", make)


def hand(element: Locator, type: str, pixels: Array) -> None:
    element.evaluate(HANDED, [type, base64.b64encode(png(pixels)).decode()])


def paste(page: Page, pixels: Array) -> None:
    hand(page.locator("body"), "paste", pixels)


def expect_answer(page: Page, site: Path, folder: Path, **pictures: Array) -> None:
    """The page says what Keras says of these two."""
    expect_live(page)
    np.savez(folder / "pictures.npz", **pictures)
    files = folder / "pictures.npz", folder / "answer.npy"
    result = warm.run_forked(ANSWER, site / "two.keras", *files)
    assert result.returncode == 0, result.stderr
    expect_bars(page, ["a", "b", "c", "d"], np.load(files[1]))


def test_each_picture_goes_where_it_belongs(
    site: Path, host: ServeFolder, new_page: NewPage, tmp_path: Path
) -> None:
    random = np.random.default_rng(5)
    one, other, third, fourth = random.integers(0, 256, (4, 8, 8, 3)).astype(np.uint8)
    page = new_page()
    open_ready(page, host(site / "site").url)
    content, style = (
        page.get_by_role("group", name=name, exact=True) for name in ("Content", "Style")
    )
    # What is pasted fills what is empty.
    paste(page, one)
    wait(page, "!document.querySelector('.field-image').matches('.is-blank')")
    expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")
    paste(page, other)
    expect_answer(page, site, tmp_path, content=one, style=other)
    # It goes where the visitor is.
    style.locator("[type=file]").focus()
    with one_more_prediction(page):
        paste(page, third)
    expect_answer(page, site, tmp_path, content=one, style=third)
    with one_more_prediction(page):
        hand(content.locator(".image-frame"), "drop", fourth)
    expect_answer(page, site, tmp_path, content=fourth, style=third)
    with one_more_prediction(page):
        content.locator("[type=file]").set_input_files(
            {"name": "one.png", "mimeType": "image/png", "buffer": png(one)}
        )
    expect_answer(page, site, tmp_path, content=one, style=third)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
