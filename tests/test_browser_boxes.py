"""Boxes over a picture: drawn by the build and by the page alike, moved, walked and taken away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests import boxes_demo, warm
from tests.conftest import Host, NewPage
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.test_browser_taken import kept
from tests.visitor import choose_file, expect_live, open_ready, page_data, settle

__all__ = ["axe"]

DRAWN = """() => {
  const names = ['x', 'y', 'width', 'height', 'dy', 'text-anchor', 'id', 'class'];
  return [...document.querySelectorAll('.marks :is(rect, text), .marks-list li')].map((one) => [
    ...names.map((name) => one.getAttribute(name)),
    one.textContent,
  ]);
}"""
COUNT = """() => {
  const { predict } = tfjsDemo;
  window.asked = 0;
  tfjsDemo.predict = (inputs) => ((window.asked += 1), predict(inputs));
}"""


@pytest.fixture(scope="session")
def site(shared: Shared) -> Path:
    def make(folder: Path) -> None:
        build(warm.run_maker("boxes_demo", folder / "demo"), out=folder / "site")

    return shared.once("boxes", make) / "site"


def rows(page: Page, index: int) -> Any:
    """Python's boxes for an example, the surest first: numbers from 0 to 1."""
    answer = page_data(page)["examples"][index]["answers"]["grid"]
    values = np.array(answer["data"]).reshape(answer["shape"])[0]
    return values[np.argsort(-values[:, 4], kind="stable")]


def in_pixels(page: Page, index: int, threshold: float) -> list[list[float]]:
    """Left, top, right and bottom in the example's picture, of which the model sees the middle."""
    width, height = boxes_demo.PICTURES[index]
    ratio = boxes_demo.SIDES[1] / boxes_demo.SIDES[0]
    seen = min(width, int(height * ratio)), min(height, int(width / ratio))
    left, top = (width - seen[0]) // 2, (height - seen[1]) // 2
    return [
        [left + x1 * seen[0], top + y1 * seen[1], left + x2 * seen[0], top + y2 * seen[1]]
        for y1, x1, y2, x2, score, _ in rows(page, index)
        if score >= threshold
    ]


def moved(page: Page, value: float) -> None:
    page.locator("[data-control=threshold]").fill(str(value))


def test_boxes_are_drawn_moved_walked_and_kept(
    site: Path, host: Callable[..., Host], new_page: NewPage
) -> None:
    page = new_page(accept_downloads=True)
    open_ready(page, host(site).url)
    written = page.evaluate(DRAWN)
    assert [row[-1] for row in written].count("") > 2
    expect(page.locator(".marks-count")).to_have_text("2 × red square, 1 × green square")
    # The script draws what the build has drawn, letter for letter.
    threshold = float(page.locator("[data-control=threshold]").input_value())
    moved(page, threshold)
    assert page.evaluate(DRAWN) == written
    page.evaluate(COUNT)
    # Another shape, of which the model sees the middle.
    page.locator("[data-example='1']").click()
    settle(page)
    found = json.loads(kept(page, "json")[1])
    width, height = boxes_demo.PICTURES[1]
    assert found["picture"] == {"width": width, "height": height}
    expected = in_pixels(page, 1, threshold)
    shown = [[box[side] for side in ("left", "top", "right", "bottom")] for box in found["boxes"]]
    np.testing.assert_allclose(shown, expected, atol=0.06)
    asked = page.evaluate("asked")
    # The list by keyboard: the box of the chosen row stands out.
    box = page.get_by_role("listbox")
    box.focus()
    page.keyboard.press("End")
    options = page.get_by_role("option")
    last = options.nth(options.count() - 1)
    expect(last).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", str(last.get_attribute("id")))
    expect(page.locator(".marks .is-chosen text")).to_have_text("green square 34 %")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".marks .is-chosen")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".marks .is-chosen")).to_have_count(0)
    # By mouse, too.
    options.first.click()
    expect(options.first).to_have_attribute("aria-selected", "true")
    # A higher score leaves fewer, and nobody is asked.
    moved(page, 0.37)
    expect(options).to_have_count(1)
    content = kept(page, "csv")[1].decode("utf-8-sig")
    head, *body = csv.reader(io.StringIO(content))
    assert head == ["Squares", "Score", "Left edge", "Top edge", "Right edge", "Bottom edge"]
    assert [row[0] for row in body] == ["red square"]
    moved(page, 1)
    expect(page.locator(".marks-count")).to_have_text("Nothing reaches this score")
    expect(box).to_be_hidden()
    assert page.evaluate("asked") == asked
    moved(page, 0.2)
    # The picture of the visitor's own, at its own size, with the boxes on it.
    content_of = io.BytesIO()
    boxes_demo.draw(400, 300).save(content_of, "PNG")
    choose_file(page, "squares.png", content_of.getvalue())
    expect_live(page)
    settle(page)
    expect(page.locator(".marks-count")).to_have_text("2 × red square, 1 × green square")
    png = Image.open(io.BytesIO(kept(page, "png")[1]))
    assert (png.width / png.height, png.width >= 640) == (4 / 3, True)
    plain = boxes_demo.draw(400, 300).resize(png.size, Image.Resampling.NEAREST)
    differing = (np.asarray(png.convert("RGB")) != np.asarray(plain)).any(-1).mean()
    assert 0.01 < differing < 0.2


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(
    scheme: Literal["light", "dark"],
    site: Path,
    host: Callable[..., Host],
    new_page: NewPage,
    axe: str,
) -> None:
    page = new_page(color_scheme=scheme)
    open_ready(page, host(site).url)
    assert find_violations(page, axe) == []
    moved(page, 1)
    assert find_violations(page, axe) == []
