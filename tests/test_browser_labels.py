"""Several labels at once, and classes step by step: what Keras answers is shown and kept."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests import answer_pages
from tests.answer_pages import PHASES, TAGS
from tests.conftest import OpenPage
from tests.shared import Shared
from tests.test_browser_axe import SCHEMES, axe, find_violations
from tests.visitor import BAR_STEP, Array, expect_live, settle

__all__ = ["axe"]


@pytest.fixture(scope="module")
def cases(shared: Shared) -> dict[str, Array]:
    return answer_pages.cases(shared)


@pytest.fixture(scope="module")
def sites(shared: Shared) -> Path:
    """The pages by their models."""
    return answer_pages.sites(shared, "tags", "tagger")


@pytest.fixture
def open_site(sites: Path, open_folder: OpenPage) -> OpenPage:
    """Opens one of the pages by its name."""
    return lambda name, **options: open_folder(sites / name / "site", **options)


def choose(page: Page, index: int) -> None:
    page.locator(f"[data-example='{index}']").click()
    settle(page)
    expect_live(page)


def marked(page: Page) -> list[str]:
    """The labels with a yes, which does not hang on colour: it is a mark, and a word."""
    found: list[str] = []
    for row in page.locator(".several li").all():
        yes = row.locator(".several-yes").is_visible()
        assert yes == row.locator(".several-mark").is_visible()
        found += [row.locator(".several-name").inner_text()] * yes
    return found


def reaching(scores: Array, threshold: float) -> list[str]:
    order = sorted(range(len(TAGS)), key=lambda index: -scores[index])
    return [TAGS[index] for index in order if scores[index] >= threshold]


def move(slider: Locator, keys: str, times: int) -> None:
    slider.focus()
    for _ in range(times):
        slider.press(keys)


def test_labels_that_reach_the_threshold_are_marked(
    open_site: OpenPage, cases: dict[str, Array]
) -> None:
    page = open_site("tags")
    slider = page.get_by_role("slider", name="Threshold")
    # As Python answered, before anything was computed here.
    expect(page.locator("#answer")).to_have_attribute("data-origin", "python")
    assert marked(page) == reaching(cases["tags/answers"][0, 0], 0.5)
    move(slider, "ArrowRight", 20)
    assert marked(page) == reaching(cases["tags/answers"][0, 0], 0.7)
    asked = page.evaluate("tfjsDemo.timings.predictions.length")
    move(slider, "Home", 1)
    assert len(marked(page)) == len(TAGS)
    expect(slider).to_have_attribute("aria-valuetext", "0 %: 6 labels of 6 reach it")
    assert page.evaluate("tfjsDemo.timings.predictions.length") == asked
    move(slider, "ArrowRight", 30)
    for index in (1, 2):
        choose(page, index)
        expected = cases["tags/answers"][index, 0]
        assert marked(page) == reaching(expected, 0.3)
        shown = page.locator(".several-score").all_inner_texts()
        percents = [float(one.removesuffix(" %")) for one in shown]
        assert np.abs(np.array(percents) - 100 * np.sort(expected)[::-1]).max() < 0.51 * BAR_STEP
        count = len(reaching(expected, 0.3))
        verb = "label of 6 reaches" if count == 1 else "labels of 6 reach"
        expect(page.locator(".several-count")).to_have_text(f"{count} {verb} it")


def groups(page: Page) -> list[tuple[str, int]]:
    """The runs: a class, and for how many steps it stays."""
    return [
        (body.locator("th").inner_text(), body.locator("tr").count())
        for body in page.locator(".sequence-view tbody").all()
    ]


def runs(classes: list[str]) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for name in classes:
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + 1)
        else:
            found.append((name, 1))
    return found


def test_classes_step_by_step(open_site: OpenPage, cases: dict[str, Array]) -> None:
    page = open_site("tagger", permissions=["clipboard-read", "clipboard-write"])
    for index, scores in enumerate(cases["tagger/answers"][:, 0]):
        if index:
            choose(page, index)
        names = [PHASES[best] for best in scores.argmax(axis=1)]
        assert groups(page) == runs(names[:100])
        expect(page.locator(".sequence-count")).to_have_text(
            f"130 steps in {len(runs(names))} runs"
        )
        percents = page.locator(".sequence-view td.sequence-score").all_inner_texts()
        shown = np.array([float(one.removesuffix(" %")) for one in percents])
        assert np.abs(shown - 100 * scores.max(axis=1)[:100]).max() < 0.51 * BAR_STEP
        page.get_by_role("button", name="Later").click()
        expect(page.locator(".sequence-place")).to_have_text("101 to 130")
        assert groups(page) == runs(names[100:])
        expect(page.get_by_role("button", name="Later")).to_be_disabled()
        page.get_by_role("button", name="Earlier").press("Enter")
        assert groups(page) == runs(names[:100])
    region = page.get_by_role("region", name="step by step")
    region.focus()
    page.keyboard.press("End")
    page.wait_for_timeout(300)
    assert region.evaluate("one => one.scrollTop > 200 && one.scrollHeight > one.clientHeight")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    content = Path(download.value.path()).read_text("utf-8")
    head, *rows = csv.reader(io.StringIO(content, newline=""))
    assert head == ["Step", "Phase", "Score"]
    assert [row[:2] for row in rows] == [[str(at + 1), name] for at, name in enumerate(names)]
    assert np.abs(np.array([float(row[2]) for row in rows]) - scores.max(axis=1)).max() < 1e-4


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["tags", "tagger"])
def test_axe_finds_nothing(name: str, scheme: str, open_site: OpenPage, axe: str) -> None:
    page = open_site(name, color_scheme=scheme, bypass_csp=True)
    assert find_violations(page, axe) == []
