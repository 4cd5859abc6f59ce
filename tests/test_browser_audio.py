"""A sound: spoken or a file, trimmed and heard; what it leaves on, and where there is none."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from bundler.ground.resample import resample
from bundler.pipeline import build
from bundler.site.headers import HEADERS
from tests import camera, warm
from tests.conftest import (
    Headers,
    NewPage,
    ServeFolder,
    StartChromium,
    system_program,
)
from tests.header_rules import parse, sent
from tests.shared import Shared
from tests.sounds import decibels, voice, wav
from tests.test_browser_axe import axe, find_violations
from tests.visitor import Array, expect_bars, expect_live, open_ready, settle

__all__ = ["axe"]

RATE, MICROPHONE_RATE = 16000, 48000
LABELS = ["one", "two", "three", "four"]
MODEL = """
import sys
from tests import keras_cases
keras = keras_cases.keras
layers = keras.layers
keras.utils.set_random_seed(4)
model = keras.Sequential([
    keras.Input((124, 129), name="sound"), layers.Conv1D(16, 5, activation="relu"),
    layers.LSTM(8), layers.Dense(4, activation="softmax"),
])
model.save(sys.argv[1])
"""
# What Keras and TensorFlow make of samples, as tensorflow.org/tutorials/audio/simple_audio does.
ANSWER = """
import sys
from tests import keras_cases
tf, np = keras_cases.tf, keras_cases.np
samples = np.load(sys.argv[2])[:16000]
samples = np.pad(samples, (0, 16000 - len(samples)))
spectrum = tf.abs(tf.signal.stft(samples, frame_length=255, frame_step=128))
model = keras_cases.keras.saving.load_model(sys.argv[1])
np.save(sys.argv[3], model(spectrum[None]).numpy())
"""
KEYS = """model = "ears.keras"
title = "Ears"
[[inputs]]
label = "Sound"
widget = "audio"
sample_rate = 16000
feature = "spectrogram"
preset = "tensorflow"
win_length = 255
hop_length = 128
sources = {sources}
[[outputs]]
labels = ["one", "two", "three", "four"]
"""
EXAMPLE = """
[[examples]]
title = "A voice"
sound = "voice.wav"
"""
NOTE = """
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
  tfjsDemo.predict = (inputs) => {
    if (inputs.sound) window.fed = Array.from(inputs.sound.data);
    return predict(inputs);
  };
}"""
IS_OFF = "streams.every((one) => one.getTracks().every(({ readyState }) => readyState === 'ended'))"


@pytest.fixture(scope="module")
def sites(shared: Shared) -> Path:
    """Pages of one model by their sources; the first has an example."""

    def make(folder: Path) -> None:
        made = warm.run_forked(MODEL, folder / "ears.keras")
        assert made.returncode == 0, made.stderr
        for name, sources, more in (
            ("both", ["microphone", "upload"], EXAMPLE),
            ("upload", ["upload"], ""),
        ):
            (folder / name).mkdir()
            (folder / name / "ears.keras").write_bytes((folder / "ears.keras").read_bytes())
            wav(folder / name / "voice.wav", voice(44100, 0.8), 44100)
            keys = KEYS.format(sources=json.dumps(sources)) + more
            (folder / name / "demo.toml").write_text(keys, encoding="utf-8")
            build(folder / name)

    return shared.once("audio", make)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is said into the microphone, again and again."""
    return wav(
        tmp_path_factory.mktemp("spoken") / "spoken.wav",
        voice(MICROPHONE_RATE, 2.0),
        MICROPHONE_RATE,
    )


@pytest.fixture(scope="module")
def hearing(start_chromium: StartChromium, spoken: Path) -> Browser:
    return start_chromium(*camera.FAKE, f"--use-file-for-fake-audio-capture={spoken}")


Open = Callable[..., Page]


@pytest.fixture
def open_site(sites: Path, host: ServeFolder, new_page: NewPage, hearing: Browser) -> Open:
    """Opens one of the pages, as a host sends it that reads `_headers`."""

    def make(name: str = "both", *, within: Browser = hearing, **options: Any) -> Page:
        folder = sites / name / "site"
        rules = parse((folder / HEADERS).read_text(encoding="utf-8"))
        headers: Headers = lambda path: sent(rules, path)  # noqa: E731
        page = new_page(within=within, **options)
        page.add_init_script(NOTE)
        open_ready(page, host(folder, headers=headers).url)
        page.evaluate(NOTE_FED)
        return page

    return make


def button(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def fed(page: Page) -> Array:
    """The samples that entered the model last."""
    return np.array(page.evaluate("fed"), np.float32)


def python(sites: Path, samples: Array, folder: Path) -> Array:
    """What Keras answers to samples."""
    files = folder / "samples.npy", folder / "answer.npy"
    np.save(files[0], samples)
    result = warm.run_forked(ANSWER, sites / "ears.keras", *files)
    assert result.returncode == 0, result.stderr
    return np.asarray(np.load(files[1])[0])


def choose(page: Page, file: Path) -> None:
    page.evaluate("window.fed = null")
    page.locator("[type=file]").last.set_input_files(file)


def heard(page: Page) -> Array:
    """Waits for what was chosen; the policy forbids what Playwright would do."""
    page.evaluate(
        """async () => {
          for (const end = performance.now() + 20_000; !window.fed; ) {
            if (performance.now() > end) throw new Error('in vain');
            await new Promise(requestAnimationFrame);
          }
        }"""
    )
    expect_live(page)
    return fed(page)


def test_what_is_said_is_answered_as_python_does(
    open_site: Open, sites: Path, tmp_path: Path
) -> None:
    page = open_site()
    expect(page.locator("#origin")).to_contain_text("Python")
    button(page, "Clear").click()
    expect(page.locator("#word")).to_have_text("Record or choose a sound first.")
    expect(button(page, "Record again")).to_be_hidden()
    button(page, "Record or drop a sound here").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-sound=recording]")).to_be_visible()
    expect(page.locator("#word")).to_have_text("Speak now: at most 1 s.")
    expect(button(page, "Stop")).to_be_focused()
    expect_live(page)  # once the model can hear no more
    assert page.evaluate(IS_OFF)
    expect(button(page, "Play")).to_be_focused()
    samples = fed(page)
    assert samples.shape == (RATE,) and np.abs(samples).max() > 0.05
    said = resample(np.tile(voice(MICROPHONE_RATE, 2.0), 2), MICROPHONE_RATE, RATE)
    assert likeness(samples, said) > 0.9
    expect_bars(page, LABELS, python(sites, samples, tmp_path))
    expect(page.locator(".sound-time")).to_have_text("1.00 s")


def likeness(part: Array, whole: Array) -> float:
    """The correlation with the likest part of a sound, whatever its loudness."""
    size = len(whole) + len(part)
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.fft.rfft(part, size).conj(), size)
    energies = np.convolve(whole.astype(float) ** 2, np.ones(len(part)), "valid")
    found = products[: len(energies)] / np.sqrt(energies * (part.astype(float) ** 2).sum())
    return float(np.abs(found).max())


def test_it_can_be_stopped_and_is_not_left_on(open_site: Open) -> None:
    page = open_site()
    button(page, "Record again").click()
    expect(page.locator("[data-sound=recording]")).to_be_visible()
    expect(page.locator(".sound-time")).to_have_text(re.compile(r"0\.[1-9] s"))
    button(page, "Stop").click()
    samples = heard(page)
    assert page.evaluate(IS_OFF) and 0.05 * RATE < len(samples) < RATE
    for leave in ("Clear", "A voice"):
        page.locator(".sound-record:visible").click()
        expect(page.locator("[data-sound=recording]")).to_be_visible()
        page.get_by_role("button", name=leave).click()
        expect(page.locator(".field-audio")).to_have_attribute("data-sound", "")
        assert page.evaluate(IS_OFF)
    expect(page.locator(".field-audio.is-blank")).to_have_count(0)


def test_files_are_heard_trimmed_and_played(open_site: Open, sites: Path, tmp_path: Path) -> None:
    page = open_site("upload")
    assert "microphone=()" in (sites / "upload" / "site" / HEADERS).read_text("utf-8")
    expect(page.locator(".sound-record")).to_have_count(0)
    expect(page.locator("#word")).to_have_text("Choose a sound first.")
    # At the model's rate not a bit is lost.
    plain = wav(tmp_path / "plain.wav", voice(RATE, 0.5), RATE)
    choose(page, plain)
    samples = heard(page)
    assert np.array_equal(samples, np.float32(np.rint(voice(RATE, 0.5) * 32767) / 32768))
    expect_bars(page, LABELS, python(sites, samples, tmp_path))
    # At another one, it is what Python makes of it.
    long = voice(44100, 1.5)
    choose(page, wav(tmp_path / "long.wav", long, 44100))
    samples = heard(page)
    expected = resample((np.rint(long * 32767) / 32768).astype(np.float32), 44100, RATE)
    assert np.abs(samples - expected[:RATE]).max() < 2e-7
    time = page.locator(".sound-time")
    expect(time).to_have_text("0.00 to 1.00 s of 1.50 s")
    start, end = page.get_by_label("Begins at"), page.get_by_label("Ends at")
    end.focus()
    page.keyboard.press("End")
    expect(time).to_have_text("0.50 to 1.50 s of 1.50 s")
    settle(page)
    assert np.array_equal(fed(page), expected[-RATE:])
    expect_bars(page, LABELS, python(sites, fed(page), tmp_path))
    box = page.locator(".sound-frame").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    assert 0.7 < float(start.input_value()) < 0.8
    expect(time).to_have_text(re.compile(r"0\.7\d to 1\.50 s of 1\.50 s"))
    button(page, "Play").click()
    expect(button(page, "Stop")).to_be_visible()
    expect(button(page, "Play")).to_be_visible()  # when it is over
    broken = tmp_path / "broken.wav"
    broken.write_bytes(plain.read_bytes()[:40])
    choose(page, broken)
    expect(page.locator(".field-problem")).to_contain_text("not a sound that your browser can open")
    expect(time).to_have_text(re.compile("of 1.50 s"))


def test_what_the_browser_decodes_keeps_its_rate(open_site: Open, tmp_path: Path) -> None:
    """MP3, Ogg and FLAC of 44.1 kHz, against ffmpeg's decoder and Python's resampling."""
    program = system_program("ffmpeg")
    assert program
    page = open_site("upload")
    source = wav(tmp_path / "source.wav", voice(44100, 0.9), 44100)
    for name in ("sound.mp3", "sound.ogg", "sound.flac"):
        file, raw = tmp_path / name, tmp_path / f"{name}.raw"
        for arguments in (
            ["-i", source, *(["-q:a", "2"] if name.endswith("3") else []), file],
            ["-i", file, "-f", "f32le", "-ac", "1", raw],
        ):
            subprocess.run([program, "-loglevel", "error", "-y", *map(str, arguments)], check=True)
        choose(page, file)
        found = heard(page)
        expected = resample(np.fromfile(raw, np.float32), 44100, RATE)
        # What a decoder leaves out of an MP3 file's beginning is its own affair.
        assert likeness(found[800:-800], expected) > 0.9999, name
        if name.endswith("flac"):
            assert decibels(found, expected) < -80


NOT_ALLOWED = (
    "The microphone was refused. Allow it beside the address or in the settings of the browser, "
    "then try again."
)


def test_why_there_is_none_is_said_and_the_sound_stays(
    open_site: Open, start_chromium: StartChromium
) -> None:
    page = open_site(
        within=start_chromium("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    )
    button(page, "Record again").click()
    expect(page.locator(".sound-said.is-wrong")).to_have_text(NOT_ALLOWED)
    expect(page.locator("#origin")).to_contain_text("Python")
    expect(button(page, "Play")).to_be_visible()


def test_plain_http_has_no_microphone(
    sites: Path, host: ServeFolder, new_page: NewPage, start_chromium: StartChromium
) -> None:
    page = new_page(
        within=start_chromium(*camera.FAKE, "--host-resolver-rules=MAP plain.test 127.0.0.1")
    )
    open_ready(page, host(sites / "both" / "site").url.replace("127.0.0.1", "plain.test"))
    button(page, "Record again").click()
    expect(page.locator(".sound-said")).to_have_text(
        "Browsers give the microphone only to pages that come by https://. This one came by http://."
    )
    page.locator(".developers > summary").click()
    expect(page.locator("#frame-code")).to_contain_text('allow="microphone"')


def test_a_page_without_it_has_nothing_of_it(sites: Path) -> None:
    pattern = re.compile(rb"getUserMedia|AudioWorklet|microphone.js", re.IGNORECASE)
    for name, expected in (("both", True), ("upload", False)):
        files = (sites / name / "site").rglob("*")
        found = [
            file.name
            for file in files
            if file.is_file() and file.suffix == ".js" and pattern.search(file.read_bytes())
        ]
        assert bool(found) == expected, found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scheme: str, axe: str, open_site: Open) -> None:
    page = open_site(color_scheme=scheme, viewport={"width": 360, "height": 800})
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert find_violations(page, axe) == []
    button(page, "Clear").click()
    expect(page.locator("#word")).to_be_visible()
    assert find_violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
