"""A page that `tfjs-demo serve` shows: it follows the demo, and loses nothing of the visitor's."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import own_demo
from tests.command import copy_demo, wait_until
from tests.conftest import ROOT, BuildDemo, KerasModels, NewPage
from tests.live import Live, end_all, serve_live
from tests.test_serve_demo import retitle, save
from tests.visitor import enter, expect_live, field, open_ready


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    return copy_demo("wine", build_demo, tmp_path)


@pytest.fixture
def own_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tool, whose templates may be edited; returns their folder."""
    folder = tmp_path / "tool"
    left_out = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("bundler", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=left_out)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.chdir(folder)
    return folder / "templates"


@pytest.fixture(autouse=True)
def _end_all() -> Iterator[None]:
    yield
    end_all()


def follow(demo: Path, page: Page, *arguments: str) -> Live:
    """Serves a demo, and waits until the page shows it and listens."""
    live = serve_live(demo, *arguments)
    live.wait_for("built")
    open_ready(page, live.url)
    wait_until(lambda: page.evaluate("window.LiveReload?.connector.protocol") == 7)
    return live


def problem(page: Page) -> Locator:
    return page.get_by_role("alertdialog", name="The build failed")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    save(path, text.replace(old, new))


def test_the_page_follows_and_keeps_what_was_entered(wine: Path, new_page: NewPage) -> None:
    page = new_page(viewport={"width": 600, "height": 500})
    follow(wine, page)
    enter(page, "Alcohol", 14.5)
    expect_live(page)
    page.mouse.wheel(0, 350)
    wait_until(lambda: page.evaluate("scrollY") > 200)
    before = page.evaluate("scrollY")
    save(wine / "demo.toml", retitle(wine, "Another wine"))
    expect(page).to_have_title("Another wine")
    expect_live(page)
    expect(field(page, "Alcohol").get_by_role("spinbutton")).to_have_value("14.5")
    assert abs(page.evaluate("scrollY") - before) < 2


def test_a_drawing_survives(build_demo: BuildDemo, tmp_path: Path, new_page: NewPage) -> None:
    from tests.visitor import draw, paper, pixels, settle

    page = new_page()
    demo = copy_demo("digits", build_demo, tmp_path)
    follow(demo, page)
    draw(page, [[(0.5, 0.2), (0.5, 0.8)]])
    settle(page)
    before = pixels(paper(page))
    save(demo / "demo.toml", retitle(demo, "Other digits"))
    expect(page).to_have_title("Other digits")
    expect_live(page)
    assert pixels(paper(page)) == before


def test_a_style_sheet_is_exchanged_without_a_reload(
    wine: Path, own_tool: Path, new_page: NewPage
) -> None:
    page = new_page()
    live = follow(wine, page)
    page.evaluate("window.isTheSame = true")
    style = own_tool / "base.css"
    save(style, style.read_text(encoding="utf-8") + "h1 { letter-spacing: 7px; }\n")
    expect(page.locator("h1")).to_have_css("letter-spacing", "7px")
    live.wait_for("built", 2)
    replace(style, "letter-spacing: 7px", "letter-spacing: 9px")
    expect(page.locator("h1")).to_have_css("letter-spacing", "9px")
    live.wait_for("built", 3)
    assert page.evaluate("window.isTheSame") is True
    assert "letter-spacing:9px" in live.page()
    page.reload()
    expect(page.locator("h1")).to_have_css("letter-spacing", "9px")


def test_templates_and_scripts_of_widgets_are_followed(
    wine: Path, own_tool: Path, new_page: NewPage
) -> None:
    page = new_page()
    live = follow(wine, page)
    replace(own_tool / "page.html.j2", "Nothing you enter", "Nothing at all you enter")
    expect(page.get_by_text("Nothing at all you enter leaves your device")).to_be_visible()
    replace(own_tool / "page.html.j2", "{{ page.title }}</h1>", "{{ page.titel }}</h1>")
    expect(problem(page)).to_contain_text("page.html.j2:")
    replace(own_tool / "page.html.j2", "{{ page.titel }}</h1>", "{{ page.title }}</h1>{% if %}")
    expect(problem(page)).to_contain_text("The template is not valid")
    replace(own_tool / "page.html.j2", "</h1>{% if %}", "</h1>")
    expect(problem(page)).to_be_hidden()
    script = own_tool / "widgets" / "input" / "slider" / "widget.js"
    whole = script.read_text(encoding="utf-8")
    save(script, whole + "\nexport const = 3;\n")
    line = whole.count("\n") + 2
    expect(problem(page)).to_contain_text(f"slider/widget.js:{line}")
    save(script, whole + "\nglobalThis.isEdited = true;\n")
    expect(problem(page)).to_be_hidden()
    wait_until(lambda: page.evaluate("window.isEdited"))
    assert all(not event.get("tensorflow_started") for event in live.events[2:])


def test_a_problem_is_explained_as_text_and_goes_by_itself(wine: Path, new_page: NewPage) -> None:
    page = new_page()
    follow(wine, page)
    right = (wine / "demo.toml").read_text(encoding="utf-8")
    save(
        wine / "demo.toml",
        right.replace("[card]\n", '[card]\n"<img src=x onerror=alert(1)>" = 3\n'),
    )
    expect(problem(page)).to_be_visible()
    expect(problem(page)).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("tfjs-demo-live img").count() == 0
    expect(problem(page).get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(problem(page)).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    save(wine / "demo.toml", right + "\n[card\n")
    expect(problem(page)).to_contain_text("demo.toml:")
    page.reload()
    expect(problem(page)).to_contain_text("demo.toml:")
    save(wine / "demo.toml", right)
    expect(problem(page)).to_be_hidden()


def test_a_long_build_is_shown_and_the_old_page_still_answers(
    wine: Path, new_page: NewPage, keras_models: KerasModels
) -> None:
    page = new_page()
    follow(wine, page)
    shutil.copy(keras_models.folder / "mlp.keras", wine / "model.keras")
    # As nobody else converts it: what is in the cache is there at once.
    text = 'model = "model.keras"\ntitle = "A new model"\n[build]\nquantize = "float16"\n'
    save(wine / "demo.toml", text)
    expect(page.get_by_text("Building: ")).to_be_visible()
    enter(page, "Alcohol", 12.5)
    expect_live(page)
    expect(page).to_have_title("A new model", timeout=60_000)
    page.wait_for_function("window.tfjsDemo")
    open_signature = page.evaluate("tfjsDemo.ready.then(() => tfjsDemo.signature.inputs)")
    assert "wine" not in str(open_signature)


def test_a_server_that_ended_is_said_and_its_next_run_found(wine: Path, new_page: NewPage) -> None:
    page = new_page()
    live = follow(wine, page)
    live.stop()
    expect(page.get_by_text("tfjs-demo serve has stopped")).to_be_visible()
    save(wine / "demo.toml", retitle(wine, "Later"))
    again = serve_live(wine, "--port", str(live.port))
    again.wait_for("built")
    assert again.port == live.port
    expect(page).to_have_title("Later")
    expect(page.get_by_text("tfjs-demo serve has stopped")).to_be_hidden()


def test_what_an_earlier_site_left_in_the_browser_is_not_shown(
    wine: Path, new_page: NewPage
) -> None:
    """A service worker of a site that was looked at under the same address."""
    page = new_page()
    command = [
        sys.executable,
        "-m",
        "bundler.cli",
        "serve",
        str(wine / "site"),
        "--json",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as static:
        assert static.stdout
        url = re.search(r"http://[^\"]+", static.stdout.readline())
        assert url
        open_ready(page, url[0])
        page.evaluate("navigator.serviceWorker.ready")
        wait_until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
        static.terminate()
    save(wine / "demo.toml", retitle(wine, "The newest"))
    live = serve_live(wine, "--port", url[0].split(":")[2].strip("/"))
    live.wait_for("built")
    page.goto(live.url)
    expect(page).to_have_title("The newest")
    page.reload()
    expect(page).to_have_title("The newest")
    wait_until(
        lambda: (
            not page.evaluate(
                "navigator.serviceWorker.getRegistrations().then(({ length }) => length)"
            )
        )
    )


def test_it_is_isolated_only_when_asked(wine: Path, new_page: NewPage) -> None:
    page = new_page()
    follow(wine, page)
    assert page.evaluate("crossOriginIsolated") is False
    end_all()
    page = new_page()
    follow(wine, page, "--isolate")
    assert page.evaluate("crossOriginIsolated") is True


def test_it_works_under_a_sub_path(wine: Path, new_page: NewPage) -> None:
    page = new_page()
    live = follow(wine, page, "--base", "/repo")
    assert live.url.endswith("/repo/")
    save(wine / "demo.toml", retitle(wine, "Below"))
    expect(page).to_have_title("Below")
    assert page.url.endswith("/repo/")


def test_files_of_the_authors_own_are_followed(
    build_demo: BuildDemo, tmp_path: Path, new_page: NewPage
) -> None:
    build_demo("wine")  # its conversion is used again
    demo, page = own_demo.write(tmp_path / "own"), new_page()
    own = demo / "templates"
    save(own / "style.css", "h1 { letter-spacing: 3px; }\n")
    live = follow(demo, page)
    expect(page.locator("h1")).to_have_css("letter-spacing", "3px")
    page.evaluate("window.isTheSame = true")
    save(own / "style.css", "h1 { letter-spacing: 9px; }\n")
    expect(page.locator("h1")).to_have_css("letter-spacing", "9px")
    live.wait_for("built", 2)
    assert page.evaluate("window.isTheSame") is True
    replace(own / "greeting.html.j2", "Made in", "Grown in")
    expect(page.locator(".greeting")).to_have_text("Grown in en")
    for name, old, new, line in (
        ("greeting.html.j2", "page.language", "page.lingo", 1),
        ("page.js", "export function ready", "export function", 3),
        ("style.css", "9px;", "9px;\nh2", 2),
        ("widgets/input/knob/widget.js", "return {", "return {{", 6),
        ("widgets/input/knob/part.toml", "fits =", "fits", 3),
    ):
        whole = (own / name).read_text(encoding="utf-8")
        replace(own / name, old, new)
        expect(problem(page)).to_contain_text(f"templates/{name}:{line}")
        save(own / name, whole)
        expect(problem(page)).to_be_hidden()
