"""Pages on which nothing is entered yet: demos without their examples, and bare models."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.conftest import DEMOS

# Together they have every widget, of inputs and of answers.
DEMOS_OF_WIDGETS = ("digits", "diabetes")
BARE_OF_WIDGETS = ("sequence", "painter", "mood")
FIELD = '[[inputs.fields]]\nname = "{}"\n'
RADIO = (
    "[[inputs]]\n"
    + "".join(map(FIELD.format, "abcd"))
    + 'widget = "radio"\nchoices = ["low", "high"]\n'
)
# Models of keras_cases.py, and the keys that ask for a widget.
ASKED_FOR = {
    "audio": ("ears", '[[inputs]]\nwidget = "audio"\nsample_rate = 16000\nfeature = "mfcc"\n'),
    "heard": ("smoother", '[[inputs]]\nwidget = "audio"\nsample_rate = 16000\n'),
    "video": ("grey", '[[inputs]]\nwidget = "video"\n'),
    "radio": ("mlp", RADIO),
    "annotatedimage": ("finder", '[[outputs]]\nformat = "yolo"\nlabels = ["left", "right"]\n'),
    "imageslider": ("painter", '[[outputs]]\nwidget = "imageslider"\n'),
    "mask": ("painter", '[[outputs]]\nwidget = "mask"\nlabels = ["sand", "sea", "sky"]\n'),
    "sequence": ("tagger", '[[outputs]]\nlabels = ["rest", "rise", "fall"]\n'),
}
NAMES = (*DEMOS_OF_WIDGETS, *BARE_OF_WIDGETS, *(f"asked-{name}" for name in ASKED_FOR))
EXAMPLES = re.compile(r"(?ms)^\[\[examples\]\]\n.*?(?=^\[(?!\[examples\]\])|\Z)")


def ask(model: str, keys: str, models: Path, folder: Path) -> Path:
    """A demo of one of the models that asks for a widget, without examples."""
    folder.mkdir()
    shutil.copy(models / f"{model}.keras", folder)
    (folder / "demo.toml").write_text(f'model = "{model}.keras"\n{keys}', encoding="utf-8")
    return folder


def copy(name: str, folder: Path) -> Path:
    """A demo of demos/ without its examples."""
    shutil.copytree(DEMOS / name, folder, ignore=shutil.ignore_patterns("site"))
    settings = folder / "demo.toml"
    text, count = EXAMPLES.subn("", settings.read_text(encoding="utf-8"))
    assert count
    settings.write_text(text, encoding="utf-8")
    return folder
