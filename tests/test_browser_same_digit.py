"""The demo of two sketchpads in a real browser: its answers are those of Keras."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from tests import warm
from tests.conftest import DEMOS, BuildDemo, Host, NewPage
from tests.every import OF_ONE_DEMO
from tests.visitor import draw, expect_bars, expect_live, open_ready, page_data, read_bars, settle

pytestmark = OF_ONE_DEMO

DRAWINGS = json.loads((Path(__file__).parent / "drawings.json").read_text())["drawings"]
LABELS = ["different", "the same"]
# Places of recorded drawings, never used in training.
PAIRS = [(0, 1), (7, 8), (12, 13), (0, 7), (12, 27), (3, 21)]
ENOUGH = 5
NOTE = """() => {
  const { predict } = tfjsDemo;
  tfjsDemo.predict = (inputs) => {
    const copy = ([name, { data, shape }]) => [name, { data: [...data], shape }];
    if (inputs.first) window.fed = Object.fromEntries(Object.entries(inputs).map(copy));
    return predict(inputs);
  };
}"""
ANSWER = """
import sys
import keras
import numpy as np
from bundler.feeds.sketch import place_ink
drawn = np.load(sys.argv[2])
model = keras.saving.load_model(sys.argv[1])
placed = [place_ink(drawn[name].astype(np.int32), (20, 20)) for name in ("first", "second")]
np.save(sys.argv[3], model(placed).numpy())
"""


def test_two_drawings_are_compared(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("same-digit").folder).url)
    data = page_data(page)
    [output] = data["outputs"]
    for index, example in enumerate(data["examples"]):
        page.locator("[data-example]").nth(index).click()
        expect_live(page)
        scores = np.array(example["answers"][output["name"]]["data"])
        expect_bars(page, LABELS, scores)
        assert (scores[1] > 0.5) == example["title"].startswith("Two ")
    page.evaluate(NOTE)
    right = 0
    for pair in PAIRS:
        for sheet, which in enumerate(pair):
            redraw(page, sheet, DRAWINGS[which]["strokes"])
        settle(page)
        expect_live(page)
        is_same = len({DRAWINGS[which]["digit"] for which in pair}) == 1
        right += read_bars(page)[0].label == LABELS[is_same]
    assert right >= ENOUGH
    fed = page.evaluate("fed")
    arrays = {name: np.reshape(one["data"], one["shape"]) for name, one in fed.items()}
    np.savez(tmp_path / "drawn.npz", **arrays)
    files = DEMOS / "same-digit" / "same-digit.keras", tmp_path / "drawn.npz", tmp_path / "y.npy"
    result = warm.run_forked(ANSWER, *files)
    assert result.returncode == 0, result.stderr
    [[score]] = np.load(files[2])
    expect_bars(page, LABELS, np.array([1 - score, score]))


def test_one_drawing_is_not_enough(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("same-digit").folder).url)
    page.get_by_role("button", name="Clear").first.click()
    settle(page)
    expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")
    expect(page.locator(".field-problem").first).to_have_text("Draw something first.")


def redraw(page: Page, sheet: int, strokes: list[list[list[float]]]) -> None:
    """A drawing by mouse in the place of what is on one of the sheets."""
    clear = page.get_by_role("button", name="Clear").nth(sheet)
    if clear.is_enabled():
        clear.click()
    draw(page, strokes, sheet)
