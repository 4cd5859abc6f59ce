"""Masks over the picture at its own size: painted, moved and kept as Keras and NumPy make them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests import answer_pages
from tests.answer_pages import PARTS, around, png
from tests.conftest import OpenPage
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.visitor import Array, choose_file, expect_live, settle

__all__ = ["axe"]

NAMES = ("thing", "padded", "parts")
ORANGE, BLUE, RED = (0xE6, 0x9F, 0x00), (0x56, 0xB4, 0xE9), (0xD5, 0x5E, 0x00)
DRAWN = """() => {
  const canvas = document.querySelector('#answer canvas');
  const { width, height } = canvas;
  return [width, height, [...canvas.getContext('2d').getImageData(0, 0, width, height).data]];
}"""


@pytest.fixture(scope="module")
def cases(shared: Shared) -> dict[str, Array]:
    return answer_pages.cases(shared)


@pytest.fixture(scope="module")
def sites(shared: Shared) -> Path:
    """The pages by their models; each example is what the model takes, with more around it."""
    return answer_pages.sites(shared, *NAMES)


def pixels(name: str, index: int, cases: dict[str, Array]) -> Array:
    """An example's picture."""
    return around(name, cases[f"{name}/inputs"][index].astype(np.uint8), 200)


@pytest.fixture
def open_site(sites: Path, open_folder: OpenPage) -> OpenPage:
    """Opens one of the pages by its name."""
    return lambda name, **options: open_folder(sites / name / "site", **options)


def drawn(page: Page) -> Array:
    expect(page.locator("#answer canvas")).to_be_visible()
    width, height, data = page.evaluate(DRAWN)
    return np.array(data).reshape(height, width, 4)[..., :3]


def kept(page: Page, name: str) -> tuple[str, Array]:
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    content = np.asarray(Image.open(download.value.path()).convert("RGB"))
    return download.value.suggested_filename, content.astype(int)


def painted(picture: Array, classes: Array, colours: list[tuple[int, ...] | None]) -> Array:
    """Half of the picture and half of the colours."""
    out = picture.astype(float)
    for index, colour in enumerate(colours):
        if colour:
            where = classes == index
            out[where] = (out[where] + colour) / 2
    return out


def one(name: str, scores: Array, threshold: float) -> tuple[Array, str]:
    """Where in the picture the thing is, and how much of what the model sees of it that is."""
    found = np.asarray((np.rint(255 * scores[0, :, :, 0]) >= 255 * threshold).astype(int))
    there = around(name, found, -1)
    share = (there == 1).sum() / (there >= 0).sum()
    return np.maximum(there, 0), f"{round(100 * share, 1):g} %"


def move(page: Page, name: str, keys: str, times: int) -> None:
    for _ in range(times):
        page.get_by_role("slider", name=name).press(keys)


@pytest.mark.parametrize("name", ["thing", "padded"])
def test_one_thing_by_a_threshold_that_moves(
    name: str, open_site: OpenPage, cases: dict[str, Array]
) -> None:
    page = open_site(name)
    share = page.locator(".mask-share")
    for index, scores in enumerate(cases[f"{name}/answers"]):
        if index:
            page.locator(f"[data-example='{index}']").click()
            settle(page)
            expect_live(page)
        picture, (found, said) = pixels(name, index, cases), one(name, scores, 0.5)
        assert 0 < found.mean() < 1
        expect(share).to_have_text(said)
        assert np.abs(drawn(page) - painted(picture, found, [None, ORANGE])).max() <= 1
        asked = page.evaluate("tfjsDemo.timings.predictions.length")
        move(page, "Threshold", "ArrowRight", 20)
        found, said = one(name, scores, 0.7)
        expect(share).to_have_text(said)
        assert np.abs(drawn(page) - painted(picture, found, [None, ORANGE])).max() <= 1
        assert page.evaluate("tfjsDemo.timings.predictions.length") == asked
        file, alone = kept(page, "Save the mask alone as PNG")
        assert file.endswith(".mask.png")
        assert np.array_equal(alone, np.repeat(255 * found[..., None], 3, axis=2))
        _, over = kept(page, "Save as PNG")
        assert np.abs(over - painted(picture, found, [None, ORANGE])).max() <= 1
        move(page, "Threshold", "ArrowLeft", 20)
    move(page, "Opacity", "Home", 1)
    assert np.array_equal(drawn(page), picture)


def test_classes_of_a_picture_of_any_size(open_site: OpenPage, cases: dict[str, Array]) -> None:
    page = open_site("parts")
    for index in (0, 1):
        picture = pixels("parts", index, cases)
        if index:
            choose_file(page, "own.png", png(picture))
            expect_live(page)
        classes = cases["parts/answers"][index, 0].argmax(axis=-1)
        assert len(np.unique(classes)) > 1
        shares = [f"{round(100 * (classes == one).mean(), 1):g} %" for one in range(4)]
        expect(page.locator(".mask-share")).to_have_text(shares)
        expect(page.locator(".mask-name")).to_have_text(PARTS)
        expected = painted(picture, classes, [None, ORANGE, BLUE, RED])
        assert np.abs(drawn(page) - expected).max() <= 1
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    content = Path(download.value.path()).read_text("utf-8")
    head, *rows = csv.reader(io.StringIO(content, newline=""))
    assert head == ["Parts", "Share of the picture"]
    assert [name for name, _ in rows] == PARTS
    assert sum(float(share) for _, share in rows) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(name: str, scheme: str, open_site: OpenPage, axe: str) -> None:
    page = open_site(name, color_scheme=scheme, bypass_csp=True)
    expect(page.locator("#answer canvas")).to_be_visible()
    assert find_violations(page, axe) == []
