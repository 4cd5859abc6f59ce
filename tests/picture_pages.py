"""Demos that are made for the READMEs' pictures of pages (tests/picture.py)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, SHARED_MODELS

PHOTO = """model = "cifar10-resnet8.h5"
title = "What is in the picture?"
description = "Tells ten kinds of things apart: four that drive, fly or float, and six animals."
author = "MLCommons"
license = "Apache-2.0"

[[inputs]]
label = "Picture"
size = [32, 32]
range = [0, 255]

[[outputs]]
label = "Most likely"
labels = [
  "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]
top = 4
"""
EXAMPLE = """
[[examples]]
title = "{title}"
label = "{label}"
{name} = "examples/{file}"
"""
PICTURE = """model = "super-resolution.h5"
title = "Four times larger"
description = "Makes a small photograph four times larger, with the details that such ones have."
license = "MIT"

[[inputs]]
label = "Small picture"
range = [0, 1]

[[outputs]]
label = "Large picture"
range = [-1, 1]

[[examples]]
title = "A cat"
input_3 = "examples/cat.jpg"

[[examples]]
title = "A burger"
input_3 = "examples/burger.jpg"
"""
TEXT = """model = "mood.keras"
title = "Did they like the film?"
description = "Reads a review and says whether its writer liked the film."

[[inputs]]
label = "Review"
lines = 4
placeholder = "The film was …"

[[outputs]]
label = "Mood"
labels = ["did not like it", "liked it"]

[[examples]]
title = "Enthusiastic"
label = "liked it"
review = "A wonderful film. The story was very good and the acting great; I loved it."

[[examples]]
title = "Bored"
label = "did not like it"
review = "Two hours are very long. The story was boring and the acting awful."

[[examples]]
title = "Undecided"
label = "did not like it"
review = "Good acting, bad story. Short at least, so I stayed until the end."
"""
# A sum of what words are worth, from a table.
MOOD = """
import sys
import keras
import numpy as np

WORTH = {
    "good": 2, "great": 3, "wonderful": 4, "loved": 3,
    "bad": -2, "boring": -3, "awful": -4, "long": -1,
}
text = keras.Input((1,), dtype="string", name="review")
words = keras.layers.TextVectorization(vocabulary=list(WORTH), output_sequence_length=24)(text)
table = np.array([[0], [0], *([worth] for worth in WORTH.values())], "float32")
worths = keras.initializers.Constant(table)
known = keras.layers.Embedding(len(table), 1, embeddings_initializer=worths)
mean = keras.layers.GlobalAveragePooling1D()(known(words))
sides = keras.initializers.Constant(np.array([[-4, 4]], "float32"))
mood = keras.layers.Dense(2, activation="softmax", name="mood", kernel_initializer=sides)(mean)
keras.Model(text, mood).save(sys.argv[1])
"""


def photo(folder: Path) -> Path:
    """A classifier of photographs, with eight of them."""
    return _photo(folder, examples=True)


def empty(folder: Path) -> Path:
    """The same without any."""
    return _photo(folder, examples=False)


def _photo(folder: Path, *, examples: bool) -> Path:
    pictures = SHARED_MODELS / "inputs" / "cifar10"
    shown = [
        EXAMPLE.format(
            title=f"{kind.capitalize()} {n}", label=kind, name="input_1", file=f"{kind}{n}.png"
        )
        for kind in ("automobile", "airplane", "bird", "cat")
        for n in (1, 2)
    ]
    (folder / "examples").mkdir(parents=True)
    for picture in pictures.glob("*.png"):
        shutil.copy(picture, folder / "examples")
    shutil.copy(SHARED_MODELS / "cifar10-resnet8.h5", folder)
    (folder / "demo.toml").write_text(PHOTO + "".join(shown if examples else []), encoding="utf-8")
    return folder


def picture(folder: Path) -> Path:
    """A picture to a picture."""
    (folder / "examples").mkdir(parents=True)
    for name in ("cat.jpg", "burger.jpg"):
        shutil.copy(SHARED_MODELS / "inputs" / name, folder / "examples")
    shutil.copy(SHARED_MODELS / "super-resolution.h5", folder)
    (folder / "demo.toml").write_text(PICTURE, encoding="utf-8")
    return folder


def text(folder: Path) -> Path:
    """A text to one of two classes."""
    folder.mkdir(parents=True)
    program = [sys.executable, "-c", MOOD, str(folder / "mood.keras")]
    subprocess.run(program, check=True, cwd=ROOT, capture_output=True)
    (folder / "demo.toml").write_text(TEXT, encoding="utf-8")
    return folder
