"""Pages on which nothing is entered yet: demos without their examples, and bare models."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.conftest import DEMOS

# Together they have every widget, of inputs and of answers.
DEMOS_OF_WIDGETS = ("digits", "diabetes")
BARE_OF_WIDGETS = ("sequence", "painter", "mood")
EXAMPLES = re.compile(r"(?ms)^\[\[examples\]\]\n.*?(?=^\[(?!\[examples\]\])|\Z)")


def copy(name: str, folder: Path) -> Path:
    """A demo of demos/ without its examples."""
    shutil.copytree(DEMOS / name, folder, ignore=shutil.ignore_patterns("site"))
    settings = folder / "demo.toml"
    text, count = EXAMPLES.subn("", settings.read_text(encoding="utf-8"))
    assert count
    settings.write_text(text, encoding="utf-8")
    return folder
