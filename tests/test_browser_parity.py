"""What the browser answers is what Keras answers: through the page's API and its widgets."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Page, expect

from bundler.demo import config
from tests.conftest import DEMOS, BuildDemo, Host, KerasModels, NewPage
from tests.photographs import stored
from tests.visitor import (
    TOLERANCE,
    Array,
    choose_file,
    enter,
    expect_bars,
    expect_live,
    field,
    one_more_prediction,
    open_ready,
    page_data,
    predict,
    settle,
)

BARE = ("mlp", "sequence", "grey", "painter", "mood")
NAMES = ("digits", "wine", "diabetes", *BARE)

Open = Callable[[str], Page]


@pytest.fixture
def open_demo(
    build_demo: BuildDemo,
    keras_models: KerasModels,
    host: Callable[..., Host],
    new_page: NewPage,
) -> Open:
    """Opens the page of a demo, or of a bare model, by name."""

    def make(name: str) -> Page:
        target = keras_models.folder / f"{name}.keras" if name in BARE else name
        page = new_page()
        open_ready(page, host(build_demo(target).folder).url)
        return page

    return make


@pytest.mark.parametrize("name", NAMES)
def test_api_answers_as_keras(name: str, open_demo: Open, keras_models: KerasModels) -> None:
    page = open_demo(name)
    input_name, output_name = keras_models.cases[f"{name}/names"]
    inputs, expected = keras_models.cases[f"{name}/inputs"], keras_models.cases[f"{name}/answers"]
    assert len(inputs) == 10
    assert len(np.unique(expected.round(3), axis=0)) > 5, "answers that are alike prove nothing"
    answers = []
    for value in inputs:
        output, answer = predict(page, str(input_name), value)
        assert output == output_name
        answers.append(answer)
    error = np.abs(np.stack(answers) - expected).max() / np.abs(expected).max()
    backend = page.evaluate("tfjsDemo.backend")
    print(f"{name} on {backend}: largest error {error:.1e} of {TOLERANCE} allowed")
    assert error <= TOLERANCE


def test_signature_tells_names_dtypes_and_shapes(open_demo: Open) -> None:
    signature = open_demo("wine").evaluate("tfjsDemo.signature")
    assert signature == {
        "inputs": {"analysis": {"dtype": "float32", "shape": [None, 13]}},
        "outputs": {"cultivar": {"dtype": "float32", "shape": [None, 3]}},
    }


def test_api_says_what_is_wrong(open_demo: Open) -> None:
    page = open_demo("wine")
    for inputs, message in (
        ("{}", "the input analysis is missing"),
        ("{ analyses: [[1]] }", "the model has no input analyses; it has analysis"),
        ("{ analysis: [[1, 2]] }", "analysis has shape [1, 2], but the model expects [?, 13]"),
        ("{ analysis: [[1, 2], [3]] }", "the rows of analysis are not equally long"),
    ):
        script = f"tfjsDemo.predict({inputs}).then(() => 'answered', error => error.message)"
        assert page.evaluate(script) == message
    expect(page.locator("#failure")).to_be_empty()


def test_api_takes_nested_arrays_typed_arrays_and_batches(open_demo: Open) -> None:
    page = open_demo("mlp")
    nested, typed, batch = page.evaluate(
        """async () => {
          const ask = async (features) => {
            const { data, shape } = (await tfjsDemo.predict({ features })).scores;
            return { data: Array.from(data), shape };
          };
          const row = [0.5, -1, 2, 0];
          return Promise.all([ask([row]), ask(Float32Array.from(row)), ask([[1, 1, 1, 1], row])]);
        }"""
    )
    assert nested["shape"] == typed["shape"] == [1, 3]
    assert batch["shape"] == [2, 3]
    assert nested["data"] == typed["data"]
    assert batch["data"][3:] == pytest.approx(nested["data"], abs=1e-6)
    assert batch["data"][:3] != pytest.approx(nested["data"], abs=1e-3)


def least_certain(answers: Array) -> int:
    """The case whose classes are the closest to each other."""
    return int(np.argmin(answers.reshape(len(answers), -1).max(axis=1)))


def test_wine_through_its_widgets(open_demo: Open, keras_models: KerasModels) -> None:
    page = open_demo("wine")
    fields = config.read(DEMOS / "wine").inputs[0].fields or []
    answers = keras_models.cases["wine/answers"]
    for case in (least_certain(answers), 0):
        values = keras_models.cases["wine/inputs"][case, 0]
        for index, (setting, value) in enumerate(zip(fields, values, strict=True)):
            text = f"{value:.2f}".rstrip("0").rstrip(".")
            slider = field(page, setting.label or "").get_by_role("slider")
            # Sliders and their number fields in turn.
            if setting.widget == "slider" and index % 2 == 0:
                slider.fill(text)
            else:
                enter(page, setting.label or "", text)
        settle(page)
        expect_live(page)
        [output] = page_data(page)["outputs"]
        expect_bars(page, output["options"]["labels"], answers[case, 0])


def test_diabetes_through_its_widgets(open_demo: Open, keras_models: KerasModels) -> None:
    page = open_demo("diabetes")
    fields = config.read(DEMOS / "diabetes").inputs[0].fields or []
    for case in (0, 1):
        values = keras_models.cases["diabetes/inputs"][case, 0]
        for setting, value in zip(fields, values, strict=True):
            if setting.choices:
                label = next(choice.label for choice in setting.choices if choice.value == value)
                field(page, setting.label or "").get_by_role("combobox").select_option(label)
            else:
                enter(page, setting.label or "", f"{value:.4f}".rstrip("0").rstrip("."))
        settle(page)
        expect_live(page)
        expected = f"{keras_models.cases['diabetes/answers'][case].item():.0f}"
        assert page.locator(".number-answer").inner_text() == f"{expected} points"


def test_bare_model_of_four_numbers(open_demo: Open, keras_models: KerasModels) -> None:
    page = open_demo("mlp")
    assert page.title() == "Mlp"
    expect(page.get_by_role("spinbutton")).to_have_count(4)
    for case in (0, 1):
        for index, value in enumerate(keras_models.cases["mlp/inputs"][case, 0]):
            page.get_by_role("spinbutton").nth(index).fill(f"{value:.3f}")
        page.keyboard.press("Tab")
        settle(page)
        expect_live(page)
        labels = ["class 0", "class 1", "class 2"]
        expect_bars(page, labels, keras_models.cases["mlp/answers"][case, 0])


def test_bare_model_of_a_tensor_gets_json_both_ways(
    open_demo: Open, keras_models: KerasModels
) -> None:
    page = open_demo("sequence")
    for case, batched in ((0, True), (1, False)):
        value = keras_models.cases["sequence/inputs"][case].round(3).tolist()
        box = page.get_by_role("textbox")
        box.fill(json.dumps(value if batched else value[0]))
        box.blur()
        settle(page)
        expect_live(page)
        shown = np.array(json.loads(page.locator(".json-text").inner_text()))
        expected = keras_models.cases["sequence/answers"][case]
        assert shown.shape == expected.shape == (1, 6, 2)
        assert np.abs(shown - expected).max() <= TOLERANCE * np.abs(expected).max()


def test_json_widget_says_what_is_wrong(open_demo: Open) -> None:
    page = open_demo("sequence")
    box = page.get_by_role("textbox")
    for text, message in (
        ("[[1, 2", "This is not a list that can be read: check commas and brackets"),
        # A batch of one goes without saying, whether its brackets were written or not.
        ("[[[1, 2, 3]]]", "The list has 1 row, expected 6."),
        ("[[1, 2, 3], [1, 2], [], [], [], []]", "Row 2 has 2 numbers, expected 3."),
        ('[[[1, "two", 3], [], [], [], [], []]]', 'Row 1, entry 2 is "two", expected a number.'),
    ):
        box.fill(text)
        box.blur()
        expect(page.locator(".field-problem")).to_contain_text(message)
        expect(box).to_have_value(text)


def png(picture: Image.Image, **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG", **options)
    return content.getvalue()


NOTE_FED = """() => {
  const { predict } = tfjsDemo;
  tfjsDemo.predict = (inputs) => {
    const { data, shape } = inputs.picture;
    window.fed = { data: Array.from(data), shape };
    return predict(inputs);
  };
}"""


def test_pictures_are_fed_upright_and_on_white(open_demo: Open) -> None:
    page = open_demo("grey")
    page.evaluate(NOTE_FED)
    random = np.random.default_rng(3)
    solid = Image.fromarray(random.integers(0, 256, (5, 7, 3), np.uint8))
    clear = Image.fromarray(random.integers(0, 256, (5, 7, 4), np.uint8))
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6  # a camera held upright
    white = Image.new("RGBA", clear.size, "white")
    for content, expected in (
        (png(solid), solid),
        (png(solid, exif=turned), solid.transpose(Image.Transpose.ROTATE_270)),
        (png(clear), Image.alpha_composite(white, clear).convert("RGB")),
    ):
        with one_more_prediction(page):
            choose_file(page, "own.png", content)
        fed = page.evaluate("fed")
        pixels = np.array(fed["data"]).reshape(fed["shape"])[0]
        assert pixels.shape == (expected.height, expected.width, 3)
        assert np.abs(pixels - np.asarray(expected, int)).max() <= 2


# What browsers do about a camera's orientation: they turn the picture, know no such option (Chrome
# until 106, WebKit until 2.38), or leave it as it was stored (Firefox some kinds, WebKit others).
BEHAVIOURS = {
    "turns": "(options) => options",
    "refuses": """(options) => {
      if (options?.imageOrientation) throw new TypeError('no valid enum value');
      return options;
    }""",
    "leaves": "(options) => ({ ...options, imageOrientation: 'none' })",
}
BEHAVE = """() => {
  const { createImageBitmap } = window;
  const change = BEHAVIOUR;
  window.createImageBitmap = async (from, options) => createImageBitmap(from, change(options));
}"""


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_pictures_of_every_orientation_are_fed_upright(
    behaviour: str, kind: str, open_demo: Open
) -> None:
    page = open_demo("grey")
    page.evaluate(NOTE_FED)
    page.evaluate(BEHAVE.replace("BEHAVIOUR", BEHAVIOURS[behaviour]))
    upright = Image.new("RGB", (32, 16), "white")
    upright.paste((255, 0, 0), (0, 0, 8, 8))
    upright.paste((0, 0, 255), (24, 8, 32, 16))
    for orientation in range(1, 9):
        content = io.BytesIO()
        picture, exif = stored(upright, orientation)
        picture.save(content, kind, exif=exif, quality=100)
        with one_more_prediction(page):
            choose_file(page, "own", content.getvalue())
        fed = page.evaluate("fed")
        pixels = np.array(fed["data"]).reshape(fed["shape"])[0]
        assert pixels.shape == (16, 32, 3), orientation
        middles = pixels[4, 4], pixels[12, 28], pixels[4, 28]
        expected = (255, 0, 0), (0, 0, 255), (255, 255, 255)
        assert np.abs(np.subtract(middles, expected)).max() < 16, orientation


def test_bare_model_of_a_picture(open_demo: Open, keras_models: KerasModels) -> None:
    page = open_demo("grey")
    assert page.evaluate("tfjsDemo.backend") == "wasm"
    for case in (0, 1):
        pixels = keras_models.cases["grey/inputs"][case, 0].astype(np.uint8)
        with one_more_prediction(page):
            choose_file(page, "own.png", png(Image.fromarray(pixels)))
        expect_live(page)
        labels = [f"class {index}" for index in range(10)]
        expect_bars(page, labels, keras_models.cases["grey/answers"][case, 0])


def test_bare_model_of_a_text(open_demo: Open, keras_models: KerasModels) -> None:
    page = open_demo("mood")
    box = page.get_by_role("textbox", name="Review")
    for case in (0, 1):
        box.fill(str(keras_models.cases["mood/inputs"][case].item()))
        box.blur()
        settle(page)
        expect_live(page)
        expect_bars(page, ["class 0", "class 1"], keras_models.cases["mood/answers"][case, 0])
    box.fill("  ")
    box.blur()
    expect(page.locator(".field-problem")).to_have_text("Review is empty.")
    expect(page.locator("#answer")).to_have_attribute("data-origin", "none")
    expect(box).not_to_have_attribute("aria-invalid", "true")


def test_bare_model_that_paints(open_demo: Open, keras_models: KerasModels) -> None:
    page = open_demo("painter")
    expect(page.locator("[data-take=png]")).to_be_hidden()
    for case in (0, 1):
        pixels = keras_models.cases["painter/inputs"][case, 0].astype(np.uint8)
        with one_more_prediction(page):
            choose_file(page, "own.png", png(Image.fromarray(pixels)))
        expect_live(page)
        expect(page.locator(".answer-size")).to_have_text("64 × 48 pixels")
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as PNG").click()
        drawn = np.asarray(Image.open(download.value.path()).convert("RGB"), float)
        expected = keras_models.cases["painter/answers"][case, 0]
        assert drawn.shape == expected.shape == (48, 64, 3)
        # Rounded, and nothing more.
        assert np.abs(drawn - expected).max() <= 0.5 + 255 * TOLERANCE
