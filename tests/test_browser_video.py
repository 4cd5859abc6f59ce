"""A video: all its frames, as it plays, where the visitor looks, and what is no video."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FilePayload, Page, expect

from bundler.pipeline import build
from bundler.site.headers import HEADERS
from tests import camera
from tests.conftest import Headers, KerasModels, NewPage, ServeFolder
from tests.header_rules import parse, sent
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.test_browser_camera import DIGITS, NOTE, NOTE_FED, button, fed, picture, wait
from tests.visitor import Array, expect_bars, expect_live, open_ready

__all__ = ["axe"]

RATE = 5
SIDES = camera.two_sides(320, 240, (220, 40, 30), (40, 60, 200))
# Each is lighter than the one before.
FRAMES = [(SIDES * (0.3 + step / 30)).round().astype(np.uint8) for step in range(18)]
STRIP = 6
# So much of a level may be lost in a film.
LOST = 6
KEYS = f"""model = "grey.keras"
[[inputs]]
label = "Film"
widget = "video"
range = [0, 255]
frames = {STRIP}
"""
NO_VIDEO = "This file is not a video that your browser can play. Try an MP4 or WebM."


@pytest.fixture(scope="module")
def site(keras_models: KerasModels, shared: Shared) -> Path:
    def make(folder: Path) -> None:
        shutil.copy(keras_models.folder / "grey.keras", folder)
        (folder / "demo.toml").write_text(KEYS, encoding="utf-8")
        build(folder)

    return shared.once("video", make) / "site"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return camera.video(tmp_path_factory.mktemp("film") / "film.webm", FRAMES, RATE).read_bytes()


@pytest.fixture
def open_site(site: Path, host: ServeFolder, new_page: NewPage) -> Callable[..., Page]:
    """Opens the page, as a host sends it that reads `_headers`."""

    def make(**options: Any) -> Page:
        rules = parse((site / HEADERS).read_text(encoding="utf-8"))
        headers: Headers = lambda path: sent(rules, path)  # noqa: E731
        page = new_page(**options)
        page.add_init_script(NOTE)
        open_ready(page, host(site, headers=headers).url)
        page.evaluate(NOTE_FED)
        return page

    return make


def choose(page: Page, name: str, kind: str, content: bytes) -> None:
    page.locator("[type=file]").set_input_files(
        FilePayload(name=name, mimeType=kind, buffer=content)
    )


def choose_film(page: Page, content: bytes) -> None:
    choose(page, "film.webm", "video/webm", content)


def expect_whole(page: Page) -> None:
    """All frames of the strip have their answer."""
    expect(page.locator(".film-said:not(:empty)")).to_have_count(STRIP)
    expect(page.locator(".field-video")).to_have_attribute("data-film", "resting")


def nearest(pixels: Array) -> int:
    """Which frame of the film it is, and that it is one."""
    assert pixels.shape == (1, 240, 320, 3)
    differences = [np.abs(pixels[0] - frame.astype(int)).mean() for frame in FRAMES]
    assert min(differences) < LOST, differences
    return int(np.argmin(differences))


def test_every_frame_is_answered_as_python_does(
    open_site: Callable[..., Page], keras_models: KerasModels, film: bytes, tmp_path: Path
) -> None:
    page = open_site()
    expect(page.locator(".film")).to_be_hidden()
    choose_film(page, film)
    expect_whole(page)
    model = keras_models.folder / "grey.keras"
    seen = []
    for index in range(STRIP):
        frame = page.locator(".film-frame").nth(index)
        frame.click()
        expect(frame).to_have_attribute("aria-current", "true")
        expect_live(page)
        seen.append(nearest(fed(page)))
        answer = camera.answer(model, fed(page), tmp_path)
        expect_bars(page, DIGITS, answer)
        expect(frame.locator(".film-said")).to_contain_text(DIGITS[int(answer.argmax())])
    # The middles of six equal parts.
    assert seen == [1, 4, 7, 10, 13, 16]
    with page.expect_download() as caught:
        page.locator(".film-keep").click()
    rows = list(csv.reader(io.StringIO(Path(caught.value.path()).read_text("utf-8-sig"))))
    said = page.locator(".film-said").all_text_contents()
    assert rows[0] == ["seconds", "answer"]
    assert [row[1] for row in rows[1:]] == said
    assert [float(row[0]) for row in rows[1:]] == pytest.approx(np.arange(0.3, 3.6, 0.6), abs=0.01)


def test_it_plays_and_answers_what_is_seen(open_site: Callable[..., Page], film: bytes) -> None:
    page = open_site()
    choose_film(page, film)
    expect_whole(page)
    page.locator(".film-frame").first.click()
    expect_live(page)
    first = nearest(fed(page))
    button(page, "Play").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Pause")).to_be_visible()
    wait(page, "shades.size >= 10")
    assert page.evaluate("mostAsking") == 1
    # At its end it rests.
    expect(button(page, "Play")).to_be_visible()
    expect_live(page)
    assert nearest(fed(page)) > first
    place = page.get_by_role("slider", name="Film: place in the video")
    place.focus()
    place.press("Home")
    wait(page, "document.querySelector('.film-time').textContent === '0.0 s of 3.6 s'")
    expect_live(page)
    assert nearest(fed(page)) == 0


def test_what_is_no_video_changes_nothing(open_site: Callable[..., Page], film: bytes) -> None:
    page = open_site()
    expect(page.locator("#word")).to_have_text("Choose a video first.")
    choose(page, "notes.txt", "text/plain", b"no video")
    expect(page.locator(".field-problem")).to_have_text(NO_VIDEO)
    choose_film(page, film)
    expect_whole(page)
    before = page.locator(".film-said").all_text_contents()
    choose(page, "broken.webm", "video/webm", film[:40])
    expect(page.locator(".field-problem")).to_have_text(NO_VIDEO)
    assert page.locator(".film-said").all_text_contents() == before
    expect(button(page, "Play")).to_be_visible()
    # A picture is a frame of its own.
    choose(page, "own.png", "image/png", picture(FRAMES[3][:100]))
    expect_live(page)
    wait(page, "fed.shape[1] === 100")
    expect(page.locator(".film")).to_be_hidden()
    button(page, "Clear").click()
    expect(page.locator("#word")).to_have_text("Choose a video first.")


# What a browser records says nowhere how long it is.
RECORD = """async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  const context = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm' });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start(100);
  for (const begin = performance.now(); performance.now() < begin + 1000; ) {
    context.fillStyle = `rgb(200 ${(performance.now() / 10) & 255} 0)`;
    context.fillRect(0, 0, 320, 240);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  await new Promise((resolve) => (recorder.onstop = resolve));
  const transfer = new DataTransfer();
  transfer.items.add(new File(parts, 'recorded.webm', { type: 'video/webm' }));
  const field = document.querySelector('[type=file]');
  field.files = transfer.files;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}"""


def test_a_recording_without_a_length(open_site: Callable[..., Page]) -> None:
    page = open_site()
    page.evaluate(RECORD)
    expect_whole(page)
    assert float(page.locator(".film-place input").get_attribute("max") or 0) > 0.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_for_everybody(
    scheme: str, open_site: Callable[..., Page], axe: str, film: bytes
) -> None:
    page = open_site(color_scheme=scheme, viewport={"width": 360, "height": 740})
    assert not find_violations(page, axe)
    choose_film(page, film)
    expect_whole(page)
    expect_live(page)
    assert not find_violations(page, axe)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
