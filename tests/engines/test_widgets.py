"""Every widget by mouse, by keyboard and with files; what is shown is what Keras answers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image
from selenium.webdriver.common.keys import Keys

from bundler.demo import config
from bundler.ground.resample import resample
from tests import camera, sounds, warm
from tests.conftest import DEMOS, KerasModels
from tests.engines.conftest import Serve, Visit
from tests.engines.visitor import Visitor
from tests.faulty_host import FaultyHost
from tests.visitor import BAR_STEP, TOLERANCE, Array

PAPER = ".sketch-paper canvas"
PIXELS = "document.querySelector(args[0]).toDataURL()"
SEEN = """(({ width, height }, context) =>
  [width, height, ...context.getImageData(0, 0, width, height).data])(
  document.querySelector(args[0]), document.querySelector(args[0]).getContext('2d'))"""
ONE = [[(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]]
FILE = "[type=file]"
DIGITS = [f"class {index}" for index in range(10)]
LABEL = """[...document.querySelectorAll('.field-label')].find((e) => e.textContent === args[0])
  .closest('.field').id"""


def field(visitor: Visitor, label: str) -> str:
    """A selector of the field with this label."""
    return f"#{visitor.see(LABEL, label)}"


def bars(visitor: Visitor) -> list[tuple[str, float]]:
    """The label widget's rows: class and percents."""
    scores = [float(text.removesuffix(" %")) for text in visitor.texts(".label-score")]
    return list(zip(visitor.texts(".label-name"), scores, strict=True))


def expect_bars(visitor: Visitor, labels: Sequence[str], scores: Array) -> None:
    """The bars show these scores of 0 to 1, the highest ones in order."""
    percents = {label: 100 * float(score) for label, score in zip(labels, scores, strict=True)}
    shown = bars(visitor)
    best = sorted(percents, key=lambda one: -percents[one])[: len(shown)]
    assert [name for name, _ in shown] == best
    wrong = [bar for bar in shown if abs(percents[bar[0]] - bar[1]) > 0.51 * BAR_STEP]
    assert not wrong, percents


def test_drawing_with_the_mouse(visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('digits').url}digits/")
    example = visitor.see(PIXELS, PAPER)
    visitor.draw(PAPER, ONE)
    visitor.settle()
    assert bars(visitor)[0][0] == "1"
    drawn = visitor.see(PIXELS, PAPER)
    assert drawn != example
    visitor.click("[data-act=clear]")
    visitor.wait_text("#origin", "No answer yet")
    assert visitor.see(PIXELS, PAPER) not in (drawn, example)
    visitor.click("[data-act=undo]")
    visitor.wait_live()
    visitor.settle()
    assert (visitor.see(PIXELS, PAPER), bars(visitor)[0][0]) == (drawn, "1")


def test_tools_of_the_sketchpad(visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('digits').url}digits/")
    visitor.draw(PAPER, ONE)
    drawn = visitor.see(PIXELS, PAPER)
    visitor.click(".sketch-choice label:last-child")
    visitor.draw(PAPER, [[(0.2, 0.5), (0.8, 0.5)]])
    visitor.settle()
    visitor.wait_live()
    rubbed = visitor.see(PIXELS, PAPER)
    assert rubbed != drawn
    visitor.click("[data-act=undo]")
    assert visitor.see(PIXELS, PAPER) == drawn
    visitor.click("[data-act=redo]")
    assert visitor.see(PIXELS, PAPER) == rubbed


def test_drawing_with_the_keyboard(visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('digits').url}digits/")
    visitor.press(Keys.TAB, Keys.TAB)  # past the link that skips to the demo
    assert visitor.see("document.activeElement === document.querySelector(args[0])", PAPER)
    visitor.press(*[Keys.ARROW_UP] * 8, Keys.SPACE)
    visitor.wait_text(".field output", "Pen down")
    visitor.press(*[Keys.ARROW_DOWN] * 16, Keys.SPACE)
    visitor.wait_text(".field output", "Pen up")
    visitor.settle()
    visitor.wait_live()
    assert bars(visitor)[0][0] == "1"
    one = visitor.see(PIXELS, PAPER)
    visitor.press(Keys.TAB, Keys.TAB, Keys.ENTER)  # Undo, then Clear
    visitor.wait_text("#origin", "No answer yet")
    assert visitor.see(PIXELS, PAPER) != one


def test_sliders_and_numbers(
    backend: str, visitor: Visitor, serve: Serve, python: KerasModels
) -> None:
    """All thirteen of a wine, typed; then one of them by mouse and by keyboard."""
    visitor.open_ready(f"{serve('wine').url}wine/?backend={backend}")
    settings = config.read(DEMOS / "wine").inputs[0].fields or []
    for setting, value in zip(settings, python.cases["wine/inputs"][0, 0], strict=True):
        visitor.type(f"{field(visitor, setting.label or '')} [type=number]", f"{value:.2f}")
    visitor.settle()
    visitor.wait_live()
    labels = ["Barolo", "Grignolino", "Barbera"]
    expect_bars(visitor, labels, python.cases["wine/answers"][0, 0])
    flavonoids = field(visitor, "Flavonoids")
    visitor.click_at(f"{flavonoids} [type=range]", 0.9)
    high = float(visitor.value(f"{flavonoids} [type=number]"))
    assert 4.3 < high < 5.1
    assert float(visitor.value(f"{flavonoids} [type=range]")) == high
    visitor.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert float(visitor.value(f"{flavonoids} [type=number]")) == pytest.approx(high - 0.02)
    visitor.press(Keys.HOME)
    visitor.settle()
    assert float(visitor.value(f"{flavonoids} [type=number]")) == 0.3
    assert bars(visitor) != sorted(bars(visitor), key=lambda bar: bar[1])


def test_a_number_that_cannot_be_is_said(visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('wine').url}wine/")
    alcohol = field(visitor, "Alcohol")
    visitor.type(f"{alcohol} [type=number]", "99")
    visitor.wait_text(f"{alcohol} .field-problem", "Alcohol must be between 11 and 15 % vol.")
    assert visitor.value(f"{alcohol} [type=number]") == "99"
    visitor.type(f"{alcohol} [type=number]", "12.5")
    visitor.wait_live()
    assert visitor.text(f"{alcohol} .field-problem") == ""


ENTERED = """[...document.querySelectorAll('.field [type=number]')].map((box) => {
  const slider = box.closest('.field').querySelector('[type=range]');
  const [value, twin, min, max] = [box.value, slider.value, box.min, box.max].map(Number);
  return { value, twin, min, max };
})"""


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_what_a_button_draws(way: str, visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('dreamt-digits').url}dreamt-digits/")
    seen = []
    for _ in range(3):
        if way == "keyboard":
            visitor.find(".generate").send_keys(Keys.ENTER)
        else:
            visitor.click(".generate")
        visitor.settle()
        visitor.wait_live()
        fields = visitor.see(ENTERED)
        assert all(one["min"] <= one["value"] == one["twin"] <= one["max"] for one in fields)
        seen.append(([one["value"] for one in fields], visitor.see(PIXELS, "#answer canvas")))
        said = visitor.text(".generated")
        assert said.startswith(f"Boldness {fields[0]['value']:g} %, Slant ")
    assert all(one != other for one, other in itertools.pairwise(seen))


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_choices(way: str, visitor: Visitor, serve: Serve, python: KerasModels) -> None:
    """All ten of a patient; the choice by mouse or keyboard."""
    visitor.open_ready(f"{serve('diabetes').url}diabetes/")
    settings = config.read(DEMOS / "diabetes").inputs[0].fields or []
    cases = python.cases["diabetes/inputs"][:, 0]
    # One whose choice is not the one that stands there.
    case = int(np.argmax(cases[:, 1] == 2))
    for setting, value in zip(settings, cases[case], strict=True):
        place = field(visitor, setting.label or "")
        if not setting.choices:
            visitor.type(f"{place} [type=number]", f"{value:.4f}")
        elif way == "mouse":
            visitor.click(f"{place} option", "Group 2")
        else:
            visitor.find(f"{place} select").send_keys(Keys.ARROW_DOWN)
        if setting.choices:
            assert visitor.see("document.querySelector(args[0]).value", f"{place} select") == (
                "Group 2"
            )
    visitor.settle()
    visitor.wait_live()
    expected = f"{python.cases['diabetes/answers'][case].item():.0f}"
    assert visitor.text(".number-answer") == f"{expected} points"


def test_a_tensor_as_text(visitor: Visitor, serve: Serve, python: KerasModels) -> None:
    visitor.open_ready(f"{serve('sequence').url}sequence/")
    value = python.cases["sequence/inputs"][1].round(3).tolist()
    visitor.type("textarea", json.dumps(value))
    visitor.settle()
    visitor.wait_live()
    shown = np.array(json.loads(visitor.text(".json-text")))
    expected = python.cases["sequence/answers"][1]
    assert np.abs(shown - expected).max() <= TOLERANCE * np.abs(expected).max()
    visitor.type("textarea", "[[1, 2")
    visitor.wait_text(".field-problem", "check commas and brackets")
    assert visitor.value("textarea") == "[[1, 2"


def test_a_text(visitor: Visitor, serve: Serve, python: KerasModels) -> None:
    visitor.open_ready(f"{serve('mood').url}mood/")
    for case in (0, 1):
        visitor.type("textarea", str(python.cases["mood/inputs"][case].item()))
        visitor.settle()
        visitor.wait_live()
        expect_bars(visitor, ["class 0", "class 1"], python.cases["mood/answers"][case, 0])


def picture(folder: Path, pixels: Array, name: str = "own.png", **options: Any) -> Path:
    Image.fromarray(pixels.astype(np.uint8)).save(folder / name, **options)
    return folder / name


def choose_first(
    visitor: Visitor, host: FaultyHost, page: str, python: KerasModels, folder: Path
) -> None:
    """Opens a page and chooses the first picture that Keras has answered."""
    visitor.open_ready(f"{host.url}{page}/")
    with visitor.one_more_prediction():
        visitor.upload(FILE, picture(folder, python.cases[f"{page}/inputs"][0, 0]))


def test_a_picture_of_ones_own(
    visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path
) -> None:
    """As it lies, and as a camera that was held upright turns it."""
    visitor.open_ready(f"{serve('grey').url}grey/")
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    pixels, expected = (python.cases[f"grey/{name}"][:, 0] for name in ("inputs", "answers"))
    held = np.rot90(pixels[1])
    for file, answer in (
        (picture(tmp_path, pixels[0]), expected[0]),
        (picture(tmp_path, held, "turned.png", exif=turned), expected[1]),
        (picture(tmp_path, pixels[0]), expected[0]),
        (picture(tmp_path, held, "turned.webp", exif=turned, lossless=True), expected[1]),
    ):
        with visitor.one_more_prediction():
            visitor.upload(FILE, file)
        visitor.wait_live()
        expect_bars(visitor, DIGITS, answer)
        assert visitor.text(".field-problem") == ""


NOTE_FED = """(() => {
  const { predict } = tfjsDemo;
  tfjsDemo.predict = (inputs) => {
    window.fed = inputs.picture ?? inputs.sound ?? window.fed;
    return predict(inputs);
  };
})()"""


def test_the_camera(visit: Visit, serve: Serve, python: KerasModels, tmp_path: Path) -> None:
    """Live and one picture: what each engine's own fake camera shows is answered as by Python."""
    visitor = visit("filming")
    visitor.open_ready(f"{serve('camera').url}camera/")
    visitor.see(NOTE_FED)
    visitor.click(".camera-open")
    visitor.wait("document.querySelector('[data-camera=on]')")
    assert visitor.text("#word") == "Take the picture, or switch to live."
    visitor.click(".camera-live")
    visitor.wait("document.querySelector('.camera-pace').textContent.includes('per second')")
    visitor.wait("tfjsDemo.timings.predictions.length >= 10")
    with visitor.one_more_prediction():
        visitor.click(".camera-shutter")
    visitor.wait_live()
    assert visitor.see("document.querySelector('video').srcObject") is None
    pixels = np.array(visitor.see("[...fed.data]"), np.int32).reshape(visitor.see("fed.shape"))
    assert pixels.shape[3] == 3 and pixels.std() > 10
    expect_bars(visitor, DIGITS, camera.answer(python.folder / "grey.keras", pixels, tmp_path))


def test_a_video(visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path) -> None:
    """Each frame is what the engine decodes, answered as by Python; the strip has all answers."""
    sides = camera.two_sides(160, 120, (220, 40, 30), (40, 60, 200))
    frames = [(sides * share).round().astype(np.uint8) for share in (0.3, 0.6, 0.9)]
    visitor.open_ready(f"{serve('video').url}video/")
    visitor.upload("[type=file]", camera.video(tmp_path / "film.webm", frames, 5))
    if visitor.engine.name == "wpe":  # which paints no video on a canvas
        visitor.wait_text(".field-problem", "This browser does not show videos to pages.")
        assert visitor.text("#origin") == "No answer yet"
        return
    visitor.wait("document.querySelectorAll('.film-said:not(:empty)').length === 3")
    for index, frame in enumerate(frames):
        visitor.click(f".film-strip li:nth-child({index + 1}) button")
        visitor.wait(
            f"document.querySelectorAll('.film-frame')[{index}].matches('[aria-current=true]')"
        )
        visitor.wait_live()
        visitor.settle()
        width, height, *flat = visitor.see(SEEN, ".field-video canvas")
        pixels = np.array(flat, np.int32).reshape(1, height, width, 4)[..., :3]
        assert np.abs(pixels - frame).mean() < 6
        answer = camera.answer(python.folder / "grey.keras", pixels, tmp_path)
        expect_bars(visitor, DIGITS, answer)
        assert DIGITS[int(answer.argmax())] in visitor.texts(".film-said")[index]


def test_a_browser_without_a_camera_says_so(visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('camera').url}camera/")
    visitor.click(".camera-open")
    visitor.wait("document.querySelector('.camera-said.is-wrong')")
    assert "camera" in visitor.text(".camera-said")
    assert visitor.is_shown(".camera-open")


HEARD = """
import sys
import python_speech_features
from tests import keras_cases
samples = keras_cases.np.load(sys.argv[2])
seen = python_speech_features.mfcc(samples * 32768, 16000, nfft=512)
model = keras_cases.keras.saving.load_model(sys.argv[1])
keras_cases.np.save(sys.argv[3], model(seen[None].astype("float32")).numpy())
"""
WORDS = [f"class {index}" for index in range(4)]


def hear(visitor: Visitor, python: KerasModels, folder: Path) -> Array:
    """The samples that entered the model; the bars are what Python answers to them."""
    visitor.wait_live()
    samples = np.array(visitor.see("[...fed.data]"), np.float32)
    files = folder / "samples.npy", folder / "heard.npy"
    np.save(files[0], samples)
    result = warm.run_forked(HEARD, python.folder / "ears.keras", *files)
    assert result.returncode == 0, result.stderr
    expect_bars(visitor, WORDS, np.load(files[1])[0])
    return samples


def test_a_sound_of_ones_own(
    visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path
) -> None:
    """A file of another rate, cut by the keyboard; and one that is none."""
    visitor.open_ready(f"{serve('audio').url}audio/")
    visitor.see(NOTE_FED)
    with visitor.one_more_prediction():
        visitor.upload(FILE, sounds.wav(tmp_path / "own.wav", sounds.voice(44100), 44100))
    samples = hear(visitor, python, tmp_path)
    levels = (np.rint(sounds.voice(44100) * 32767) / 32768).astype(np.float32)
    assert np.abs(samples - resample(levels, 44100, 16000)).max() < 2e-7
    visitor.find(".sound-end").send_keys(Keys.HOME)
    visitor.find(".sound-end").send_keys(*[Keys.ARROW_RIGHT] * 30)
    visitor.settle()
    assert visitor.text(".sound-time") == "0.00 to 0.31 s of 1.00 s"
    cut = hear(visitor, python, tmp_path)
    assert np.array_equal(cut, samples[: len(cut)]) and len(cut) == pytest.approx(
        0.31 * 16000, abs=1
    )
    (tmp_path / "broken.wav").write_bytes(b"RIFF broken")
    visitor.upload(FILE, tmp_path / "broken.wav")
    visitor.wait_text(".field-problem", "not a sound that your browser can open")


def test_the_microphone(visit: Visit, serve: Serve, python: KerasModels, tmp_path: Path) -> None:
    """Each engine's own tone."""
    visitor = visit("filming")
    visitor.open_ready(f"{serve('audio').url}audio/")
    visitor.see(NOTE_FED)
    visitor.click(".sound-record")
    visitor.wait("document.querySelector('[data-sound=recording], .sound-said.is-wrong')")
    if visitor.see("document.querySelector('.sound-said').textContent"):
        assert visitor.engine.name == "firefox"
        visitor.wait_text(".sound-said", "The microphone cannot be started. Try again.")
        pytest.skip("this browser hears nothing on a machine without a sound device")
    visitor.wait("parseFloat(document.querySelector('.sound-time').textContent) >= 1")
    with visitor.one_more_prediction():
        visitor.click(".sound-stop")
    samples = hear(visitor, python, tmp_path)
    assert len(samples) >= 16000 and np.abs(samples).max() > 0.01


def test_a_browser_without_a_microphone_says_so(visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('audio').url}audio/")
    visitor.click(".sound-record")
    visitor.wait("document.querySelector('.sound-said.is-wrong')")
    assert "microphone" in visitor.text(".sound-said")
    assert visitor.is_shown(".sound-record")


BEGINS = """document.querySelector('.heard-said').textContent
  || parseFloat(document.querySelector('#answer .sound-time').textContent) > 0"""


def choose_voice(visitor: Visitor, host: FaultyHost, folder: Path) -> None:
    """Opens a page that answers by a sound, and chooses one."""
    visitor.open_ready(f"{host.url}heard/")
    with visitor.one_more_prediction():
        visitor.upload(FILE, sounds.wav(folder / "own.wav", sounds.voice(), 16000))
    visitor.wait_live()


def test_a_sound_that_is_the_answer(visitor: Visitor, serve: Serve, tmp_path: Path) -> None:
    """Played where there is a device, which no driver could hear."""
    choose_voice(visitor, serve("heard"), tmp_path)
    visitor.click(".heard-play")
    visitor.wait(BEGINS)
    visitor.find(".heard-place").send_keys(Keys.END)
    visitor.wait_text("#answer .sound-time", "1.00 s of 1.00 s")
    if said := visitor.text(".heard-said"):
        assert visitor.engine.name == "firefox" and said.startswith("No sound comes out here")
        pytest.skip("this browser plays nothing on a machine without a sound device")


def test_a_part_of_a_picture_is_chosen(visitor: Visitor, serve: Serve, tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (120, 120, 3))
    visitor.open_ready(f"{serve('grey').url}grey/")
    with visitor.one_more_prediction():
        visitor.upload(FILE, picture(tmp_path, pixels))
    visitor.click(".crop-open")
    visitor.wait_text(".crop-said", "120 × 120 pixels of 120 × 120")
    # The upper left corner, and then all of it.
    visitor.draw(".crop", [[(0.001, 0.001), (0.1, 0.2), (0.25, 0.5)]])
    visitor.press(Keys.ARROW_LEFT)
    with visitor.one_more_prediction():
        visitor.press(Keys.ENTER)
    width, height, *data = visitor.see(SEEN, ".image-frame canvas")
    assert abs(width - 90) <= 2 and abs(height - 60) <= 2
    left = 120 - width - 2
    expected = pixels[-height:, left : left + width]
    assert (np.reshape(data, (height, width, 4))[:, :, :3] == expected).all()
    with visitor.one_more_prediction():
        visitor.click(".crop-whole")
    assert visitor.see(SEEN, ".image-frame canvas")[:2] == [120, 120]


def test_a_file_that_is_no_picture_is_said(
    visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path
) -> None:
    choose_first(visitor, serve("grey"), "grey", python, tmp_path)
    before = visitor.see(PIXELS, ".image-frame canvas")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    visitor.upload(FILE, broken)
    visitor.wait_text(".field-problem", "not an image that your browser can open")
    assert visitor.see(PIXELS, ".image-frame canvas") == before


DRAWN = """(() => {
  const canvas = document.querySelector('#answer canvas');
  const { width, height } = canvas;
  return [width, height, [...canvas.getContext('2d').getImageData(0, 0, width, height).data]];
})()"""


def test_a_picture_that_is_the_answer(
    visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path
) -> None:
    choose_first(visitor, serve("painter"), "painter", python, tmp_path)
    visitor.wait_live()
    width, height, data = visitor.see(DRAWN)
    expected = python.cases["painter/answers"][0, 0]
    drawn = np.array(data).reshape(height, width, 4)[..., :3]
    assert drawn.shape == expected.shape == (48, 64, 3)
    assert np.abs(drawn - expected).max() <= 0.5 + 255 * TOLERANCE


@pytest.mark.parametrize("page", ["digits", "wine", "diabetes"])
def test_examples(page: str, visitor: Visitor, serve: Serve) -> None:
    """Python's answers stand there; each is computed again when it is chosen."""
    visitor.open(f"{serve(page).url}{page}/")
    data = json.loads(visitor.text("#tfjs-demo-data"))
    [output] = data["outputs"]
    visitor.wait_ready()
    for index, example in enumerate(data["examples"]):
        visitor.click(f"[data-example='{index}']")
        visitor.settle()
        visitor.wait_live()
        stored = np.array(example["answers"][output["name"]]["data"])
        if output["widget"] == "label":
            expect_bars(visitor, output["options"]["labels"], stored)
        else:
            assert visitor.text(".number-figure") == f"{stored[0]:.0f}"
        assert visitor.see("document.querySelector('[aria-pressed=true]').dataset.example") == (
            str(index)
        )
