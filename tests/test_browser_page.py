"""The page as a whole: what it loads and from where, and what it is without its script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from tests.conftest import DEMOS, BuildDemo, Host, KerasModels, NewPage
from tests.visitor import (
    Gate,
    draw,
    expect_live,
    field,
    one_more_prediction,
    open_ready,
    page_data,
    read_bars,
    settle,
    site_files,
)

NAMES = ("digits", "wine", "diabetes")
MODEL_FILES = re.compile(r"/(model-[^/]+/|assets/(worker|engine|chunk|cpu|wasm)-)")
SIZES = ((1280, 800), (390, 844))

Serve = Callable[..., Host]

# Notes what a policy forbids and what moves, from before the page's first byte.
WATCH = """
  window.seen = { forbidden: [], shift: 0 };
  document.addEventListener('securitypolicyviolation', (event) => {
    seen.forbidden.push(`${event.effectiveDirective}: ${event.blockedURI}`);
  });
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) seen.shift += value;
  }).observe({ type: 'layout-shift', buffered: true });
"""

TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def use(page: Page) -> None:
    """Does a little of everything: examples, the own input, the evidence."""
    page.locator("[data-example]").last.click()
    expect_live(page)
    if page.locator(".sketch-paper").count():
        draw(page, [[(0.5, 0.2), (0.5, 0.8)]])
    else:
        page.get_by_role("slider").first.press("ArrowRight")
    settle(page)
    expect_live(page)
    page.locator(".developers > summary").click()
    expect(page.get_by_role("table").first).to_be_visible()


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("digits", "/repo/"), ("wine", "/repo/"), ("diabetes", "/")],
)
def test_loads_only_its_own_files_and_all_of_them(
    name: str, prefix: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    folder = build_demo(name).folder
    served = host(folder, prefix)
    page = new_page()
    asked: list[str] = []
    failed: list[str] = []
    console: list[str] = []

    def answered(response: Response) -> None:
        if response.status != 200:
            failed.append(f"{response.status} {response.url}")

    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("response", answered)
    page.on("console", lambda message: console.append(message.text))
    page.add_init_script(WATCH)
    open_ready(page, served.url)
    use(page)
    foreign = [url for url in asked if not url.startswith((served.url, "data:"))]
    assert (foreign, failed, console) == ([], [], [])
    assert page.evaluate("seen.forbidden") == []
    paths = {urlsplit(path).path.removeprefix(prefix) for path in served.requests}
    assert paths - {""} <= site_files(folder)
    assert any(path.startswith("model-") for path in paths)


def test_the_policy_is_in_force(build_demo: BuildDemo, host: Serve, new_page: NewPage) -> None:
    """What the watch above would have seen: a forbidden picture, script and request."""
    page = new_page()
    page.add_init_script(WATCH)
    open_ready(page, host(build_demo("wine").folder).url)
    page.evaluate(
        """async () => {
          const picture = new Image();
          picture.src = 'https://example.org/a.png';
          document.body.append(Object.assign(document.createElement('script'), { text: '1' }));
          await fetch('https://example.org/').catch(() => {});
        }"""
    )
    found = sorted(line.split(":")[0] for line in page.evaluate("seen.forbidden"))
    assert found == ["connect-src", "img-src", "script-src-elem"]


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_answered_before_any_model_byte(
    name: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    gate = Gate(page, MODEL_FILES)
    page.goto(host(build_demo(name).folder).url)
    expect_examples(page)
    expect(page.locator("#origin")).to_have_text("Computed in Python beforehand")
    expect(page.locator("#engine")).to_have_text("Starting the model")
    last = page.locator("[data-example]").last
    last.click()
    expect(last).to_have_attribute("aria-pressed", "true")
    best = page.locator(".label-name, .number-figure").first
    expect(last.locator(".example-answer")).to_contain_text(best.inner_text())
    assert gate.held
    with one_more_prediction(page):
        gate.open()
    expect_live(page)


def expect_examples(page: Page) -> None:
    """Every example stands there as text, with the answer that the build stored."""
    data = page_data(page)
    [output] = data["outputs"]
    assert data["examples"]
    for index, example in enumerate(data["examples"]):
        scores = example["answers"][output["name"]]["data"]
        if output["widget"] == "label":
            best = max(range(len(scores)), key=scores.__getitem__)
            answer = f"{output['options']['labels'][best]} · {100 * scores[best]:.1f} %"
        else:
            answer = f"{scores[0]:.0f} {output['options']['unit']}"
        button = page.locator("[data-example]").nth(index)
        expect(button.locator(".example-title")).to_have_text(example["title"])
        expect(button.locator(".example-answer")).to_have_text(answer)
        expect(button).to_be_visible()


@pytest.mark.parametrize("name", NAMES)
def test_without_javascript(
    name: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    served = host(build_demo(name).folder)
    page = new_page(java_script_enabled=False)
    page.goto(served.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "switch on JavaScript" in page.inner_text("body")
    expect(page.locator(".panes")).to_be_hidden()
    expect_examples(page)
    assert not [path for path in served.requests if path.endswith((".js", ".bin"))]


@pytest.mark.parametrize("name", NAMES)
def test_opened_from_disk(name: str, build_demo: BuildDemo, new_page: NewPage) -> None:
    page = new_page()
    page.goto((build_demo(name).folder / "index.html").as_uri())
    notice = page.get_by_role("complementary", name="This page needs a web server")
    expect(notice).to_be_visible()
    expect(notice.locator("code")).to_contain_text("tfjs-demo serve")
    expect(page.locator(".panes")).to_be_hidden()
    expect_examples(page)


def test_notice_for_disk_is_for_disk_only(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(host(build_demo("wine").folder).url)
    expect(page.locator(".for-disk")).to_be_hidden()
    expect(page.locator(".panes")).to_be_visible()


def test_reset_brings_the_first_example_back(
    build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    open_ready(page, host(build_demo("wine").folder).url)
    before = read_bars(page)
    slider, number = field(page, "Flavonoids").locator("input").all()
    first = number.input_value()
    slider.fill("0.3")
    settle(page)
    assert (number.input_value() == "0.3", read_bars(page) != before) == (True, True)
    page.get_by_role("button", name="Reset").click()
    settle(page)
    expect_live(page)
    assert (number.input_value(), slider.input_value()) == (first, first)
    assert read_bars(page) == before
    expect(page.locator("[data-example]").first).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
@pytest.mark.parametrize("name", [*NAMES, "mlp", "sequence"])
def test_nothing_moves_while_it_loads(
    name: str,
    size: tuple[int, int],
    build_demo: BuildDemo,
    keras_models: KerasModels,
    host: Serve,
    new_page: NewPage,
) -> None:
    bare = name not in NAMES
    target = keras_models.folder / f"{name}.keras" if bare else name
    page = new_page(viewport={"width": size[0], "height": size[1]})
    page.add_init_script(WATCH)
    gate = Gate(page, re.compile(r"\.bin$"))
    page.goto(host(build_demo(target).folder).url)
    expect(page.locator("#engine")).to_contain_text("Downloading the model")
    gate.open()
    expect(page.locator("#engine")).to_contain_text("Ready")
    if bare:  # answers at once what stands in its widgets
        expect_live(page)
    page.evaluate(TWO_FRAMES)
    assert page.evaluate("seen.shift") == 0
    # The watch is awake: a line put above everything is seen.
    page.evaluate(
        """async () => {
          document.body.prepend(Object.assign(document.createElement('p'), { textContent: '!' }));
          while (!seen.shift) await new Promise(requestAnimationFrame);
        }"""
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_sideways_scrolling_on_a_small_phone(
    name: str, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page(viewport={"width": 360, "height": 740}, has_touch=True)
    open_ready(page, host(build_demo(name).folder).url)
    page.locator(".developers > summary").click()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 360
    page.locator("[data-example]").last.click()
    expect_live(page)
    assert page.evaluate("[scrollX, document.documentElement.scrollWidth]") == [0, 360]


EVIL = "<img src=x onerror=alert(1)></script>{{ 7 * 7 }}"


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """The wine demo with markup in every text that demo.toml may hold, and one wide slider."""
    shutil.copy(DEMOS / "wine" / "wine.keras", tmp_path)
    text = (DEMOS / "wine" / "demo.toml").read_text()
    for old in ("Which grape is it?", "A Barolo", "Alcohol", "tfjs-demo", "MIT", "g/l"):
        assert f'"{old}"' in text
        text = text.replace(f'"{old}"', f"'{EVIL}'")
    text = text.replace('"Grignolino"', f"'{EVIL}'").replace("Tells three", f"{EVIL} Tells three")
    proline = 'widget = "number"\nmin = 250\nmax = 1700\n'
    assert proline in text
    text = text.replace(proline, 'widget = "slider"\nmin = 250\nmax = 170000\n')
    text = text.replace("[card]\n", f"[card]\n'{EVIL}' = '{EVIL}'\n")
    (tmp_path / "demo.toml").write_text(text)
    return tmp_path


def test_markup_in_labels_is_shown_as_text(
    odd: Path, build_demo: BuildDemo, host: Serve, new_page: NewPage
) -> None:
    page = new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.add_init_script(WATCH)
    served = host(build_demo(odd).folder)
    open_ready(page, served.url)
    assert page.title() == EVIL
    assert page.get_by_role("heading", level=1).inner_text() == EVIL
    assert page.locator(".field-label").first.inner_text() == EVIL
    page.locator("[data-example]").nth(1).click()
    expect_live(page)
    assert page.locator(".label-name").first.inner_text() == EVIL
    page.get_by_role("spinbutton").first.fill("99")
    page.get_by_role("spinbutton").first.blur()
    expect(page.locator(".field-problem").first).to_contain_text(f"{EVIL} must be between")
    row = page.locator(".model-card .card > div").filter(has=page.locator("dt", has_text=EVIL))
    assert row.locator("dt").inner_text() == row.locator("dd").inner_text() == EVIL
    assert page.locator("img").count() == 0
    slider, number = field(page, "Proline").locator("input").all()
    number.fill("123456")
    slider.press("ArrowRight")
    expect(slider).to_have_value("123457")
    expect(number).to_have_value("123457")
    assert (dialogs, page.evaluate("seen.forbidden")) == ([], [])
    assert not [path for path in served.requests if path.endswith("x")]
