"""The custom properties of the style sheets: all that may be set is named, and told of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bundler.bundle import colours
from bundler.ground import layout

TEMPLATES = layout.templates()
SHEETS = [
    *TEMPLATES.glob("*.css"),
    *TEMPLATES.glob("page/*.css"),
    *TEMPLATES.glob("widgets/*/*/*.css"),
]
SET = re.compile(r"(?m)^\s*(--[\w-]+):\s*([^;]+);")
# Of a widget's own, which its script, the direction of writing or what it shows sets.
WITHIN = {"--start", "--end", "--heard", "--level", "--begin", "--filled", "--gap", "--hue"}
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


# What is written on what, and what has to be seen on what.
TEXTS = {
    "--ink": ("--page", "--surface", "--sunken", "--soft"),
    "--quiet": ("--page", "--surface", "--sunken", "--soft"),
    "--strong": ("--page", "--surface", "--sunken", "--soft"),
    "--danger": ("--page", "--surface", "--sunken"),
    "--on-strong": ("--strong",),
    "--on-paper": ("--paper",),
}
LINES = {
    "--control-line": ("--page", "--surface", "--sunken", "--soft"),
    "--strong": ("--track",),
    "--middle": ("--surface",),
}
ACCENTS = ("#3f5bd9", "#ffd400", "#00ff66", "#ff0000", "#00e5ff", "#a000ff", "#000000", "#808080")
LIGHTNESS = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n  \}", re.DOTALL)


def palette(accent: str, *, dark: bool) -> dict[str, str]:
    """The colours of base.css for an accent, as #rrggbb."""
    style = (TEMPLATES / "base.css").read_text(encoding="utf-8")
    style = re.sub(r"--accent: #\w+", f"--accent: {accent}", style)
    plain = colours.with_plain(style)
    found: dict[str, str] = {}
    parts = LIGHTNESS.findall(plain)
    light = LIGHTNESS.sub("", plain)
    for name, value in SET.findall(light) + (SET.findall(parts[0]) if dark else []):
        if value.startswith("#"):
            found[name] = value if len(value) == 7 else "#" + "".join(2 * one for one in value[1:])
    return found


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_colours_have_contrast_to_all_that_they_stand_on(accent: str, dark: bool) -> None:
    colour = palette(accent, dark=dark)
    for table, least in ((TEXTS, 4.5), (LINES, 3)):
        for front, grounds in table.items():
            for ground in grounds:
                bright, dim = sorted(
                    (luminance(colour[front]), luminance(colour[ground])), reverse=True
                )
                assert (bright + 0.05) / (dim + 0.05) >= least, (front, ground)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.relative_to(TEMPLATES)))
def test_no_text_is_made_paler_than_its_colour(sheet: Path) -> None:
    """What dims is another colour of the table; but pictures, drawings, what is switched off."""
    style = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    for selector, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        pale = re.findall(r"(?<![\w-])opacity: ([\d.]+)", rules)
        if pale and float(pale[0]) < 1:
            allowed = re.search(
                r":disabled|picture|sound-outside|\bimg\b|\bcanvas\b|^\s*(to|from)\s*$", selector
            )
            assert allowed, (selector.strip(), pale)
