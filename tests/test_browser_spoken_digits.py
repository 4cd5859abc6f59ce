"""The demo with the microphone: what is said is understood as Keras understands it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from bundler.demo import config
from bundler.ground import sounds
from bundler.ground.resample import resample
from tests import camera, warm
from tests.conftest import DEMOS, BuildDemo, Host, NewPage, StartChromium
from tests.every import OF_ONE_DEMO
from tests.sounds import wav
from tests.test_browser_audio import MICROPHONE_RATE, NOTE, NOTE_FED, button, fed
from tests.visitor import expect_bars, expect_live, open_ready, page_data, read_bars

pytestmark = OF_ONE_DEMO

SPOKEN = DEMOS / "spoken-digits"
# What librosa and Keras make of samples, which the demo's training script did as well.
ANSWER = """
import sys
import keras
import librosa
import numpy as np
samples = librosa.util.fix_length(np.load(sys.argv[2]), size=16000)
power = librosa.feature.melspectrogram(
    y=samples, sr=8000, n_fft=256, hop_length=128, n_mels=40
)
heard = librosa.power_to_db(power, ref=np.max, top_db=60)
np.save(sys.argv[3], keras.saving.load_model(sys.argv[1])(heard[None]).numpy()[0])
"""


@pytest.fixture(scope="module")
def hearing(start_chromium: StartChromium, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser into whose microphone somebody says seven, again and again."""
    said, rate = sounds.parse((SPOKEN / "examples" / "seven.wav").read_bytes(), "seven")
    # Once in two seconds, wherever they begin.
    said = np.pad(said, (0, 2 * rate - len(said)))
    file = tmp_path_factory.mktemp("said") / "said.wav"
    wav(file, resample(said, rate, MICROPHONE_RATE), MICROPHONE_RATE)
    return start_chromium(*camera.FAKE, f"--use-file-for-fake-audio-capture={file}")


def test_what_is_said_is_understood(
    build_demo: BuildDemo,
    host: Callable[..., Host],
    new_page: NewPage,
    hearing: Browser,
    tmp_path: Path,
) -> None:
    labels = config.read(SPOKEN).outputs[0].labels or []
    page = new_page(within=hearing)
    page.add_init_script(NOTE)
    open_ready(page, host(build_demo("spoken-digits").folder).url)
    for index, example in enumerate(page_data(page)["examples"]):
        page.locator("[data-example]").nth(index).click()
        expect_live(page)
        scores = np.array(example["answers"]["digit"]["data"])
        expect_bars(page, labels, scores)
        assert labels[scores.argmax()] == example["title"].lower()
    page.evaluate(NOTE_FED)
    button(page, "Record again").click()
    expect(page.locator("[data-sound=recording]")).to_be_visible()
    expect_live(page)  # once two seconds are over
    samples = fed(page)
    assert samples.shape == (16000,)
    assert read_bars(page)[0].label == "seven"
    files = tmp_path / "samples.npy", tmp_path / "scores.npy"
    np.save(files[0], samples)
    result = warm.run_forked(ANSWER, SPOKEN / "spoken-digits.keras", *files)
    assert result.returncode == 0, result.stderr
    expect_bars(page, labels, np.load(files[1]))
