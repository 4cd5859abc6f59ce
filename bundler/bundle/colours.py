"""Plain colours for browsers that cannot derive them from the accent as the style sheet does."""

from __future__ import annotations

import math
import re

ACCENT = re.compile(r"--accent:\s*(#[0-9a-fA-F]{6})")
DERIVED = re.compile(r"oklch\(from var\(--accent\) ([\d.]+) min\(c, ([\d.]+)\) h\)")
# What only browsers with relative colours read.
BLOCK = re.compile(r"@supports \(color: oklch\(from [^{]*\{\n(.*?)\n\}\n", re.DOTALL)
# sRGB and Oklab, both ways: bottosson.github.io/posts/oklab.
TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
FROM_LAB = (
    (1, 0.3963377774, 0.2158037573),
    (1, -0.1055613458, -0.0638541728),
    (1, -0.0894841775, -1.2914855480),
)
FROM_CONES = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)
# As templates/base.css has it.
STRONG_LIGHTNESS, STRONG_CHROMA = 0.5, 0.2
# Halvings of the chroma until a colour can be shown.
STEPS = 16

Triple = tuple[float, ...]


def with_plain(style: str) -> str:
    """The style sheet with every colour that it derives from its accent, computed, before it."""
    accent = ACCENT.findall(style)[-1]
    block = BLOCK.search(style)
    assert block, "the style sheet derives its colours elsewhere"
    plain = DERIVED.sub(lambda found: derive(accent, float(found[1]), float(found[2])), block[1])
    return f"{style[: block.start()]}{plain}\n{style[block.start() :]}"


def strong(style: str) -> str:
    """What --strong is on light pages with this style sheet."""
    return derive(ACCENT.findall(style)[-1], STRONG_LIGHTNESS, STRONG_CHROMA)


def derive(accent: str, lightness: float, most_chroma: float) -> str:
    """`oklch(from accent lightness min(c, most_chroma) h)` in sRGB, "#rrggbb"."""
    channels = [int(accent[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    cones = _times(TO_CONES, [_linear(channel) for channel in channels])
    _, a, b = _times(TO_LAB, [max(0.0, cone) ** (1 / 3) for cone in cones])
    hue = math.atan2(b, a)
    chroma = min(math.hypot(a, b), most_chroma)
    shown = _shown(lightness, chroma, hue)
    if not _is_real(shown):
        low, high = 0.0, chroma
        for _ in range(STEPS):
            chroma = (low + high) / 2
            if _is_real(_shown(lightness, chroma, hue)):
                low = chroma
            else:
                high = chroma
        shown = _shown(lightness, low, hue)
    return "#" + "".join(f"{round(255 * min(1, max(0, one))):02x}" for one in shown)


def _shown(lightness: float, chroma: float, hue: float) -> Triple:
    lab = (lightness, chroma * math.cos(hue), chroma * math.sin(hue))
    cones = [root**3 for root in _times(FROM_LAB, lab)]
    return tuple(_curved(channel) for channel in _times(FROM_CONES, cones))


def _is_real(channels: Triple) -> bool:
    return all(-1e-4 <= channel <= 1 + 1e-4 for channel in channels)


def _times(matrix: tuple[Triple, ...], vector: list[float] | Triple) -> Triple:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _curved(channel: float) -> float:
    if channel <= 0.0031308:
        return 12.92 * channel
    return float(1.055 * channel ** (1 / 2.4) - 0.055)
