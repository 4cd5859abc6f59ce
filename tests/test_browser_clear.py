"""Every input can be cleared, and clearing is an edit like others."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.conftest import BuildDemo, Host, KerasModels, NewPage, OpenPage
from tests.visitor import choose_file, draw, expect_live, settle

# What the widgets announce from now on.
LISTEN = """() => {
  window.announced = [];
  for (const field of document.querySelectorAll('.field')) {
    field.addEventListener('input', (event) => {
      if (event.target === field && event instanceof CustomEvent) announced.push(event.detail);
    });
  }
}"""

Enter = Callable[[Page, Any], None]


def type_text(page: Page, value: Any) -> None:
    box = page.locator(".field textarea")
    box.fill(value.item() if value.dtype == object else str(value))
    box.blur()


def type_tensor(page: Page, value: Any) -> None:
    box = page.locator(".field textarea")
    box.fill(json.dumps(value.round(3).tolist()))
    box.blur()


def upload(page: Page, value: Any) -> None:
    content = io.BytesIO()
    Image.fromarray(value[0].astype(np.uint8)).save(content, "PNG")
    choose_file(page, "own.png", content.getvalue())


# By the page: how something is entered, what to do there says, and what tells that it is empty.
WIDGETS: dict[str, tuple[Enter, str, str]] = {
    "mood": (type_text, "Review is empty.", "document.querySelector('textarea').value === ''"),
    "sequence": (
        type_tensor, "Enter a list first.", "document.querySelector('textarea').value === ''"
    ),
    "grey": (
        upload, "Choose a picture first.", "document.querySelector('.field').matches('.is-blank')"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_is_cleared_and_filled_again(
    name: str,
    open_page: OpenPage,
    keras_models: KerasModels,
) -> None:
    enter, said, is_empty = WIDGETS[name]
    page = open_page(name)
    button = page.get_by_role("button", name="Clear")
    for case in (0, 1):
        enter(page, keras_models.cases[f"{name}/inputs"][case])
        settle(page)
        expect_live(page)
        page.evaluate(LISTEN)
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")
        expect(page.locator(".outputs")).to_be_hidden()
        expect(page.locator("#word")).to_have_text(said)
        assert page.evaluate(is_empty) and page.evaluate("announced")[0]["settled"] is True
        expect(page.locator(".field-wrong")).to_have_count(0)
        # Who clears by keyboard can go on from there, and once more does no harm.
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")


def test_a_refused_picture_is_forgotten(
    open_page: OpenPage,
) -> None:
    page = open_page("grey")
    choose_file(page, "broken.png", b"no picture")
    expect(page.locator(".field-problem")).to_contain_text("not an image")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".field-problem")).not_to_contain_text("not an image")
    expect(page.locator("[type=file]")).not_to_have_attribute("aria-invalid", "true")


def test_paper_is_cleared_where_it_is(open_page: OpenPage) -> None:
    """Its button can do nothing more then, and leaves the keyboard to the paper."""
    page = open_page("digits")
    expect(page.locator("#clear")).to_have_count(0)
    paper = page.locator(".sketch-paper canvas")
    draw(page, [[(0.5, 0.2), (0.5, 0.8)]])
    expect_live(page)
    button = page.get_by_role("button", name="Clear")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_attribute("data-stage", "empty")
    expect(paper).to_be_focused()
    expect(button).to_be_disabled()
    page.get_by_role("button", name="Undo").click()
    settle(page)
    expect_live(page)


def test_fields_that_are_never_empty_have_no_such_button(
    build_demo: BuildDemo, host: Callable[..., Host], new_page: NewPage
) -> None:
    page = new_page()
    page.goto(host(build_demo("wine").folder).url)
    expect(page.locator("#reset")).to_be_visible()
    expect(page.locator("#clear")).to_have_count(0)
