"""What an author's own style sheets and scripts are to the bundler, and what it says of them."""

from __future__ import annotations

import re
from typing import Any

from bundler.bundle import packages
from bundler.demo.own import STYLE, Own
from bundler.demo.parts import Part
from bundler.ground.errors import ConfigError, SetupError

# What esbuild says of a file that it cannot read.
MISTAKE = re.compile(r"(?m)^(?:Error: )?own:(.+?):(\d+):\d+: ERROR: (?:\[plugin: own\] )?(.*)$")


def styles(widgets: list[Part], own: Own) -> list[str]:
    """The author's style sheets, by their paths in templates/, in their order."""
    sheets = [f"widgets/{part.role}/{part.name}/{name}" for part in widgets for name in part.sheets]
    return [name for name in (*sheets, STYLE) if own.find(name)]


def live_style(widgets: list[Part], own: Own) -> str | None:
    """Their texts, as they can stand in a page at once; None if they name other files."""
    sheets = (own.find(name) for name in styles(widgets, own))
    texts = [sheet.read_text(encoding="utf-8") for sheet in sheets if sheet]
    if any("url(" in text or "@import" in text for text in texts):
        return None
    return "\n".join(texts)


def run(request: dict[str, Any], own: Own) -> str:
    """What the bundler prints; what it says of an author's file is the author's to mend.

    Raises ConfigError, naming the file and the line.
    """
    try:
        return packages.run_script("bundle.mjs", request)
    except SetupError as error:
        found = MISTAKE.search(error.details)
        if not found:
            raise
        place = f"{own.shown / found[1]}:{found[2]}"
        raise ConfigError(f"{place}: {found[3]}", details=error.details) from error


def warnings(rows: list[dict[str, Any]], own: Own) -> tuple[str, ...]:
    """What the bundler doubts in the author's files."""
    return tuple(f"{own.shown / row['file']}:{row['line']}: {row['text']}" for row in rows)
