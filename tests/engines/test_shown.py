"""Answers that are more than a class or a number: each engine shows what Python has written."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from tests.engines.conftest import Serve
from tests.engines.test_taken import NOTE, kept
from tests.engines.test_widgets import DRAWN
from tests.engines.visitor import Visitor
from tests.visitor import Array

SHOWN = "document.querySelector('#answer .outputs').innerText"
WRITTEN = "!['none', undefined].includes(document.querySelector('#answer')?.dataset.origin)"
ASKED = "tfjsDemo.timings.predictions.length"


@dataclass(frozen=True)
class Page:
    """What is on it, and how a visitor changes what is shown of an answer."""

    has_canvas: bool = False
    control: str = "[data-control=threshold]"
    key: str = Keys.END


PAGES = {
    "tags": Page(),
    "tagger": Page(control="[data-by='1']", key=Keys.ENTER),
    "thing": Page(has_canvas=True),
    "parts": Page(has_canvas=True, control="[data-control=opacity]", key=Keys.HOME),
    "larger": Page(has_canvas=True, control="[data-control=place]", key=Keys.HOME),
    "boxes": Page(),
}


def shown(visitor: Visitor, page: Page) -> tuple[str, Array]:
    """The answer's words, and its pixels."""
    if page.has_canvas:
        visitor.wait("document.querySelector('#answer canvas').getClientRects().length")
    drawn: Any = visitor.see(DRAWN)[2] if page.has_canvas else []
    return visitor.see(SHOWN), np.array(drawn, int)


def choose(visitor: Visitor, index: int) -> None:
    visitor.scroll_to(f"[data-example='{index}']").click()
    visitor.settle()
    visitor.wait_live()


def is_same(one: tuple[str, Array], other: tuple[str, Array]) -> bool:
    """In all words, and in all pixels but for rounding."""
    sizes = one[1].shape == other[1].shape
    return one[0] == other[0] and sizes and bool((np.abs(one[1] - other[1]) <= 1).all())


@pytest.mark.parametrize("name", PAGES)
def test_what_python_wrote_is_computed_again_and_moved(
    name: str, visitor: Visitor, serve: Serve
) -> None:
    page = PAGES[name]
    visitor.open(f"{serve(name).url}{name}/")
    visitor.wait(WRITTEN)
    first = shown(visitor, page)
    visitor.wait_ready()
    choose(visitor, 1)
    second = shown(visitor, page)
    assert not is_same(first, second)
    choose(visitor, 0)
    assert is_same(shown(visitor, page), first)
    asked = visitor.see(ASKED)
    visitor.scroll_to(page.control)
    visitor.see("document.querySelector(args[0]).focus()", page.control)
    visitor.press(page.key)
    assert not is_same(shown(visitor, page), first)
    assert visitor.see(ASKED) == asked


def test_boxes_are_walked_by_keyboard_and_kept(visitor: Visitor, serve: Serve) -> None:
    visitor.open_ready(f"{serve('boxes').url}boxes/")
    visitor.see(NOTE)
    visitor.scroll_to("[role=listbox]")
    visitor.see("document.querySelector('[role=listbox]').focus()")
    visitor.press(Keys.END, Keys.ARROW_UP)
    chosen = visitor.text("[role=option][aria-selected=true]")
    assert chosen == " ".join(visitor.texts("[role=option]")[-2].split())
    assert set(visitor.text(".marks .is-chosen text").split()) < set(chosen.split())
    picture = Image.open(io.BytesIO(kept(visitor, "png")))
    assert picture.width / picture.height == pytest.approx(320 / 240, abs=0.01)
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24) or []}
    assert {(220, 20, 20), (20, 220, 20)} < colours
