"""The demo with the camera: what is filmed is named as Keras names it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from bundler.demo import config
from tests import camera, warm
from tests.conftest import DEMOS, BuildDemo, Host, NewPage, StartChromium
from tests.every import OF_ONE_DEMO
from tests.test_browser_camera import NOTE, NOTE_FED, button, fed, switch_on
from tests.visitor import expect_bars, expect_live, open_ready, page_data, read_bars

pytestmark = OF_ONE_DEMO

COLOURS = DEMOS / "colours"
# Of the page's example, 240 pixels wide, the film shows more to both sides.
BESIDE = 40
ANSWER = """
import sys
import keras
import numpy as np
import tensorflow as tf
seen = np.load(sys.argv[2])
assert seen.shape == (1, 240, 320, 3)
small = tf.image.resize(seen[:, :, 40:280].astype(np.float32), (48, 48), antialias=True)
np.save(sys.argv[3], keras.saving.load_model(sys.argv[1])(small).numpy()[0])
"""


@pytest.fixture(scope="module")
def filming(start_chromium: StartChromium, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser whose camera films the orange thing."""
    pixels = np.asarray(Image.open(COLOURS / "examples" / "orange.jpg"))
    frame = np.pad(pixels, ((0, 0), (BESIDE, BESIDE), (0, 0)), mode="edge")
    film = camera.film(tmp_path_factory.mktemp("film") / "film.y4m", [frame] * 10)
    return start_chromium(*camera.FAKE, f"--use-file-for-fake-video-capture={film}")


def test_what_is_filmed_is_named(
    build_demo: BuildDemo,
    host: Callable[..., Host],
    new_page: NewPage,
    filming: Browser,
    tmp_path: Path,
) -> None:
    labels = config.read(COLOURS).outputs[0].labels or []
    page = new_page(within=filming)
    page.add_init_script(NOTE)
    open_ready(page, host(build_demo("colours").folder).url)
    for index, example in enumerate(page_data(page)["examples"]):
        page.locator("[data-example]").nth(index).click()
        expect_live(page)
        scores = np.array(example["answers"]["colour"]["data"])
        expect_bars(page, labels, scores)
        assert labels[scores.argmax()] == example["title"].lower()
    page.evaluate(NOTE_FED)
    switch_on(page)
    button(page, "Take the picture").click()
    expect(page.locator("#answer")).to_have_attribute("data-origin", "device")
    expect_live(page)
    assert read_bars(page)[0].label == "orange"
    files = tmp_path / "seen.npy", tmp_path / "scores.npy"
    np.save(files[0], fed(page))
    result = warm.run_forked(ANSWER, COLOURS / "colours.keras", *files)
    assert result.returncode == 0, result.stderr
    expect_bars(page, labels, np.load(files[1]))
