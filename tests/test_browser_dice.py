"""The demo of boxes: dice are found where Keras finds them, read, and added; live, too."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests import camera, warm
from tests.boxes_reference import Box, centernet, suppressed
from tests.conftest import DEMOS, BuildDemo, Host, NewPage, StartChromium
from tests.every import OF_ONE_DEMO
from tests.test_browser_camera import NOTE, NOTE_FED, button, fed, switch_on
from tests.test_browser_taken import kept
from tests.visitor import Array, expect_live, open_ready, page_data

pytestmark = OF_ONE_DEMO

DICE = DEMOS / "dice"
CLASSES = 6
OVERLAP, LEAST, MOST = 0.5, 0.05, 20
# Of scores, in which the browser's float32 differs from Keras's.
TOLERANCE = 1e-3
# What the film shows.
FILMED = [1, 2, 4, 5]
SECONDS = 10
ANSWER = """
import sys
import keras
import numpy as np
import tensorflow as tf
seen = np.load(sys.argv[2])
small = tf.image.resize(seen.astype(np.float32), (120, 160), antialias=True) / 255
np.save(sys.argv[3], keras.saving.load_model(sys.argv[1], compile=False)(small).numpy()[0])
"""


@pytest.fixture(scope="module")
def filming(start_chromium: StartChromium, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser whose camera films dice."""
    frame = np.asarray(Image.open(DICE / "examples" / "1.jpg"))
    film = camera.film(tmp_path_factory.mktemp("film") / "film.y4m", [frame] * 10)
    return start_chromium(*camera.FAKE, f"--use-file-for-fake-video-capture={film}")


def found_by_keras(pixels: Array, folder: Path, threshold: float) -> list[Box]:
    """Decoded and suppressed by the reference, the surest first."""
    files = folder / "seen.npy", folder / "grid.npy"
    np.save(files[0], pixels)
    result = warm.run_forked(ANSWER, DICE / "dice.keras", *files)
    assert result.returncode == 0, result.stderr
    grid = np.load(files[1]).astype(float)
    boxes = centernet(grid[..., :CLASSES], grid[..., CLASSES:-2], grid[..., -2:])
    return [one for one in suppressed(boxes, OVERLAP, LEAST, MOST) if one.score >= threshold]


def expect_found(page: Page, folder: Path) -> list[int]:
    """Keras's boxes, in pixels of the picture that went in, and their sum; returns the pips."""
    pixels = fed(page)
    threshold = float(page.locator("[data-control=threshold]").input_value())
    boxes = found_by_keras(pixels, folder, threshold)
    found = json.loads(kept(page, "json")[1])
    height, width = pixels.shape[1:3]
    assert found["picture"] == {"width": width, "height": height}
    rows = sorted(found["boxes"], key=lambda one: (one["left"], one["top"]))
    expected = sorted(boxes, key=lambda one: (one.left, one.top))
    assert [row["label"] for row in rows] == [str(one.kind + 1) for one in expected]
    for row, one in zip(rows, expected, strict=True):
        corners = [one.left * width, one.top * height, one.right * width, one.bottom * height]
        shown = [row[side] for side in ("left", "top", "right", "bottom")]
        np.testing.assert_allclose(shown, np.clip(corners, 0, [width, height] * 2), atol=0.2)
        assert abs(row["score"] - one.score) < TOLERANCE
    pips = sorted(one.kind + 1 for one in boxes)
    expect(page.locator(".marks-count")).to_have_text(re.compile(rf"together {sum(pips)}$"))
    return pips


def test_dice_are_found_read_and_added(
    build_demo: BuildDemo,
    host: Callable[..., Host],
    new_page: NewPage,
    filming: Browser,
    tmp_path: Path,
) -> None:
    page = new_page(within=filming, accept_downloads=True)
    page.add_init_script(NOTE)
    open_ready(page, host(build_demo("dice").folder).url)
    page.evaluate(NOTE_FED)
    for index, example in enumerate(page_data(page)["examples"]):
        page.locator("[data-example]").nth(index).click()
        expect_live(page)
        assert " + ".join(map(str, expect_found(page, tmp_path))) == example["title"]
    switch_on(page)
    button(page, "Take the picture").click()
    expect(page.locator("#answer")).to_have_attribute("data-origin", "device")
    expect_live(page)
    assert expect_found(page, tmp_path) == FILMED


@pytest.mark.filming
def test_it_is_fast_enough_to_be_live(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage, filming: Browser
) -> None:
    """On WebAssembly, twenty frames per second (on a machine that does nothing else)."""
    page = new_page(within=filming)
    open_ready(page, f"{host(build_demo('dice').folder).url}?backend=wasm")
    switch_on(page)
    button(page, "Live").click()
    # Until all is compiled, kept for later and compared.
    time.sleep(SECONDS)
    answered: list[float] = []
    said: Any = ""
    for _ in range(SECONDS):
        time.sleep(1)
        said = page.locator(".camera-pace").inner_text()
        answered.append(float(said.split()[0]))
    print(f"frames per second: {answered}; at last {said}")
    assert np.median(answered) >= 20
