"""What a designer looks at: what an empty page invites to, rows of fields, panes without void."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.conftest import OpenPage
from tests.every import EVERY_DEMO

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# How far from its last line a pane ends, beyond its padding.
VOID = """() => [...document.querySelectorAll('.pane')].map((pane) => {
  const { bottom } = pane.getBoundingClientRect();
  const ends = [...pane.children].filter((one) => getComputedStyle(one).position !== 'absolute');
  const last = Math.max(...ends.map((one) => one.getBoundingClientRect().bottom));
  return bottom - last - parseFloat(getComputedStyle(pane).paddingBottom);
})"""
ENTRIES = """() => [...document.querySelectorAll('.entry')].map((entry) => {
  const { top, bottom, right } = entry.getBoundingClientRect();
  return [top, bottom - top, right].map(Math.round);
})"""
LARGEST = """() => {
  const shown = [...document.querySelectorAll('.panes :is(p, span, h2, label)')].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }) && one.innerText.trim());
  const size = (one) => parseFloat(getComputedStyle(one).fontSize);
  return Math.max(...shown.map(size));
}"""


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_whole_area_of_a_picture_is_its_target(
    phone: bool,
    open_page: OpenPage,
) -> None:
    page = open_page("painter", **(PHONE if phone else {}))
    frame = page.locator(".image-frame")
    box = frame.bounding_box()
    assert box
    width, height = box["width"], box["height"]
    for x, y in ((12, 12), (width / 2, height / 2), (width - 12, height - 12), (12, height / 2)):
        with page.expect_file_chooser() as chosen:
            frame.click(position={"x": x, "y": y})
    chosen.value.set_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": page.locator("h1").screenshot()}
    )
    # It stays where it was, and the picture can be replaced in the same way.
    expect(page.get_by_text("Choose another")).to_be_visible()
    assert frame.bounding_box() == box
    with page.expect_file_chooser():
        frame.click(position={"x": 12, "y": height - 12})


def test_an_empty_page_speaks_of_what_to_do_first(
    open_page: OpenPage,
) -> None:
    page = open_page("painter")
    main = page.locator(".image-target .button-main")
    strong = page.evaluate("getComputedStyle(document.querySelector('.skip-link')).backgroundColor")
    assert main.evaluate("one => getComputedStyle(one).backgroundColor") == strong
    icon = page.locator(".image-target svg").bounding_box()
    assert icon and icon["height"] > page.evaluate(LARGEST)


@pytest.mark.parametrize("width", [390, 1280])
def test_fields_share_rows_heights_and_edges(width: int, open_page: OpenPage) -> None:
    page = open_page("diabetes", viewport={"width": width, "height": 844})
    entries = page.evaluate(ENTRIES)
    columns = 1 if width == 390 else 2
    assert len({height for _, height, _ in entries}) == 1
    assert len({top for top, _, _ in entries}) == len(entries) / columns
    assert len({right for _, _, right in entries}) == columns


@pytest.mark.parametrize("width", [768, 1280])
@pytest.mark.parametrize("name", EVERY_DEMO)
def test_panes_are_as_high_as_what_they_hold(name: str, width: int, open_page: OpenPage) -> None:
    page = open_page(name, viewport={"width": width, "height": 844})
    assert max(page.evaluate(VOID)) < 4


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, "With the mouse or a pen"), (PHONE, "With your finger or a pen")],
    ids=["desktop", "phone"],
)
def test_who_draws_is_told_by_the_device(
    options: dict[str, object],
    words: str,
    open_page: OpenPage,
) -> None:
    page = open_page("digits", **options)
    page.get_by_role("button", name="Clear").click()
    said = page.locator(".sketch-hint-draw").inner_text()
    assert said == words
