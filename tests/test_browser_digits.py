"""The digits demo in a real browser: real mouse, real keyboard, live answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import BuildDemo, Host, NewPage
from tests.visitor import (
    draw,
    expect_bars,
    expect_live,
    open_ready,
    page_data,
    paper,
    pixels,
    read_bars,
    settle,
)

DRAWINGS = json.loads((Path(__file__).parent / "drawings.json").read_text())["drawings"]
LABELS = [str(digit) for digit in range(10)]
ENOUGH = 27

ONE = [[(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]]
BAR = [[(0.3, 0.5), (0.5, 0.5), (0.7, 0.5)]]


@pytest.fixture
def page(build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage) -> Page:
    """The digits demo, ready."""
    page = new_page()
    open_ready(page, host(build_demo("digits").folder).url)
    return page


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def test_recorded_drawings_are_recognised(page: Page) -> None:
    wrong = []
    for index, drawing in enumerate(DRAWINGS):
        button(page, "Clear").click()
        draw(page, drawing["strokes"])
        settle(page)
        expect_live(page)
        winner = read_bars(page)[0].label
        if winner != str(drawing["digit"]):
            wrong.append(f"drawing {index}, a {drawing['digit']}, was taken for a {winner}")
    right = len(DRAWINGS) - len(wrong)
    print(f"{right} of {len(DRAWINGS)} drawings are right", *wrong, sep="\n")
    assert len(DRAWINGS) == 30
    assert right >= ENOUGH, wrong


def test_answer_follows_the_pen(page: Page) -> None:
    """The prediction is live: it comes before the pen is lifted."""
    button(page, "Clear").click()
    settle(page)
    expect(page.locator("#answer")).to_have_attribute("data-origin", "none")
    box = paper(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for share in (0.4, 0.6, 0.8):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + share * box["height"])
    expect_live(page)
    assert read_bars(page)[0].label == "1"
    page.mouse.up()


def test_every_example_gets_its_stored_answer_live(page: Page) -> None:
    data = page_data(page)
    [output] = data["outputs"]
    examples = page.locator("[data-example]")
    assert examples.count() == len(data["examples"]) == 5
    for index, example in enumerate(data["examples"]):
        examples.nth(index).click()
        expect_live(page)
        expect_bars(page, LABELS, np.array(example["answers"][output["name"]]["data"]))
        expect(examples.nth(index)).to_have_attribute("aria-pressed", "true")
        best = read_bars(page)[0]
        caption = examples.nth(index).locator(".example-answer").inner_text()
        assert caption == f"{best.label} · {best.percent:.1f} %"


def test_the_last_of_two_hasty_choices_counts(page: Page) -> None:
    """Pictures load and answers come at their own pace; what is shown belongs together."""
    examples = page.locator("[data-example]")
    page.evaluate(
        """() => {
          const examples = document.querySelectorAll('[data-example]');
          for (const index of [1, 2, 3, 2]) examples[index].click();
        }"""
    )
    expect_live(page)
    settle(page)
    assert read_bars(page)[0].label == "5"
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    expect(examples.nth(2)).to_have_attribute("aria-pressed", "true")
    hasty = pixels(paper(page))
    examples.nth(2).click()
    expect_live(page)
    assert pixels(paper(page)) == hasty


def test_clear_empties_the_paper_and_undo_brings_it_back(page: Page) -> None:
    blank = page.evaluate(
        """() => {
          const { width, height } = document.querySelector('.sketch-paper canvas');
          const white = Object.assign(document.createElement('canvas'), { width, height });
          const context = white.getContext('2d', { willReadFrequently: true });
          context.fillStyle = '#fff';
          context.fillRect(0, 0, width, height);
          return white.toDataURL();
        }"""
    )
    draw(page, ONE)
    settle(page)
    drawn, answer = pixels(paper(page)), read_bars(page)
    assert drawn != blank
    button(page, "Clear").click()
    settle(page)
    assert pixels(paper(page)) == blank
    expect(page.locator("#origin")).to_have_text("No answer yet")
    expect(button(page, "Clear")).to_be_disabled()
    button(page, "Undo").click()
    settle(page)
    assert pixels(paper(page)) == drawn
    expect_live(page)
    assert read_bars(page) == answer


def test_undo_takes_back_one_stroke_after_the_other(page: Page) -> None:
    example = pixels(paper(page))
    states = []
    for strokes in (ONE, BAR):
        states.append(pixels(paper(page)))
        draw(page, strokes)
    settle(page)
    assert len({example, *states, pixels(paper(page))}) == 3
    for state in reversed(states):
        button(page, "Undo").click()
        settle(page)
        assert pixels(paper(page)) == state
        expect_live(page)
    assert pixels(paper(page)) == example
    expect(button(page, "Undo")).to_be_disabled()
    assert read_bars(page)[0].label == page_data(page)["examples"][0]["title"].replace("Seven", "7")


def test_drawing_replaces_an_example(page: Page) -> None:
    """Whoever draws over an example wants to see only the own drawing."""
    page.locator("[data-example]").nth(1).click()
    expect_live(page)
    draw(page, ONE)
    settle(page)
    expect(page.locator("[data-example][aria-pressed=true]")).to_have_count(0)
    over_example = pixels(paper(page))
    button(page, "Clear").click()
    draw(page, ONE)
    settle(page)
    assert pixels(paper(page)) == over_example
    assert read_bars(page)[0].label == "1"


def test_drawing_by_keyboard_alone(page: Page) -> None:
    def press(keys: str, times: int = 1) -> None:
        for _ in range(times):
            page.keyboard.press(keys)

    press("Tab", 2)  # past the link that skips to the demo
    expect(paper(page)).to_be_focused()
    press("Shift+ArrowUp", 2)
    press("Space")
    expect(page.locator(".field output")).to_have_text("Pen down")
    press("ArrowDown", 16)
    press("Space")
    expect(page.locator(".field output")).to_have_text("Pen up")
    settle(page)
    expect_live(page)
    assert read_bars(page)[0].label == "1"
    one = pixels(paper(page))
    press("Shift+ArrowRight")
    assert pixels(paper(page)) == one, "a lifted pen leaves no ink"
    press("Space")
    press("Shift+ArrowUp")
    press("Space")
    settle(page)
    assert pixels(paper(page)) != one
    press("Control+z")
    settle(page)
    assert pixels(paper(page)) == one
    press("Tab", 3)  # Undo, Redo, then Clear
    press("Enter")
    settle(page)
    expect(page.locator("#origin")).to_have_text("No answer yet")
