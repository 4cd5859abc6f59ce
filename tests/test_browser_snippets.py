"""The lines in the panel that put the demo on another page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bundler.pipeline import build
from tests.conftest import DEMOS, BuildDemo, NewPage, ServeFolder
from tests.visitor import open_ready

CLIPBOARD = ["clipboard-read", "clipboard-write"]
HOSTILE = "\"'></a><img src=x onerror=alert(1)>&quot;{{ 7 * 7 }}"
# What a page makes of lines: its elements, with their attributes and own text.
PARSE = """(lines) => {
  const { body, head } = new DOMParser().parseFromString(lines, 'text/html');
  const all = [...head.querySelectorAll('*'), ...body.querySelectorAll('*')];
  return all.map((element) => [element.localName, element.getAttribute('src') ?? element.href,
    element.title || element.innerText.trim()]);
}"""


def open_panel(page: Page) -> None:
    page.locator(".developers > summary").click()
    expect(page.locator("#embedding")).to_be_visible()


def copy(page: Page, name: str) -> str:
    """Copies lines by the keyboard, and sees it said."""
    button = page.get_by_role("button", name=f"Copy {name}")
    expect(button).to_be_enabled()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Copied {name}")).to_be_focused()
    expect(page.locator("#copied")).to_have_text("Copied")
    expect(button).to_be_visible()
    expect(page.locator("#copied")).to_be_empty()
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("name", ["element", "frame"])
def test_copied_lines_show_the_demo_elsewhere(
    name: str, build_demo: BuildDemo, host: ServeFolder, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page(permissions=CLIPBOARD)
    open_ready(page, host(build_demo("wine").folder, "/a/demo/").url + "?backend=cpu#demo")
    open_panel(page)
    lines = copy(page, f"the {name}")
    (tmp_path / "index.html").write_text(f"<!doctype html>{lines}", encoding="utf-8")
    page.goto(host(tmp_path).url.replace("127.0.0.1", "localhost"))
    demo = page.frame_locator("iframe")
    expect(demo.locator("html")).to_have_class("embedded")
    demo.get_by_role("button", name="A Grignolino", exact=True).click()
    expect(demo.locator("#answer")).to_have_attribute("data-origin", "device")
    expect(page.locator("iframe")).to_have_attribute("title", "Which grape is it?")


def test_title_and_address_stay_texts(
    build_demo: BuildDemo, host: ServeFolder, new_page: NewPage
) -> None:
    page = new_page()
    url = host(build_demo("wine").folder, "/it's&amp;a/").url
    open_ready(page, url)
    page.evaluate("title => { document.title = title }", HOSTILE)
    open_panel(page)
    expect(page.locator("#element-code")).not_to_be_empty()
    here = page.evaluate("new URL('./', location.href).href")
    parsed = [
        page.evaluate(PARSE, page.locator(f"#{name}-code").inner_text())
        for name in ("element", "frame")
    ]
    assert parsed == [
        [["script", f"{here}embed.js", ""], ["tfjs-demo", here, HOSTILE], ["a", here, HOSTILE]],
        [["iframe", f"{here}?embed", HOSTILE]],
    ]


def test_where_nothing_can_be_copied_the_lines_are_selected(
    build_demo: BuildDemo, host: ServeFolder, new_page: NewPage
) -> None:
    """On pages without https, browsers have no clipboard for scripts."""
    page = new_page()
    page.add_init_script("delete Navigator.prototype.clipboard")
    open_ready(page, host(build_demo("wine").folder).url)
    open_panel(page)
    page.get_by_role("button", name="Copy the frame").click()
    expect(page.locator("#copied")).to_have_text("Selected: copy it with Ctrl+C or ⌘C")
    selected = page.evaluate("getSelection().toString()")
    assert selected == page.locator("#frame-code").inner_text() != ""


def test_lines_have_the_address_that_the_author_gives(
    build_demo: BuildDemo, host: ServeFolder, new_page: NewPage, tmp_path: Path
) -> None:
    build_demo("wine")  # its conversion is used again
    folder = tmp_path / "wine"
    shutil.copytree(DEMOS / "wine", folder, ignore=shutil.ignore_patterns("site"))
    text = (folder / "demo.toml").read_text(encoding="utf-8")
    (folder / "demo.toml").write_text(f'url = "https://example.org/wine"\n{text}', encoding="utf-8")
    page = new_page()
    open_ready(page, host(build(folder).folder).url)
    open_panel(page)
    lines = page.locator("#element-code")
    expect(lines).to_contain_text('src="https://example.org/wine/embed.js"')
    expect(lines).to_contain_text('src="https://example.org/wine/"')
