"""What an answer is when it is taken away: judged by Python's csv and json, and by Pillow."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from base64 import b64decode
from math import prod
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bundler.bundle import packages
from bundler.ground import pictures
from bundler.ground.tensors import Tensor
from tests.conftest import ROOT

# Reads [widget, form, tensor, output] lines, and prints what take.js makes of each.
TAKE = """
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
  const made = [];
  for (const [widget, form, tensor, output] of cases) {
    const taken = await import(`${process.argv[1]}/templates/widgets/output/${widget}/take.js`);
    const types = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
    const data = tensor.dtype in types ? types[tensor.dtype].from(tensor.data) : tensor.data;
    const content = await taken[form]({ ...tensor, data }, output);
    const isText = typeof content === 'string';
    made.push(isText ? content : Buffer.from(await content.arrayBuffer()).toString('base64'));
  }
  console.log(JSON.stringify(made));
})();
"""
# What browsers lack that are a little older.
STORED = "delete globalThis.CompressionStream;"

# Numbers that JSON has not, as JavaScript reads them.
SPECIAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}

Case = tuple[str, str, dict[str, Any], dict[str, Any]]
# Names of classes as authors write them, and as nobody should.
NAMES = ["Barolo", 'a "b"', "c, d", "e\nf", "g\r\nh", "", " i ", "Größe", "猫", "007", "1e5", "a;b"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://example.org")']


def take(*cases: Case, before: str = "") -> list[Any]:
    """What each take.js makes, in one process of Node."""
    program = [packages.node(), "--eval", before + TAKE, str(ROOT)]
    made = subprocess.run(program, input=json.dumps(cases), capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    found: list[Any] = json.loads(made.stdout)
    return found


def tensor(values: Any, dtype: str = "float32") -> dict[str, Any]:
    """As the engine answers."""
    array = np.array(values, object if dtype == "string" else dtype)
    flat = [SPECIAL.get(str(one), one) for one in array.ravel().tolist()]
    return {"data": flat, "shape": list(array.shape), "dtype": dtype}


def output(*columns: str, **options: Any) -> dict[str, Any]:
    return {"label": columns[0], "columns": columns, "options": options}


def rows(text: str) -> list[list[str]]:
    """By Python's csv module, strictly, of what was UTF-8 with or without a mark."""
    assert text.endswith("\r\n")
    plain = text.encode().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(plain, newline=""), strict=True))


def test_scores_are_a_table_of_all_classes_in_full() -> None:
    scores = np.random.default_rng(1).dirichlet(np.ones(len(NAMES))).astype(np.float32)
    said = output("Grape", "Score", labels=NAMES, top=3)
    made, as_json, copied = take(
        *[("label", form, tensor([scores.tolist()]), said) for form in ("csv", "json", "text")]
    )
    order = np.argsort(-scores)
    head, *table = rows(made)
    assert head == ["Grape", "Score"]
    assert [name for name, _ in table] == [NAMES[index] for index in order]
    assert [np.float32(score) for _, score in table] == scores[order].tolist()
    assert all(len(score) < 14 for _, score in table), "digits that float32 does not have"
    assert [(one["label"], np.float32(one["score"])) for one in json.loads(as_json)] == [
        (NAMES[index], scores[index]) for index in order
    ]
    lines = [line.split("\t") for line in copied.split("\n")]
    assert lines[0] == ["Grape", "Score"] and len(lines) == 4
    assert all(len(line) == 2 for line in lines)
    assert [np.float32(score) for _, score in lines[1:]] == scores[order[:3]].tolist()


@pytest.mark.parametrize("form", ["csv", "text"])
def test_no_text_is_a_formula_to_a_spreadsheet(form: str) -> None:
    """Labels may be a stranger's; a number below zero is a number."""
    count = len(FORMULAS)
    scores = tensor([[-0.25] + [0.5] * (count - 1)])
    (made,) = take(("label", form, scores, output("=x", "Score", labels=FORMULAS, top=count)))
    table = rows(made) if form == "csv" else [line.split("\t") for line in made.split("\n")]
    names = [name for name, _ in table]
    assert all(name.startswith("'") for name in names) and len(names) == count + 1
    assert table[-1][1] == "-0.25"


def test_a_mark_is_there_where_excel_needs_it() -> None:
    plain, other = take(
        *[("label", "csv", tensor([[0.25, 0.75]]), output("A", "B", labels=["a", name], top=2))
          for name in ("b", "ü")]
    )  # fmt: skip
    assert plain.isascii() and other.startswith("\ufeff")


NUMBERS: list[tuple[Any, str, list[list[str]]]] = [
    (0.1, "float32", [["0.1"]]),
    ([[16777216.0]], "float32", [["16777216"]]),
    ([1e-7], "float32", [["1e-7"]]),
    ([3.4028234e38], "float32", [["3.4028235e+38"]]),
    ([[1, 2, 3]], "int32", [["1", "2", "3"]]),
    ([[[1.5, 2], [3, 4]]], "float32", [["1.5", "2"], ["3", "4"]]),
    ([[1, 2], [3, 4]], "int32", [["1", "2"], ["3", "4"]]),
    ([[True, False]], "bool", [["true", "false"]]),
    ([["a", '"'], ["b\n", "=c"]], "string", [["a", '"'], ["b\n", "'=c"]]),
    ([[""]], "string", [[""]]),
    ([[float("nan"), float("inf"), float("-inf")]], "float32", [["NaN", "Infinity", "-Infinity"]]),
    (
        [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]],
        "int32",
        [["0", "0", "1", "2"], ["0", "1", "3", "4"], ["1", "0", "5", "6"], ["1", "1", "7", "8"]],
    ),
    (np.zeros((1, 0, 2)), "float32", []),
]


def test_tensors_are_rows_of_their_last_dimension() -> None:
    made = take(
        *[("json", "csv", tensor(value, dtype), output("x")) for value, dtype, _ in NUMBERS]
    )
    for text, (value, _, expected) in zip(made, NUMBERS, strict=True):
        head, *table = rows(text)
        assert table == expected
        (width,) = np.shape(value)[-1:] or (1,)
        assert head[-1] == ("x" if width == 1 else f"x_{width}")
        assert all(len(row) == len(head) for row in table)


@pytest.mark.parametrize("form", ["json", "text"])
def test_tensors_are_nested_lists_in_full(form: str) -> None:
    values: list[tuple[Any, str]] = [
        (0.1, "float32"), ([[1 / 3, 2e-9]], "float32"), ([[[7]], [[-8]]], "int32"),
        ([[True]], "bool"), ([["a\n", "ü"]], "string"), (list(range(2000)), "int32"),
    ]  # fmt: skip
    made = take(*[("json", form, tensor(value, dtype), output("x")) for value, dtype in values])
    for text, (value, dtype) in zip(made, values, strict=True):
        found = json.loads(text)
        assert Tensor.from_nested(found, dtype) == Tensor.from_nested(value, dtype)


def test_what_json_has_not_is_a_text() -> None:
    (made,) = take(("json", "json", tensor([[float("nan"), float("-inf"), 0.5]]), output("x")))
    assert made == '[["NaN","-Infinity",0.5]]'


def test_a_number_comes_with_its_unit() -> None:
    value = tensor([[1234.5678]])
    said = output("Price (EUR)", unit="EUR", decimals=0)
    copied, kept, bare = take(
        ("number", "text", value, said),
        ("number", "csv", value, said),
        ("number", "text", tensor([[-7]], "int32"), output("x", unit=None, decimals=None)),
    )
    assert (copied, bare) == ("1234.5677 EUR", "-7")
    assert rows(kept) == [["Price (EUR)"], ["1234.5677"]]


SIZES = [(1, 1, 1), (1, 1, 3), (3, 5, 3), (5, 3, 1), (300, 1, 3), (1, 300, 1), (160, 150, 3)]


@pytest.mark.parametrize("before", ["", STORED], ids=["packed", "stored"])
def test_pictures_are_those_that_python_would_keep(before: str) -> None:
    """Pixel for pixel, whatever the size, halves and what lies outside too."""
    generator = np.random.default_rng(2)
    values = [generator.uniform(0, 255, (1, *size)).astype(np.float32) for size in SIZES]
    values[2].flat[:6] = [0.5, 1.5, 2.5, 254.5, 0, 255]
    made = take(*[("image", "png", tensor(one), output("x")) for one in values], before=before)
    for text, value in zip(made, values, strict=True):
        picture = Image.open(io.BytesIO(b64decode(text)))
        picture.load()
        kept = Image.open(io.BytesIO(pictures.encode(Tensor.from_numpy(value))))
        assert (picture.size, picture.mode) == (kept.size, kept.mode)
        assert np.array_equal(np.asarray(picture), np.asarray(kept))
        assert np.asarray(picture).size == prod(value.shape)


def test_data_frames_are_read_from_it() -> None:
    """As people in notebooks do, where they have pandas."""
    pandas = pytest.importorskip("pandas")
    scores = np.random.default_rng(3).uniform(-1, 1, (1, 40, 6)).astype(np.float32)
    (made,) = take(("json", "csv", tensor(scores), output("Größe")))
    frame = pandas.read_csv(io.BytesIO(made.encode()))
    assert list(frame.columns) == [f"Größe_{number}" for number in range(1, 7)]
    assert np.array_equal(frame.to_numpy(np.float32), scores[0])
