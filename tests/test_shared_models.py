"""The shared models, each as its README says: built, opened in Chromium, compared with Python.

A quarter of a minute a model: `python -m pytest -m models`.
"""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bundler.ground.errors import ModelError
from bundler.pipeline import build
from tests.conftest import SHARED_MODELS, Host, NewPage
from tests.visitor import (
    TOLERANCE,
    choose_file,
    expect_live,
    field,
    one_more_prediction,
    open_ready,
    page_data,
    read_bars,
    settle,
)

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not SHARED_MODELS.exists(), reason="the shared models are not here"),
]

Array = npt.NDArray[Any]
Cases = dict[str, Array]
Open = Callable[[str], Page]

LEAST_CASES = 10
CIFAR = SHARED_MODELS / "inputs" / "cifar10"
CIFAR_CLASSES = """[
  "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]"""
WORDS = """[
  "silence", "unknown", "yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go",
]"""

# By the name of its cases: the model's file, and the rest of demo.toml.
DEMOS: dict[str, tuple[str, str]] = {
    "emotion": (
        "emotion-xception.hdf5",
        """
        [[inputs]]
        range = [-1, 1]
        [[outputs]]
        labels = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
        """,
    ),
    "person": (
        "person-mobilenet.h5",
        """
        [[inputs]]
        range = [0, 1]
        [[outputs]]
        labels = ["no person", "person"]
        """,
    ),
    "change": (
        "change-detection.h5",
        """
        [[inputs]]
        label = "Before"
        range = [0, 1]
        [[inputs]]
        label = "After"
        range = [0, 1]
        [[outputs]]
        label = "Change"
        widget = "image"
        """,
    ),
    "super-resolution": (
        "super-resolution.h5",
        """
        [[inputs]]
        range = [0, 1]
        [[outputs]]
        widget = "image"
        range = [-1, 1]
        """,
    ),
    "colourise": (
        "colourise.keras",
        f"""
        [[inputs]]
        range = [0, 1]
        [[outputs]]
        label = "Colours"
        widget = "image"
        range = [0, 1]
        [[examples]]
        input_layer = "{SHARED_MODELS}/inputs/cat.jpg"
        """,
    ),
    "sentiment": (
        "sentiment.keras",
        """
        [[outputs]]
        widget = "number"
        """,
    ),
    "digits": ("mnist-cnn.keras", "[[inputs]]\nrange = [0, 1]"),
    "digits-tfjs": ("mnist-cnn-tfjs", "[[inputs]]\nrange = [0, 1]"),
    "keywords": ("keyword-spotting-savedmodel", f"[[outputs]]\nlabels = {WORDS}"),
    "heart": (
        "heart-failure-savedmodel",
        """
        [[inputs]]
        name = "Age"
        min = 18
        max = 100
        unit = "years"
        [[inputs]]
        name = "Sex"
        widget = "dropdown"
        choices = [{ label = "female", value = "F" }, { label = "male", value = "M" }]
        [[inputs]]
        name = "ChestPainType"
        widget = "dropdown"
        choices = ["TA", "ATA", "NAP", "ASY"]
        [[inputs]]
        name = "RestingBP"
        min = 0
        max = 200
        [[inputs]]
        name = "Cholesterol"
        min = 0
        max = 603
        [[inputs]]
        name = "FastingBS"
        widget = "dropdown"
        choices = ["low", "high"]
        [[inputs]]
        name = "RestingECG"
        default = "Normal"
        [[inputs]]
        name = "MaxHR"
        min = 60
        max = 202
        [[inputs]]
        name = "ExerciseAngina"
        widget = "dropdown"
        choices = ["N", "Y"]
        [[inputs]]
        name = "Oldpeak"
        min = -2.6
        max = 6.2
        step = 0.1
        [[inputs]]
        name = "ST_Slope"
        widget = "dropdown"
        choices = ["Up", "Flat", "Down"]
        """,
    ),
    "spoken": (
        "keyword-spotting-frozen.pb",
        f"""
        [[inputs]]
        name = "Mfcc"
        shape = [1, 49, 10]
        widget = "json"
        [[outputs]]
        name = "labels_softmax"
        labels = {WORDS}
        """,
    ),
    "pitch": ("pitch-crepe-tfjs", ""),
    "cifar-resnet": (
        "cifar10-resnet8.h5",
        f"""
        [[inputs]]
        range = [0, 255]
        [[outputs]]
        labels = {CIFAR_CLASSES}
        """,
    ),
    "cifar-frozen": (
        "cifar10-frozen.pb",
        f"""
        [[inputs]]
        name = "conv2d_1_input"
        range = [0, 1]
        [[outputs]]
        name = "output_node0"
        labels = {CIFAR_CLASSES}
        """,
    ),
}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """What shared_cases.py computes in a process of its own."""
    folder = tmp_path_factory.mktemp("cases")
    script = Path(__file__).parent / "shared_cases.py"
    command = [sys.executable, str(script), str(SHARED_MODELS), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    with np.load(folder / "cases.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Builds a demo of DEMOS by name, once; the model's file stays where it is."""
    built: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in built:
            model, text = DEMOS[name]
            folder = tmp_path_factory.mktemp(name)
            head = f'model = {json.dumps(str(SHARED_MODELS / model))}\ntitle = "{name}"\n'
            (folder / "demo.toml").write_text(head + text, encoding="utf-8")
            built[name] = build(folder, allowed=[SHARED_MODELS]).folder
        return built[name]

    return make


@pytest.fixture
def open_demo(sites: Callable[[str], Path], host: Callable[..., Host], new_page: NewPage) -> Open:
    """Opens the page of a demo by name."""

    def make(name: str) -> Page:
        page = new_page()
        page.set_default_timeout(60_000)
        open_ready(page, host(sites(name)).url)
        return page

    return make


# Numbers go to the page and back as base64 of their bytes: pictures have many of them.
ASK = """async (inputs) => {
  const arrays = { float32: Float32Array, int32: Int32Array };
  const unpack = (dtype, text) =>
    new arrays[dtype](Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const fed = Object.entries(inputs).map(([name, { dtype, data, shape }]) => {
    return [name, { shape, data: dtype === 'string' ? data : unpack(dtype, data) }];
  });
  const [{ data, shape }] = Object.values(await tfjsDemo.predict(Object.fromEntries(fed)));
  const bytes = new Uint8Array(Float32Array.from(data).buffer);
  return { data: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')), shape };
}"""


def ask(page: Page, inputs: dict[str, Array]) -> Array:
    """The first output for inputs by name; the name of a single input does not matter."""
    specs = page.evaluate("tfjsDemo.signature.inputs")
    if len(specs) == 1:
        inputs = dict(zip(specs, inputs.values(), strict=True))
    fed = {
        name: {**pack(value, specs[name]["dtype"]), "shape": list(value.shape)}
        for name, value in inputs.items()
    }
    answer = page.evaluate(ASK, fed)
    flat = np.frombuffer(base64.b64decode(answer["data"]), np.float32)
    return flat.reshape(answer["shape"])


def pack(value: Array, dtype: str) -> dict[str, Any]:
    """What ASK takes; a table's texts may stand for numbers."""
    if dtype == "string":
        return {"dtype": dtype, "data": value.ravel().tolist()}
    return {"dtype": dtype, "data": base64.b64encode(value.astype(dtype).tobytes()).decode()}


def answers(page: Page, cases: Cases, name: str) -> Array:
    """What the page answers to the cases of this name."""
    keys = [key for key in cases if key.startswith(f"{name}/inputs/")]
    count = len(cases[f"{name}/answers"])
    assert keys and count >= LEAST_CASES
    return np.stack(
        [
            ask(page, {key.split("/")[2]: cases[key][index] for key in keys})
            for index in range(count)
        ]
    )


def largest_error(got: Array, expected: Array) -> float:
    assert got.shape == expected.shape
    return float(np.abs(got - expected).max() / np.abs(expected).max())


@pytest.mark.parametrize("name", [name for name in DEMOS if name != "digits-tfjs"])
def test_the_page_answers_as_python(name: str, open_demo: Open, cases: Cases) -> None:
    expected = cases[f"{name}/answers"]
    flat = expected.reshape(len(expected), -1).round(3)
    assert len(np.unique(flat, axis=0)) >= 5, "answers that are alike prove nothing"
    page = open_demo(name)
    error = largest_error(answers(page, cases, name), expected)
    print(f"{name} on {page.evaluate('tfjsDemo.backend')}: largest error {error:.1e}")
    assert error <= TOLERANCE


def test_the_authors_own_conversion_agrees(open_demo: Open, cases: Cases) -> None:
    """The same digits by the Keras file and by what its author made of it for TF.js."""
    theirs = answers(open_demo("digits-tfjs"), cases, "digits")
    ours = answers(open_demo("digits"), cases, "digits")
    assert largest_error(theirs, cases["digits/answers"]) <= TOLERANCE
    assert largest_error(theirs, ours) <= TOLERANCE
    assert (ours.argmax(-1).ravel() == np.arange(10)).sum() >= 9, "these are digits"


@pytest.mark.parametrize(("name", "right"), [("cifar-resnet", 12), ("cifar-frozen", 10)])
def test_the_cifar_pictures(name: str, right: int, open_demo: Open) -> None:
    page = open_demo(name)
    seen = {}
    for file in sorted(CIFAR.glob("*.png")):
        with one_more_prediction(page):
            choose_file(page, file.name, file.read_bytes())
        settle(page)
        expect_live(page)
        seen[file.stem] = read_bars(page)[0].label
    assert len(seen) == 12
    assert sum(stem.rstrip("0123456789") == label for stem, label in seen.items()) == right, seen


def test_a_patient_through_the_widgets(open_demo: Open, cases: Cases) -> None:
    page = open_demo("heart")
    labels = page.locator(".field-label").all_inner_texts()
    assert labels[:3] == ["Age", "Sex", "ChestPainType"], "the order is that of demo.toml"
    names = {item["label"]: item["name"] for item in page_data(page)["inputs"]}
    words = {"F": "female", "M": "male", "0": "low", "1": "high"}
    for index in (0, 3, 7):
        for label in labels:
            text = str(cases[f"heart/inputs/{names[label]}"][index, 0])
            box = field(page, label)
            if box.get_by_role("combobox").count():
                word = words.get(text, text) if label in ("Sex", "FastingBS") else text
                box.get_by_role("combobox").select_option(word)
            else:
                box.locator("input, textarea").fill(text)
                page.keyboard.press("Tab")
        settle(page)
        expect_live(page)
        shown = float(page.locator(".number-figure").inner_text())
        expected = cases["heart/answers"][index].item()
        assert abs(shown - expected) <= max(1e-3 * expected, TOLERANCE)


def test_a_picture_is_answered_by_a_picture(open_demo: Open, cases: Cases) -> None:
    page = open_demo("colourise")
    # The example's, as Python computed and the build drew it.
    expect(page.locator("img.answer-picture")).to_be_visible()
    size = "img => [img.naturalWidth, img.naturalHeight]"
    assert page.locator("img.answer-picture").evaluate(size) == [96, 96]
    assert page.locator("[data-example] .answer-thumbnail").evaluate(size) == [96, 96]
    for index in (0, 5):
        content = io.BytesIO()
        pixels = cases["colourise/inputs/input_layer"][index, 0].astype(np.uint8)
        Image.fromarray(pixels).save(content, "PNG")
        with one_more_prediction(page):
            choose_file(page, "own.png", content.getvalue())
        expect_live(page)
        expected = cases["colourise/answers"][index, 0]
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as PNG").click()
        drawn = np.asarray(Image.open(download.value.path()).convert("RGB"), float)
        assert drawn.shape == expected.shape
        assert np.abs(drawn - expected).max() <= 0.5 + 255 * TOLERANCE


def test_ops_that_the_browser_lacks_are_named(tmp_path: Path) -> None:
    model = SHARED_MODELS / "keyword-spotting-frozen.pb"
    with pytest.raises(ModelError) as caught:
        build(model, out=tmp_path / "site")
    said = f"{caught.value.message} {caught.value.hint}"
    assert all(op in said for op in ("DecodeWav", "AudioSpectrogram", "Mfcc")), said
    assert not (tmp_path / "site").exists()
