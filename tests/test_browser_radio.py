"""A choice of a few, all of them to be seen: by mouse, by keyboard, drawn, and cleared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests import warm
from tests.conftest import NewPage, ServeFolder
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.visitor import Array, expect_bars, expect_live, open_ready, settle

__all__ = ["axe"]

MODEL = """
import sys
import keras
keras.utils.set_random_seed(4)
keras.Sequential([
    keras.Input((2,), name="flower"),
    keras.layers.Dense(8, activation="tanh"),
    keras.layers.Dense(3, activation="softmax", name="kind"),
]).save(sys.argv[1])
"""
ANSWER = """
import sys
import keras
import numpy as np
model = keras.saving.load_model(sys.argv[1])
np.save(sys.argv[2], model(np.array([[float(sys.argv[3]), 2.0]], np.float32)).numpy()[0])
"""
KEYS = """model = "flower.keras"
[[inputs]]
[[inputs.fields]]
name = "soil"
label = "Soil"
widget = "radio"
generate = true
default = -1
choices = [
  { label = "sand", value = -1 },
  { label = "loam, as in most gardens", value = 0.5 },
  { label = "clay", value = 3 },
]
[[inputs.fields]]
name = "length"
label = "Length"
widget = "slider"
min = 0
max = 4
[[outputs]]
labels = ["a", "b", "c"]
"""
VALUES = {"sand": -1, "loam, as in most gardens": 0.5, "clay": 3}


@pytest.fixture(scope="module")
def site(shared: Shared) -> Path:
    def make(folder: Path) -> None:
        made = warm.run_forked(MODEL, folder / "flower.keras")
        assert made.returncode == 0, made.stderr
        (folder / "demo.toml").write_text(KEYS, encoding="utf-8")
        build(folder)

    return shared.once("radio", make)


def answer(site: Path, value: float, folder: Path) -> Array:
    result = warm.run_forked(ANSWER, site / "flower.keras", folder / "answer.npy", str(value))
    assert result.returncode == 0, result.stderr
    return np.asarray(np.load(folder / "answer.npy"))


def expect_chosen(page: Page, site: Path, label: str, folder: Path) -> None:
    """This one is chosen alone, and the answer is Keras's to it."""
    expect(page.get_by_role("radio", name=label, exact=True)).to_be_checked()
    expect(page.locator("[type=radio]:checked")).to_have_count(1)
    settle(page)
    expect_live(page)
    expect_bars(page, ["a", "b", "c"], answer(site, VALUES[label], folder))


def test_one_is_chosen(site: Path, host: ServeFolder, new_page: NewPage, tmp_path: Path) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    open_ready(page, host(site / "site").url)
    expect(page.get_by_role("radiogroup", name="Soil")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(3)
    page.get_by_text("clay", exact=True).click()
    expect_chosen(page, site, "clay", tmp_path)
    page.keyboard.press("ArrowUp")
    expect_chosen(page, site, "loam, as in most gardens", tmp_path)
    page.keyboard.press("ArrowLeft")
    expect_chosen(page, site, "sand", tmp_path)
    page.get_by_text("clay", exact=True).click()
    page.reload()
    expect_chosen(page, site, "clay", tmp_path)
    seen: set[str] = set()
    while len(seen) < len(VALUES):
        page.get_by_role("button", name="Generate").click()
        settle(page)
        seen.add(page.locator(".radio-choice:has(:checked)").inner_text())
    expect_chosen(page, site, page.locator(".radio-choice:has(:checked)").inner_text(), tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(
    scheme: str, axe: str, site: Path, host: ServeFolder, new_page: NewPage
) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    open_ready(page, host(site / "site").url)
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        assert not find_violations(page, axe)
