"""Examples in a CSV file: as programs and spreadsheets write them, and what is wrong in them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bundler import plan
from bundler.demo import config, parts
from bundler.formats.signature import Signature
from bundler.ground.errors import ConfigError
from bundler.ground.tensors import TensorSpec
from bundler.site import examples
from bundler.site.examples import Example
from tests.texts import assert_error

WIDGETS = parts.read()
OUTPUTS = (TensorSpec("y", "float32", (None, 1)),)
Tensor = tuple[str, str, tuple[int | None, ...]]

NUMBER: Tensor = ("x", "float32", (None, 1))
INTEGER: Tensor = ("x", "int64", (None, 1))
VECTOR: Tensor = ("x", "float32", (None, 2))
LONG: Tensor = ("x", "float32", (None, 30))
SWITCHES: Tensor = ("x", "bool", (1, 2, 2))
SERIES: Tensor = ("x", "float32", (None, None, 2))
TEXT: Tensor = ("x", "string", (None, 1))
TEXTS: Tensor = ("x", "string", (None, 2))
PICTURE: Tensor = ("x", "float32", (None, 20, 30, 3))
SKETCH: Tensor = ("x", "float32", (None, 32, 16, 1))

COLOURS = '[[inputs]]\nwidget = "dropdown"\nchoices = ["red", "green"]\n'
GROUPS = '[[inputs]]\nwidget = "dropdown"\nchoices = ["0", "1", "2", "3"]\n'
SWAPPED = '[[inputs]]\nwidget = "dropdown"\nchoices = ["1", "0"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.keras").touch()
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (40, 20), (10, 20, 30)).save(tmp_path / "pictures" / "a b.png")
    return tmp_path


def read(folder: Path, table: str | bytes, *tensors: Tensor, text: str = "") -> list[Example]:
    content = table.encode() if isinstance(table, str) else table
    (folder / "rows.csv").write_bytes(content)
    (folder / "demo.toml").write_text(f'model = "model.keras"\nexamples = "rows.csv"\n{text}')
    demo = config.read(folder)
    specs = tuple(TensorSpec(*tensor) for tensor in tensors)
    return examples.read(demo, plan.make(demo, Signature(specs, OUTPUTS, {}, False), WIDGETS))


def values(folder: Path, table: str | bytes, tensor: Tensor, text: str = "") -> list[Any]:
    """What the graph gets for each row, as nested lists."""
    found = read(folder, table, tensor, text=text)
    return [example.inputs["x"].to_numpy().tolist() for example in found]


NUMBERS = [[[1.5]], [[-2.0]]]
# The same two numbers, however they were written.
FORMS: dict[str, str | bytes] = {
    "unix": "x\n1.5\n-2\n",
    "windows": "x\r\n1.5\r\n-2\r\n",
    "old mac": "x\r1.5\r-2\r",
    "no end": "x\n1.5\n-2",
    "quoted": '"x"\n"1.5"\n"-2"\n',
    "spaces": " x \n 1.5 \n -2 \n",
    "signs": "x\n+1.5\n-2.\n",
    "exponents": "x\n15e-1\n-0.2E+01\n",
    "a mark": b"\xef\xbb\xbfx\n1.5\n-2\n",
    "utf-16": "x\n1.5\n-2\n".encode("utf-16"),
    "blank rows": "\n\nx\n\n1.5\n\n-2\n\n",
    "empty rows of a spreadsheet": "x,,\n1.5,,\n,,\n-2,,\n,,\n",
    "told": "sep=;\r\nx\r\n1.5\r\n-2\r\n",
    "decimal comma": "x;title\n1,5;a\n-2;b\n",
    "decimal comma and sep": "sep=;\nx;title\n1,5;a\n-2,0;b\n",
    "tabs": "x\ttitle\n1.5\ta\n-2\tb\n",
    "other things to say": "title,label,x\na,5,1.5\nb,,-2\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_numbers_are_the_same_however_they_are_written(form: str, folder: Path) -> None:
    assert values(folder, FORMS[form], NUMBER) == NUMBERS


# Each kind of input: its cells, and the tensors that they are.
KINDS: dict[str, tuple[Tensor, str, str, list[Any]]] = {
    "fields": (VECTOR, "", "x_2,x_1\n2,1\n4,3\n", [[[1, 2]], [[3, 4]]]),
    "whole numbers": (INTEGER, "", "x\n7\n-7.0\n", [[[7]], [[-7]]]),
    "choices by what is shown": (INTEGER, COLOURS, "x\ngreen\nred\n", [[[1]], [[0]]]),
    "choices by value": (INTEGER, COLOURS, "x\n1\n0\n", [[[1]], [[0]]]),
    "choices that are numbers": (INTEGER, GROUPS, "x\n3\n0\n", [[[3]], [[0]]]),
    "choices of texts": (TEXT, COLOURS, "x\ngreen\n", [[["green"]]]),
    "texts": (TEXT, "", 'x\n"one, ""two""\nand three"\n=1+1\n', [[['one, "two"\nand three']],
                                                               [["=1+1"]]]),
    "a text with a separator of others": (TEXT, "", "x\nred; green\n", [[["red; green"]]]),
    "a text like a number": (TEXT, "", "x\n007\n", [[["007"]]]),
    "a tensor as JSON": (SERIES, "", 'x\n"[[[1, 2], [3, 4]]]"\n', [[[[1, 2], [3, 4]]]]),
    "a tensor by elements": (LONG, '[[inputs]]\nwidget = "json"\n',
                             ",".join(f"x_{n}" for n in range(1, 31)) + "\n"
                             + ",".join(map(str, range(30))) + "\n", [[list(range(30))]]),
    "texts as JSON": (TEXTS, "", 'x\n"[[""a"", ""b""]]"\n', [[["a", "b"]]]),
    "texts by elements": (TEXTS, "", "x_1,x_2\na,b\n", [[["a", "b"]]]),
    "switches": (SWITCHES, "", "x_1;x_2;x_3;x_4\nTRUE;false;1;0\n", [[[[True, False],
                                                                       [True, False]]]]),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_cells_become_what_the_kind_of_input_takes(kind: str, folder: Path) -> None:
    tensor, text, table, expected = KINDS[kind]
    assert values(folder, table, tensor, text) == expected


@pytest.mark.parametrize("tensor", [PICTURE, SKETCH])
@pytest.mark.parametrize("path", ["pictures/a b.png", r"pictures\a b.png", " pictures/a b.png"])
def test_pictures_are_named_by_their_paths(path: str, tensor: Tensor, folder: Path) -> None:
    text = '[[inputs]]\nwidget = "sketchpad"\n' if tensor is SKETCH else ""
    (example,) = read(folder, f"x,title\n{path},A\n", tensor, text=text)
    assert example.title == "A" and len(example.media) == 1


def test_titles_truths_and_states_are_those_of_tables(folder: Path) -> None:
    """A CSV file says what [[examples]] would, and the page cannot tell."""
    found = read(folder, "title,x_1,x_2,label\nA hut,1,2.5,7\n,3,4,\n", VECTOR)
    (folder / "demo.toml").write_text(
        'model = "model.keras"\n[[examples]]\ntitle = "A hut"\nx_1 = 1\nx_2 = 2.5\nlabel = "7"\n'
        "[[examples]]\nx_1 = 3\nx_2 = 4\n"
    )
    demo = config.read(folder)
    signature = Signature((TensorSpec(*VECTOR),), OUTPUTS, {}, False)
    assert found == examples.read(demo, plan.make(demo, signature, WIDGETS))
    assert [(one.title, one.label) for one in found] == [("A hut", "7"), ("Example 2", None)]


def test_what_python_writes_is_read(folder: Path) -> None:
    """Every dialect of Python's csv module that has a header."""
    rows = [["title", "x"], ['a "b", c;\td\ne', "0.1"], ["", "-1e-07"]]
    for dialect in ("excel", "excel-tab", "unix"):
        out = io.StringIO()
        csv.writer(out, dialect=dialect).writerows(rows)
        first, second = read(folder, out.getvalue(), NUMBER)
        assert first.title == 'a "b", c;\td\ne'
        assert [one.states["input-0-0"] for one in (first, second)] == [0.1, -1e-07]


PROBLEMS: dict[str, tuple[str | bytes, Tensor, str]] = {
    "nothing": ("", NUMBER, ""),
    "unknown-and-missing": ("x_1,X_2,qqq\n1,2,3\n", VECTOR, ""),
    "twice": ("x,x\n1,2\n", NUMBER, ""),
    "empty-cells": ("title,x_1,x_2\na,1,\nb\n", VECTOR, ""),
    "no-numbers": (
        'x\nseven\n"1,5"\n"1,234"\n1.234.567\n12 %\n#DIV/0!\nNaN\n1e999\n', NUMBER, ""
    ),
    "points-and-commas": ("x;title\n1,5;a\n2.5;b\n1.234;c\n1.234,5;d\n", NUMBER, ""),
    "beyond": ("x,title\n1,one, two\n", NUMBER, ""),
    "unnamed": ("x,\n1,two\n", NUMBER, ""),
    "open-quote": ('x,title\n1,a\n2,"b\n3,c\n', NUMBER, ""),
    "quote-within": ('x,title\n1,"a"b\n', NUMBER, ""),
    "no-utf-8": ("x,title\n1,Größe\n".encode("cp1252"), NUMBER, ""),
    "out-of-range": ("x\n6\n", NUMBER, "[[inputs]]\nmin = 0\nmax = 5\n"),
    "no-choice": ("x\nblue\n", INTEGER, COLOURS),
    "two-choices": ("x\n1\n", INTEGER, SWAPPED),
    "no-json": ("x\n\"[[1, 2]\"\n", SERIES, ""),
    "shape": ("x\n\"[[[1, 2, 3]]]\"\n", SERIES, ""),
    "no-picture": ("x\npictures/a.png\n", PICTURE, ""),
    "many": ("x\n" + "a\n" * 30, NUMBER, ""),
    "too-many": ("x\n" + "1\n" * 1001, NUMBER, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_is_named_with_row_and_column(name: str, folder: Path) -> None:
    table, tensor, text = PROBLEMS[name]
    with pytest.raises(ConfigError) as caught:
        read(folder, table, tensor, text=text)
    assert_error(caught.value, f"csv-{name}", folder)


def test_rows_are_counted_as_spreadsheets_count_them(folder: Path) -> None:
    """A cell of two lines is one row; a line that tells the separator is none."""
    table = 'sep=;\ntitle;x\n"two\nlines";1\n\n;oops\n'
    with pytest.raises(ConfigError, match=r"row 4, column x: "):
        read(folder, table, NUMBER)


def test_a_huge_cell_is_refused(folder: Path) -> None:
    table = f'x\n"{"1" * (csv.field_size_limit() + 1)}"\n'
    with pytest.raises(ConfigError, match=r"row 2: a cell has more than \d+ letters"):
        read(folder, table, NUMBER)


@pytest.mark.parametrize("name", ["none.csv", "../rows.csv", "pictures"])
def test_the_file_is_looked_for_in_the_demo_s_folder(name: str, folder: Path) -> None:
    (folder.parent / "rows.csv").write_text("x\n1\n")
    (folder / "demo.toml").write_text(f'model = "model.keras"\nexamples = "{name}"\n')
    with pytest.raises(ConfigError, match=r"examples: "):
        config.read(folder)


def test_a_picture_out_of_the_folder_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"row 2, column x: .*leads out of the demo's folder"):
        read(folder, "x\n../secret.png\n", PICTURE)


def test_a_name_with_a_separator_tells_what_stands_between_cells(folder: Path) -> None:
    """Not the most letters count, but the columns that the model has."""
    named = ("width; height, depth", "float32", (None, 1))
    (example,) = read(folder, 'title;"width; height, depth"\nA;1,5\n', named)
    assert example.inputs["width; height, depth"].to_numpy().tolist() == [[1.5]]
