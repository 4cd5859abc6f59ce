"""A picture of which a part is chosen by hand: that part alone goes in, pixel by pixel."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import camera
from tests.answer_pages import png
from tests.conftest import KerasModels
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.test_browser_camera import (
    DIGITS,
    Open,
    button,
    fed,
    filming,
    open_site,
    sites,
    switch_on,
)
from tests.visitor import Array, choose_file, expect_bars, expect_live, one_more_prediction

__all__ = ["axe", "filming", "open_site", "sites"]

PICTURE = np.random.default_rng(7).integers(0, 256, (120, 200, 3), np.uint8)


def choose(page: Page, pixels: Array = PICTURE) -> None:
    choose_file(page, "noise.png", png(pixels))
    expect_live(page)


def expect_fed(page: Page, pixels: Array) -> None:
    expect_live(page)
    np.testing.assert_array_equal(fed(page)[0], pixels)


def open_crop(page: Page) -> None:
    """Its program comes when the button is pressed."""
    button(page, "Crop").click()
    expect(page.locator("[data-crop=on]")).to_be_visible()


def drag(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """From one pixel of the picture to the other."""
    (x, y), (to_x, to_y) = page.locator(".crop").evaluate(
        """(view, points) => points.map(([x, y]) => {
          const point = new DOMPoint(x, y).matrixTransform(view.getScreenCTM());
          return [point.x, point.y];
        })""",
        [start, end],
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=5)
    page.mouse.up()


def test_a_part_is_chosen_by_keyboard_and_answered_as_python_does(
    open_site: Open, keras_models: KerasModels, tmp_path: Path
) -> None:
    page = open_site("plain")
    expect(button(page, "Crop")).to_be_hidden()
    choose(page)
    button(page, "Crop").press("Enter")
    said = page.locator(".crop-said")
    # The model's pictures are square.
    expect(said).to_have_text("120 × 120 pixels of 200 × 120")
    part = page.get_by_role("application", name="The part that is used")
    expect(part).to_be_focused()
    for key, times in (("Shift+ArrowUp", 5), ("ArrowLeft", 30), ("ArrowDown", 2)):
        for _ in range(times):
            page.keyboard.press(key)
    expect(said).to_have_text("120 × 100 pixels of 200 × 120")
    asked = page.evaluate("tfjsDemo.timings.predictions.length")
    page.keyboard.press("Enter")
    expect(page.locator("[data-crop=done]")).to_be_visible()
    expect_fed(page, PICTURE[8:108, :120])
    assert page.evaluate("tfjsDemo.timings.predictions.length") == asked + 1
    model = keras_models.folder / "grey.keras"
    expect_bars(page, DIGITS, camera.answer(model, fed(page), tmp_path))
    expect(button(page, "Crop")).to_be_focused()
    # A part of the part, and then all of it again.
    page.keyboard.press("Enter")
    expect(said).to_have_text("100 × 100 pixels of 120 × 100")
    page.keyboard.press("Enter")
    expect_fed(page, PICTURE[8:108, 10:110])
    button(page, "Whole picture").press("Enter")
    expect_fed(page, PICTURE)
    expect(button(page, "Whole picture")).to_be_hidden()
    expect(button(page, "Crop")).to_be_focused()


def test_a_part_is_chosen_by_its_corners_and_moved(open_site: Open) -> None:
    page = open_site("plain")
    choose(page)
    open_crop(page)
    drag(page, (40, 0), (100, 60))
    drag(page, (120, 90), (60, 90))
    width, height = (
        int(number) for number in re.findall(r"\d+", page.locator(".crop-said").inner_text())[:2]
    )
    assert abs(width - 60) <= 2 and abs(height - 60) <= 2
    button(page, "Use this part").click()
    expect_live(page)
    found = fed(page)[0]
    assert found.shape == (height, width, 3)
    left = next(
        at for at in range(201 - width) if (PICTURE[120 - height :, at : at + width] == found).all()
    )
    assert abs(left - 40) <= 2
    # Nothing is cut off where it is called off, and another picture is whole.
    for _ in range(2):
        open_crop(page)
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Escape")
        expect(button(page, "Use this part")).to_be_hidden()
        np.testing.assert_array_equal(fed(page)[0], found)
        open_crop(page)
        button(page, "Cancel").click()
    open_crop(page)
    # Read beside what goes on: the answer of before is still there meanwhile.
    with one_more_prediction(page):
        drop(page)
    expect_fed(page, PICTURE[::-1])
    expect(button(page, "Whole picture")).to_be_hidden()
    expect(button(page, "Use this part")).to_be_hidden()


def test_a_part_of_a_sliver_stays_within_it(open_site: Open) -> None:
    sliver = PICTURE[:3]
    page = open_site("plain")
    choose(page, sliver)
    open_crop(page)
    expect(page.locator(".crop-said")).to_have_text("8 × 3 pixels of 200 × 3")
    for key in ("Shift+ArrowLeft", "Shift+ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("[data-crop=done]")).to_be_visible()
    expect_fed(page, sliver[:, 96:104])


def drop(page: Page) -> None:
    """Another picture, while a part is being chosen."""
    page.locator(".field-image").evaluate(
        """(root, bytes) => {
          const dataTransfer = new DataTransfer();
          const file = new File([Uint8Array.from(bytes)], 'other.png', { type: 'image/png' });
          dataTransfer.items.add(file);
          root.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
        }""",
        list(png(PICTURE[::-1])),
    )


def test_what_the_camera_took_is_cropped_too(open_site: Open) -> None:
    page = open_site()
    switch_on(page)
    expect(button(page, "Crop")).to_be_hidden()
    button(page, "Take the picture").click()
    expect_live(page)
    whole = fed(page)[0]
    open_crop(page)
    expect(button(page, "Take another")).to_be_hidden()
    button(page, "Use this part").click()
    expect_fed(page, whole[:, 40:280])
    button(page, "Take another").click()
    expect(page.locator("[data-camera=on]")).to_be_visible()
    expect(button(page, "Whole picture")).to_be_hidden()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_axe_finds_nothing_while_a_part_is_chosen(
    direction: str, axe: str, open_site: Open
) -> None:
    page = open_site("plain", viewport={"width": 360, "height": 740})
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)
    choose(page)
    open_crop(page)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert find_violations(page, axe) == [], scheme
    button(page, "Use this part").click()
    expect_fed(page, PICTURE[:, 40:160])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
