"""Files of sounds that are answers: those of the build, and those that the page keeps."""

from __future__ import annotations

import io
import json
import subprocess
import wave
from base64 import b64decode

import numpy as np
import pytest

from bundler.bundle import packages
from bundler.ground import sounds
from bundler.ground.tensors import Tensor
from bundler.heads import audio
from tests.conftest import ROOT
from tests.graphs import Array
from tests.sounds import voice
from tests.test_taken import output, take, tensor

RATE = 16000
STEP = 1 / 32768
SETTINGS = audio.Settings(sample_rate=RATE, amplitude=1)


def read(file: bytes) -> tuple[Array, int]:
    """By Python's own module: 16 bits."""
    with wave.open(io.BytesIO(file)) as found:
        assert found.getsampwidth() == 2
        levels = np.frombuffer(found.readframes(found.getnframes()), "<i2")
        return levels.reshape(-1, found.getnchannels()), found.getframerate()


def test_the_build_keeps_a_file_of_each_answer() -> None:
    sound = voice(RATE, 0.2)
    for value in (sound[None], np.stack([sound, sound / 2], axis=-1)[None]):
        kept = audio.HEAD.keep(Tensor.from_numpy(value), SETTINGS)
        levels, rate = read(kept.content)
        assert (kept.role, kept.ending, rate) == ("sound", ".wav", RATE)
        expected = value.reshape(len(sound), -1)
        assert levels.shape == expected.shape
        assert np.abs(levels / 32768 - expected).max() <= STEP / 2
        assert kept.facts["flaw"] == "" and len(kept.facts["peaks"]) == sounds.COLUMNS
        assert max(kept.facts["peaks"]) == pytest.approx(np.abs(value).max(), abs=5e-4)


@pytest.mark.parametrize(
    ("values", "flaw"),
    [([0.5, -1, 1], ""), ([0.5, 1.25], "loud"), ([float("-inf"), 0], "loud"),
     ([2, float("nan")], "numberless"), ([], "empty")],
)  # fmt: skip
def test_flaws_are_told(values: list[float], flaw: str) -> None:
    kept = audio.HEAD.keep(Tensor.from_numpy(np.array([values], np.float32)), SETTINGS)
    assert kept.facts["flaw"] == flaw
    peaks = kept.facts["peaks"]
    assert all(0 <= peak <= 1 for peak in peaks) and json.dumps(peaks, allow_nan=False)


def test_the_page_keeps_16_bits_and_cuts_off_what_is_louder() -> None:
    sound = voice(RATE, 0.1) * np.float32(1.5) / np.abs(voice(RATE, 0.1)).max()
    said = output("x", sample_rate=RATE)
    odd = [0.5, float("nan"), float("inf"), float("-inf"), 1, -1]
    stereo = np.stack([sound, -sound / 3], axis=-1)
    made = take(
        ("audio", "wav", tensor(sound[None]), said),
        ("audio", "wav", tensor(stereo[None]), said),
        ("audio", "wav", tensor([odd]), said),
        ("audio", "wav", tensor(np.zeros((1, 0))), said),
    )
    (one, both, strange, empty) = (read(b64decode(file)) for file in made)
    for (levels, rate), expected in ((one, sound[:, None]), (both, stereo)):
        assert rate == RATE and levels.shape == expected.shape
        assert np.abs(levels / 32768 - np.clip(expected, -1, 1)).max() <= STEP
    assert strange[0].ravel().tolist() == [16384, 0, 32767, -32768, 32767, -32768]
    assert empty[0].size == 0


PEAKS = """
import { peaksOf } from '%s/templates/runtime/page/sound/wave.js';
import { readFileSync } from 'node:fs';
const samples = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(samples.map((one) => peaksOf(Float32Array.from(one)))));
"""


def test_waveforms_of_the_build_and_the_page_are_alike() -> None:
    lengths = (0, 1, 159, 161, 1600, 4001)
    cases = [voice(RATE, 1.0)[:length] for length in lengths]
    program = [packages.node(), "--input-type=module", "--eval", PEAKS % ROOT]
    given = json.dumps([case.tolist() for case in cases])
    made = subprocess.run(program, input=given, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    for found, case in zip(json.loads(made.stdout), cases, strict=True):
        assert np.abs(np.array(found) - sounds.peaks(case)).max() <= 5e-4 + 1e-9
