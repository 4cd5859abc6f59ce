"""A demo that finds red and green squares, by a model that needs no training.

`python -m tests.boxes_demo FOLDER` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDES = (96, 128)
LABELS = ["red square", "green square"]
COLOURS = [(220, 20, 20), (20, 220, 20)]
# Where the squares of the examples are, as shares of their pictures: colour, left, top.
SQUARES = [(0, 0.1, 0.15), (1, 0.55, 0.2), (0, 0.62, 0.63)]
PICTURES = [(320, 240), (200, 300)]
TEXT = """model = "squares.keras"
title = "Squares"
[[inputs]]
name = "picture"
widget = "image"
fit = "crop"
range = [0, 1]
[[outputs]]
name = "grid"
label = "Squares"
widget = "annotatedimage"
format = "centernet"
labels = ["red square", "green square"]
threshold = 0.2
"""


def draw(width: int, height: int) -> Image.Image:
    """A picture with three squares."""
    picture = Image.new("RGB", (width, height), (230, 228, 220))
    brush = ImageDraw.Draw(picture)
    side = 0.2 * min(width, height)
    for colour, left, top in SQUARES:
        corner = (left * width, top * height)
        brush.rectangle((*corner, corner[0] + side, corner[1] + side), fill=COLOURS[colour])
    return picture


def save_model(path: Path) -> None:
    """Blurred redness and greenness are the heat; every square is a fifth of the height."""
    import keras

    picture = keras.Input((*SIDES, 3), name="picture")
    colours = keras.layers.Conv2D(2, 1, activation="relu")
    blur = keras.layers.DepthwiseConv2D(9, padding="same", use_bias=False)
    sides, offsets = keras.layers.Conv2D(2, 1), keras.layers.Conv2D(2, 1)
    heat = blur(keras.layers.AveragePooling2D(4)(colours(picture)))
    grid = keras.layers.Concatenate(name="grid")([heat, sides(heat), offsets(heat)])
    model = keras.Model(picture, grid)
    kernel = np.array([[[[1, -1], [-1, 1], [-0.5, -0.5]]]], np.float32)
    colours.set_weights([kernel, np.full(2, -0.2, np.float32)])
    bell = np.exp(-((np.arange(9) - 4) ** 2) / 8)
    bell = np.outer(bell, bell / bell.sum() ** 2).astype(np.float32)
    blur.set_weights([np.repeat(bell[:, :, None, None], 2, axis=2)])
    small = np.array([[[[0.3, 0.1], [0.1, 0.3]]]], np.float32)
    sides.set_weights([small, np.full(2, 4.8, np.float32)])
    offsets.set_weights([small * 0.1, np.full(2, 0.5, np.float32)])
    model.save(path)


def write(folder: Path) -> Path:
    """The demo in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder / "squares.keras")
    text = TEXT
    for index, size in enumerate(PICTURES):
        draw(*size).save(folder / f"{index}.png")
        text += f'[[examples]]\npicture = "{index}.png"\n'
    (folder / "demo.toml").write_text(text, encoding="utf-8")
    return folder


def main(folder: str) -> None:
    """As a program of its own, which has TensorFlow to itself."""
    write(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1])
