"""The page for those who use a keyboard or a screen reader, or need contrast or calm."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests.conftest import DEMOS, BuildDemo, Host, NewPage, OpenPage
from tests.visitor import Array, Gate, choose_file, enter, expect_live, open_ready, settle

NAMES = ("digits", "wine", "diabetes", "grey", "painter", "mood", "sequence")
LOOK = (Path(__file__).parent / "look.js").read_text()
LEAST_CONTROLS = 5
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FINISHED = """Promise.all(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
  .map(({ finished }) => finished.catch(() => {}))).then(() => {})"""
LEAST_CONTRAST = 4.5
LEAST_FRAME_CONTRAST = 3


@pytest.fixture
def open_demo(open_page: OpenPage) -> OpenPage:
    """Opens a page that can be looked at with look.js."""

    def make(name: str, **options: Any) -> Page:
        page = open_page(name, **options)
        page.evaluate(f"() => {{ {LOOK} }}")
        return page

    return make


def open_evidence(page: Page) -> None:
    """Without a click, which would move the place where Tab begins."""
    page.locator(".evidence details").evaluate_all(
        "all => all.forEach((one) => { one.open = true })"
    )


@pytest.mark.parametrize("name", NAMES)
def test_keyboard_reaches_every_control_in_order(name: str, open_demo: OpenPage) -> None:
    page = open_demo(name)
    open_evidence(page)
    count = page.evaluate("look.controls().length")
    assert count >= LEAST_CONTROLS
    assert page.evaluate("look.controls().filter(look.frame).length") == 0, "nothing has the focus"
    surface = np.array(page.evaluate("look.rgba(getComputedStyle(answer).backgroundColor)"))
    for index in range(count):
        page.keyboard.press("Tab")
        reached = page.evaluate("look.focused()")
        assert reached["index"] == index, reached
        assert reached["frame"], reached
        assert contrast(np.array(reached["frame"][:3]), surface[:3]) >= LEAST_FRAME_CONTRAST


@pytest.mark.parametrize("name", ["digits", "wine", "diabetes"])
def test_focused_control_is_never_covered(name: str, open_demo: OpenPage) -> None:
    """On a phone the answer stays in view, above what scrolls past it."""
    page = open_demo(name, viewport={"width": 390, "height": 844})
    covered = []
    for _ in range(page.evaluate("look.controls().length")):
        page.keyboard.press("Tab")
        reached = page.evaluate("look.focused()")
        assert reached["index"] >= 0, reached
        covered += [reached["what"]] if reached["covered"] else []
    assert covered == []


def test_skip_link_leads_to_the_demo(open_demo: OpenPage) -> None:
    page = open_demo("wine")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the demo")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("slider", name="Alcohol in % vol")).to_be_focused()


@pytest.mark.parametrize("name", NAMES)
def test_every_control_has_a_name(name: str, open_demo: OpenPage) -> None:
    page = open_demo(name)
    open_evidence(page)
    assert page.evaluate("look.controls().length") >= LEAST_CONTROLS
    page.evaluate("look.controls().forEach((control) => control.classList.add('is-control'))")
    named = ".is-control, [role=img]:visible, [role=application]:visible"
    for control in page.locator(named).all():
        expect(control).to_have_accessible_name(re.compile(r"\w\w"))


def test_fields_are_named_by_their_labels(open_demo: OpenPage) -> None:
    page = open_demo("diabetes")
    labels = page.locator(".field-label").all_inner_texts()
    assert len(labels) == 10
    for label in labels:
        roles = page.get_by_role("spinbutton", name=label, exact=True)
        assert roles.or_(page.get_by_role("combobox", name=label, exact=True)).count() == 1


def test_new_answer_is_announced(open_demo: OpenPage) -> None:
    page = open_demo("digits")
    spoken = page.locator("[aria-live=polite]")
    page.get_by_role("button", name="Two").click()
    expect(spoken).to_have_text(re.compile(r"^Digit: 2, \d\d\.\d %$"))


def luminance(color: Array) -> float:
    """Relative luminance as WCAG 2 defines it; red, green and blue from 0 to 255."""
    unit = np.asarray(color, float) / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: Array, other: Array) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def poor_texts(page: Page, selector: str) -> list[str]:
    """Texts of a demo's page with too little contrast, once no answer is on its way."""
    expect(page.locator("#answer")).not_to_have_attribute("aria-busy", "true")
    page.evaluate(FINISHED)
    return texts_without_contrast(page, selector)


def texts_without_contrast(page: Page, selector: str) -> list[str]:
    """Texts with too little contrast to what is really behind them on the screen."""
    texts = page.evaluate("look.texts", selector)
    assert texts
    picture = page.screenshot(full_page=True, animations="disabled")
    screen = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))
    poor = []
    for text in texts:
        left, top, width, height = text["box"]
        part = screen[top : top + height, left : left + width].reshape(-1, 3)
        colours, counts = np.unique(part, axis=0, return_counts=True)
        behind = colours[counts.argmax()]
        share = text["opacity"] * text["color"][3] / 255
        front = share * np.array(text["color"][:3]) + (1 - share) * behind
        found = contrast(front, behind)
        if found < LEAST_CONTRAST:
            poor.append(f"{text['text']!r} has {found:.2f}")
    return poor


def test_contrast_is_computed_right() -> None:
    black, white, grey = np.zeros(3), np.full(3, 255.0), np.full(3, 0x76)
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_texts_have_contrast(name: str, open_demo: OpenPage) -> None:
    page = open_demo(name)
    open_evidence(page)
    if name in ("grey", "painter"):
        choose_file(page, "own.png", page.screenshot())
    if name == "mood":
        page.get_by_role("textbox").fill("A very good film.")
    answered = re.compile("python|device")
    expect(page.locator("#answer")).to_have_attribute("data-origin", answered)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert poor_texts(page, "body *") == [], scheme


@pytest.mark.parametrize("accent", ["#ffd600", "#0b3d0b"])
def test_any_accent_leaves_contrast(
    accent: str,
    build_demo: BuildDemo,
    tmp_path: Path,
    host: Callable[..., Host],
    new_page: NewPage,
) -> None:
    """Yellow is too light for texts on white, a deep green too dark on black."""
    build_demo("wine")  # its conversion is used again
    folder = tmp_path / "wine"
    shutil.copytree(DEMOS / "wine", folder, ignore=shutil.ignore_patterns("site"))
    with (folder / "demo.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[theme]\naccent = "{accent}"\n')
    page = new_page()
    open_ready(page, host(build(folder).folder).url)
    page.evaluate(f"() => {{ {LOOK} }}")
    open_evidence(page)
    computed = "getComputedStyle(document.documentElement).getPropertyValue('--accent')"
    assert page.evaluate(computed) == accent
    page.get_by_role("spinbutton", name="Alcohol").focus()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert poor_texts(page, "body *") == [], scheme
        surface = np.array(page.evaluate("look.rgba(getComputedStyle(answer).backgroundColor)"))
        frame = np.array(page.evaluate("look.focused().frame"))
        assert contrast(frame[:3], surface[:3]) >= LEAST_FRAME_CONTRAST, scheme


def test_messages_have_contrast(open_demo: OpenPage) -> None:
    page = open_demo("wine")
    enter(page, "Alcohol", 99)
    expect(page.locator(".field-problem").first).not_to_be_empty()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert poor_texts(page, ".field-problem, .field-wrong *") == [], scheme
    page.goto(page.url + "?backend=nonsense")
    page.evaluate(f"() => {{ {LOOK} }}")
    expect(page.locator("#failure")).not_to_be_empty()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert poor_texts(page, "#failure, #engine, #origin") == [], scheme


def test_invitation_on_the_paper_has_contrast(open_demo: OpenPage) -> None:
    page = open_demo("digits")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".sketch-invitation")).to_be_visible()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert poor_texts(page, ".sketch-invitation") == [], scheme


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_bars_stand_still_where_motion_is_reduced(
    motion: str, moves: bool, open_demo: OpenPage
) -> None:
    page = open_demo("wine", reduced_motion=motion)
    page.evaluate(
        """() => {
          window.runs = 0;
          document.addEventListener('transitionrun', ({ target }) => {
            if (target.closest('.label-bar')) runs += 1;
          });
        }"""
    )
    page.locator("[data-example]").last.click()
    expect_live(page)
    settle(page)
    duration = "getComputedStyle(document.querySelector('.label-bar rect')).transitionDuration"
    assert page.evaluate(duration) == ("0.15s" if moves else "0s")
    # An event of a transition comes with the next frames.
    page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")
    assert (page.evaluate("runs") > 0) is moves


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_progress_stands_still_where_motion_is_reduced(
    motion: str,
    moves: bool,
    build_demo: BuildDemo,
    host: Callable[..., Host],
    new_page: NewPage,
) -> None:
    page = new_page(reduced_motion=motion)
    gate = Gate(page, re.compile(r"/cpu-|/model-"))
    page.goto(host(build_demo("wine").folder).url)
    expect(page.locator("#progress")).to_be_visible()
    running = page.locator("#progress").evaluate("bar => bar.getAnimations().length")
    assert (running > 0) is moves
    gate.open()
    expect(page.locator("#progress")).to_be_hidden()
    assert page.evaluate("document.getAnimations().length") == 0, "what is hidden moves on"
