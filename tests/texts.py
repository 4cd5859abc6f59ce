"""The exact texts of errors, kept as files in tests/errors.

After a change of a text that is meant, write them anew and read the difference:

    TFJS_DEMO_WRITE_TEXTS=1 python -m pytest tests
"""

from __future__ import annotations

import os
from pathlib import Path

from bundler.ground.errors import DemoError

ERRORS = Path(__file__).parent / "errors"


def assert_error(error: DemoError, name: str, folder: Path) -> None:
    """What the terminal shows of an error is errors/{name}.txt, with `folder` as "FOLDER"."""
    text = f"error: {error.message}\n" + (f"{error.hint}\n" if error.hint else "")
    assert_text(text, name, folder)


def assert_text(text: str, name: str, folder: Path) -> None:
    """A text is errors/{name}.txt, with `folder` as "FOLDER"."""
    shown = text.replace(str(folder.resolve()), "FOLDER").replace(str(folder), "FOLDER")
    file = ERRORS / f"{name}.txt"
    if os.environ.get("TFJS_DEMO_WRITE_TEXTS"):
        file.write_text(shown, encoding="utf-8")
    expected = file.read_text(encoding="utf-8")
    assert shown == expected, f"{file.name} says\n{expected}\nbut it was\n{shown}"
