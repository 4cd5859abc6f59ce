"""Every shared model built without a demo.toml, and asked in Chromium on cpu, wasm and webgl.

Half a minute a model: `python -m pytest -m models tests/test_shared_bare_models.py`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser

from bundler.pipeline import build
from tests.conftest import ROOT, SHARED_MODELS, Host, NewPage
from tests.test_shared_models import ask, largest_error
from tests.visitor import TOLERANCE, open_ready

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not SHARED_MODELS.exists(), reason="the shared models are not here"),
]

Array = npt.NDArray[Any]
Cases = dict[str, Array]

BACKENDS = ("cpu", "wasm", "webgl")
COUNT = 4
# Where Python's own float32 is further off, so may TensorFlow.js be: so many times, and never
# more than this.
OWN_ERRORS, MOST = 4, 1e-2

# A model's file, and the cases that it is asked: those of the demo of this name (a setting there
# changes nothing in the answers), else its own.
FILES = {
    "emotion-xception.hdf5": "",
    "person-mobilenet.h5": "",
    "change-detection.h5": "",
    "super-resolution.h5": "",
    "colourise.keras": "",
    "cifar10-resnet8.h5": "",
    "cifar10-frozen.pb": "",
    "mnist-cnn.keras": "",
    "mnist-cnn-tfjs": "mnist-cnn.keras",
    "sentiment.keras": "sentiment",
    "keyword-spotting-savedmodel": "keywords",
    "heart-failure-savedmodel": "heart",
    "pitch-crepe-tfjs": "pitch",
}
# Refused in test_shared_models.py: it listens to the bytes of a file.
REFUSED = {"keyword-spotting-frozen.pb"}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """What the two modules of cases compute in processes of their own."""
    folder = tmp_path_factory.mktemp("cases")
    for module in ("tests.shared_cases", "tests.shared_bare_cases"):
        command = [sys.executable, "-m", module, str(SHARED_MODELS), str(folder)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
    stored: Cases = {}
    for path in folder.glob("*.npz"):
        with np.load(path) as arrays:
            stored |= arrays
    return stored


def test_every_file_is_here() -> None:
    listed = {path.name for path in SHARED_MODELS.iterdir()}
    assert listed - {"README.md", "inputs", "tflite"} == FILES.keys() | REFUSED


@pytest.mark.parametrize("file", FILES)
def test_a_bare_model_answers_as_python(
    file: str,
    cases: Cases,
    tmp_path: Path,
    host: Callable[..., Host],
    new_page: NewPage,
    webgl_browser: Browser,
) -> None:
    name = FILES[file] or file
    keys = [key for key in cases if key.startswith(f"{name}/inputs/")]
    answers = cases[f"{name}/answers"][:COUNT]
    exact = cases.get(f"{name}/exact", answers)
    assert keys
    served = host(build(SHARED_MODELS / file, out=tmp_path / "site").folder)
    for backend in BACKENDS:
        page = new_page(within=webgl_browser)
        page.set_default_timeout(300_000)
        open_ready(page, f"{served.url}?backend={backend}")
        assert page.evaluate("tfjsDemo.backend") == backend
        for index, answer in enumerate(answers):
            inputs = {key.split("/", 2)[2]: cases[key][index] for key in keys}
            error = largest_error(ask(page, inputs), answer)
            own = largest_error(answer, exact[index])
            print(f"{file} on {backend}: error {error:.1e}, Python's own {own:.1e}")
            assert error <= max(TOLERANCE, min(MOST, OWN_ERRORS * own))
        page.context.close()
