"""Demos of the models of answer_cases.py, with two or three examples each."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from bundler.pipeline import build
from tests import warm
from tests.shared import Shared
from tests.visitor import Array

TAGS = ["beach", "dog", "night", "people", "snow", "a label that is much longer than others"]
PHASES = ["rest", "rise", "fall"]
PARTS = ["background", "sun", "sea", "sky"]
VALUES = 'name = "{name}"\nwidget = "json"\n[[outputs]]\nlabels = {labels}'
PICTURE = 'name = "picture"\nrange = [0, 255]\n'
# The keys of the input and of the output.
KEYS = {
    "tags": VALUES.format(name="features", labels=json.dumps(TAGS)),
    "tagger": VALUES.format(name="steps", labels=json.dumps(PHASES)),
    "thing": f'{PICTURE}fit = "crop"\n[[outputs]]\nlabels = ["disc"]',
    "padded": f'{PICTURE}fit = "pad"\n[[outputs]]\nlabels = ["disc"]',
    "parts": f"{PICTURE}[[outputs]]\nlabels = {json.dumps(PARTS)}",
    "larger": f'{PICTURE}[[outputs]]\nwidget = "imageslider"',
}


def models(shared: Shared) -> Path:
    """The folder with the models and cases.npz, made once for all processes."""
    return shared.once("answers", lambda folder: warm.run_maker("answer_cases", folder))


def cases(shared: Shared) -> dict[str, Array]:
    """Keras's answers."""
    with np.load(models(shared) / "cases.npz") as found:
        return dict(found)


def sites(shared: Shared, *names: str) -> Path:
    """The folder with these demos, each with its site in it."""

    def make(folder: Path) -> None:
        for name in names:
            build(write(name, models(shared), folder))

    return shared.once(f"answers-{names[0]}", make)


def write(name: str, models: Path, folder: Path) -> Path:
    """One of the demos, in a folder of its own name; `models` has the models and cases.npz."""
    place = folder / name
    place.mkdir()
    shutil.copy(models / f"{name}.keras", place)
    text = f'model = "{name}.keras"\n[[inputs]]\n{KEYS[name]}\n'
    with np.load(models / "cases.npz") as cases:
        for index, taken in enumerate(cases[f"{name}/inputs"]):
            if KEYS[name].startswith(PICTURE):
                (place / f"{index}.png").write_bytes(png(around(name, taken.astype(np.uint8), 200)))
                text += f'[[examples]]\npicture = "{index}.png"\n'
            else:
                text += f"[[examples]]\n{input_name(name)} = {json.dumps([taken.tolist()])}\n"
    (place / "demo.toml").write_text(text, encoding="utf-8")
    return place


def input_name(name: str) -> str:
    return KEYS[name].split('"')[1]


def around(name: str, taken: Array, beyond: int) -> Array:
    """What lies over what the model takes, over the whole picture.

    Of a model that sees the middle alone, ten rows more; of one that sees bars, without them.
    """
    if name == "padded":
        return taken[:, 10:-10]
    sides = [(10, 10), *[(0, 0)] * (taken.ndim - 1)]
    return np.pad(taken, sides, constant_values=beyond) if name == "thing" else taken


def png(picture: Array) -> bytes:
    """The file of a picture."""
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    return content.getvalue()
