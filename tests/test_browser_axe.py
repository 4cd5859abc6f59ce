"""Every demo under axe-core, the accessibility rules that others check pages with."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from bundler.bundle import packages
from bundler.demo import parts
from bundler.pipeline import build
from tests import empty
from tests.conftest import BuildDemo, Host, KerasModels, NewPage
from tests.every import EVERY_DEMO
from tests.shared import Shared
from tests.visitor import open_ready

# WCAG and what axe calls good practice: all rules but the experimental ones.
RUN = """async () => {
  const { violations, passes } = await axe.run();
  const nodes = (found) => found.nodes.map(({ html, failureSummary }) => [html, failureSummary]);
  return { passes: passes.length, violations: violations.map((found) => [found.id, nodes(found)]) };
}"""
LEAST_PASSES = 20
WIDTHS = {"phone": 390, "desktop": 1280}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

# Animations are finished before colours are looked at.
FINISHED = """Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
  .map(({ finished }) => finished.catch(() => {}))).then(() => {})"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The program of axe-core, from the tool's own lock file."""
    modules = packages.folder(with_tools=True) / "node_modules"
    return (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def find_violations(page: Page, axe: str) -> list[Any]:
    """What axe finds wrong with the page as it is now."""
    page.evaluate(FINISHED)
    # Evaluated by the browser's debugger, so that the page's policy stays as it is.
    page.evaluate(f"() => {{ {axe} }}")
    found = page.evaluate(RUN)
    assert found["passes"] >= LEAST_PASSES, "axe has looked at next to nothing"
    violations: list[Any] = found["violations"]
    return violations


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVERY_DEMO)
def test_axe_finds_nothing(
    name: str,
    width: str,
    axe: str,
    build_demo: BuildDemo,
    host: Callable[..., Host],
    new_page: NewPage,
) -> None:
    page = new_page(viewport={"width": WIDTHS[width], "height": 844})
    open_ready(page, host(build_demo(name).folder).url)
    folds = page.locator(".evidence details")
    for is_open in (False, True):
        folds.evaluate_all("(all, isOpen) => all.forEach((one) => { one.open = isOpen })", is_open)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert find_violations(page, axe) == [], (scheme, is_open)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVERY_DEMO)
def test_axe_finds_nothing_on_the_compact_page(
    name: str,
    width: str,
    axe: str,
    build_demo: BuildDemo,
    host: Callable[..., Host],
    new_page: NewPage,
) -> None:
    page = new_page(viewport={"width": WIDTHS[width], "height": 844})
    open_ready(page, host(build_demo(name).folder).url + "?embed")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert find_violations(page, axe) == [], scheme


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_in_a_gallery(
    width: str, axe: str, gallery: Path, host: Callable[..., Host], new_page: NewPage
) -> None:
    page = new_page(viewport={"width": WIDTHS[width], "height": 844})
    page.goto(host(gallery).url)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert find_violations(page, axe) == [], scheme


@pytest.fixture(scope="session")
def empty_pages(
    build_demo: BuildDemo, keras_models: KerasModels, shared: Shared
) -> dict[str, Path]:
    """The sites of pages on which nothing is entered yet, by name; they have every widget."""

    def make(folder: Path) -> None:
        for name in empty.DEMOS_OF_WIDGETS:
            build_demo(name)  # its conversion is used again
            build(empty.copy(name, folder / name))
        for name in empty.ASKED_FOR:
            build(empty.ask(*empty.ASKED_FOR[name], keras_models.folder, folder / f"asked-{name}"))

    made = shared.once("empty", make)
    bare = {name: keras_models.folder / f"{name}.keras" for name in empty.BARE_OF_WIDGETS}
    return {
        **{name: build_demo(path).folder for name, path in bare.items()},
        **{name: made / name / "site" for name in empty.NAMES if name not in bare},
    }


def test_empty_pages_have_every_widget(empty_pages: dict[str, Path]) -> None:
    shown = set()
    for site in empty_pages.values():
        page = (site / "index.html").read_text(encoding="utf-8")
        shown |= {f"input/{name}" for name in re.findall(r'class="field field-([a-z]+)', page)}
        shown |= {f"output/{name}" for name in re.findall(r'class="output output-([a-z]+)', page)}
    widgets = parts.read()
    assert shown == {f"{role}/{name}" for role, found in widgets.items() for name in found}


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("name", empty.NAMES)
def test_axe_finds_nothing_on_an_empty_page(
    name: str,
    direction: str,
    axe: str,
    empty_pages: dict[str, Path],
    host: Callable[..., Host],
    new_page: NewPage,
) -> None:
    page = new_page(viewport={"width": 360, "height": 740})
    open_ready(page, host(empty_pages[name]).url)
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)
    for box in page.locator("textarea").all():
        box.fill("")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert find_violations(page, axe) == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_builds_do_not_bring_axe(build_demo: BuildDemo) -> None:
    """It is a tool of these tests: a user's build neither fetches nor ships it."""
    build_demo("wine")
    assert not (packages.folder() / "node_modules" / "axe-core").exists()
