"""What the page does when something goes wrong: backends, the network, unusable input."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.conftest import BuildDemo, Host, KerasModels, NewPage
from tests.visitor import (
    TOLERANCE,
    Gate,
    choose_file,
    draw,
    enter,
    expect_bars,
    expect_live,
    field,
    one_more_prediction,
    open_ready,
    page_data,
    paper,
    pixels,
    predict_example,
    read_bars,
    settle,
)

BACKEND_NAMES = {"cpu": "JavaScript", "wasm": "WebAssembly", "webgl": "WebGL"}
MODEL = re.compile(r"/model-[^/]+/")
WORKERS = re.compile(r"/(cpu|wasm|webgl|webgpu)-[^/]+\.js$")

Serve = Callable[..., Host]


@pytest.mark.parametrize(
    ("name", "backend"),
    [("digits", "cpu"), ("digits", "webgl"), ("wine", "wasm"), ("wine", "webgl")],
)
def test_backend_in_the_address_is_used(
    name: str,
    backend: str,
    build_demo: BuildDemo,
    host: Serve,
    new_page: NewPage,
    webgl_browser: Browser,
) -> None:
    page = new_page(within=webgl_browser)
    open_ready(page, f"{host(build_demo(name).folder).url}?backend={backend}")
    assert page.evaluate("tfjsDemo.backend") == backend
    expect(page.locator("#backend")).to_have_attribute("title", BACKEND_NAMES[backend])
    expect(page.locator("#engine")).to_have_text("Ready · runs on this device")
    data = page_data(page)
    [output] = data["outputs"]
    for index, example in enumerate(data["examples"]):
        page.locator("[data-example]").nth(index).click()
        expect_live(page)
        stored = np.array(example["answers"][output["name"]]["data"])
        expect_bars(page, output["options"]["labels"], stored)
    if name == "wine":
        live, stored = predict_example(page)
        assert np.abs(live - stored).max() <= TOLERANCE * np.abs(stored).max()


def test_unknown_backend_is_called_so(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    """The browser is not to blame: the message names the wrong word and the right ones."""
    page = new_page()
    url = host(build_demo("wine").folder).url
    for backend in ("nonsense", "constructor", "<b>"):
        page.goto(f"{url}?backend={backend}")
        failure = page.locator("#failure")
        expect(failure).to_contain_text(backend)
        for name in ("cpu", "wasm", "webgl"):
            expect(failure).to_contain_text(name)
        expect(failure).not_to_contain_text("Try a current version")
        assert page.evaluate("tfjsDemo.ready.then(() => 'ready', () => 'rejected')") == "rejected"


def break_off(route: Route) -> None:
    route.abort("connectionfailed")


def damage(route: Route) -> None:
    route.fulfill(body=b"no WebAssembly", content_type="application/wasm")


@pytest.mark.parametrize("harm", [break_off, damage])
def test_another_backend_when_the_wasm_binary_is_unusable(
    harm: Callable[[Route], None],
    build_demo: BuildDemo,
    keras_models: KerasModels,
    host: Serve,
    new_page: NewPage,
) -> None:
    page = new_page(service_workers="block")
    page.route("**/*.wasm", harm)
    open_ready(page, host(build_demo(keras_models.folder / "grey.keras").folder).url)
    assert page.evaluate("tfjsDemo.backend") in ("cpu", "webgl")
    expect_fallback_told(page, "wasm")


@pytest.mark.parametrize("name", ["digits", "wine"])
def test_another_backend_when_the_first_ones_chunk_fails(
    name: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    built = build_demo(name)
    first, second = built.report.backends[:2]
    page = new_page(service_workers="block")
    page.route(f"**/{first}-*.js", break_off)
    open_ready(page, host(built.folder).url)
    assert page.evaluate("tfjsDemo.backend") == second
    expect_fallback_told(page, first)
    page.locator("[data-example]").nth(1).click()
    expect_live(page)
    example, [output] = page_data(page)["examples"][1], page_data(page)["outputs"]
    stored = np.array(example["answers"][output["name"]]["data"])
    expect_bars(page, output["options"]["labels"], stored)


def expect_fallback_told(page: Page, first: str) -> None:
    """Developers are told the backend in use, and that the first one could not be started."""
    now = BACKEND_NAMES[page.evaluate("tfjsDemo.backend")]
    told = f"{now}: {BACKEND_NAMES[first]} could not start"
    expect(page.locator("#backend")).to_have_attribute("title", told)
    expect(page.locator("#engine")).to_have_text("Ready, after starting again")
    expect(page.locator("#failure")).to_be_empty()
    reason = page.locator("#backend-reason")
    expect(reason).to_contain_text(f"runs on {now}")
    expect(reason).to_contain_text(BACKEND_NAMES[first])


@pytest.mark.parametrize("files", [MODEL, re.compile(r"\.bin$"), WORKERS])
def test_lost_network_is_said_and_the_input_is_kept(
    files: re.Pattern[str], build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    gate = Gate(page, files)
    page.goto(host(build_demo("wine").folder).url)
    enter(page, "Alcohol", 12.34)
    gate.break_off()
    failure = page.locator("#failure")
    expect(failure).to_have_text(re.compile(r"could not be (down)?loaded.*try again"))
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value("12.34")
    expect(field(page, "Alcohol").get_by_role("slider")).to_have_value("12.34")
    asked = "tfjsDemo.predict({ analysis: [[1]] }).then(() => 'answered', () => 'rejected')"
    assert page.evaluate(f"Promise.race([{asked}, {LATER}])") == "rejected"
    # Examples have their stored answers still.
    page.locator("[data-example]").nth(1).click()
    assert read_bars(page)[0].label == "Grignolino"
    expect(page.locator("#origin")).to_have_text("Computed in Python beforehand")


LATER = "new Promise(resolve => setTimeout(resolve, 3000, 'never settled'))"


def test_reload_after_a_lost_network_brings_the_input_back(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    page.route(MODEL, break_off)
    page.goto(host(build_demo("wine").folder).url)
    expect(page.locator("#failure")).not_to_be_empty()
    enter(page, "Alcohol", 12.34)
    page.unroute(MODEL)
    page.reload()
    expect_live(page)
    expect(page.locator("#failure")).to_be_empty()
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value("12.34")


def test_drawing_survives_a_reload(build_demo: BuildDemo, host: Serve, new_page: NewPage) -> None:
    page = new_page()
    open_ready(page, host(build_demo("digits").folder).url)
    draw(page, [[(0.5, 0.2), (0.5, 0.5), (0.5, 0.8)]])
    settle(page)
    drawn = pixels(paper(page))
    page.reload()
    expect_live(page)
    assert pixels(paper(page)) == drawn
    assert read_bars(page)[0].label == "1"


UNUSABLE = (
    ("Alcohol", "99", "Alcohol must be between 11 and 15 % vol."),
    ("Alcohol", "10.99", "Alcohol must be between 11 and 15 % vol."),
    ("Hue", "-1", "Hue must be between 0.4 and 1.8."),
    ("Magnesium", "1e9", "Magnesium must be between 70 and 165 mg/l."),
    ("Magnesium", "", "Magnesium must be a number."),
)


def test_unusable_number_is_said_in_its_widget(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("wine").folder).url)
    for label, value, message in UNUSABLE:
        box = field(page, label).get_by_role("spinbutton")
        usable = box.input_value()
        enter(page, label, value)
        problem = field(page, label).locator(".field-problem")
        expect(problem).to_have_text(message)
        expect(page.locator(".field-problem:not(:empty)")).to_have_count(1)
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(box).to_have_accessible_description(message)
        expect(box).to_have_value(value)
        expect(page.locator("#word")).to_have_text(message)
        expect(page.locator(".outputs")).to_be_hidden()
        expect(page.locator("#answer")).to_have_attribute("data-origin", "none")
        enter(page, label, usable)
        expect(problem).to_be_empty()
        expect(box).not_to_have_attribute("aria-invalid", "true")
        expect_live(page)


def test_undecodable_picture_is_said_and_the_old_one_stays(
    build_demo: BuildDemo,
    keras_models: KerasModels,
    host: Serve,
    new_page: NewPage,
) -> None:
    page = new_page()
    open_ready(page, host(build_demo(keras_models.folder / "grey.keras").folder).url)
    with one_more_prediction(page):
        choose_file(page, "paper.png", page.locator(".pane-input").screenshot())
    expect_live(page)
    canvas = page.locator(".image-frame canvas")
    problem = page.locator(".field-problem")
    for content in (b"no picture at all", b"", b"\x89PNG\r\n\x1a\n broken"):
        before, bars = pixels(canvas), read_bars(page)
        choose_file(page, "broken.png", content)
        expect(problem).to_have_text(
            "This file is not an image that your browser can open. Try a PNG or JPEG."
        )
        expect(page.locator("[type=file]")).to_have_attribute("aria-invalid", "true")
        assert (pixels(canvas), read_bars(page)) == (before, bars)
        expect_live(page)
        with one_more_prediction(page):
            choose_file(page, "paper.png", page.locator(".pane-head").first.screenshot())
        expect(problem).to_be_empty()
        expect_live(page)
