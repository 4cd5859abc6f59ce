"""The choice of a backend on the visitor's device: the fastest that answers rightly stays."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.conftest import BuildDemo, Host, NewPage
from tests.visitor import expect_live, open_ready

Serve = Callable[..., Host]

# A clock that runs fast, by which the worker takes a thousand times as long.
# What a page loads once it is needed, which its service worker keeps for offline visits.
KEPT_FOR_LATER = {"paint", "snippets", "take"}
SLOW = "{ const now = performance.now.bind(performance); performance.now = () => 1000 * now(); }\n"
# A graphics driver that computes wrongly.
WRONG = """{
  const { getBufferSubData, readPixels } = WebGL2RenderingContext.prototype;
  const spoil = (values) => { if (values instanceof Float32Array) values.fill(NaN); };
  WebGL2RenderingContext.prototype.readPixels = function (...rest) {
    readPixels.apply(this, rest);
    rest.forEach(spoil);
  };
  WebGL2RenderingContext.prototype.getBufferSubData = function (...rest) {
    getBufferSubData.apply(this, rest);
    rest.forEach(spoil);
  };
}
"""


def put_before(page: Page, backend: str, program: str) -> None:
    """Lets a program run in a backend's worker before the worker's own."""

    def serve(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=program + response.text())

    page.route(f"**/{backend}-*.js", serve)


def backends_in_panel(page: Page) -> dict[str, str]:
    """What the panel says of each backend that was tried."""
    expect(page.locator("#compared")).not_to_have_attribute("hidden", "", timeout=60_000)
    rows = page.locator("#compared tbody tr").all()
    texts = [row.locator("th, td").all_text_contents() for row in rows]
    return {cells[0]: cells[3] for cells in texts}


def test_the_fastest_right_backend_stays_and_is_remembered(
    build_demo: BuildDemo, host: Serve, new_page: NewPage, webgl_browser: Browser
) -> None:
    page = new_page(within=webgl_browser, service_workers="block")
    put_before(page, "wasm", SLOW)
    open_ready(page, host(build_demo("digits").folder).url)
    assert page.evaluate("tfjsDemo.backend") == "wasm"
    page.locator("[data-example]").nth(1).click()
    expect(page.locator("#backend")).to_have_attribute("title", "WebGL", timeout=60_000)
    assert backends_in_panel(page) == {"WebAssembly": "right", "WebGL": "in use"}
    expect(page.locator("#backend-reason")).to_contain_text("WebGL")
    page.locator("[data-example]").nth(2).click()
    expect_live(page)
    page.reload()
    expect(page.locator("#backend")).to_have_attribute("title", "WebGL", timeout=60_000)
    expect(page.locator("#backend-reason")).to_contain_text("it was the fastest here before")


def test_a_backend_that_answers_wrongly_is_rejected(
    build_demo: BuildDemo, host: Serve, new_page: NewPage, webgl_browser: Browser
) -> None:
    page = new_page(within=webgl_browser, service_workers="block")
    put_before(page, "wasm", SLOW)
    put_before(page, "webgl", WRONG)
    open_ready(page, host(build_demo("digits").folder).url)
    found = backends_in_panel(page)
    assert found == {"WebAssembly": "in use", "WebGL": "answers wrongly here"}
    assert page.evaluate("tfjsDemo.backend") == "wasm"


def test_a_wrong_answer_of_the_backend_in_the_address_is_said(
    build_demo: BuildDemo, host: Serve, new_page: NewPage, webgl_browser: Browser
) -> None:
    page = new_page(within=webgl_browser, service_workers="block")
    put_before(page, "webgl", WRONG)
    open_ready(page, f"{host(build_demo('digits').folder).url}?backend=webgl")
    expect(page.locator("#engine")).to_have_text(
        "The answers on this device may be wrong", timeout=60_000
    )
    assert page.evaluate("tfjsDemo.backend") == "webgl"


def test_a_wrong_answer_of_the_only_backend_is_said(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    def change(route: Route) -> None:
        golden = route.fetch().json()
        for sample in golden["cases"]:
            for tensor in sample["outputs"].values():
                tensor["data"] = "A" * (len(tensor["data"]) - 2) + "=="
        route.fulfill(body=json.dumps(golden))

    page = new_page(service_workers="block")
    page.route("**/golden-*.json", change)
    open_ready(page, host(build_demo("digits").folder).url)
    page.locator(".developers > summary").click()
    expect(page.locator("#checked")).to_contain_text(
        "On this device the model answers differently than in Python", timeout=60_000
    )
    page.locator("#verify").click()
    expect(page.locator("#checked")).to_contain_text("0 of 9 samples are answered like in Python")


@pytest.mark.parametrize(("name", "query"), [("wine", ""), ("digits", "?backend=wasm")])
def test_nothing_else_is_loaded_where_there_is_no_choice_to_make(
    name: str, query: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    """A tiny model answers at once; an address that names a backend has decided."""
    page, served = new_page(), host(build_demo(name).folder)
    open_ready(page, served.url + query)
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.wait_for_timeout(2000)
    used = page.evaluate("tfjsDemo.backend")
    loaded = {path for path in served.requests if path.endswith(".js") and "/assets/" in path}
    names = {path.split("/")[-1].split("-")[0] for path in loaded}
    assert names - KEPT_FOR_LATER == {"page", used}


def test_all_backends_are_compared_when_asked(
    build_demo: BuildDemo, host: Serve, new_page: NewPage, webgl_browser: Browser
) -> None:
    page = new_page(within=webgl_browser)
    open_ready(page, host(build_demo("wine").folder).url)
    page.locator(".developers > summary").click()
    page.locator("#verify").click()
    expect(page.locator("#checked")).to_contain_text("samples are answered like in Python")
    page.locator("#compare").click()
    found = backends_in_panel(page)
    assert found["JavaScript"] == "in use"
    assert found["WebAssembly"] == found["WebGL"] == "right"
