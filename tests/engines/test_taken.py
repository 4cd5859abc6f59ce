"""Answers are taken away in every engine: what is copied or kept is what Python answered."""

from __future__ import annotations

import csv
import io
import json
import wave
from base64 import b64decode
from pathlib import Path

import numpy as np
from PIL import Image

from tests import warm
from tests.conftest import KerasModels
from tests.engines.conftest import Serve
from tests.engines.test_next_visit import visit_until_kept
from tests.engines.test_widgets import choose_first, choose_voice
from tests.engines.visitor import Visitor
from tests.sounds import voice
from tests.visitor import TOLERANCE

# No driver of WebKit reads the clipboard or where files are kept: what the page hands over is
# noted on its way there.
NOTE = """(() => {
  window.kept = [];
  const { createObjectURL } = URL;
  URL.createObjectURL = (blob) => {
    kept.push(blob);
    return createObjectURL.call(URL, blob);
  };
  const area = () => document.querySelector('body > textarea');
  document.addEventListener('copy', () => (window.copied = area().value));
  const { clipboard } = navigator;
  const writeText = clipboard?.writeText.bind(clipboard);
  if (writeText) clipboard.writeText = async (text) => {
    await writeText(text);
    window.copied = text;
  };
  return true;
})()"""
BYTES = "btoa(String.fromCharCode(...new Uint8Array(await kept.at(-1).arrayBuffer())))"
DATA = "JSON.parse(document.querySelector('#tfjs-demo-data').text)"


def kept(visitor: Visitor, form: str) -> bytes:
    """A file that the page hands to the browser, and stays."""
    visitor.click(f"[data-take={form}]")
    keeps = visitor.see("'download' in HTMLAnchorElement.prototype")
    visitor.wait_text(".taken-word", f".{form}" if keeps else "Opened beside this page")
    return b64decode(visitor.ask(BYTES))


def test_scores_are_copied_and_kept(visitor: Visitor, serve: Serve) -> None:
    # What copying takes is there by then: WebKit takes nothing later for a part of the click.
    visit_until_kept(visitor, f"{serve('wine').url}wine/")
    visitor.see(NOTE)
    data = visitor.see(DATA)
    (output,) = data["outputs"]
    visitor.click("[data-example='1']")
    visitor.wait_live()
    visitor.settle()
    names, scores = output["options"]["labels"], data["examples"][1]["answers"][output["name"]]
    python = dict(zip(names, scores["data"], strict=True))
    visitor.click("[data-take=text]")
    visitor.wait_text(".taken-word", "Copied")
    head, *lines = [line.split("\t") for line in visitor.see("window.copied").split("\n")]
    assert head == [output["label"], "Score"]
    assert {name for name, _ in lines} == python.keys()
    assert all(abs(float(score) - python[name]) < TOLERANCE for name, score in lines)
    assert list(csv.reader(io.StringIO(kept(visitor, "csv").decode("utf-8-sig")))) == [head, *lines]
    found = json.loads(kept(visitor, "json"))
    assert [[one["label"], str(one["score"])] for one in found] == lines


def test_a_picture_is_kept(
    visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path
) -> None:
    choose_first(visitor, serve("painter"), "painter", python, tmp_path)
    visitor.see(NOTE)
    visitor.wait_live()
    picture = np.asarray(Image.open(io.BytesIO(kept(visitor, "png")))).astype(float)
    expected = python.cases["painter/answers"][0, 0]
    assert picture.shape == expected.shape
    assert np.abs(picture - expected).max() <= 0.5 + 255 * TOLERANCE


SMOOTHED = """
import sys
from tests import keras_cases
samples = keras_cases.np.load(sys.argv[2])
model = keras_cases.keras.saving.load_model(sys.argv[1])
keras_cases.np.save(sys.argv[3], model(samples[None, :, None]).numpy())
"""


def test_a_sound_is_kept(
    visitor: Visitor, serve: Serve, python: KerasModels, tmp_path: Path
) -> None:
    choose_voice(visitor, serve("heard"), tmp_path)
    visitor.see(NOTE)
    files = tmp_path / "samples.npy", tmp_path / "smooth.npy"
    np.save(files[0], (np.rint(voice() * 32767) / 32768).astype(np.float32))
    result = warm.run_forked(SMOOTHED, python.folder / "smoother.keras", *files)
    assert result.returncode == 0, result.stderr
    with wave.open(io.BytesIO(kept(visitor, "wav"))) as file:
        found = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert np.abs(found - np.load(files[1])[0, :, 0]).max() <= 1 / 32768


def test_the_first_answer_is_copied_at_the_first_press(visitor: Visitor, serve: Serve) -> None:
    """Of a page that had none when it had time to load how."""
    visit_until_kept(visitor, f"{serve('mood').url}mood/")
    visitor.see(NOTE)
    visitor.type("textarea, [type=text]", "good")
    visitor.wait_live()
    visitor.settle()
    visitor.click("[data-take=text]")
    visitor.wait_text(".taken-word", "Copied")
    assert visitor.see("window.copied")
