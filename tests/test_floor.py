"""The oldest browsers that the page supports: what the lint finds, and the colours they get."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from bundler.bundle import colours
from bundler.ground import layout
from tests.floor import above_the_floor

SCRIPT = """
  signal.throwIfAborted();
  structuredClone(list);
  const there = URL.canParse(text);
  new CSSStyleSheet();
  if ('scheduler' in window) scheduler.yield();
  navigator.gpu?.requestAdapter();
  list.at(-1);
"""
STYLE = """
.a:has(b) { min-height: 1lh; translate: 1px; max-height: 10vh; max-height: 10svh; color: red; }
.a { color: oklch(from red l c h); }
@supports (color: oklch(from red l c h)) { .b { color: oklch(from red l c h); } }
@media (scripting: none) { .c { inset: 0; aspect-ratio: 1; } }
"""
ACCENTS = ("#3f5bd9", "#ff0000", "#00a878", "#808080", "#ffd400")


def test_what_older_browsers_lack_is_found_unless_it_is_tested_for() -> None:
    found = above_the_floor({"a.js": SCRIPT}, {"a.css": STYLE})
    assert {line.partition(": ")[2] for line in found} == {
        "throwIfAborted",
        "structuredClone",
        "canParse",
        "CSSStyleSheet",
        ":has",
        "lh",
        "translate",
        "oklch()",
        "relative colours",
    }


@pytest.mark.parametrize("accent", ACCENTS)
def test_plain_colours_are_the_derived_ones(accent: str, browser: Browser) -> None:
    style = (layout.templates() / "base.css").read_text(encoding="utf-8")
    derived = sorted(set(colours.DERIVED.findall(style)))
    assert len(derived) > 15
    page = browser.new_page()
    for lightness, chroma in derived:
        plain = colours.derive(accent, float(lightness), float(chroma))
        assert re.fullmatch("#[0-9a-f]{6}", plain)
        shown = page.evaluate(
            """(colour) => {
              const context = document.createElement('canvas').getContext('2d');
              context.fillStyle = colour;
              context.fillRect(0, 0, 1, 1);
              return Array.from(context.getImageData(0, 0, 1, 1).data.slice(0, 3));
            }""",
            f"oklch(from {accent} {lightness} min(c, {chroma}) h)",
        )
        own = [int(plain[at : at + 2], 16) for at in (1, 3, 5)]
        # Where the accent's hue has less chroma, browsers cut the channels off instead.
        bound = 2 if min(shown) > 0 and max(shown) < 255 else 40
        assert max(abs(a - b) for a, b in zip(own, shown, strict=True)) <= bound, (plain, shown)
    page.close()


def test_every_colour_has_a_plain_one_before_it() -> None:
    style = colours.with_plain((layout.templates() / "base.css").read_text(encoding="utf-8"))
    before, _, after = style.partition("@supports (color: oklch(from")
    assert "oklch(" not in before
    names = set(re.findall(r"(--[a-z-]+): oklch", after))
    assert names and names <= set(re.findall(r"(--[a-z-]+): #", before))
    assert before.count("prefers-color-scheme: dark") == 1 and "color-scheme: light dark" in before
