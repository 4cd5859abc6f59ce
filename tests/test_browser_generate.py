"""The button that draws values: each within what its field takes, all of them one input."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests import empty
from tests.conftest import KerasModels, NewPage, ServeFolder
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.visitor import expect_live, field, open_ready, settle

__all__ = ["axe"]

KEYS = """
[[inputs]]
[[inputs.fields]]
name = "rooms"
widget = "number"
min = 1
max = 2.5
step = 0.5
generate = true
[[inputs.fields]]
name = "warmth"
widget = "slider"
unit = "°"
min = -0.3
max = 0.1
generate = true
[[inputs.fields]]
name = "kind"
widget = "dropdown"
choices = [{ label = "flat", value = -2 }, { label = "house", value = 3 }]
generate = true
[[inputs.fields]]
name = "age"
widget = "slider"
min = 0
max = 9
default = 4
"""
NOTE = """() => {
  const { predict } = tfjsDemo;
  window.fed = [];
  tfjsDemo.predict = (inputs) => {
    if (inputs.features) fed.push([...inputs.features.data]);
    return predict(inputs);
  };
}"""
PRESSES = 24


@pytest.fixture(scope="module")
def site(
    keras_models: KerasModels, shared: Shared, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Four numbers, three of which the button draws."""

    def make(folder: Path) -> None:
        demo = empty.ask("mlp", KEYS, keras_models.folder, folder / "demo")
        build(demo, out=folder / "site")

    return shared.once("generate", make) / "site"


def entered(page: Page) -> list[float]:
    """What stands in the fields."""
    boxes = [field(page, label).get_by_role("spinbutton") for label in ("Rooms", "Warmth", "Age")]
    rooms, warmth, age = (float(box.input_value()) for box in boxes)
    index = page.get_by_role("combobox").evaluate("select => select.selectedIndex")
    return [rooms, warmth, [-2, 3][index], age]


def test_what_is_drawn_is_one_input_within_its_ranges(
    site: Path, host: ServeFolder, new_page: NewPage
) -> None:
    page = new_page(viewport={"width": 360, "height": 500}, color_scheme="dark")
    open_ready(page, host(site).url)
    page.evaluate(NOTE)
    button = page.get_by_role("button", name="Generate")
    drawn = []
    for _ in range(PRESSES):
        button.press("Enter")
        settle(page)
        drawn.append(entered(page))
    fed = page.evaluate("fed")
    assert fed == [pytest.approx(values, abs=1e-6) for values in drawn]
    rooms, warmth, kinds, ages = map(set, zip(*drawn, strict=True))
    assert rooms == {1, 1.5, 2, 2.5}
    assert len(warmth) > PRESSES / 2 and -0.3 <= min(warmth) < max(warmth) <= 0.1
    assert all(abs(1e4 * one - round(1e4 * one)) < 1e-6 for one in warmth)
    assert (kinds, ages) == ({-2, 3}, {4})
    # A screen reader hears what has changed elsewhere; the picture of it comes into view.
    rooms_now, warmth_now, kind_now, _ = drawn[-1]
    kind = "flat" if kind_now == -2 else "house"
    expected = f"Rooms {rooms_now:g}, Warmth {warmth_now:g} °, and Kind {kind}"
    expect(page.locator(".generated")).to_have_text(expected)
    expect(button).to_be_focused()
    expect(page.locator(".outputs")).to_be_in_viewport()
    expect_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing(
    scheme: str, site: Path, host: ServeFolder, new_page: NewPage, axe: str
) -> None:
    page = new_page(color_scheme=scheme)
    open_ready(page, host(site).url)
    if scheme == "dark":
        page.evaluate("document.documentElement.dir = 'rtl'")
    page.get_by_role("button", name="Generate").click()
    expect_live(page)
    assert find_violations(page, axe) == []
