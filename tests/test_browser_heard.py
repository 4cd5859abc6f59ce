"""A sound that is the answer: heard from anywhere in it, and kept as Keras answers it."""

from __future__ import annotations

import io
import re
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests import warm
from tests.conftest import BuildDemo, KerasModels, OpenPage
from tests.shared import Shared
from tests.sounds import voice, wav
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.test_browser_taken import kept
from tests.visitor import Array, expect_live, settle

__all__ = ["axe"]

RATE, TONE_RATE = 16000, 8000
STEP = 1 / 32768
# A tone of two channels, the right one half as loud, by its frequency and loudness.
MODEL = """
import sys
from tests import keras_cases
keras, np = keras_cases.keras, keras_cases.np
layers = keras.layers
tone = keras.Input((2,), name="tone")
phase = layers.Dense(8000, use_bias=False, name="phase")(tone[:, :1])
wave = layers.Reshape((8000, 1))(keras.ops.sin(phase))
sides = layers.Conv1D(2, 1, use_bias=False, name="sides")(wave)
loudness = layers.Reshape((1, 1))(tone[:, 1:])
model = keras.Model(tone, layers.Multiply(name="sound")([sides, loudness]))
model.get_layer("phase").set_weights([2 * np.pi * np.arange(8000, dtype="f4")[None] / 8000])
model.get_layer("sides").set_weights([np.array([[[1, 0.5]]], "f4")])
model.save(sys.argv[1])
"""
ANSWER = """
import sys
from tests import keras_cases
model = keras_cases.keras.saving.load_model(sys.argv[1])
keras_cases.np.save(sys.argv[3], model(keras_cases.np.load(sys.argv[2])).numpy())
"""
TONE = """model = "tone.keras"
[[inputs]]
fields = [
  {name = "pitch", widget = "slider", min = 50, max = 1000, step = 1},
  {name = "loudness", widget = "slider", min = 0, max = 2, step = 0.01},
]
[[outputs]]
sample_rate = 8000
[[examples]]
title = "Soft"
pitch = 220
loudness = 0.5
[[examples]]
title = "Loud"
pitch = 440
loudness = 1.5
"""
SMOOTH = """model = "smoother.keras"
[[inputs]]
widget = "audio"
sample_rate = 16000
sources = ["upload"]
[[outputs]]
label = "Smooth"
"""
# What is played, where from, and whether anything comes out.
LISTEN = """() => {
  window.heard = [];
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (when, offset) {
    const channels = Array.from({ length: this.buffer.numberOfChannels },
      (_, index) => Array.from(this.buffer.getChannelData(index)));
    heard.push({ channels, rate: this.buffer.sampleRate, offset });
    return start.call(this, when, offset);
  };
}"""
# A browser on a computer without a sound device, as Firefox has it.
DEAF = "() => { AudioContext.prototype.resume = () => new Promise(() => {}); }"
HEIGHT = "one => one.getBoundingClientRect().height"
LOUD = "Too loud in places: cut off there."


@pytest.fixture(scope="module")
def sites(shared: Shared, keras_models: KerasModels) -> Path:
    def make(folder: Path) -> None:
        for name, keys in (("tone", TONE), ("smooth", SMOOTH)):
            (folder / name).mkdir()
            (folder / name / "demo.toml").write_text(keys, encoding="utf-8")
        made = warm.run_forked(MODEL, folder / "tone" / "tone.keras")
        assert made.returncode == 0, made.stderr
        shutil.copy(keras_models.folder / "smoother.keras", folder / "smooth")
        for name in ("tone", "smooth"):
            build(folder / name)

    return shared.once("heard", make)


# Milliseconds.
SOUND = 1000
HEARD_AGAIN = """async () => {
  const until = async (selector) => {
    while (!document.querySelector(selector)) await new Promise(requestAnimationFrame);
  };
  document.querySelector("[data-example='0']").click();
  await until("#answer[data-stage='python']");
  document.querySelector('.heard-play').click();
  await until('.output-audio.is-playing');
  const began = performance.now();
  await until("#answer[data-stage='device']");
  return [Boolean(document.querySelector('.output-audio.is-playing')), performance.now() - began];
}"""


def python(model: Path, value: Array, folder: Path) -> Array:
    """What Keras answers, without the batch."""
    files = folder / "value.npy", folder / "answer.npy"
    np.save(files[0], value.astype(np.float32))
    result = warm.run_forked(ANSWER, model, *files)
    assert result.returncode == 0, result.stderr
    return np.asarray(np.load(files[1])[0])


def file_of(page: Page, rate: int) -> Array:
    """The samples of the file that is kept, `[samples, channels]`."""
    name, content = kept(page, "wav")
    assert name.endswith(".wav")
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getsampwidth(), file.getframerate()) == (2, rate)
        levels = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return np.asarray(levels.reshape(-1, file.getnchannels()) / 32768)


def seconds(page: Page) -> float:
    return float(page.locator("#answer .sound-time").inner_text().split(" ")[0])


def play(page: Page) -> float:
    """Begins, and says where it is by then."""
    page.locator("#answer").get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#answer .sound-time")).not_to_have_text(re.compile(r"^0\.00 "))
    return seconds(page)


def test_it_is_played_paused_sought_and_kept(
    sites: Path, open_folder: OpenPage, tmp_path: Path
) -> None:
    page = open_folder(sites / "tone" / "site")
    page.evaluate(LISTEN)
    place = page.get_by_role("slider", name="Sound: place in the sound")
    time = page.locator("#answer .sound-time")
    expect(time).to_have_text("0.00 s of 1.00 s")
    soft = python(sites / "tone" / "tone.keras", np.array([[220, 0.5]]), tmp_path)
    # What the build has kept, then what this device answers.
    assert page.evaluate("heard.length") == 0
    assert np.abs(file_of(page, TONE_RATE) - soft).max() <= STEP
    begun = play(page)
    expect(time).not_to_have_text(f"{begun:.2f} s of 1.00 s")
    page.get_by_role("button", name="Pause").click()
    paused = seconds(page)
    assert 0 < begun < paused < 1
    assert place.get_attribute("aria-valuetext") == time.inner_text()
    (first,) = page.evaluate("heard")
    assert (first["rate"], first["offset"]) == (TONE_RATE, 0)
    assert np.abs(np.array(first["channels"]).T - soft).max() <= STEP
    # From there on, also by keyboard and by mouse.
    place.focus()
    page.keyboard.press("End")
    expect(time).to_have_text("1.00 s of 1.00 s")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(time).to_have_text("0.98 s of 1.00 s")
    box = page.locator("#answer .sound-wave").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert abs(seconds(page) - 0.25) < 0.01
    expect(place).to_be_focused()
    sought = seconds(page)
    play(page)
    expect(time).to_have_text("0.00 s of 1.00 s")  # when it is over
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert page.evaluate("heard.at(-1).offset") == pytest.approx(sought, abs=0.006)
    play(page)
    place.press("End")
    expect(time).to_have_text("1.00 s of 1.00 s")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_another_answer_is_another_sound(
    sites: Path, open_folder: OpenPage, tmp_path: Path
) -> None:
    page = open_folder(sites / "tone" / "site")
    page.evaluate(LISTEN)
    said = page.locator(".heard-said")
    expect(said).to_have_text("")
    before = page.locator("#answer").evaluate(HEIGHT)
    play(page)
    page.locator("[data-example='1']").click()
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    expect(said).to_have_text(LOUD)
    settle(page)
    expect_live(page)
    assert page.evaluate("heard.length") == 1  # nothing begins by itself
    # What is heard as an example goes on when this device has computed it as well.
    goes_on, took = page.evaluate(HEARD_AGAIN)
    assert goes_on or took > 0.9 * SOUND
    page.locator("[data-example='1']").click()
    expect_live(page)
    loud = python(sites / "tone" / "tone.keras", np.array([[440, 1.5]]), tmp_path)
    for _ in range(2):
        assert np.abs(file_of(page, TONE_RATE) - np.clip(loud, -1, 1)).max() <= STEP
        assert page.locator("#answer").evaluate(HEIGHT) == before
        play(page)
        played = np.array(page.evaluate("heard.at(-1).channels")).T
        assert np.abs(played - np.clip(loud, -1, 1)).max() <= STEP
        # What the visitor sets himself.
        page.get_by_role("spinbutton", name="Loudness").fill("1.25")
        page.get_by_role("spinbutton", name="Loudness").press("Tab")
        settle(page)
        expect_live(page)
        loud *= np.float32(1.25 / 1.5)
        expect(said).to_have_text(LOUD)


def test_a_sound_becomes_another_one(sites: Path, open_folder: OpenPage, tmp_path: Path) -> None:
    page = open_folder(sites / "smooth" / "site")
    hint = page.get_by_text("The answer can be heard here.")
    expect(hint).to_be_visible()
    expect(page.locator("#word")).to_have_text("Choose a sound first.")
    before = page.locator("#answer").bounding_box()
    page.locator("[type=file]").last.set_input_files(
        wav(tmp_path / "own.wav", voice(RATE, 0.8), RATE)
    )
    expect_live(page)
    expect(hint).to_be_hidden()
    assert page.locator("#answer").bounding_box() == before
    levels = (np.rint(voice(RATE, 0.8) * 32767) / 32768).astype(np.float32)
    smooth = python(sites / "smooth" / "smoother.keras", levels[None, :, None], tmp_path)
    assert np.abs(smooth[:, 0] - levels).max() > 0.01
    assert np.abs(file_of(page, RATE) - smooth).max() <= STEP
    expect(page.locator("#announcement")).to_have_text("Smooth: a sound of 0.80 s")
    # Nobody hears an answer that is not to be seen.
    page.locator("#answer").get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".output-audio.is-playing")).to_have_count(0)


def test_a_browser_that_plays_nothing_says_so(sites: Path, open_folder: OpenPage) -> None:
    page = open_folder(sites / "tone" / "site")
    page.evaluate(DEAF)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".heard-said")).to_have_text(
        "No sound comes out here: save it as WAV.", timeout=10_000
    )
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_pages_without_it_have_nothing_of_it(sites: Path, build_demo: BuildDemo) -> None:
    pattern = re.compile(rb"AudioContext|sound-|heard-")
    for folder, expected in ((sites / "tone" / "site", True), (build_demo("wine").folder, False)):
        found = [
            file.name
            for file in folder.rglob("*")
            if file.suffix in (".js", ".html") and pattern.search(file.read_bytes())
        ]
        assert bool(found) == expected, found


def test_axe_finds_nothing(axe: str, sites: Path, open_folder: OpenPage) -> None:
    page = open_folder(sites / "tone" / "site", viewport={"width": 360, "height": 800})
    page.locator("[data-example='1']").click()
    expect(page.locator(".heard-said")).to_have_text(LOUD)
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert find_violations(page, axe) == [], (direction, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
