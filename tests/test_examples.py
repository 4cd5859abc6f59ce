"""Examples: what the graph gets, what the page shows, and what is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bundler import plan
from bundler.demo import config, parts
from bundler.formats.signature import Signature
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec
from bundler.site import examples
from bundler.site.examples import Example
from tests.photographs import stored
from tests.texts import assert_error

WIDGETS = parts.read()
OUTPUTS = (TensorSpec("y", "float32", (None, 1)),)

NUMBER = ("x", "float32", (None, 1))
INTEGER = ("x", "int64", (None, 1))
VECTOR = ("x", "float32", (None, 2))
MATRIX = ("x", "int32", (None, 2, None))
TEXTS = ("x", "string", (None, 2))
SWITCHES = ("x", "bool", (None, 30))
PICTURE = ("x", "float32", (None, 20, 30, 3))
SKETCH = ("x", "float32", (None, 32, 16, 1))

Tensor = tuple[str, str, tuple[int | None, ...]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.keras").touch()
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    Image.new("RGB", (40, 20), (10, 20, 30)).save(tmp_path / "small.png")
    return tmp_path


def read(folder: Path, text: str, *tensors: Tensor) -> list[Example]:
    (folder / "demo.toml").write_text(f'model = "model.keras"\n{text}', encoding="utf-8")
    demo = config.read(folder)
    specs = tuple(TensorSpec(*tensor) for tensor in tensors)
    return examples.read(demo, plan.make(demo, Signature(specs, OUTPUTS, {}, False), WIDGETS))


def one(folder: Path, text: str, tensor: Tensor) -> Any:
    """The tensor of the only example's only input, as nested lists."""
    (example,) = read(folder, text, tensor)
    return example.inputs["x"].to_numpy().tolist()


# What is wrong -> what is said about it, in errors/examples-*.txt.
PROBLEMS: dict[str, tuple[str, Tensor]] = {
    "missing-key": ("[[examples]]", VECTOR),
    "unknown-key": ("[[examples]]\nx_1 = 1\nx_2 = 2\nx_3 = 3\nqqq = 4", VECTOR),
    "two-examples": ("[[examples]]\nx = 1\n[[examples]]\ny = 1\n[[examples]]\nx = true", NUMBER),
    "text-for-a-number": ('[[examples]]\nx = "5"', NUMBER),
    "fraction": ("[[examples]]\nx = 1.5", INTEGER),
    "huge": ("[[examples]]\nx = 3_000_000_000", INTEGER),
    "nan": ("[[examples]]\nx = nan", NUMBER),
    "below-min": ("[[inputs]]\nmin = 0\nmax = 5\n[[examples]]\nx = -1", NUMBER),
    "above-max": ("[[inputs]]\nmax = 5\n[[examples]]\nx = 5.1", NUMBER),
    "no-choice": (
        '[[inputs]]\nwidget = "dropdown"\nchoices = ["a", "b"]\n[[examples]]\nx = 2',
        INTEGER,
    ),
    "rows": ("[[examples]]\nx = [[[1, 2], [3]]]", MATRIX),
    "shape": ("[[examples]]\nx = [[1, 2, 3]]", MATRIX),
    "size": ("[[examples]]\nx = [[[1], [2], [3]]]", MATRIX),
    "numbers-for-texts": ('[[examples]]\nx = [["a", 1]]', TEXTS),
    "number-for-a-switch": (f"[[examples]]\nx = [[{', '.join(['2'] * 30)}]]", SWITCHES),
    "no-file": ('[[examples]]\nx = "smal.png"', PICTURE),
    "no-picture": ('[[examples]]\nx = "notes.txt"', PICTURE),
    "folder": ('[[examples]]\nx = "folder.png"', PICTURE),
    "no-path": ("[[examples]]\nx = 5", PICTURE),
    "no-path-of-a-drawing": ('[[inputs]]\nwidget = "sketchpad"\n[[examples]]\nx = [1]', SKETCH),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_is_named(name: str, folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, *PROBLEMS[name])
    assert_error(caught.value, f"examples-{name}", folder)


VALUES: list[tuple[Tensor, str, Any]] = [
    (NUMBER, "x = 1.5", [[1.5]]),
    (NUMBER, "x = [[1.5]]", [[1.5]]),
    (INTEGER, "x = 7", [[7]]),
    (INTEGER, "x = 7.0", [[7]]),
    (VECTOR, "x_2 = 2\nx_1 = 1", [[1, 2]]),
    (MATRIX, "x = [[[1, 2, 3], [4, 5, 6]]]", [[[1, 2, 3], [4, 5, 6]]]),
    (TEXTS, 'x = [["a", "ü\\n"]]', [["a", "ü\n"]]),
    (SWITCHES, f"x = [[{', '.join(['true', 'false'] * 15)}]]", [[True, False] * 15]),
]


@pytest.mark.parametrize(("tensor", "text", "value"), VALUES)
def test_values_become_tensors(tensor: Tensor, text: str, value: Any, folder: Path) -> None:
    assert one(folder, f"[[examples]]\n{text}", tensor) == value


def test_ends_of_a_scale_are_within_it(folder: Path) -> None:
    text = "[[inputs]]\nmin = 0\nmax = 5\n[[examples]]\nx = 0\n[[examples]]\nx = 5"
    found = read(folder, text, NUMBER)
    assert [example.states["input-0-0"] for example in found] == [0, 5]


def test_titles_and_truths(folder: Path) -> None:
    text = '[[examples]]\nx = 1\n[[examples]]\nx = 2\ntitle = "Two"\nlabel = 2'
    found = read(folder, text, NUMBER)
    assert [(e.title, e.label) for e in found] == [("Example 1", None), ("Two", "2")]


def test_each_field_has_its_own_state(folder: Path) -> None:
    second: Tensor = ("z", "float32", (None, 1))
    (example,) = read(folder, "[[examples]]\nx_1 = 1\nx_2 = 2\nz = 3", VECTOR, second)
    assert example.states == {"input-0-0": 1, "input-0-1": 2, "input-1-0": 3}
    assert {name: t.shape for name, t in example.inputs.items()} == {"x": (1, 2), "z": (1, 1)}


def picture(folder: Path, name: str, tensor: Tensor = PICTURE, text: str = "") -> Any:
    """Pixels `[height, width, channels]` that the graph gets for a file."""
    return np.array(one(folder, f'{text}[[examples]]\nx = "{name}"', tensor))[0]


def test_a_picture_is_shown_as_the_graph_gets_it(folder: Path) -> None:
    (example,) = read(folder, '[[examples]]\nx = "small.png"', PICTURE)
    ((path, stored),) = example.media.items()
    assert example.states == {"input-0-0": {"src": path}}
    assert path.startswith("assets/example-1-") and path.endswith(".png")
    (folder / "shown.png").write_bytes(stored.file[0])
    with Image.open(folder / "shown.png") as image:
        pixels = np.asarray(image, np.int32)
    assert example.inputs["x"].dtype == "int32"
    assert (example.inputs["x"].to_numpy()[0] == pixels).all()


def test_transparency_is_laid_over_white(folder: Path) -> None:
    image = Image.new("RGBA", (4, 2), (200, 100, 0, 255))
    image.putpixel((0, 0), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 51))
    image.save(folder / "alpha.png")
    pixels = picture(folder, "alpha.png")
    assert pixels[0, :3].tolist() == [[255, 255, 255], [204, 204, 204], [200, 100, 0]]


def test_transparency_of_a_palette_is_laid_over_white(folder: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([0, 0, 0, 250, 0, 0])
    image.putpixel((1, 0), 1)
    image.save(folder / "palette.png", transparency=0)
    assert picture(folder, "palette.png")[0].tolist() == [[255, 255, 255], [250, 0, 0]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_upright(orientation: int, folder: Path) -> None:
    """The same picture, stored in the eight ways that cameras store it."""
    upright = Image.new("RGB", (32, 16), "white")
    upright.paste((255, 0, 0), (0, 0, 8, 8))
    turned, exif = stored(upright, orientation)
    turned.save(folder / "photo.png", exif=exif)
    assert (picture(folder, "photo.png") == np.asarray(upright)).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "RGB", "RGBA"])
def test_every_mode_becomes_red_green_and_blue(mode: str, folder: Path) -> None:
    grey = Image.linear_gradient("L").resize((8, 8))
    image = Image.fromarray(np.asarray(grey, np.uint16) * 257) if mode == "I;16" else grey
    name = "mode.jpg" if mode == "CMYK" else "mode.png"
    (image if mode == "I;16" else grey.convert(mode)).save(folder / name)
    pixels = picture(folder, name)
    expected = np.asarray(grey.convert("1" if mode == "1" else "L"), np.int32)
    expected = expected * 255 if mode == "1" else expected
    assert pixels.shape == (8, 8, 3)
    assert np.abs(pixels - expected[:, :, None]).max() <= 1


def test_a_large_picture_becomes_small_enough_to_ship(folder: Path) -> None:
    Image.effect_noise((2000, 500), 60).save(folder / "large.png")
    assert picture(folder, "large.png").shape == (80, 320, 3)


def test_a_drawing_becomes_grey_ink_on_paper_of_the_sketchpad(folder: Path) -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 50, 100))
    image.save(folder / "ink.png")
    pixels = picture(folder, "ink.png", SKETCH, '[[inputs]]\nwidget = "sketchpad"\n')
    assert pixels.shape == (280, 140, 1)
    assert (pixels[0, 0, 0], pixels[279, 139, 0]) == (0, 255)


def test_a_damaged_picture_is_named(folder: Path) -> None:
    whole = (folder / "small.png").read_bytes()
    (folder / "half.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match=r"examples\[0\]\.x: .*half\.png"):
        picture(folder, "half.png")


def test_a_changed_picture_is_read_again(folder: Path) -> None:
    before = picture(folder, "small.png")
    Image.new("RGB", (40, 20), (90, 20, 30)).save(folder / "small.png")
    assert (before[0, 0, 0], picture(folder, "small.png")[0, 0, 0]) == (10, 90)


def test_a_drawing_may_be_a_line(folder: Path) -> None:
    line: Tensor = ("x", "float32", (None, 1, 2000, 1))
    assert picture(folder, "small.png", line, '[[inputs]]\nwidget = "sketchpad"\n').shape[0] == 1


def test_a_picture_of_holes_is_not_read(folder: Path) -> None:
    (folder / "holes.png").touch()
    os.truncate(folder / "holes.png", 1 << 40)
    with pytest.raises(ConfigError, match=r"has more than 256 MiB"):
        picture(folder, "holes.png")
