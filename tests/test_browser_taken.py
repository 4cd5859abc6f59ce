"""Answers are taken away: what is copied or kept is what is shown, and nothing else can be."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.conftest import BuildDemo, KerasModels, NewPage, OpenPage
from tests.faulty_host import faulty_host
from tests.returning import expect_kept
from tests.visitor import choose_file, expect_live, open_ready, page_data, settle

CLIPBOARD = ["clipboard-read", "clipboard-write"]
TAKEN = ".taken-word"
# What the page shows, whoever computed it: the raw answer of the model, through the page's API.
ANSWER = """async (inputs) => {
  const [answer] = Object.values(await tfjsDemo.predict(inputs));
  return Array.from(answer.data);
}"""


@pytest.fixture
def open_copyable(open_page: OpenPage) -> OpenPage:
    """Opens a page that may copy."""

    def make(name: str, **options: Any) -> Page:
        return open_page(name, **{"permissions": CLIPBOARD, **options})

    return make


def copied(page: Page) -> str:
    """What the button copies, by keyboard."""
    button = page.locator("[data-take=text]")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(TAKEN)).to_have_text("Copied")
    expect(button).to_be_focused()
    return str(page.evaluate("navigator.clipboard.readText()"))


def kept(page: Page, form: str) -> tuple[str, bytes]:
    """The name and the content of a file."""
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {form.upper()}").click()
    name = download.value.suggested_filename
    expect(page.locator(TAKEN)).to_have_text(f"Saved as {name}")
    return name, Path(download.value.path()).read_bytes()


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("name", ["digits", "wine"])
def test_scores_as_python_and_as_the_device_computed_them(
    name: str, open_copyable: OpenPage
) -> None:
    page = open_copyable(name)
    data = page_data(page)
    (output,) = data["outputs"]
    for index, example in enumerate(data["examples"][:2]):
        if index:
            page.locator(f"[data-example='{index}']").click()
            settle(page)
            expect_live(page)
        shown = page.locator(".label-name").all_inner_texts()
        lines = [line.split("\t") for line in copied(page).split("\n")]
        assert lines[0] == output["columns"] == [output["label"], "Score"]
        assert [label for label, _ in lines[1:]] == shown
        file, content = kept(page, "csv")
        assert re.fullmatch(r"[a-z0-9-]+\.csv", file) and output["label"].lower() in file
        head, *rows = table(content)
        assert [head, *rows[: len(shown)]] == lines
        python = dict(zip(output["options"]["labels"], example["answers"][output["name"]]["data"],
                          strict=True))  # fmt: skip
        assert {label for label, _ in rows} == python.keys()
        assert all(abs(float(score) - python[label]) < 1e-4 for label, score in rows)
        _, content = kept(page, "json")
        assert [[one["label"], str(one["score"])] for one in json.loads(content)] == rows


def test_a_number_and_its_unit(open_copyable: OpenPage) -> None:
    page = open_copyable("diabetes")
    figure = page.locator(".number-figure").inner_text()
    number, unit = copied(page).split(" ")
    assert f"{float(number):.0f}" == figure and unit == "points"
    assert len(number) > len(figure)
    file, content = kept(page, "csv")
    assert file.endswith(".csv") and table(content)[1] == [number]
    assert table(content)[0] == page_data(page)["outputs"][0]["columns"]


def test_a_tensor_in_full(open_copyable: OpenPage, keras_models: KerasModels) -> None:
    page = open_copyable("sequence")
    value = keras_models.cases["sequence/inputs"][1].round(3).tolist()
    page.locator("textarea").fill(json.dumps(value))
    page.locator("textarea").blur()
    settle(page)
    expect_live(page)
    expected = page.evaluate(ANSWER, {page_data(page)["inputs"][0]["name"]: value})
    for text in (copied(page), kept(page, "json")[1].decode()):
        assert np.array_equal(np.array(json.loads(text), np.float32).ravel(), expected)
    _, *rows = table(kept(page, "csv")[1])
    assert np.array_equal(np.array(rows, np.float32).ravel(), expected)


def test_a_picture_is_its_values_rounded(
    open_copyable: OpenPage, keras_models: KerasModels
) -> None:
    page = open_copyable("painter")
    pixels = keras_models.cases["painter/inputs"][0, 0].astype(np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    choose_file(page, "own.png", content.getvalue())
    expect_live(page)
    (name,) = (one["name"] for one in page_data(page)["inputs"])
    values = page.evaluate(ANSWER, {name: pixels[None].tolist()})
    file, content_kept = kept(page, "png")
    picture = np.asarray(Image.open(io.BytesIO(content_kept)))
    assert file.endswith(".png")
    assert np.array_equal(picture.ravel(), np.rint(np.array(values, np.float32)).astype(np.uint8))


def test_only_what_is_the_answer_can_be_taken(open_copyable: OpenPage) -> None:
    """Not before there is one, nor beside another input; it comes back with the next."""
    page = open_copyable("mood")
    taken = page.get_by_role("group", name=re.compile("^Take away"))
    box = page.get_by_role("textbox", name="Review")
    box.fill("good")
    box.blur()
    settle(page)
    expect_live(page)
    expect(taken).to_be_visible()
    before = copied(page)
    box.fill("")
    box.blur()
    expect(taken).to_be_hidden()
    # A program that clicks all the same gets nothing.
    page.evaluate("navigator.clipboard.writeText('nothing')")
    page.locator("[data-take=text]").dispatch_event("click")
    page.locator("[data-take=text]").evaluate("(button) => button.click()")
    settle(page)
    assert page.evaluate("navigator.clipboard.readText()") == "nothing"
    box.fill("bad, bad")
    box.blur()
    settle(page)
    expect_live(page)
    assert copied(page) != before


@pytest.mark.parametrize("refused", ["no clipboard", "no permission"])
def test_without_the_clipboard_it_is_copied_as_of_old(
    refused: str, open_copyable: OpenPage
) -> None:
    """Pages without https have no clipboard, and frames of others may not use it."""
    page = open_copyable("wine")
    page.evaluate(
        """(refused) => {
          const { clipboard } = navigator;
          const none = refused === 'no clipboard' ? undefined
            : { writeText: async () => { throw new DOMException('no', 'NotAllowedError'); } };
          Object.defineProperty(navigator, 'clipboard', { value: none, configurable: true });
          window.readCopied = () => clipboard.readText();
        }""",
        refused,
    )
    page.locator("[data-take=text]").click()
    expect(page.locator(TAKEN)).to_have_text("Copied")
    assert page.evaluate("readCopied()").startswith("Cultivar\tScore\n")
    page.evaluate("document.execCommand = () => false")
    page.locator("[data-take=text]").click()
    expect(page.locator(TAKEN)).to_have_text("This browser does not let the page copy")


def test_it_is_loaded_late_and_is_there_offline(build_demo: BuildDemo, new_page: NewPage) -> None:
    page = new_page(permissions=CLIPBOARD)
    names = "performance.getEntriesByType('resource').map((one) => one.name.split('/').pop())"
    with faulty_host({"repo/": build_demo("wine").folder}) as host:
        open_ready(page, f"{host.url}repo/?backend=cpu")
        assert not [name for name in page.evaluate(names) if name.startswith("take-")]
        expect_kept(page)
        host.stop()
        page.goto("about:blank")
        open_ready(page, f"{host.url}repo/?backend=cpu")
        assert copied(page).startswith("Cultivar\tScore\n")
        assert kept(page, "csv")[1].startswith(b"Cultivar,Score\r\n")
