"""A language that nobody speaks: every English letter of a catalogue as another one, 40 % longer,

in brackets, written from right to left, with the numerals of Egypt and six forms for numbers.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from babel.messages.catalog import Catalog

from bundler.ground import catalogues
from tests import catalogues as checked
from tests.conftest import DEMOS, ROOT

TAG = "ar-EG-x-pseudo"
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçďéƒĝĥíĵķļɱñóþǫŕšţúṽŵẋýžÁƁÇĎÉƑĜĤÍĴĶĻṀÑÓÞǪŔŠŢÚṼŴẊÝŽ",
)
PLACEHOLDER = re.compile(r"(\{\w+\})")
LONGER = 0.4
OPEN, CLOSE = "⟦", "⟧"
BUILD = """
import sys
from pathlib import Path
from bundler.pipeline import build
for folder in sys.argv[1:]:
    print(build(Path(folder)).folder)
"""


def translated(message: str) -> str:
    """A message in the pseudo-language; its placeholders stay."""
    parts = PLACEHOLDER.split(message)
    said = "".join(part if part.startswith("{") else part.translate(LETTERS) for part in parts)
    # In words, for lines have to break somewhere.
    more = " ".join(["ẽẽẽẽ"] * round(LONGER * len(message) / 5))
    return f"{OPEN}{said}{' ' if more else ''}{more}{CLOSE}"


def catalogue() -> Catalog:
    """All that the sources say, translated."""
    made = Catalog(catalogues.locale(TAG))
    for message in checked.extract():
        if message.id:
            one, *several = checked.key(message)
            forms = [translated(several[0] if several else one)] * made.num_plurals
            made.add(message.id, [translated(one), *forms[1:]] if several else forms[0])
    return made


def copy_tool(folder: Path) -> Path:
    """The tool with one folder more, that of the language."""
    kept = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("bundler", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=kept)
    place = folder / "templates" / "locale" / TAG / "LC_MESSAGES" / "page.po"
    checked.write(place, catalogue())
    return folder


def copy_demo(name: str, folder: Path, language: str = TAG) -> Path:
    """A demo of demos/ in another language."""
    copy = folder / name
    shutil.copytree(DEMOS / name, copy, ignore=shutil.ignore_patterns("site"))
    file = copy / "demo.toml"
    file.write_text(f'language = "{language}"\n' + file.read_text("utf-8"), "utf-8")
    return copy


def bare_demo(model: Path, folder: Path, language: str = TAG) -> Path:
    """A demo of a model alone."""
    made = folder / model.stem
    made.mkdir(parents=True)
    shutil.copy(model, made)
    text = f'language = "{language}"\nmodel = "{model.name}"\n'
    (made / "demo.toml").write_text(text, "utf-8")
    return made


def build(tool: Path, demos: list[Path]) -> list[Path]:
    """The folders of the demos' sites."""
    command = [sys.executable, "-c", BUILD, *map(str, demos)]
    result = subprocess.run(command, cwd=tool, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return [Path(line) for line in result.stdout.splitlines()[-len(demos) :]]
