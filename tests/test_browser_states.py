"""Every transition of the one state of input and answer, by what visitors do and what befalls them.

The worker of these pages keeps its answers back until it is told; all else is the real thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import BuildDemo, KerasModels, NewPage
from tests.faulty_host import Fault, FaultyHost, faulty_host
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.visitor import (
    Gate,
    choose_file,
    draw,
    enter,
    expect_bars,
    field,
    open_ready,
    page_data,
    paper,
    pixels,
    read_bars,
)

__all__ = ["axe"]

MODEL = re.compile(r"/model-[^/]+/")
PHONE = {"width": 360, "height": 780}
# Before the worker's own program: { hold: true } keeps answers back, { hold: false } lets them go,
# { die: true } ends it.
HOLD = """{
  const send = self.postMessage.bind(self);
  const kept = [];
  let holds = false;
  self.postMessage = (message) =>
    holds && message.id !== undefined ? kept.push(message) : send(message);
  addEventListener('message', (event) => {
    if (event.data.die) close();
    if (event.data.hold === undefined) return;
    event.stopImmediatePropagation();
    holds = event.data.hold;
    if (!holds) kept.splice(0).forEach((message) => send(message));
  });
}
"""
NOTE_STAGES = """() => {
  window.said = [];
  const pane = document.querySelector('#answer');
  const note = () => said.push(pane.dataset.stage);
  new MutationObserver(note).observe(pane, { attributeFilter: ['data-stage'] });
}"""
ALCOHOL = (12.1, 13.4, 14.2)


@dataclass(frozen=True)
class Pane:
    """The answer's pane, as a visitor sees it."""

    page: Page

    def expect(self, stage: str, word: str = "") -> None:
        """Waits for a stage, and looks at what can be read in it."""
        answer = self.page.locator("#answer")
        expect(answer).to_have_attribute("data-stage", stage)
        answered = stage in ("python", "device")
        expect(answer).to_have_attribute("data-origin", stage if answered else "none")
        legible = answered or stage == "previous"
        expect(self.page.locator(".outputs")).to_be_visible(visible=legible)
        expect(self.page.locator(".passing")).to_be_visible(visible=stage == "previous")
        if word:
            expect(self.page.locator("#word")).to_have_text(word)
            expect(self.page.locator("#word")).to_be_visible()

    def hold(self, holds: bool = True) -> None:
        """From now on the worker keeps its answers, or lets them go."""
        self.page.evaluate("(hold) => tfjsDemo.runner.worker.postMessage({ hold })", holds)


def serving(folder: Path, backend: str) -> Iterator[FaultyHost]:
    with faulty_host(folder) as host:
        host.cache_control = "no-store"
        for program in folder.glob(f"assets/{backend}-*.js"):
            host.programs[program.name] = HOLD
        yield host


@pytest.fixture
def wine(build_demo: BuildDemo) -> Iterator[FaultyHost]:
    yield from serving(build_demo("wine").folder, "cpu")


@pytest.fixture
def digits(build_demo: BuildDemo) -> Iterator[FaultyHost]:
    yield from serving(build_demo("digits").folder, "wasm")


def expect_stored(page: Page, index: int) -> None:
    """The bars are Python's answer to an example."""
    data = page_data(page)
    [output] = data["outputs"]
    stored = np.array(data["examples"][index]["answers"][output["name"]]["data"])
    expect_bars(page, output["options"]["labels"], stored)


def example(page: Page, index: int) -> None:
    page.locator("[data-example]").nth(index).click()


def type_in(page: Page, label: str, text: str) -> Any:
    """Types into the field with this label, and stays there."""
    box = field(page, label).get_by_role("spinbutton")
    box.fill("")
    box.press_sequentially(text)
    return box


def test_while_the_model_is_on_its_way(wine: FaultyHost, new_page: NewPage) -> None:
    page = new_page(service_workers="block")
    gate, pane = Gate(page, MODEL), Pane(page)
    page.goto(wine.url)
    pane.expect("python")
    expect_stored(page, 0)
    for answered in (1, 2, 0):
        enter(page, "Alcohol", 12.34)
        pane.expect("waiting", "The answer appears here as soon as the model is loaded.")
        example(page, answered)
        pane.expect("python")
        expect_stored(page, answered)
    enter(page, "Alcohol", 12.34)
    pane.expect("waiting")
    gate.open()
    pane.expect("device")
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value("12.34")


def test_what_is_chosen_before_the_model_is_there_is_answered_by_this_device_too(
    wine: FaultyHost, new_page: NewPage
) -> None:
    page = new_page(service_workers="block")
    gate, pane = Gate(page, MODEL), Pane(page)
    page.goto(wine.url)
    example(page, 1)
    pane.expect("python")
    gate.open()
    pane.expect("device")
    expect_stored(page, 1)


def test_invalid_input_speaks_at_once_and_a_part_of_a_number_after_a_second(
    wine: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, wine.url)
    pane, message = Pane(page), "Alcohol must be between 11 and 15 % vol."
    problem = field(page, "Alcohol").locator(".field-problem")
    box = type_in(page, "Alcohol", "99")
    pane.expect("invalid", message)
    expect(problem).to_have_text(message)
    expect(problem).to_have_attribute("role", "status")
    expect(box).to_be_focused()
    expect(box).to_have_accessible_description(message)
    box.press("Backspace")
    box.press("Backspace")
    box.press_sequentially("13")
    pane.expect("device")
    for text in ("-", "1", "1e"):
        page.evaluate(NOTE_STAGES)
        type_in(page, "Alcohol", text)
        pane.expect("invalid")
        said = page.evaluate("said")
        assert said[:1] == ["previous"] and said[-1] == "invalid", text
        expect(problem).not_to_be_empty()
        assert problem.inner_text() == page.locator("#word").inner_text()
        enter(page, "Alcohol", 13)
        pane.expect("device")
        expect(problem).to_be_empty()
    type_in(page, "Alcohol", "1").press("Enter")
    expect(problem).to_have_text(message)


def test_an_answer_before_is_marked_and_then_goes(wine: FaultyHost, new_page: NewPage) -> None:
    page = new_page()
    open_ready(page, wine.url)
    pane = Pane(page)
    pane.hold()
    before = read_bars(page)
    type_in(page, "Alcohol", "12.1")
    pane.expect("previous")
    assert read_bars(page) == before
    expect(page.locator("#origin")).to_be_hidden()
    pane.expect("computing", "Computing …")
    pane.hold(False)
    pane.expect("device")
    # What ends a gesture and brings nothing new is not asked again.
    asked = page.evaluate("tfjsDemo.timings.predictions.length")
    pane.hold()
    page.keyboard.press("Enter")
    pane.expect("device")
    assert page.evaluate("tfjsDemo.timings.predictions.length") == asked


def test_requests_that_overtake_each_other(wine: FaultyHost, new_page: NewPage) -> None:
    page = new_page()
    open_ready(page, wine.url)
    pane, alone = Pane(page), []
    for value in ALCOHOL:
        enter(page, "Alcohol", value)
        pane.expect("device")
        alone.append(read_bars(page))
    assert len({str(bars) for bars in alone}) == len(ALCOHOL)
    pane.hold()
    for value in ALCOHOL[1:]:
        enter(page, "Alcohol", value)
    pane.hold(False)
    pane.expect("device")
    assert read_bars(page) == alone[-1]
    # An example that is chosen meanwhile keeps its own answer.
    pane.hold()
    enter(page, "Alcohol", ALCOHOL[0])
    for index in (1, 2, 1):
        example(page, index)
    pane.expect("python")
    expect_stored(page, 1)
    pane.hold(False)
    pane.expect("device")
    expect_stored(page, 1)


def test_a_backend_that_dies_and_the_next_one(wine: FaultyHost, new_page: NewPage) -> None:
    page = new_page()
    open_ready(page, wine.url)
    pane = Pane(page)
    enter(page, "Alcohol", 12.1)
    pane.expect("device")
    answer = read_bars(page)
    page.evaluate("tfjsDemo.runner.worker.postMessage({ die: true })")
    expect(page.locator("#engine")).to_contain_text("after starting again")
    pane.expect("device")
    assert read_bars(page) == answer
    pane.hold()
    enter(page, "Alcohol", 14.2)
    page.evaluate("tfjsDemo.runner.worker.postMessage({ die: true })")
    pane.expect("device")
    assert read_bars(page) != answer


def test_a_model_that_does_not_come(digits: FaultyHost, new_page: NewPage, axe: str) -> None:
    """Python's answers stay what they are; and axe finds nothing in any of the states."""
    page = new_page(viewport=PHONE, service_workers="block")
    pane = Pane(page)
    digits.faults = [Fault(".bin", times=99, status=404)]
    page.goto(digits.url)
    expect(page.locator("#failure")).to_contain_text("could not be downloaded")
    pane.expect("python")
    expect(page.locator("#origin")).to_have_text("Computed in Python beforehand")
    expect_stored(page, 0)
    look(page, axe)
    page.get_by_role("button", name="Clear").click()
    pane.expect("empty", "Draw something first.")
    look(page, axe)
    draw(page, [[(0.5, 0.2), (0.5, 0.8)]])
    pane.expect("unanswered", "There is no answer to this input.")
    look(page, axe)
    example(page, 1)
    pane.expect("python")
    expect_stored(page, 1)
    digits.faults = [Fault(".bin", after=100, stalls=True)]
    page.get_by_role("button", name="Try again").click()
    pane.expect("python")
    draw(page, [[(0.5, 0.2), (0.5, 0.8)]])
    pane.expect("waiting")
    look(page, axe)


def look(page: Page, axe: str) -> None:
    """Looks at what there is with axe, in both colour schemes."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert find_violations(page, axe) == [], scheme


def test_axe_finds_nothing_while_there_is_no_answer(
    wine: FaultyHost, new_page: NewPage, axe: str
) -> None:
    page = new_page(viewport=PHONE)
    open_ready(page, wine.url)
    pane = Pane(page)
    type_in(page, "Alcohol", "99")
    pane.expect("invalid")
    look(page, axe)
    enter(page, "Alcohol", 12.1)
    pane.expect("device")
    look(page, axe)
    pane.hold()
    type_in(page, "Alcohol", "14.2")
    pane.expect("computing")
    look(page, axe)
    # It lasts a second, and axe takes longer.
    page.locator("#answer").evaluate("(pane) => { pane.dataset.stage = 'previous' }")
    expect(page.locator(".passing")).to_be_visible()
    look(page, axe)


def test_an_example_that_does_not_come_changes_nothing(
    digits: FaultyHost, new_page: NewPage
) -> None:
    page = new_page(service_workers="block")
    pane, message = Pane(page), "The example could not be loaded. Check your connection"
    page.route("**/example-3*", lambda route: route.abort("connectionfailed"))
    slow = Gate(page, re.compile("/example-4"))
    open_ready(page, digits.url)
    pane.expect("python")
    drawn, bars = pixels(paper(page)), read_bars(page)
    example(page, 2)
    expect(page.locator(".field-problem")).to_contain_text(message)
    pane.expect("python")
    assert (pixels(paper(page)), read_bars(page)) == (drawn, bars)
    expect(page.locator("[data-example='0']")).to_have_attribute("aria-pressed", "true")
    example(page, 3)
    pane.expect("coming", "Loading the example …")
    example(page, 1)
    pane.expect("device")
    slow.open()
    expect_stored(page, 1)
    # The first one of all.
    page.route("**/example-1*", lambda route: route.abort("connectionfailed"))
    page.goto(digits.url)
    pane.expect("invalid")
    expect(page.locator("#word")).to_contain_text(message)
    expect(page.locator(".sketch-invitation")).to_be_visible()


def test_where_the_first_example_does_not_come_a_picture_can_be_chosen(
    build_demo: BuildDemo, new_page: NewPage
) -> None:
    for host in serving(build_demo("colours").folder, "wasm"):
        page = new_page(service_workers="block")
        page.route("**/example-1*", lambda route: route.abort("connectionfailed"))
        open_ready(page, host.url)
        Pane(page).expect("invalid")
        expect(page.get_by_text("Choose a picture", exact=True).first).to_be_visible()
        expect(page.get_by_text("Choose another", exact=True)).to_be_hidden()


def test_a_picture_that_is_replaced_takes_its_answer_with_it(
    build_demo: BuildDemo, keras_models: KerasModels, new_page: NewPage
) -> None:
    folder = build_demo(keras_models.folder / "grey.keras").folder
    for host in serving(folder, "wasm"):
        page = new_page()
        open_ready(page, host.url)
        pane = Pane(page)
        pane.expect("empty", "Choose a picture first.")
        expect(page.locator(".field-problem")).to_be_empty()
        choose_file(page, "broken.png", b"no picture at all")
        pane.expect(
            "invalid", "This file is not an image that your browser can open. Try a PNG or JPEG."
        )
        choose_file(page, "one.png", page.locator(".pane-input").screenshot())
        pane.expect("device")
        expect(page.locator(".field-problem")).to_be_empty()
        pane.hold()
        choose_file(page, "other.png", page.locator("h1").screenshot())
        pane.expect("computing")
        choose_file(page, "broken.png", b"no picture at all")
        expect(page.locator(".field-problem")).not_to_be_empty()
        pane.hold(False)
        pane.expect("device")
        expect(page.locator(".field-problem")).not_to_be_empty()


SHIFTS = """{
  window.shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value)))
    .observe({ type: 'layout-shift', buffered: true });
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_from_the_first_paint_to_the_answer(
    width: int, digits: FaultyHost, new_page: NewPage
) -> None:
    page = new_page(viewport={"width": width, "height": 800})
    page.add_init_script(SHIFTS)
    open_ready(page, digits.url)
    pane = Pane(page)
    pane.expect("python")
    example(page, 1)
    pane.expect("device")
    page.wait_for_timeout(100)
    assert page.evaluate("shifts") == []


# How long the page took to paint after what a visitor did, while the worker computes.
EVENTS = """() => {
  window.durations = [];
  const kinds = ['keydown', 'pointerdown', 'pointerup', 'click'];
  new PerformanceObserver((list) => durations.push(
    ...list.getEntries().filter(({ name }) => kinds.includes(name)).map(({ duration }) => duration)
  )).observe({ type: 'event', durationThreshold: 16 });
}"""


def interactions(page: Page, act: Callable[[], None], times: int = 5) -> list[float]:
    """Milliseconds to the next paint, of several; what the browser leaves out took less than 16."""
    page.evaluate(EVENTS)
    for _ in range(times):
        act()
        page.wait_for_timeout(50)
    return sorted([float(one) for one in page.evaluate("durations")] or [0.0])


def test_the_page_paints_while_the_model_computes(wine: FaultyHost, new_page: NewPage) -> None:
    """The best of several: this machine has other work."""
    page = new_page()
    open_ready(page, wine.url)
    pane = Pane(page)
    pane.hold()
    box = field(page, "Alcohol").get_by_role("spinbutton")
    box.focus()
    found = interactions(page, lambda: box.press("ArrowUp"))
    print(f"milliseconds until the next paint: {found}")
    pane.expect("computing")
    assert found[0] < 100
