"""The numbers that a model knows of each input: found, told, and refused before it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler import plan
from bundler.demo import config, parts
from bundler.formats.signature import Signature
from bundler.graph.changes import Range
from bundler.graph.samples import ranges as found_ranges
from bundler.ground import catalogues
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.ground.texts import ENGLISH
from bundler.plan import Plan
from bundler.site import fields, ranges, words
from tests.models import keras, layers, tf
from tests.sampled import sampled
from tests.scripts import call

GERMAN = catalogues.of("de")
ROWS = tf.constant(np.random.default_rng(0).normal(size=(39, 4)).astype(np.float32))
TWO_ROWS = ROWS[:2]


def stack(length: int | None, *stacked: Any) -> Any:
    return keras.Sequential([keras.Input((length,)), *stacked])


def columns(x: Any) -> Any:
    indices = tf.cast(x, tf.int32)
    return tf.gather(ROWS, indices[:, 0]) + tf.gather(TWO_ROWS, indices[:, 1])


def spec(dtype: str, *shape: int | None) -> TensorSpec:
    return TensorSpec("x", dtype, shape)


FLOATS, INTEGERS = spec("float32", None, 3), spec("int32", None, 3)
WORDS: list[Range] = [(0, 38)]
# By kind: what the model does with its input, and what it knows of it.
MODELS: dict[str, tuple[Callable[..., Any], TensorSpec, list[Range]]] = {
    "embedding": (stack(3, layers.Embedding(39, 4), layers.Flatten()), FLOATS, WORDS),
    "embedding of any length": (
        stack(None, layers.Embedding(39, 4, mask_zero=True), layers.LSTM(2)),
        spec("float32", None, None),
        WORDS,
    ),
    "rows": (lambda x: tf.gather(ROWS, x), INTEGERS, WORDS),
    "rows from 1": (lambda x: tf.gather(ROWS, x - 1), INTEGERS, [(1, 39)]),
    "columns of their own": (columns, spec("float32", None, 2), [WORDS[0], (0, 1)]),
    "places": (lambda x: tf.gather_nd(ROWS, x), spec("int32", None, 2), [WORDS[0], (0, 3)]),
    "cut off before": (lambda x: tf.gather(ROWS, tf.clip_by_value(x, 0, 38)), INTEGERS, []),
    "around again": (lambda x: tf.gather(ROWS, tf.math.floormod(x, 39)), INTEGERS, []),
    "nothing where there is no row": (lambda x: tf.one_hot(x, 5), INTEGERS, []),
    "a logarithm": (tf.math.log, FLOATS, []),
    "rounded on its way": (lambda x: tf.gather(ROWS, tf.cast(x * 2, tf.int32)), FLOATS, []),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_knows_what_its_lookups_hold(name: str) -> None:
    model, tensor, known = MODELS[name]
    made = sampled(model, tensor)
    sampler = made.sampler()
    inputs = sampler.start(sampler.golden()).inputs
    assert found_ranges(made.plan, made.frozen, made.ask, inputs) == ({"x": known} if known else {})


def planned(folder: Path, tensor: TensorSpec, text: str = "") -> Plan:
    (folder / "model.keras").touch()
    (folder / "demo.toml").write_text(f'model = "model.keras"\n{text}', encoding="utf-8")
    outputs = (TensorSpec("y", "float32", (None, 1)),)
    return plan.make(config.read(folder), Signature((tensor,), outputs, {}, False), parts.read())


def ends(made: Plan, known: dict[str, list[Range]]) -> list[tuple[Any, Any]]:
    tensor = made.inputs[0].spec
    start = Tensor.zeros("float32", tuple(size or 1 for size in tensor.shape))
    (item,) = fields.planned_inputs(made, {"x": start}, known, ENGLISH)
    return [(field["options"]["min"], field["options"]["max"]) for field in item["fields"]]


@pytest.mark.parametrize(
    ("tensor", "text", "known", "wanted"),
    [
        (spec("float32", None, 50), "", WORDS, [(0, 38)]),
        (spec("float32", None, 50), "[[inputs]]\nmin = 1\nmax = 99", WORDS, [(1, 38)]),
        (spec("float32", None, 50), "[[inputs]]\nmin = -1", [(None, 38.0)], [(-1, 38)]),
        (spec("float32", None, 2), "", [(0, 38), (0, 1)], [(0, 38), (0, 1)]),
        (spec("float32", None, 50), "", [(0, 38), (0, 1)], [(0, 38)]),
        (spec("float32", None, 50), "", [(0, 38), (None, None)], [(None, None)]),
        (spec("float32", None, 1), "", [], [(None, None)]),
        (spec("uint8", None, 50), "", [], [(0, 255)]),
        (spec("int8", None, 50), "[[inputs]]\nmin = 0", [], [(0, 127)]),
        (spec("bool", None, 50), "", [], [(0, 1)]),
        (spec("int64", None, 50), "", [], [(-(2**31), 2**31 - 1)]),
        (spec("int32", None, 1), "[[inputs]]\nmin = 0", [], [(0, 2**31 - 1)]),
    ],
)
def test_a_field_takes_what_all_know(
    tensor: TensorSpec, text: str, known: list[Range], wanted: list[Any], tmp_path: Path
) -> None:
    assert ends(planned(tmp_path, tensor, text), {"x": known} if known else {}) == wanted


def test_an_author_learns_what_no_visitor_can_enter(tmp_path: Path) -> None:
    slider = '[[inputs]]\nwidget = "slider"\nmin = 0\nmax = {}'
    tensor = spec("float32", None, 1)
    told = list(ranges.notices(planned(tmp_path, tensor, slider.format(99)), {"x": WORDS}))
    assert told == [
        "demo.toml offers 99 for x, and the model knows only the numbers 0 to 38: "
        "no visitor can enter others."
    ]
    assert not list(ranges.notices(planned(tmp_path, tensor, slider.format(38)), {"x": WORDS}))
    assert not list(ranges.notices(planned(tmp_path, tensor, slider.format(99)), {}))


@pytest.mark.parametrize(
    ("tensor", "options", "english", "german"),
    [
        (
            spec("float32", None, 50),
            {},
            "50 numbers in each row, any number of rows",
            "50 Zahlen in jeder Zeile, beliebig viele Zeilen",
        ),
        (
            spec("int32", 1, 50),
            {"min": 0, "max": 38},
            "50 whole numbers; each from 0 to 38",
            "50 ganze Zahlen; jede von 0 bis 38",
        ),
        (spec("float32", None, 28, 28), {}, "28 rows: 28 numbers each", "28 Zeilen: je 28 Zahlen"),
        (spec("float32", 1, 1, 4), {}, "1 row: 4 numbers", "1 Zeile: 4 Zahlen"),
        (
            spec("float32", None, None, 3),
            {"min": 0},
            "3 numbers in each row, any number of rows; each at least 0",
            "3 Zahlen in jeder Zeile, beliebig viele Zeilen; jede mindestens 0",
        ),
        (spec("float32", None, 8, 8, 3), {}, "8 × 8 × 3 numbers", "8 × 8 × 3 Zahlen"),
        (spec("float32"), {"max": 1}, "1 number; each at most 1", "1 Zahl; jede höchstens 1"),
        (
            spec("int64", None),
            {},
            "as many whole numbers as you like",
            "beliebig viele ganze Zahlen",
        ),
        (spec("string", 2, 3), {}, "2 rows: 3 texts each", "2 Zeilen: je 3 Texte"),
        (spec("bool", 1, 3), {}, "3 values", "3 Werte"),
        (
            spec("string", None, None),
            {},
            "as many texts as you like in each row, any number of rows",
            "beliebig viele Texte in jeder Zeile, beliebig viele Zeilen",
        ),
    ],
)
def test_what_an_input_takes_is_said_in_words(
    tensor: TensorSpec, options: dict[str, Any], english: str, german: str
) -> None:
    said = [words.taken(tensor, options, texts) for texts in (ENGLISH, GERMAN)]
    assert said == [english, german]


def test_the_page_counts_answers_as_the_build_does() -> None:
    shapes: list[list[int]] = [
        [],
        [1],
        [3],
        [1, 1],
        [1, 3],
        [2, 3],
        [1, 1, 4],
        [1, 2, 2],
        [2, 2, 2, 3],
        [1, 12345],
    ]
    calls = [(shape, dtype) for shape in shapes for dtype in ("float32", "string", "bool")]
    expected = [words.amount(shape, dtype, ENGLISH) for shape, dtype in calls]
    assert call("widgets/output/json/amount.js", "amount", list(map(list, calls))) == expected


def parsed(written: str, **expected: Any) -> Any:
    [said] = call("widgets/input/json/parse.js", "parseTensor", [[written, expected]])
    return said if isinstance(said, str) else said["values"]


@pytest.mark.parametrize(
    ("written", "dtype", "offer", "said"),
    [
        ("[1, 99999]", "float32", {"min": 0, "max": 38},
         "Entry 2 is 99,999. This model knows the numbers 0 to 38."),
        ("[-1, 2]", "int32", {"min": 0, "max": 38},
         "Entry 1 is -1. This model knows the numbers 0 to 38."),
        ("[1, 2]", "int32", {"min": 2}, "Entry 1 is 1, expected at least 2."),
        ("[1, 3]", "int32", {"max": 2}, "Entry 2 is 3, expected at most 2."),
        ("[1, -1e39]", "float32", {}, "Entry 2 has too many digits."),
        ("[1e400, 1]", "float32", {}, "Entry 1 has too many digits."),
        ("[1.5, 1]", "int32", {}, "Entry 1 is 1.5, expected a whole number."),
        ("[2, 1]", "bool", {"min": 0, "max": 1},
         "Entry 1 is 2. This model knows the numbers 0 to 1."),
        ("[0, 38]", "float32", {"min": 0, "max": 38}, [0, 38]),
        ('["a", ""]', "string", {"min": None, "max": None}, ["a", ""]),
        ("[true, 0]", "bool", {"min": 0, "max": 1}, [True, 0]),
        ("{}", "float32", {}, "This must be a list, in brackets."),
    ],
)  # fmt: skip
def test_what_a_model_cannot_take_is_refused_before_it_is_asked(
    written: str, dtype: str, offer: dict[str, Any], said: Any
) -> None:
    assert parsed(written, shape=[1, 2], dtype=dtype, **offer) == said


def test_an_input_that_stands_elsewhere_is_known_by_its_name(tmp_path: Path) -> None:
    made = planned(tmp_path, spec("float32", None, 1))
    (item,) = made.inputs
    other = replace(item, spec=replace(item.spec, name="z"))
    assert ranges.known(other, 0, {"x": WORDS}) == (None, None)
