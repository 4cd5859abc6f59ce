"""Before and after with a slider between: both are what went in and what Keras answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import answer_pages
from tests.answer_pages import png
from tests.conftest import OpenPage
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.test_browser_mask import drawn, kept, move
from tests.visitor import Array, choose_file, expect_live

__all__ = ["axe"]


@pytest.fixture(scope="module")
def cases(shared: Shared) -> dict[str, Array]:
    return answer_pages.cases(shared)


@pytest.fixture(scope="module")
def site(shared: Shared) -> Path:
    return answer_pages.sites(shared, "larger") / "larger" / "site"


@pytest.fixture
def open_site(site: Path, open_folder: OpenPage) -> OpenPage:
    """Opens the page."""
    return lambda **options: open_folder(site, **options)


def check(page: Page, before: Array, after: Array, place: float) -> None:
    """Left of the line what went in, at the size of the finer one; right of it what came out."""
    shown = drawn(page).astype(float)
    assert shown.shape == after.shape
    line = round(place * after.shape[1])
    right = np.abs(shown[:, line + 4 :] - after[:, line + 4 :])
    assert right.size == 0 or right.max() <= 1
    # Browsers smooth what they make larger.
    larger = before.astype(float).repeat(2, axis=0).repeat(2, axis=1)
    left = np.abs(shown[:, : max(line - 4, 0)] - larger[:, : max(line - 4, 0)])
    assert left.size == 0 or (left.mean() < 4 and np.median(left) <= 2)


def test_before_and_after(open_site: OpenPage, cases: dict[str, Array]) -> None:
    page = open_site()
    afters = 255 * np.clip(cases["larger/answers"][:, 0], 0, 1)
    befores = cases["larger/inputs"]
    check(page, befores[0], afters[0], 0.5)
    choose_file(page, "own.png", png(befores[1].astype(np.uint8)))
    expect_live(page)
    check(page, befores[1], afters[1], 0.5)
    asked = page.evaluate("tfjsDemo.timings.predictions.length")
    move(page, "Shown as before", "ArrowLeft", 30)
    check(page, befores[1], afters[1], 0.2)
    move(page, "Shown as before", "Home", 1)
    check(page, befores[1], afters[1], 0)
    box = page.locator("#answer canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    page.mouse.up()
    slider = page.get_by_role("slider", name="Shown as before")
    place = float(slider.input_value())
    assert 0.6 < place < 0.95
    expect(slider).to_have_attribute("aria-valuetext", f"{100 * place:.0f} %")
    check(page, befores[1], afters[1], place)
    assert page.evaluate("tfjsDemo.timings.predictions.length") == asked
    _, alone = kept(page, "Save as PNG")
    assert np.abs(alone - afters[1]).max() <= 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(scheme: str, open_site: OpenPage, axe: str) -> None:
    page = open_site(color_scheme=scheme, bypass_csp=True)
    expect(page.locator("#answer canvas")).to_be_visible()
    assert find_violations(page, axe) == []
