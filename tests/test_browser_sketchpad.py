"""The sketchpad's tools, in grey and in colours, on one page each; answers as Keras gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests import warm
from tests.conftest import BuildDemo, Host, NewPage
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.test_browser_lacking import NOISY
from tests.visitor import (
    Array,
    draw,
    expect_live,
    open_ready,
    paper,
    pixels,
    read_bars,
    settle,
)

__all__ = ["axe"]

# A drawing in colour as numbers in a row, which is what the model takes.
MAKE = """
import sys
import keras
keras.utils.set_random_seed(3)
drawing = keras.Input((3072,), name="drawing")
steep = keras.initializers.RandomNormal(stddev=0.1)
what = keras.layers.Dense(5, "softmax", kernel_initializer=steep, name="what")(drawing)
keras.Model(drawing, what).save(sys.argv[1])
"""
# What it makes of paper as large as a page's: by Pillow, not by the page's graph.
ANSWER = """
import sys
import keras
import numpy as np
from PIL import Image
drawn = Image.fromarray(np.load(sys.argv[2]).astype(np.uint8))
small = np.asarray(drawn.resize((32, 32), Image.Resampling.BILINEAR), np.float32) / 255
model = keras.saving.load_model(sys.argv[1])
np.save(sys.argv[3], model(small.reshape(1, 3072)).numpy()[0])
"""
TOML = """model = "colours.keras"
[[inputs]]
widget = "sketchpad"
size = [32, 32]
range = [0, 1]
"""
LABELS = [f"class {index}" for index in range(5)]
NOTE = """() => {
  const { predict } = tfjsDemo;
  tfjsDemo.predict = (inputs) => {
    for (const { data, shape } of Object.values(inputs)) window.fed = { data: [...data], shape };
    return predict(inputs);
  };
}"""
ANGLE = [[(0.2, 0.3), (0.6, 0.2), (0.7, 0.7)]]
ACROSS = [[(0.1, 0.5), (0.5, 0.45), (0.9, 0.5)]]


@pytest.fixture(scope="module")
def colours(shared: Shared) -> Path:
    """A demo with a sketchpad in colours, built."""

    def make(folder: Path) -> None:
        result = warm.run_forked(MAKE, folder / "colours.keras")
        assert result.returncode == 0, result.stderr
        (folder / "demo.toml").write_text(TOML, encoding="utf-8")
        build(folder)

    return shared.once("colours", make)


Open = Callable[..., Page]


@pytest.fixture
def open_page(
    colours: Path, build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage
) -> Open:
    """Opens the page in colours, or that of the digits; `noisy` without its canvas's pixels."""

    def make(name: str = "colours", *, noisy: bool = False) -> Page:
        page = new_page()
        if noisy:
            page.add_init_script(NOISY.replace("STEP", "1").replace("CHANGE", "255"))
        folder = colours / "site" if name == "colours" else build_demo(name).folder
        open_ready(page, host(folder).url)
        page.evaluate(NOTE)
        return page

    return make


def fed(page: Page) -> Array:
    """What entered the graph last."""
    settle(page)
    found = page.evaluate("fed")
    return np.array(found["data"]).reshape(found["shape"])


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).check(force=True)


def draw_all(page: Page) -> None:
    """A bit of everything: colours, widths, what is rubbed out, a stylus that is pressed harder."""
    draw(page, ANGLE)
    choose(page, "Red")
    draw(page, [[(0.15, 0.8), (0.5, 0.6), (0.85, 0.85)], [(0.5, 0.9)]])
    page.locator(".sketch-width").fill("2.5")
    choose(page, "Blue")
    draw(page, [[(0.3, 0.15), (0.8, 0.35)]])
    page.locator(".sketch-width").fill("0.5")
    choose(page, "Eraser")
    draw(page, ACROSS)
    page.locator("[type=color]").fill("#40c0a0")
    press(page, [(0.2, 0.9, 0.1), (0.4, 0.7, 0.3), (0.6, 0.9, 0.7), (0.8, 0.7, 1.0)])


def press(page: Page, points: Sequence[tuple[float, float, float]]) -> None:
    """A stylus along points, with its pressure; Playwright has none."""
    paper(page).evaluate(
        """(canvas, points) => {
          const { left, top, width, height } = canvas.getBoundingClientRect();
          canvas.setPointerCapture = () => {};
          points.forEach(([x, y, pressure], index) => {
            const at = { clientX: left + x * width, clientY: top + y * height, pressure };
            const options = { ...at, pointerId: 7, pointerType: 'pen', button: 0, bubbles: true };
            const kind = index ? 'pointermove' : 'pointerdown';
            canvas.dispatchEvent(new PointerEvent(kind, options));
            if (index < points.length - 1) return;
            canvas.dispatchEvent(new PointerEvent('pointerup', options));
          });
        }""",
        points,
    )


def test_drawings_in_colour_are_answered_as_by_keras(
    open_page: Open, colours: Path, tmp_path: Path
) -> None:
    """Also where strokes have to be painted, since the canvas gives noise."""
    seen, answers = [], []
    for noisy in (False, True):
        page = open_page(noisy=noisy)
        draw_all(page)
        seen.append(fed(page))
        expect_live(page)
        np.save(tmp_path / "drawn.npy", seen[-1][0])
        files = colours / "colours.keras", tmp_path / "drawn.npy", tmp_path / "answer.npy"
        result = warm.run_forked(ANSWER, *files)
        assert result.returncode == 0, result.stderr
        answers.append(np.load(files[2]))
    # What Pillow rounds to levels between moves an answer by less than this.
    bars = {bar.label: bar.percent / 100 for bar in read_bars(page)}
    np.testing.assert_allclose([bars[name] for name in LABELS], answers[1], atol=0.01)
    canvas, painted = seen
    assert canvas.shape == (1, 280, 280, 3)
    for colour in ((0, 0, 0), (214, 39, 40), (31, 111, 214), (64, 192, 160)):
        assert (canvas == colour).all(axis=-1).sum() > 300, colour
    difference = np.abs(canvas - painted)
    assert difference.mean() < 1 and (difference.max(axis=-1) > 128).sum() < 20
    np.testing.assert_allclose(answers[0], answers[1], atol=0.02)


def test_harder_is_wider_and_only_for_a_stylus(open_page: Open) -> None:
    def height(page: Page) -> list[int]:
        dark = fed(page)[0, :, :, 0] < 128
        return [int(dark[:, at].sum()) for at in (70, 210)]

    page = open_page("digits")
    press(page, [(0.1, 0.5, 0.1), (0.4, 0.5, 0.1), (0.6, 0.5, 0.9), (0.9, 0.5, 0.9)])
    light, heavy = height(page)
    assert light < 12 and heavy > 28
    page.get_by_role("button", name="Clear").click()
    draw(page, [[(0.1, 0.5), (0.9, 0.5)]])
    assert height(page) == [20, 20]
    page.locator(".sketch-width").fill("2")
    page.get_by_role("button", name="Clear").click()
    draw(page, [[(0.1, 0.5), (0.9, 0.5)]])
    assert height(page) == [40, 40]


def test_what_is_rubbed_out_is_paper(open_page: Open) -> None:
    """An eraser keeps the example that it works on, and what is paper again is no drawing."""
    page = open_page("digits")
    page.locator("[data-example]").first.click()
    expect_live(page)
    before = fed(page)
    choose(page, "Eraser")
    draw(page, ACROSS)
    after = fed(page)
    assert (before != after).sum() > 100 and (after[before != after] > 200).any()
    same = before == after
    assert (after[same] < 128).sum() > 1000
    expect(page.locator("[data-example][aria-pressed=true]")).to_have_count(0)
    page.locator(".sketch-width").fill("3")
    rows = [[(0.0, y / 10), (1.0, y / 10)] for y in range(11)]
    draw(page, rows)
    settle(page)
    expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")
    expect(page.locator(".field-problem")).to_have_text("Draw something first.")


def test_tools_by_keyboard_and_back_and_forth(open_page: Open) -> None:
    page = open_page()
    blank = pixels(paper(page))
    page.get_by_role("radio", name="Black").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Red")).to_be_checked()
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() == "1.25"
    paper(page).focus()
    for key in ("Space", "Shift+ArrowUp", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".field output")).to_have_text("Pen up")
    red = fed(page)
    assert ((red == (214, 39, 40)).all(axis=-1)).sum() > 500
    drawn = pixels(paper(page))
    page.get_by_role("radio", name="Pen").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Eraser")).to_be_checked()
    paper(page).focus()
    for key in ("Space", "Space"):
        page.keyboard.press(key)
    rubbed = pixels(paper(page))
    assert len({blank, drawn, rubbed}) == 3
    for key, state in (
        ("Control+z", drawn), ("Control+z", blank), ("Control+y", drawn),
        ("Control+Shift+z", rubbed), ("Control+z", drawn),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert pixels(paper(page)) == state, key
    page.get_by_role("button", name="Redo").click()
    assert pixels(paper(page)) == rubbed
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()
    page.get_by_role("button", name="Undo").click()
    draw(page, ANGLE)
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_tools_are_accessible(open_page: Open, axe: str) -> None:
    page = open_page()
    draw(page, ANGLE)
    settle(page)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert find_violations(page, axe) == []
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_pages_in_grey_load_no_colours(
    build_demo: BuildDemo, colours: Path, open_page: Open
) -> None:
    grey, own = build_demo("digits").folder, colours / "site"
    for folder, has_colours in ((grey, False), (own, True)):
        texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.js")]
        index = (folder / "index.html").read_text(encoding="utf-8")
        assert any("type=color" in text for text in texts) == has_colours
        assert ("sketch-colours" in index) == has_colours


def test_a_drawing_stays_when_the_page_is_loaded_anew(open_page: Open) -> None:
    """Colours, widths and what was rubbed out, as the page keeps them."""
    page = open_page()
    draw_all(page)
    settle(page)
    drawn = pixels(paper(page))
    page.reload()
    page.evaluate("tfjsDemo.ready")
    expect(page.locator("#answer")).to_have_attribute("data-stage", "device")
    assert drawn == pixels(paper(page))
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Undo").click()
    assert drawn == pixels(paper(page))
