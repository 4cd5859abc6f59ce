"""The pages in a language that nobody speaks: nothing is left of English, and all of it fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import pseudo
from tests.conftest import DEMO_NAMES, Host, KerasModels, NewPage
from tests.every import EVERY_DEMO

# Models alone: a text, pictures on both sides, tensors.
BARE = ["mood", "painter", "sequence"]

WORD = re.compile(r"[A-Za-z]{2,}")
ADDRESS = re.compile(r"\S*[/?=]\S*|\S+\.(?:js|json|bin|wasm|png)")
# What is called so in all languages.
NAMES = {
    *("JavaScript", "WebAssembly", "WebGL", "WebGPU", "cpu", "wasm", "webgl", "webgpu"),
    *("tfjs", "demo", "serve", "MIT", "float", "CSV", "JSON", "PNG"),
}
# All that is written on the page, seen or not.
READ = """
() => {
  const found = [];
  const unread = 'script, style, .snippet code';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode;
    if (data.trim() && !parentElement.closest(unread)) found.push(data);
  }
  for (const element of document.querySelectorAll('body *')) {
    for (const name of ['aria-label', 'alt', 'title', 'placeholder']) {
      if (element.getAttribute(name)) found.push(element.getAttribute(name));
    }
  }
  return found;
}
"""
# Every element with words of its own that is not within the window; what scrolls by itself is.
OUTSIDE = """
() => [...document.querySelectorAll('body *')].filter((element) => {
  const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const scrolling = '.scroll, .strip, pre, .visually-hidden, .skip-link, script, noscript';
  if (!ownText || element.closest(scrolling)) return false;
  // On phones, what a row's head says stands before each of its cells.
  const head = element.closest('thead');
  if (head && getComputedStyle(head).clipPath !== 'none') return false;
  const { left, right, width } = element.getBoundingClientRect();
  return width > 0 && (left < -1 || right > innerWidth + 1);
}).map((element) => element.outerHTML.slice(0, 200))
"""
OPEN_FOLDS = "document.querySelectorAll('.evidence details').forEach((one) => { one.open = true })"
SHOWN = "() => document.querySelector('.outputs').innerText.replace(/\\s+/g, ' ').trim()"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, keras_models: KerasModels) -> dict[str, Path]:
    """The demos' sites in the pseudo-language, by a tool that has one folder more than ours."""
    folder = tmp_path_factory.mktemp("languages")
    tool = pseudo.copy_tool(folder / "tool")
    demos = [pseudo.copy_demo(name, folder / "demos") for name in DEMO_NAMES]
    models = [keras_models.folder / f"{name}.keras" for name in BARE]
    demos += [pseudo.bare_demo(model, folder / "demos") for model in models]
    return dict(zip([*DEMO_NAMES, *BARE], pseudo.build(tool, demos), strict=True))


@pytest.fixture
def opened(
    sites: dict[str, Path], host: Callable[..., Host], new_page: NewPage
) -> Callable[..., Page]:
    """Opens a demo's page, its panel too, and waits for the model."""

    def make(name: str, width: int = 1200, **options: Any) -> Page:
        page = new_page(viewport={"width": width, "height": 800}, **options)
        page.goto(host(sites[name]).url)
        if options.get("java_script_enabled", True):
            page.evaluate("tfjsDemo.ready")
            page.evaluate(OPEN_FOLDS)
        return page

    return make


def words(page: Page, texts: list[str], site: Path) -> set[str]:
    """The words of English letters that are neither in the demo nor names."""
    tensors = page.evaluate("Object.values(tfjsDemo.signature).map(Object.keys).flat()")
    demo = (site.parent / "demo.toml").read_text("utf-8")
    own = {word.lower() for word in [*WORD.findall(" ".join([demo, *tensors])), *NAMES]}
    found = {word for text in texts for word in WORD.findall(ADDRESS.sub("", text))}
    return {word for word in found if word.lower() not in own}


@pytest.mark.parametrize("name", [*EVERY_DEMO, *BARE])
def test_no_word_of_english_is_left(
    name: str, sites: dict[str, Path], opened: Callable[..., Page]
) -> None:
    page = opened(name)
    page.locator("#verify").click()
    expect(page.locator("#checked")).to_contain_text(pseudo.CLOSE)
    if name == "wine":
        # On one page, for it starts every backend that there is.
        page.locator("#compare").click()
        page.locator("#compared tbody tr").first.wait_for()
    expect(page.locator("#offline")).not_to_have_text(pseudo.translated("not yet"))
    texts = page.evaluate(READ)
    assert words(page, texts, sites[name]) == set()
    assert sum(pseudo.OPEN in text for text in texts) > 40
    for text in texts:
        assert text.count(pseudo.OPEN) == text.count(pseudo.CLOSE), text


@pytest.mark.parametrize("name", [*EVERY_DEMO, *BARE])
def test_nothing_leaves_the_window(name: str, opened: Callable[..., Page]) -> None:
    page = opened(name)
    for width in (1200, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == [], width


def test_the_page_goes_from_right_to_left(opened: Callable[..., Page]) -> None:
    page = opened("wine")
    html = page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == (pseudo.TAG, "rtl")
    first, second = (page.locator(f".pane-{one}").bounding_box() for one in ("input", "answer"))
    assert first and second and first["x"] > second["x"]
    bar = page.locator(".label-bar rect").first.bounding_box()
    rest = page.locator(".label-bar").first.bounding_box()
    assert bar and rest
    assert bar["x"] + bar["width"] == pytest.approx(rest["x"] + rest["width"], abs=1)


@pytest.mark.parametrize("name", EVERY_DEMO)
def test_the_script_writes_the_letters_that_the_build_wrote(
    name: str, opened: Callable[..., Page]
) -> None:
    written = opened(name, java_script_enabled=False).locator(".outputs").text_content() or ""
    page = opened(name)
    page.locator("[data-example='0']").click()
    expect(page.locator("#answer")).to_have_attribute("data-origin", "device")
    page.evaluate("document.querySelector(\"[data-example='0']\").click()")
    again = page.evaluate("document.querySelector('.outputs').textContent")
    assert again.split() == written.split()
    assert any("٠" <= letter <= "٩" for letter in again) or name == "digits"


def test_a_problem_is_told_in_the_language(
    sites: dict[str, Path], opened: Callable[..., Page]
) -> None:
    page = opened("wine")
    field = page.locator("[type=number]").first
    for value in ("99", ""):
        field.fill(value)
        field.dispatch_event("change")
        problem = page.locator(".field-problem").first
        expect(problem).to_contain_text(pseudo.OPEN)
        assert words(page, [problem.inner_text()], sites["wine"]) == set()
