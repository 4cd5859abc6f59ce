"""A gallery in a real browser: every card opens a demo that answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from bundler import site
from bundler.site.gallery import combine
from bundler.site.headers import HEADERS
from tests.conftest import DEMO_NAMES, BuildDemo, Headers, Host, NewPage, ServeFolder
from tests.every import EVERY_DEMO
from tests.header_rules import parse, sent
from tests.test_browser_accessibility import (
    LEAST_FRAME_CONTRAST,
    LOOK,
    SCHEMES,
    contrast,
    luminance,
    texts_without_contrast,
)
from tests.test_browser_policy import watch_policy
from tests.test_gallery import showing
from tests.visitor import expect_live

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
FRAME = """() => {
  const style = getComputedStyle(document.activeElement, '::after');
  const { outlineStyle, outlineWidth, outlineColor } = style;
  return { style: outlineStyle, width: parseFloat(outlineWidth), color: look.rgba(outlineColor) };
}"""


def host_headers(folder: Path) -> Headers:
    """What a host sends that reads the gallery's `_headers`."""
    rules = parse((folder / HEADERS).read_text(encoding="utf-8"))
    return lambda path: sent(rules, path)


def open_gallery(page: Page, host: Host) -> None:
    page.goto(host.url)
    page.evaluate(f"() => {{ {LOOK} }}")


@pytest.mark.parametrize("name", EVERY_DEMO)
@pytest.mark.parametrize("prefix", ["/repo/", "/"])
def test_every_card_opens_a_demo_that_answers(
    name: str, prefix: str, gallery: Path, host: ServeFolder, new_page: NewPage
) -> None:
    """Below a sub-path as on GitHub Pages, and at the root of a host that reads `_headers`."""
    page = new_page()
    errors = watch_policy(page)
    headers = host_headers(gallery) if prefix == "/" else lambda _: {}
    running = host(gallery, prefix, headers)
    page.goto(running.url)
    assert page.evaluate("policyReports") == []
    title = site.read_manifest(gallery / name)["page"]["title"]
    page.get_by_role("link", name=title, exact=True).click()
    expect(page).to_have_url(f"{running.url}{name}/")
    page.wait_for_load_state()
    page.evaluate("tfjsDemo.ready")
    page.locator("[data-example]").last.click()
    expect_live(page)
    assert page.evaluate("policyReports") == []
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Small models")
    assert errors == []
    assert running.requests and all(path.startswith(prefix) for path in running.requests)


def test_all_of_a_card_is_its_link(gallery: Path, host: ServeFolder, new_page: NewPage) -> None:
    running, page = host(gallery), new_page()
    for index, name in enumerate(DEMO_NAMES):
        for across, down in ((0.02, 0.02), (0.5, 0.3), (0.98, 0.98)):
            page.goto(running.url)
            page.locator(".demo").nth(index).scroll_into_view_if_needed()
            box = page.locator(".demo").nth(index).bounding_box()
            assert box
            x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
            page.mouse.click(x, y)
            expect(page).to_have_url(f"{running.url}{name}/")


def test_keyboard_reaches_every_card_in_order(
    gallery: Path, host: ServeFolder, new_page: NewPage
) -> None:
    running, page = host(gallery), new_page()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        open_gallery(page, running)
        behind = page.evaluate(
            "look.rgba(getComputedStyle(document.documentElement).backgroundColor)"
        )
        for index in range(len(DEMO_NAMES)):
            page.keyboard.press("Tab")
            assert page.evaluate("look.focused().index") == index
            frame = page.evaluate(FRAME)
            assert frame["style"] == "solid" and frame["width"] >= 2
            found = contrast(np.array(frame["color"][:3]), np.array(behind[:3]))
            assert found >= LEAST_FRAME_CONTRAST
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{running.url}{DEMO_NAMES[-1]}/")


def test_cards_are_read_out_as_a_list_of_links(
    gallery: Path, host: ServeFolder, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(host(gallery).url)
    expect(page.get_by_role("listitem")).to_have_count(len(DEMO_NAMES))
    for link in page.get_by_role("link").all():
        expect(link).to_have_accessible_name(re.compile(r"\w{3}"))
    expect(page.get_by_role("listitem").first).to_contain_text(re.compile(r"\d kB to download"))
    expect(page.get_by_role("img")).to_have_count(0)  # they say nothing that the texts do not


def test_texts_have_contrast(gallery: Path, host: ServeFolder, new_page: NewPage) -> None:
    page = new_page()
    open_gallery(page, host(gallery))
    shades = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert texts_without_contrast(page, "body *") == [], scheme
        ground = "look.rgba(getComputedStyle(document.documentElement).backgroundColor)"
        shades.append(luminance(np.array(page.evaluate(ground)[:3])))
    assert shades[0] > 0.8 and shades[1] < 0.05


@pytest.fixture
def narrow(build_demo: BuildDemo, tmp_path: Path) -> Path:
    """A gallery with titles and texts that hardly fit anywhere."""
    made = site.load(build_demo("digits").folder)
    long = showing(made, title=LONG, description=LONG * 3)
    sites = {"one": long, "two": showing(long, picture=None)}
    site.write(combine(sites, title=LONG), tmp_path)
    return tmp_path


@pytest.mark.parametrize("width", [320, 360, 720, 1120])
def test_nothing_is_wider_than_the_screen(
    width: int,
    gallery: Path,
    narrow: Path,
    host: Callable[..., Host],
    new_page: NewPage,
) -> None:
    page = new_page(viewport={"width": width, "height": 740})
    for folder in (gallery, narrow):
        page.goto(host(folder).url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for card in page.locator(".demo").all():
            outer = card.bounding_box()
            assert outer and outer["x"] >= 16 and outer["x"] + outer["width"] <= width - 16
            for part in card.locator("h2, p, .demo-picture").all():
                inner = part.bounding_box()
                assert inner and inner["x"] + inner["width"] <= outer["x"] + outer["width"]


@pytest.mark.parametrize("width", [360, 1120])
def test_a_picture_s_own_shape_does_not_matter(
    width: int, narrow: Path, host: ServeFolder, new_page: NewPage
) -> None:
    """A picture ten times as high as wide takes as much place as the drawing of another demo."""
    page = new_page(viewport={"width": width, "height": 740})
    picture = "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='2000'/>"
    page.route("**/*.png", lambda r: r.fulfill(body=picture, content_type="image/svg+xml"))
    page.goto(host(narrow).url)
    shown = page.locator("img.demo-picture")
    shown.evaluate("image => image.decode()")
    assert shown.evaluate("image => image.naturalHeight") == 2000
    one, two = (picture.bounding_box() for picture in page.locator(".demo-picture").all())
    assert one and two and two["height"] > 100
    assert (one["width"], one["height"]) == (two["width"], two["height"])
