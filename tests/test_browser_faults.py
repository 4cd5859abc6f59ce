"""Backends that fail while they are used: recovered or replaced, said in one line, input kept.

What fails is the real thing: the worker ends itself, the browser loses the context, destroys the
device, refuses memory, or the driver's call throws.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import CHROMIUM_FLAGS, SOFTWARE_WEBGL, BuildDemo, NewPage, launched
from tests.faulty_host import FaultyHost, faulty_host
from tests.visitor import (
    TOLERANCE,
    enter,
    expect_bars,
    expect_live,
    field,
    open_ready,
    page_data,
    settle,
)

SOFTWARE_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]
NAMES = {"cpu": "JavaScript", "wasm": "WebAssembly", "webgl": "WebGL", "webgpu": "WebGPU"}

# Runs in a worker before its own program: fails when something is to be predicted, if it was
# told to by { fault: true }, or from the beginning.
PROGRAM = """{
  let armed = %(armed)s;
  addEventListener('message', (event) => {
    if (event.data.fault) {
      armed = true;
      event.stopImmediatePropagation();
    } else if (armed && event.data.type === 'predict') {
      (%(fault)s)(event);
    }
  });
}
"""
DIE = "(event) => { event.stopImmediatePropagation(); close(); }"
# In the middle of a prediction, when the page waits for the graphics card.
LOSE_CONTEXT = """() => {
  const { fenceSync } = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.fenceSync = function (...options) {
    const fence = fenceSync.apply(this, options);
    this.getExtension('WEBGL_lose_context').loseContext();
    return fence;
  };
}"""
DESTROY_DEVICE = "() => devices.at(-1).destroy()"
THROW = """() => {
  const refuse = () => { throw new Error('the driver has failed'); };
  Object.assign(WebGL2RenderingContext.prototype, { drawArrays: refuse, drawElements: refuse });
}"""
REFUSE_MEMORY = """() => {
  WebAssembly.Memory.prototype.grow = () => { throw new RangeError('failed to grow memory'); };
}"""
# What the faults need to get hold of.
HOLD = """
const devices = [];
{
  if (globalThis.GPUAdapter) {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...options) {
      const device = await requestDevice.apply(this, options);
      devices.push(device);
      return device;
    };
  }
}
"""


@pytest.fixture(scope="module")
def graphics_browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium of its own, whose WebGL and WebGPU are computed in software."""
    flags = [*CHROMIUM_FLAGS, *SOFTWARE_WEBGL, *SOFTWARE_WEBGPU]
    yield from launched(browser.browser_type, flags)


@pytest.fixture
def wine(build_demo: BuildDemo) -> Iterator[FaultyHost]:
    with faulty_host(build_demo("wine").folder) as running:
        running.cache_control = "no-store"
        yield running


def break_backend(host: FaultyHost, backend: str, fault: str, *, always: bool = False) -> None:
    """Gives every worker of a backend a fault."""
    [program] = [path.name for path in host.folders[""].glob(f"assets/{backend}-*.js")]
    values = {"fault": fault, "armed": json.dumps(always)}
    host.programs[program] = HOLD + PROGRAM % values


def remember(page: Page, url: str, backend: str) -> None:
    """Lets a backend be what an earlier visit found to be the fastest."""
    page.goto(url)
    page.evaluate(
        """(backend) => localStorage.setItem(
          `tfjs-demo:backend:${tfjsDemoEarly.options.model}`,
          JSON.stringify({ backend, browser: navigator.userAgent }),
        )""",
        backend,
    )
    open_ready(page, url)
    assert page.evaluate("tfjsDemo.backend") == backend


def arm(page: Page) -> None:
    """From now on the worker in use fails."""
    page.evaluate("tfjsDemo.runner.worker.postMessage({ fault: true })")


def enter_example(page: Page, index: int) -> None:
    """Types an example's values; the last of them alone, so that it is not the example's answer."""
    data = page_data(page)
    states = data["examples"][index]["states"]
    fields = data["inputs"][0]["fields"]
    page.locator("[data-example]").nth(index).click()
    expect_live(page)
    enter(page, fields[0]["label"], 12.34)
    expect_live(page)
    arm(page)
    enter(page, fields[0]["label"], states[fields[0]["id"]])


def expect_example(page: Page, index: int) -> None:
    """The answer on show is Python's to this example, computed in the browser."""
    data = page_data(page)
    [output] = data["outputs"]
    expect(page.locator("#engine")).to_contain_text("Ready")
    settle(page)
    expect_live(page)
    stored = np.array(data["examples"][index]["answers"][output["name"]]["data"])
    expect_bars(page, output["options"]["labels"], stored)


RECOVERED = "it stopped working and was started again"


@pytest.mark.parametrize(
    ("backend", "fault"),
    [("cpu", DIE), ("webgl", LOSE_CONTEXT), ("webgpu", DESTROY_DEVICE)],
    ids=["worker-dies", "context-lost", "device-destroyed"],
)
def test_a_backend_that_fails_once_is_started_again(
    backend: str, fault: str, wine: FaultyHost, new_page: NewPage, graphics_browser: Browser
) -> None:
    page = new_page(within=graphics_browser)
    break_backend(wine, backend, fault)
    remember(page, wine.url, backend)
    enter_example(page, 1)
    expect(page.locator("#engine")).to_have_text("Ready, after starting again")
    told = f"{NAMES[backend]}: {RECOVERED}"
    expect(page.locator("#backend")).to_have_attribute("title", told)
    expect_example(page, 1)
    expect(page.locator("#failure")).to_be_empty()
    state = page_data(page)["examples"][1]["states"]["input-0-0"]
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value(str(state))


@pytest.mark.parametrize(
    ("backend", "fault"),
    [("cpu", DIE), ("webgl", LOSE_CONTEXT), ("webgl", THROW), ("webgpu", DESTROY_DEVICE)],
    ids=["worker-dies", "context-lost", "driver-throws", "device-destroyed"],
)
def test_a_backend_that_fails_again_is_replaced(
    backend: str, fault: str, wine: FaultyHost, new_page: NewPage, graphics_browser: Browser
) -> None:
    page = new_page(within=graphics_browser)
    break_backend(wine, backend, fault, always=True)
    remember(page, wine.url, backend)
    page.locator("[data-example]").nth(1).click()
    told = re.compile(f"{NAMES[backend]} stopped working")
    expect(page.locator("#backend")).to_have_attribute("title", told)
    assert page.evaluate("tfjsDemo.backend") != backend
    expect_example(page, 1)
    expect(page.locator("#backend-reason")).to_contain_text(f"{NAMES[backend]} stopped working")
    # It is not what the next visit begins with.
    assert backend not in page.evaluate("Object.values(localStorage).join()")


# Answers to many copies of a row, all at once: the largest difference from the first, and that one.
MANY = """
  async ({ row, count }) => {
    const data = new Float32Array(count * row.length);
    for (let index = 0; index < data.length; index++) data[index] = row[index % row.length];
    const answers = await tfjsDemo.predict({ analysis: { data, shape: [count, row.length] } });
    const [{ data: scores, shape: [rows, width] }] = Object.values(answers);
    let difference = 0;
    for (let index = 0; index < scores.length; index++) {
      difference = Math.max(difference, Math.abs(scores[index] - scores[index % width]));
    }
    return { rows, difference, first: Array.from(scores.slice(0, width)) };
  }
"""


NOTE_FAILURES = """() => {
  window.failures = [];
  const { onStatus } = tfjsDemo;
  tfjsDemo.onStatus = (status) => {
    if (status.status === 'fallback') failures.push(status.reason);
    onStatus(status);
  };
}"""


def test_memory_that_cannot_grow_ends_in_no_wrong_answer(
    wine: FaultyHost, new_page: NewPage, graphics_browser: Browser
) -> None:
    page = new_page(within=graphics_browser)
    break_backend(wine, "wasm", REFUSE_MEMORY, always=True)
    remember(page, wine.url, "wasm")
    enter(page, "Alcohol", 12.34)
    expect_live(page)
    data = page_data(page)
    [output] = data["outputs"]
    example = data["examples"][1]
    page.evaluate(NOTE_FAILURES)
    row = [example["states"][field["id"]] for field in data["inputs"][0]["fields"]]
    answers = page.evaluate(MANY, {"row": row, "count": 120_000})
    assert (answers["rows"], answers["difference"] < TOLERANCE) == (120_000, True)
    assert page.evaluate("failures") == ["out of memory"] * 2
    stored = example["answers"][output["name"]]["data"]
    assert np.abs(np.subtract(answers["first"], stored)).max() <= TOLERANCE
    told = "JavaScript: WebAssembly stopped working"
    expect(page.locator("#backend")).to_have_attribute("title", told)
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value("12.34")


def test_no_backend_that_starts_is_told_and_can_be_tried_again(
    wine: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    wine.programs = {".js": "if (globalThis.name === 'tfjs-demo') throw new Error('no');\n"}
    page.goto(wine.url)
    enter(page, "Alcohol", 12.34)
    expect(page.locator("#failure")).to_have_text(
        "This browser could not run the model. "
        "Try again, or try a current version of Chrome, Edge, Firefox or Safari."
    )
    expect(page.locator("#answer")).to_have_attribute("data-origin", "none")
    wine.programs.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#engine")).to_have_text("Ready · runs on this device")
    expect(page.locator("#backend")).to_have_attribute("title", "JavaScript")
    expect(page.locator("#failure")).to_be_empty()
    expect_live(page)
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value("12.34")
    page.locator("[data-example]").nth(1).click()
    expect_example(page, 1)


def test_an_input_that_no_backend_survives_is_told_and_the_next_one_is_answered(
    wine: FaultyHost, new_page: NewPage
) -> None:
    page = new_page()
    for backend in NAMES:
        break_backend(wine, backend, DIE, always=True)
    open_ready(page, wine.url)
    enter(page, "Alcohol", 12.34)
    expect(page.locator("#failure")).to_have_text(
        "The model could not answer this input. Try another one."
    )
    expect(page.locator("#engine")).to_contain_text("Ready")
    expect(page.locator("#failure")).not_to_be_empty()
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value("12.34")
    wine.programs.clear()
    page.locator("[data-example]").nth(1).click()
    expect_example(page, 1)
    expect(page.locator("#failure")).to_be_empty()
