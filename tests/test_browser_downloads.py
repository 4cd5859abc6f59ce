"""Downloads that break off, stall, come wrong or not at all: retried, resumed, stopped, told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import BuildDemo, NewPage
from tests.faulty_host import Asked, Fault, FaultyHost, faulty_host
from tests.visitor import TOLERANCE, enter, expect_live, field, predict_example

FIRST, SECOND = "weights-1-of-2.bin", "weights-2-of-2.bin"
HALF = 1_200_000
WIDTH = 1300

DEMO = """
model = "wide.keras"
title = "Two shards"

[[inputs]]
[[inputs.fields]]
name = "one"
label = "one"
[[inputs.fields]]
name = "two"
label = "two"
[[inputs.fields]]
name = "three"
label = "three"
[[inputs.fields]]
name = "four"
label = "four"

[[examples]]
title = "Some numbers"
one = 0.25
two = -1.5
three = 2
four = 0.5
"""

# Notes every value of the progress bar, and the texts beside it.
WATCH = """
  window.seen = { progress: [], texts: [] };
  addEventListener('DOMContentLoaded', () => {
    const [progress, engine] = ['progress', 'engine'].map((id) => document.getElementById(id));
    new MutationObserver(() => {
      if (progress.hasAttribute('value')) seen.progress.push(progress.value);
    }).observe(progress, { attributeFilter: ['value'] });
    const note = () => seen.texts.push(engine.textContent);
    new MutationObserver(note).observe(engine, { childList: true });
  });
"""


@pytest.fixture(scope="module")
def wide(build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a model whose weights are two files."""
    from tests import models

    folder = tmp_path_factory.mktemp("wide")
    x = models.keras.Input((4,), name="x")
    y = models.layers.Dense(WIDTH, activation="tanh")(x)
    y = models.layers.Dense(WIDTH, activation="tanh")(y)
    y = models.layers.Dense(3, name="y")(y)
    models.save(models.randomise(models.keras.Model(x, y)), folder / "wide.keras")
    (folder / "demo.toml").write_text(DEMO)
    return build_demo(folder).folder


@pytest.fixture
def host(wide: Path) -> Iterator[FaultyHost]:
    with faulty_host(wide) as running:
        yield running


@pytest.fixture
def page(new_page: NewPage) -> Page:
    page = new_page()
    page.add_init_script(WATCH)
    return page


def expect_right_answers(page: Page) -> None:
    """What the model answers is what Python answered when the page was built."""
    page.evaluate("tfjsDemo.ready")
    live, stored = predict_example(page)
    assert np.abs(live - stored).max() <= TOLERANCE * np.abs(stored).max()


def expect_steady_progress(page: Page) -> None:
    """The bar never went back, and came to its end."""
    progress = page.evaluate("seen.progress")
    assert progress == sorted(progress)
    assert len(progress) > 1 and progress[-1] == 1


def wait(page: Page, condition: Callable[[], bool]) -> None:
    """Waits for something that the page cannot see."""
    for _ in range(400):
        if condition():
            return
        page.wait_for_timeout(25)
    raise AssertionError("this did not happen")


def file_bytes(folder: Path, end: str) -> int:
    [file] = folder.rglob(f"*{end}")
    return file.stat().st_size


def test_a_file_that_broke_off_is_resumed_where_it_broke_off(
    wide: Path, host: FaultyHost, page: Page
) -> None:
    host.faults = [Fault(SECOND, times=2, after=HALF)]
    page.goto(host.url)
    expect_right_answers(page)
    expect_steady_progress(page)
    first, second, third = host.about(SECOND)
    begins = [int(str(one.range).removeprefix("bytes=").rstrip("-")) for one in (second, third)]
    assert (first.range, first.sent, second.status, third.status) == (None, HALF, 206, 206)
    assert 0 < begins[0] <= HALF < begins[1] <= begins[0] + HALF
    # Nothing that had arrived was sent again.
    whole = file_bytes(wide, SECOND)
    assert third.sent == whole - begins[1]
    # One honest figure, that of the page's head: what hosts send of all that has to be there.
    size = page.locator(".chips li").first.inner_text()
    told = [text for text in page.evaluate("seen.texts") if text.startswith("Downloading")]
    assert told and all(text.endswith(f" of {size}") for text in told)
    assert told[-1] == f"Downloading the model: {size} of {size}"


def gzip_it(host: FaultyHost) -> None:
    host.compresses = True


def have_no_ranges(host: FaultyHost) -> None:
    host.has_ranges = False


def change_tag(host: FaultyHost) -> None:
    def deploy(body: bytes) -> bytes:
        host.version = "2"
        return body

    host.faults[0].change = deploy


@pytest.mark.parametrize(
    ("arrange", "ranges"),
    [(gzip_it, [False, False]), (have_no_ranges, [False, True]), (change_tag, [False, True])],
)
def test_a_file_that_cannot_be_resumed_comes_whole(
    arrange: Callable[[FaultyHost], None],
    ranges: list[bool],
    host: FaultyHost,
    page: Page,
) -> None:
    """A compressed one, one of a host without ranges, and one that has another ETag now."""
    host.faults = [Fault(SECOND, after=HALF)]
    arrange(host)
    page.goto(host.url)
    expect_right_answers(page)
    asked = host.about(SECOND)
    assert [one.range is not None for one in asked] == ranges
    assert [one.status for one in asked] == [200, 200]
    assert page.evaluate("seen.progress").pop() == 1


def test_a_server_that_is_busy_or_sends_something_else_is_asked_again(
    host: FaultyHost, page: Page
) -> None:
    host.faults = [
        Fault(FIRST, times=2, status=503),
        Fault(SECOND, change=lambda body: body[:-4]),
        Fault(SECOND, change=lambda body: body + b"more"),
    ]
    page.goto(host.url)
    expect_right_answers(page)
    assert [one.status for one in host.about(FIRST)] == [503, 503, 200]
    # Neither is taken up again in the middle.
    assert [(one.range, one.status) for one in host.about(SECOND)] == [(None, 200)] * 3


def test_a_missing_file_is_told_and_can_be_tried_again(host: FaultyHost, page: Page) -> None:
    # A cache may have kept the first answer: who asks past all caches is believed.
    host.faults = [Fault(FIRST, after=HALF, stalls=True), Fault(SECOND, times=2, status=404)]
    page.goto(host.url)
    enter(page, "two", 0.75)
    expect(page.locator("#failure")).to_have_text(
        "The model could not be downloaded: a file of it is not on the server. "
        "Load the page again, it may have been replaced; or try again later."
    )
    # The other file does not go on behind the message.
    wait(page, lambda: not any(one.open for one in host.asked))
    expect(page.locator("#engine")).to_have_text("The model is not running")
    expect(page.locator("#cancel")).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    expect_right_answers(page)
    expect(page.locator("#failure")).to_be_empty()
    expect_live(page)
    expect(field(page, "two").get_by_role("spinbutton")).to_have_value("0.75")
    assert [one.status for one in host.about(SECOND)] == [404, 404, 200]


def test_a_stalled_file_is_given_up_and_resumed(host: FaultyHost, page: Page) -> None:
    host.faults = [Fault(SECOND, after=HALF, stalls=True)]
    page.clock.install()
    page.goto(host.url)
    first, *_ = wait_for_stalled(page, host, SECOND)
    page.clock.fast_forward(9_000)
    page.wait_for_timeout(200)
    assert first.open
    page.clock.fast_forward(2_000)
    expect_right_answers(page)
    assert [one.status for one in host.about(SECOND)] == [200, 206]
    expect_steady_progress(page)


def wait_for_stalled(page: Page, host: FaultyHost, *ends: str) -> list[Asked]:
    """Waits until all that these connections bring has arrived."""
    wait(page, lambda: all(one.sent == HALF for end in ends for one in host.about(end)[:1]))
    wait(page, lambda: all(host.about(end) for end in ends))
    before = -1.0
    while before != (before := page.evaluate("seen.progress.at(-1) ?? 0")):
        page.wait_for_timeout(100)
    return [host.about(end)[0] for end in ends]


def test_stop_ends_all_connections_and_try_again_goes_on(host: FaultyHost, page: Page) -> None:
    host.faults = [Fault(end, after=HALF, stalls=True) for end in (FIRST, SECOND)]
    page.goto(host.url)
    enter(page, "one", 0.5)
    stalled = wait_for_stalled(page, host, FIRST, SECOND)
    assert all(one.open for one in stalled)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#failure")).to_have_text("The download was stopped.")
    wait(page, lambda: not any(one.open for one in host.asked))
    reached = page.evaluate("seen.progress").pop()
    page.get_by_role("button", name="Try again").click()
    expect_right_answers(page)
    expect_steady_progress(page)
    assert 0.3 < reached < 1
    assert [one.status for one in host.about(FIRST)] == [200, 206]
    assert [one.status for one in host.about(SECOND)] == [200, 206]
    expect_live(page)
    expect(field(page, "one").get_by_role("spinbutton")).to_have_value("0.5")


def test_a_worker_whose_program_stalls_is_started_again(host: FaultyHost, page: Page) -> None:
    program = next(iter(host.folders.values())) / "assets"
    [name] = [file.name for file in program.glob("wasm-*.js")]
    host.faults = [Fault(name, after=1000, stalls=True)]
    page.clock.install()
    page.goto(host.url)
    wait(page, lambda: page.evaluate("seen.progress.at(-1)") == 1)
    page.wait_for_timeout(200)
    page.clock.fast_forward(31_000)
    page.wait_for_timeout(100)
    page.clock.fast_forward(1_000)
    expect_right_answers(page)
    assert page.evaluate("tfjsDemo.backend") == "wasm"
    assert len(host.about(name)) > 1
    # What had arrived for the first worker was not transferred again.
    assert len(host.about(SECOND)) == 1


def test_a_page_without_its_script_says_so(host: FaultyHost, page: Page) -> None:
    [script] = [path.name for path in host.folders[""].glob("assets/page-*.js")]
    host.faults = [Fault(script, status=500)]
    page.goto(host.url)
    expect(page.locator("#failure")).to_have_text(re.compile("could not be loaded.*try again"))
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#engine")).to_contain_text("Ready")
    expect_right_answers(page)
