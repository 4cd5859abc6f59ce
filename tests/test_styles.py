"""The custom properties of the style sheets: all that may be set is named, and told of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bundler.ground import layout

TEMPLATES = layout.templates()
SHEETS = [
    *TEMPLATES.glob("*.css"),
    *TEMPLATES.glob("page/*.css"),
    *TEMPLATES.glob("widgets/*/*/*.css"),
]
SET = re.compile(r"(?m)^\s*(--[\w-]+):\s*([^;]+);")
# Of a widget's own, which its script or the direction of writing sets.
WITHIN = {"--begin", "--filled"}
SPACES = re.compile(
    r"(?m)^\s*((?:row-|column-)?gap|(?:padding|margin)[\w-]*|border-radius): ([^;]+);"
)


def own(role: str) -> dict[str, str]:
    """The properties of base.css whose names begin so, with their first values."""
    found: dict[str, str] = {}
    for name, value in SET.findall((TEMPLATES / "base.css").read_text(encoding="utf-8")):
        if name.startswith(f"--{role}"):
            found.setdefault(name, value)
    return found


def test_every_custom_property_is_documented_and_used() -> None:
    table = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    documented = re.findall(r"(?m)^\| `(--[\w-]+)` \|", table)
    assert len(documented) == len(set(documented))
    assert set(documented) == set(own(""))
    used = {
        name
        for sheet in SHEETS
        for name in re.findall(r"var\((--[\w-]+)", sheet.read_text(encoding="utf-8"))
    }
    assert used - WITHIN == set(documented)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.relative_to(TEMPLATES)))
def test_a_colour_a_space_and_a_radius_are_taken_from_a_property(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    without = SET.sub("", text)
    assert not re.findall(
        r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", re.sub(r"@supports.*", "", without)
    )
    named = {**own("space"), **own("radius")}
    for name, value in SPACES.findall(without):
        kind = "radius" if name == "border-radius" else "space"
        values = {length for key, length in named.items() if key.startswith(f"--{kind}")}
        assert not values & set(value.replace("-", "").split()), f"{name}: {value}"


def test_the_documented_spaces_are_as_long_as_it_says() -> None:
    table = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    pixels = {name: int(n) for name, n in re.findall(r"\| `(--space-\d)` \| (\d+) px", table)}
    assert pixels == {
        name: float(value.removesuffix("rem")) * 16 for name, value in own("space").items()
    }
