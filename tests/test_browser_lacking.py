"""Browsers that lack something, imitated in Chromium by switching it off before any script runs.

The engines themselves are driven by tests/engines.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.conftest import BuildDemo, Host, NewPage
from tests.faulty_host import faulty_host
from tests.returning import DIGITS, WINE, expect_working
from tests.test_browser_policy import LONGEST
from tests.visitor import draw, expect_live, open_ready, read_bars, settle

Serve = Callable[..., Host]

# A host's own policy that knows nothing of WebAssembly, for the page and its workers.
STRICT = "script-src 'self' 'unsafe-inline'"
GONE = "delete globalThis.WebAssembly;"


@pytest.mark.parametrize(("name", "title"), [("digits", DIGITS), ("wine", WINE)])
def test_without_webassembly_the_model_runs_in_javascript(
    name: str, title: str, build_demo: BuildDemo, new_page: NewPage
) -> None:
    page = new_page()
    page.add_init_script(GONE)
    with faulty_host(build_demo(name).folder) as host:
        host.programs = {".js": GONE}
        page.goto(host.url)
        expect(page.locator("#backend")).to_have_attribute("title", "JavaScript")
        expect_working(page, title)
        page.locator(".developers > summary").click()
        if name == "digits":
            expect(page.locator("#backend-reason")).to_contain_text("no WebAssembly")
        page.locator("#verify").click()
        said = "samples are answered like in Python"
        expect(page.locator("#checked")).to_contain_text(said, timeout=LONGEST)


def test_workers_may_lack_webassembly_alone(build_demo: BuildDemo, new_page: NewPage) -> None:
    page, folder = new_page(), build_demo("digits").folder
    with faulty_host(folder) as host:
        host.programs = {path.name: GONE for path in folder.glob("assets/wasm-*.js")}
        page.goto(host.url)
        told = "JavaScript: WebAssembly could not start"
        expect(page.locator("#backend")).to_have_attribute("title", told)
        expect_working(page, DIGITS)


def test_webassembly_that_was_there_on_the_last_visit_may_be_gone(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("wine").folder).url)
    page.evaluate(
        """() => localStorage.setItem(`tfjs-demo:backend:${tfjsDemoEarly.options.model}`,
          JSON.stringify({ backend: 'wasm', browser: navigator.userAgent }))"""
    )
    page.add_init_script(GONE)
    page.reload()
    expect(page.locator("#backend")).to_have_attribute("title", "JavaScript")
    expect_working(page, WINE)


def test_a_policy_that_forbids_webassembly_is_no_end(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page, policy = new_page(), {"Content-Security-Policy": STRICT}
    page.goto(host(build_demo("digits").folder, headers=lambda _: policy).url)
    told = "JavaScript: WebAssembly could not start"
    expect(page.locator("#backend")).to_have_attribute("title", told)
    expect_working(page, DIGITS)


@pytest.mark.parametrize("backend", ["wasm", "webgpu", "abacus"])
def test_a_backend_that_is_not_there_is_named_with_those_that_are(
    backend: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    page.add_init_script(f"{GONE} delete Navigator.prototype.gpu; delete self.OffscreenCanvas")
    page.goto(f"{host(build_demo('wine').folder).url}?backend={backend}")
    expect(page.locator("#failure")).to_have_text(
        f"The address asks for “{backend}”, which this browser has not; it has cpu. "
        "Choose another one in the address, or leave ?backend= out."
    )


@pytest.mark.parametrize(
    "lacking",
    [
        "delete URL.canParse",
        "delete Document.prototype.adoptedStyleSheets; delete ShadowRoot.prototype"
        ".adoptedStyleSheets; window.CSSStyleSheet = function () { throw new TypeError('no') }",
        "delete CSSStyleSheet.prototype.replaceSync",
        "AbortController.prototype.abort = ((abort) => function () { abort.call(this) })"
        "(AbortController.prototype.abort)",
    ],
    ids=["canParse", "CSSStyleSheet", "replaceSync", "reasons"],
)
def test_the_element_is_there_in_older_browsers(
    lacking: str, build_demo: BuildDemo, host: Serve, new_page: NewPage, tmp_path: Path
) -> None:
    url = host(build_demo("wine").folder).url
    body = f'<script src="{url}embed.js"></script><tfjs-demo id="demo" src="{url}"></tfjs-demo>'
    (tmp_path / "index.html").write_text(f"<!doctype html><title>Page</title>{body}")
    page = new_page()
    page.add_init_script(lacking)
    page.goto(host(tmp_path).url)
    page.evaluate("demo.ready")
    frame = page.locator("tfjs-demo iframe")
    expect(frame).to_have_attribute("title", WINE)
    width = "e => e.shadowRoot.querySelector('iframe').clientWidth / e.clientWidth"
    assert page.locator("tfjs-demo").evaluate(width) == 1
    refused = """async () => {
      const asked = demo.predict({ analysis: [Array(13).fill(1)] });
      const waiting = asked.catch(({ message }) => message);
      demo.setAttribute('src', 'https://');
      return waiting;
    }"""
    assert page.evaluate(refused) == "another demo took its place"
    expect(page.get_by_role("alert")).to_have_text(
        "There is no demo here: src has to be the address of one."
    )
    expect(frame).to_have_count(0)


@pytest.mark.parametrize(
    "lacking", ["Object.hasOwn", "Array.prototype.at", "window.Worker", "window.ReadableStream"]
)
@pytest.mark.parametrize("query", ["", "?embed"])
def test_what_is_too_old_is_told_so_at_once_and_the_examples_stay(
    query: str, lacking: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    page.add_init_script(f"delete {lacking}")
    served = host(build_demo("digits").folder)
    page.goto(served.url + query, wait_until="commit")
    notice = page.get_by_role("complementary", name="This browser is too old to run the model")
    expect(notice).to_be_visible(timeout=1000)
    expect(page.locator(".panes")).to_be_hidden()
    expect(page.locator("[data-example]")).to_have_count(5)
    page.wait_for_load_state()
    assert not [path for path in served.requests if path.endswith((".bin", ".wasm"))]


def test_nobody_else_is_told_so(build_demo: BuildDemo, host: Serve, new_page: NewPage) -> None:
    page = new_page()
    open_ready(page, host(build_demo("wine").folder).url)
    expect(page.locator(".for-old")).to_be_hidden()


# A browser that hides what device it is on: every second byte that is read is off by one or more.
NOISY = """
  for (const kind of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const { getImageData } = kind.prototype;
    kind.prototype.getImageData = function (...options) {
      const found = getImageData.apply(this, options);
      for (let index = 0; index < found.data.length; index += STEP) found.data[index] ^= CHANGE;
      return found;
    };
  }
"""


@pytest.mark.parametrize(("step", "change"), [(1, 255), (2, 85), (997, 1)])
def test_noise_from_canvases_is_no_answer(
    step: int, change: int, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    """Examples and samples are read from their files, drawings from their strokes."""
    page = new_page()
    page.add_init_script(NOISY.replace("STEP", str(step)).replace("CHANGE", str(change)))
    open_ready(page, host(build_demo("digits").folder).url)
    expect_working(page, DIGITS)
    page.locator(".developers > summary").click()
    page.locator("#verify").click()
    expect(page.locator("#checked")).to_contain_text("All 9 samples are answered like in Python")
    draw(page, [[(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)]])
    settle(page)
    expect_live(page)
    assert read_bars(page)[0].label == "7"


def test_strokes_are_painted_as_the_canvas_draws_them(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    """The two ways to the pixels of a drawing differ at most along the edges."""
    strokes = [[(0.3, 0.2), (0.7, 0.2), (0.4, 0.8)], [(0.5, 0.5)], [(0.1, 0.9), (0.9, 0.95)]]
    fed = []
    for noisy in (False, True):
        page = new_page()
        if noisy:
            page.add_init_script(NOISY.replace("STEP", "1").replace("CHANGE", "255"))
        open_ready(page, host(build_demo("digits").folder).url)
        page.evaluate(
            """() => {
              const { predict } = tfjsDemo;
              tfjsDemo.predict = (inputs) => {
                for (const { data } of Object.values(inputs)) window.fed = Array.from(data);
                return predict(inputs);
              };
            }"""
        )
        draw(page, strokes)
        settle(page)
        fed.append(np.array(page.evaluate("fed")))
    difference = np.abs(fed[0] - fed[1])
    assert (fed[0] < 128).sum() > 5000
    assert difference.mean() < 1 and (difference > 128).sum() < 20
