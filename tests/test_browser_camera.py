"""The camera of an image: one picture and live, what it leaves on, and where there is none."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from bundler.pipeline import build
from bundler.site.headers import HEADERS
from tests import camera
from tests.benchmarks.page_parts.memory import Heaps
from tests.conftest import (
    Headers,
    KerasModels,
    NewPage,
    ServeFolder,
    StartChromium,
)
from tests.header_rules import parse, sent
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.visitor import Array, expect_bars, expect_live, open_ready, settle

__all__ = ["axe"]

DIGITS = [f"class {index}" for index in range(10)]
SIDES = camera.two_sides(320, 240, (220, 40, 30), (40, 60, 200))
FILMED = [(SIDES * (0.5 + step / 20)).round().astype(np.uint8) for step in range(10)]
# Keeps what enters the model, and what the page asked the browser for.
NOTE = """
  window.fed = [];
  window.shades = new Set();
  window.asking = 0;
  window.mostAsking = 0;
  window.streams = [];
  const { mediaDevices } = navigator;
  if (mediaDevices) {
    const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await getUserMedia(wanted);
      streams.push(stream);
      return stream;
    };
  }
"""
NOTE_FED = """() => {
  const { predict } = tfjsDemo;
  tfjsDemo.predict = async (inputs) => {
    const { data, shape } = inputs.picture;
    window.fed = { data: Array.from(data), shape };
    shades.add(data[0]);
    window.asking += 1;
    window.mostAsking = Math.max(mostAsking, asking);
    try {
      return await predict(inputs);
    } finally {
      window.asking -= 1;
    }
  };
}"""
IS_OFF = "streams.every((one) => one.getTracks().every(({ readyState }) => readyState === 'ended'))"
KEYS = """model = "grey.keras"
[[inputs]]
label = "Picture"
range = [0, 255]
"""


@pytest.fixture(scope="module")
def sites(keras_models: KerasModels, shared: Shared) -> Path:
    """Pages with this input by their sources."""

    def make(folder: Path) -> None:
        for name, sources in (
            ("all", ["upload", "webcam", "clipboard"]),
            ("webcam", ["webcam"]),
            ("plain", ["upload", "clipboard"]),
        ):
            (folder / name).mkdir()
            shutil.copy(keras_models.folder / "grey.keras", folder / name)
            keys = f"{KEYS}sources = {json.dumps(sources)}\n"
            (folder / name / "demo.toml").write_text(keys, encoding="utf-8")
            build(folder / name)

    return shared.once("camera", make)


@pytest.fixture(scope="module")
def filming(start_chromium: StartChromium, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser whose camera films red beside blue, lighter and darker."""
    film = camera.film(tmp_path_factory.mktemp("film") / "film.y4m", FILMED)
    return start_chromium(*camera.FAKE, f"--use-file-for-fake-video-capture={film}")


Open = Callable[..., Page]


@pytest.fixture
def open_site(sites: Path, host: ServeFolder, new_page: NewPage, filming: Browser) -> Open:
    """Opens one of the pages, as a host sends it that reads `_headers`."""

    def make(
        name: str = "all", *, within: Browser = filming, noting: bool = True, **options: Any
    ) -> Page:
        folder = sites / name / "site"
        rules = parse((folder / HEADERS).read_text(encoding="utf-8"))
        headers: Headers = lambda path: sent(rules, path)  # noqa: E731
        page = new_page(within=within, **options)
        page.add_init_script(NOTE if noting else "")
        open_ready(page, host(folder, headers=headers).url)
        if noting:
            page.evaluate(NOTE_FED)
        return page

    return make


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def wait(page: Page, expression: str) -> None:
    """Waits until it is true; the policy forbids what Playwright would do."""
    page.evaluate(
        f"""async () => {{
          for (const end = performance.now() + 20_000; !({expression}); ) {{
            if (performance.now() > end) throw new Error('in vain');
            await new Promise(requestAnimationFrame);
          }}
        }}"""
    )


def switch_on(page: Page) -> None:
    button(page, "Use the camera").click()
    expect(page.locator("[data-camera=on]")).to_be_visible()


def fed(page: Page) -> Array:
    """The picture that entered the model last."""
    found = page.evaluate("fed")
    return np.array(found["data"], np.int32).reshape(found["shape"])


def expect_filmed(pixels: Array) -> None:
    """It is a frame of the film, and not its mirror image."""
    assert pixels.shape == (1, 240, 320, 3)
    differences = [np.abs(pixels[0] - frame.astype(int)).mean() for frame in FILMED]
    assert min(differences) < 6, differences


def test_a_picture_is_taken_and_answered_as_python_does(
    open_site: Open, keras_models: KerasModels, tmp_path: Path
) -> None:
    page = open_site()
    switch_on(page)
    # What can be seen is no input yet.
    expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")
    expect(page.locator("#word")).to_have_text("Take the picture, or switch to live.")
    assert page.evaluate("fed.length") == 0
    expect(button(page, "Take the picture")).to_be_focused()
    page.keyboard.press("Enter")
    expect_live(page)
    expect_filmed(fed(page))
    expect_bars(
        page, DIGITS, camera.answer(keras_models.folder / "grey.keras", fed(page), tmp_path)
    )
    assert page.evaluate(IS_OFF)
    expect(button(page, "Take another")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-camera=on]")).to_be_visible()
    assert page.evaluate("streams.length") == 2
    # The picture of before is there again.
    button(page, "Camera off").click()
    expect_live(page)
    expect_filmed(fed(page))
    assert page.evaluate(IS_OFF)


def test_live_is_answered_frame_by_frame(
    open_site: Open, keras_models: KerasModels, tmp_path: Path
) -> None:
    page = open_site()
    switch_on(page)
    live = button(page, "Live")
    live.click()
    expect(live).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".camera-pace")).to_have_text(
        re.compile(r"[\d.]+ frames per second · [\d.]+ ms")
    )
    wait(page, "tfjsDemo.timings.predictions.length >= 20 && shades.size >= 5")
    assert page.evaluate("mostAsking") == 1
    assert page.locator(".camera-pace").get_attribute("aria-live") is None
    live.click()
    expect(page.locator("[data-camera=on]")).to_be_visible()
    expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")
    button(page, "Camera off").click()
    expect_live(page)
    last = fed(page)
    expect_filmed(last)
    model = keras_models.folder / "grey.keras"
    expect_bars(page, DIGITS, camera.answer(model, last, tmp_path))
    assert page.evaluate(IS_OFF)


def picture(pixels: Array) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def choose(page: Page, content: bytes) -> None:
    """Gives a file to the widget's first way to choose one."""
    file = FilePayload(name="own.png", mimeType="image/png", buffer=content)
    page.locator(".image-target [type=file]").set_input_files(file)


def test_another_picture_switches_it_off(open_site: Open) -> None:
    page = open_site()
    switch_on(page)
    button(page, "Live").click()
    wait(page, "tfjsDemo.timings.predictions.length >= 3")
    choose(page, picture(FILMED[0][:100]))
    wait(page, "fed.shape[1] === 100")
    expect(page.locator(".field-image")).to_have_attribute("data-camera", "")
    assert page.evaluate(IS_OFF)
    asked = page.evaluate("tfjsDemo.timings.predictions.length")
    time.sleep(0.5)
    assert page.evaluate("tfjsDemo.timings.predictions.length") <= asked + 1
    switch_on(page)
    button(page, "Clear").click()
    expect(page.locator(".field-image")).to_have_attribute("data-camera", "")
    expect(page.locator("#word")).to_have_text("Choose a picture first.")
    assert page.evaluate(IS_OFF)


HIDE = """(isHidden) => {
  Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_it_is_off_while_nobody_sees_the_page(open_site: Open) -> None:
    """Headless Chromium hides no page: the event that browsers send then is sent by hand."""
    page = open_site()
    switch_on(page)
    button(page, "Live").click()
    wait(page, "tfjsDemo.timings.predictions.length >= 3")
    page.evaluate(HIDE, True)
    assert page.evaluate(IS_OFF)
    said = page.locator(".camera-said")
    expect(said).to_have_text("The camera was switched off while this page was hidden.")
    asked = page.evaluate("tfjsDemo.timings.predictions.length")
    # Who has allowed it for good is not asked again.
    page.context.grant_permissions(["camera"])
    page.evaluate(HIDE, False)
    expect(page.locator("[data-camera=live]")).to_be_visible()
    wait(page, f"tfjsDemo.timings.predictions.length > {asked}")
    expect(said).to_have_text("")


def test_which_camera_is_a_choice_and_faces_are_mirrored(
    open_site: Open, start_chromium: StartChromium
) -> None:
    page = open_site(within=start_chromium(f"{camera.FAKE[0]}=device-count=2", camera.FAKE[1]))
    switch_on(page)
    choice = page.get_by_role("combobox", name="Camera", exact=True)
    expect(choice.locator("option")).to_have_count(2)
    facing = []
    for index in (0, 1):
        choice.select_option(index=index)
        expect(page.locator("[data-camera=on]")).to_be_visible()
        wait(
            page,
            "streams.at(-1).active && document.querySelector('video').srcObject === streams.at(-1)",
        )
        mode = page.evaluate("streams.at(-1).getVideoTracks()[0].getSettings().facingMode")
        mirrored = page.locator(".camera-view").evaluate(
            "(view) => view.classList.contains('is-mirrored')"
        )
        assert mirrored == (mode != "environment"), mode
        facing.append(mode)
        assert page.evaluate("streams.slice(0, -1).every(({ active }) => !active)")
    assert (
        page.evaluate("new Set(streams.slice(-2).map((one) => one.getVideoTracks()[0].label)).size")
        == 2
    )


NOT_ALLOWED = (
    "The camera was refused. Allow it beside the address or in the settings of the browser, "
    "then try again."
)
NO_CAMERA = "There is no camera. Connect one, then try again."


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--use-fake-device-for-media-stream", "--deny-permission-prompts"], NOT_ALLOWED),
        (
            ["--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream"],
            NO_CAMERA,
        ),
    ],
)
def test_why_there_is_none_is_said_and_the_picture_stays(
    flags: list[str], said: str, open_site: Open, start_chromium: StartChromium
) -> None:
    page = open_site(within=start_chromium(*flags))
    choose(page, picture(FILMED[0]))
    expect_live(page)
    button(page, "Use the camera").click()
    expect(page.locator(".camera-said")).to_have_text(said)
    expect_live(page)
    expect(page.locator(".image-frame canvas")).to_be_visible()
    expect(page.locator(".field-problem")).to_have_text("")
    expect(button(page, "Use the camera")).to_be_visible()


def test_plain_http_has_no_camera(
    sites: Path, host: ServeFolder, new_page: NewPage, start_chromium: StartChromium
) -> None:
    names = "--host-resolver-rules=MAP plain.test 127.0.0.1"
    page = new_page(within=start_chromium(*camera.FAKE, names))
    url = host(sites / "all" / "site").url.replace("127.0.0.1", "plain.test")
    open_ready(page, url)
    button(page, "Use the camera").click()
    expect(page.locator(".camera-said")).to_have_text(
        "Browsers give the camera only to pages that come by https://. This one came by http://."
    )


@pytest.mark.parametrize("kind", ["element", "frame"])
def test_the_copied_lines_bring_it_to_other_pages(
    kind: str, open_site: Open, host: ServeFolder, tmp_path: Path
) -> None:
    page = open_site()
    page.locator(".developers > summary").click()
    code = page.locator(f"#{kind}-code")
    expect(code).to_contain_text(page.url)
    lines = code.inner_text()
    assert lines.count(' allow="camera"') == 1
    for text, said in ((lines, ""), (lines.replace(' allow="camera"', ""), "does not let it use")):
        (tmp_path / "index.html").write_text(f"<!doctype html>{text}", encoding="utf-8")
        page.goto(host(tmp_path).url.replace("127.0.0.1", "localhost"))
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Use the camera").click()
        if said:
            expect(frame.locator(".camera-said")).to_contain_text(said)
        else:
            expect(frame.locator("[data-camera=on]")).to_be_visible()


def test_pages_without_it_have_nothing_of_it(sites: Path, open_site: Open) -> None:
    page = open_site("plain")
    expect(button(page, "Use the camera")).to_have_count(0)
    folder = sites / "plain" / "site"
    texts = [file for file in folder.rglob("*") if file.suffix in (".html", ".js")]
    assert len(texts) > 5
    pattern = re.compile(rb"camera|webcam|getUserMedia", re.IGNORECASE)
    assert [file.name for file in texts if pattern.search(file.read_bytes())] == []
    assert "camera=()" in (folder / HEADERS).read_text(encoding="utf-8")


def test_its_script_comes_when_somebody_is_about_to_use_it(
    sites: Path, host: ServeFolder, new_page: NewPage, filming: Browser
) -> None:
    served = host(sites / "webcam" / "site")
    page = new_page(within=filming, service_workers="block")
    open_ready(page, served.url)

    def loaded() -> list[str]:
        return [path for path in served.requests if "/camera-" in path]

    assert loaded() == []
    # Without a file to choose, the whole area is the way to it.
    page.locator(".image-frame").click()
    expect(page.locator("[data-camera=on]")).to_be_visible()
    assert len(loaded()) == 1
    assert page.locator("[type=file]").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('capture'))"
    ) == ["environment"]


def test_a_script_that_does_not_come_is_said(
    sites: Path, host: ServeFolder, new_page: NewPage, filming: Browser
) -> None:
    page = new_page(within=filming, service_workers="block")
    page.route(re.compile("/camera-"), lambda route: route.abort())
    open_ready(page, host(sites / "all" / "site").url)
    button(page, "Use the camera").click()
    expect(page.locator(".camera-said")).to_have_text("Check your connection and try again.")


def test_on_phones_there_is_the_camera_app(open_site: Open) -> None:
    page = open_site(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    expect(page.get_by_text("Camera app")).to_be_visible()
    capture = page.locator("[capture]")
    assert capture.get_attribute("capture") == "environment"
    capture.set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": picture(FILMED[0])}
    )
    expect_live(page)
    expect_filmed(fed(page))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    desktop = open_site()
    expect(desktop.get_by_text("Camera app")).to_be_hidden()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_axe_finds_nothing(
    direction: str, axe: str, open_site: Open, start_chromium: StartChromium
) -> None:
    page = open_site(viewport={"width": 360, "height": 740})
    refused = open_site(
        within=start_chromium("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    )
    button(refused, "Use the camera").click()
    expect(refused.locator(".camera-said.is-wrong")).to_be_visible()
    for state, one in (
        ("empty", page),
        ("refused", refused),
        ("on", page),
        ("live", page),
        ("taken", page),
    ):
        one.evaluate("direction => { document.documentElement.dir = direction }", direction)
        if state == "on":
            switch_on(page)
        elif state == "live":
            button(page, "Live").click()
            wait(page, "tfjsDemo.timings.predictions.length >= 3")
        elif state == "taken":
            button(page, "Take the picture").click()
            expect_live(page)
        for scheme in SCHEMES:
            one.emulate_media(color_scheme=scheme)
            assert find_violations(one, axe) == [], (state, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


LONG_TASKS = """
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push([startTime, duration]);
  }).observe({ type: 'longtask' });
"""


@pytest.mark.filming
def test_minutes_of_it_leave_nothing_behind(open_site: Open) -> None:
    """No tensor, heap or queue grows, and the page's own thread is never busy for 50 ms."""
    seconds = float(os.environ.get("FILMING_SECONDS", 300))
    page = open_site(noting=False)
    heaps = Heaps(page)
    live = button(page, "Live")

    def at_rest() -> tuple[Any, tuple[float, float | None]]:
        """What is used while no picture is on its way."""
        live.click()
        settle(page)
        used = page.evaluate("tfjsDemo.memory()"), heaps.bytes()
        live.click()
        return used

    switch_on(page)
    live.click()
    # Until all is compiled, kept for later and compared.
    time.sleep(max(20, seconds / 10))
    before = at_rest()
    # What is compiled anew after the collection of garbage.
    time.sleep(10)
    page.evaluate(LONG_TASKS)
    answered = 0.0
    end = time.monotonic() + seconds
    time.sleep(2)
    while time.monotonic() < end:
        time.sleep(1)
        answered += float(page.locator(".camera-pace").inner_text().split()[0])
    tasks = page.evaluate("longTasks")
    after = at_rest()
    print(f"{answered / seconds:.1f} frames per second; {before} then {after}; long tasks {tasks}")
    assert answered > seconds
    assert after[0] == before[0] and after[0]["tensors"] > 0
    for used, earlier in zip(after[1], before[1], strict=True):
        assert used and earlier and used <= 1.05 * earlier
    assert tasks == []
