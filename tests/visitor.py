"""What a visitor does on a page, and sees there: shared by the browser tests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import FilePayload, Frame, Locator, Page, Route, expect

Array = npt.NDArray[Any]
Stroke = Sequence[Sequence[float]]
# A demo by itself, or in a frame of another page.
View = Page | Frame

# A bar shows tenths of a percent.
BAR_STEP = 0.1
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Bar:
    """One row of the label widget."""

    label: str
    percent: float


def open_ready(page: Page, url: str) -> None:
    """Opens the page and waits until its model answers."""
    page.goto(url)
    page.evaluate("tfjsDemo.ready")


def settle(page: Page) -> None:
    """Waits until everything that was done on the page so far is answered and shown.

    The worker answers in order, and the page asks for one prediction at a time: it asks
    for the newest one when the running one is answered, which is before the first of these.
    """
    page.evaluate(
        """async () => {
          for (let turn = 0; turn < 3; turn += 1) await tfjsDemo.predict({}).catch(() => {});
        }"""
    )


class Gate:
    """Holds back the requests for some files until it is said what becomes of them."""

    def __init__(self, page: Page, files: re.Pattern[str]) -> None:
        self.held: list[Route] = []
        self.decide: Callable[[Route], None] = self.held.append
        page.route(files, lambda route: self.decide(route))

    def open(self) -> None:
        """Lets these and all later requests through."""
        self._settle(lambda route: route.continue_())

    def break_off(self) -> None:
        """The network is lost, for these and all later requests."""
        self._settle(lambda route: route.abort("connectionfailed"))

    def _settle(self, decide: Callable[[Route], None]) -> None:
        self.decide = decide
        for route in self.held:
            decide(route)


@contextmanager
def one_more_prediction(page: Page) -> Iterator[None]:
    """Waits at its end until the page has predicted once more than at its begin."""
    before = page.evaluate("tfjsDemo.timings.predictions.length")
    yield
    page.evaluate(
        """async (before) => {
          const end = performance.now() + 60_000;
          while (tfjsDemo.timings.predictions.length <= before) {
            if (performance.now() > end) throw new Error('there was no prediction');
            await new Promise(requestAnimationFrame);
          }
        }""",
        before,
    )


def expect_live(page: View) -> None:
    """Waits until the answer on show was computed in the browser."""
    expect(page.locator("#answer")).to_have_attribute("data-origin", "device")


def read_bars(page: View) -> list[Bar]:
    """The label widget's rows, the most likely class first."""
    names = page.locator(".label-name").all_inner_texts()
    scores = page.locator(".label-score").all_inner_texts()
    return [
        Bar(name, float(score.removesuffix(" %")))
        for name, score in zip(names, scores, strict=True)
    ]


def expect_bars(page: View, labels: Sequence[str], scores: Array) -> None:
    """The bars show these scores of 0 to 1 under their labels, the highest ones in order."""
    bars = read_bars(page)
    percents = {label: 100 * float(score) for label, score in zip(labels, scores, strict=True)}
    best = sorted(percents, key=lambda label: -percents[label])[: len(bars)]
    assert [bar.label for bar in bars] == best
    wrong = [bar for bar in bars if abs(bar.percent - percents[bar.label]) > 0.51 * BAR_STEP]
    assert not wrong, f"{wrong} should be {percents}"


def page_data(page: View) -> Any:
    """The JSON that the build wrote into the page."""
    return json.loads(page.locator("#tfjs-demo-data").inner_text())


def predict(page: Page, name: str, value: Array) -> tuple[str, Array]:
    """Asks the page's API; returns the output's name and values."""
    answers = page.evaluate(
        """async ({ name, data, shape }) => {
          const answers = await tfjsDemo.predict({ [name]: { data, shape } });
          const plain = ([name, { data, shape }]) => [name, Array.from(data), shape];
          return Object.entries(answers).map(plain);
        }""",
        {"name": name, "data": value.ravel().tolist(), "shape": list(value.shape)},
    )
    [(output, data, shape)] = answers
    return output, np.array(data).reshape(shape)


def predict_example(page: Page, index: int = 0) -> tuple[Array, Array]:
    """The live answer to an example of fields, and the one that the build stored."""
    data = page_data(page)
    [item] = data["inputs"]
    example = data["examples"][index]
    numbers = [example["states"][field["id"]] for field in item["fields"]]
    name, live = predict(page, item["name"], np.array([numbers], np.float32))
    stored = example["answers"][name]
    return live, np.array(stored["data"]).reshape(stored["shape"])


def field(page: Page, label: str) -> Locator:
    """The box of the input field with this label."""
    return page.locator(".field").filter(has=page.get_by_text(label, exact=True))


def enter(page: Page, label: str, value: float | str) -> None:
    """Types a number into the field with this label and leaves it."""
    box = field(page, label).get_by_role("spinbutton")
    box.fill(str(value))
    box.press("Enter")


def choose_file(page: Page, name: str, content: bytes) -> None:
    """Gives a file to the image widget, as its dialog would."""
    file = FilePayload(name=name, mimeType="image/png", buffer=content)
    page.locator("[type=file]").set_input_files(file)


def paper(page: Page) -> Locator:
    """The sketchpad's canvas."""
    return page.locator(".sketch-paper canvas")


def draw(page: Page, strokes: Sequence[Stroke], sheet: int = 0) -> None:
    """Draws strokes of points in shares of the paper with the mouse."""
    canvas = paper(page).nth(sheet)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def pixels(canvas: Locator) -> str:
    """What is on a canvas, for comparison."""
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def site_files(folder: Path) -> set[str]:
    """The paths of a site's files, as a host is asked for them."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
