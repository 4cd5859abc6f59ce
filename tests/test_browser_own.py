"""A page with its author's own page, style, script and widget, built by an installed wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import own_demo
from tests.conftest import ROOT, BuildDemo, Host, NewPage
from tests.test_browser_policy import watch_policy
from tests.visitor import expect_bars, expect_live, open_ready, page_data, read_bars

ICON = re.compile(r"assets/icon-\w{8}\.png")
# Imported where its package lies, as an installed one is.
BUILD = """
import sys
sys.path.insert(0, sys.argv[1])
import bundler
from bundler.cli import main
from bundler.ground import layout
assert layout.templates().is_relative_to(sys.argv[1]), layout.templates()
sys.exit(main(["build", sys.argv[2]]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a wheel of this repository is unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "-w",
        str(folder),
        str(ROOT),
    ]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture(scope="module")
def site(wheel: Path, build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    build_demo("wine")  # its conversion is used again
    demo = own_demo.write(tmp_path_factory.mktemp("own") / "demo")
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, "-c", BUILD, str(wheel), str(demo)]
    built = subprocess.run(command, cwd=wheel, env=clean, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return demo / "site"


@pytest.fixture
def page(site: Path, host: Callable[..., Host], new_page: NewPage) -> Page:
    made = new_page()
    errors = watch_policy(made)
    open_ready(made, host(site).url)
    assert errors == [] and made.evaluate("policyReports") == []
    return made


def turn(page: Page, value: float) -> None:
    knob = page.get_by_label("Alcohol (knob)")
    knob.evaluate(
        "(knob, value) => { knob.value = value; knob.dispatchEvent(new Event('input')); }", value
    )


def test_all_that_the_author_made_is_there(page: Page) -> None:
    expect(page.locator(".page-head .greeting")).to_have_text("Made in en")
    expect(page.locator(".page-foot")).to_have_text("From the cellar of Which grape is it?")
    expect(page.locator("meta[name=robots]")).to_have_attribute("content", "noindex")
    heading = page.locator("h1")
    expect(heading).to_have_css("letter-spacing", "3px")
    expect(page.locator(".pane-answer")).to_have_css("border-radius", "0px")
    expect(page.get_by_label("Alcohol (knob)")).to_have_css("border-radius", "16px")
    expect(page.get_by_label("Alcohol (knob)")).to_have_attribute("data-turns", "3")
    shown = "(picture) => picture.complete && picture.naturalWidth > 0"
    assert page.locator(".logo").evaluate(shown)
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", ICON)
    address = heading.evaluate("(one) => getComputedStyle(one).backgroundImage")
    assert page.request.get(address.removeprefix('url("').removesuffix('")')).ok
    assert page.locator("[data-example]").first.inner_text().count("on the knob") == 1


def test_the_script_is_told_and_may_refuse_but_not_change(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-ready", "cpu")
    data = page_data(page)
    labels = data["outputs"][0]["options"]["labels"]
    for index, example in enumerate(data["examples"]):
        page.locator("[data-example]").nth(index).click()
        alcohol = example["states"]["input-0-0"]
        if alcohol > 14.5:
            continue
        expect_live(page)
        told = f"{repr(float(np.float32(alcohol))).removesuffix('.0')} 1,3"
        expect(page.locator("body")).to_have_attribute("data-after", told)
        expect_bars(page, labels, np.array(example["answers"]["cultivar"]["data"]))


def test_a_refused_input_has_no_answer_and_says_why(page: Page) -> None:
    page.locator("[data-example]").first.click()
    expect_live(page)
    turn(page, 14.9)
    expect(page.locator("#failure")).to_have_text("No wine is that strong.")
    expect(page.locator("#answer")).to_have_attribute("data-origin", "none")
    turn(page, 12.5)
    expect_live(page)
    expect(page.locator("#failure")).to_be_empty()
    assert len(read_bars(page)) == 3
