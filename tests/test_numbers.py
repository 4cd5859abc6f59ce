"""Numbers, their units and sizes: the build and the page write the same letters."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler.bundle import packages
from bundler.ground import catalogues, layout
from bundler.ground.texts import ENGLISH, Texts
from bundler.site import data, filters, words
from tests.scripts import call
from tests.test_filters import numbers

FIGURE = "runtime/page/numbers.js"
GERMAN = catalogues.of("de")
# Groups of two and three, points and commas, digits and signs of their own.
LANGUAGES = ["de", "de-AT", "de-CH", "fr", "hi", "fa", "ar-EG", "sv", "pl", "bn"]
ODD = [
    *(0.0, -0.0, 0.1 + 0.2, 1e-7, -1e-7, 9.9999e-7, 123456789.0, -123456789.0, 2.58e9, 2.58e15),
    *(1e14, 999_999_999_999_999.9, 1e15, 1e21, 1e22, -3.4e38, 12345.678, 9999.5, 99999.5, -0.001),
    *(1234.0, 12345.0, 5e-324, 1.7e308),
]

# Reads the module of the words, as a page of that language has it.
RULES = """
const [mjs, source, rules] = process.argv.slice(1);
const { rules: filled } = await import(mjs);
console.log(filled(source, JSON.parse(rules)));
"""


def rows() -> list[tuple[float, int | None, str]]:
    generator = np.random.default_rng(4)
    found: list[tuple[float, int | None, str]] = []
    for value in [*ODD, *numbers(generator)]:
        places = None if generator.random() < 0.5 else int(generator.integers(0, 10))
        found.append((value, places, "float32"))
        if value == int(value) and abs(value) < 2**31:
            found.append((value, None, "int32"))
    return found


def page_of(language: Texts, folder: Path) -> Path:
    """The page's modules in a language."""
    page = layout.templates() / "runtime" / "page"
    shutil.copy(page / "numbers.js", folder)
    said = {"plural": language.plural, "numerals": language.numerals, "group": language.group}
    command = [packages.node(), "--input-type=module", "--eval", RULES]
    command += [str(packages.SCRIPTS / "texts.mjs"), (page / "texts.js").read_text("utf-8")]
    result = subprocess.run(
        [*command, json.dumps(said)], capture_output=True, text=True, encoding="utf-8", check=True
    )
    (folder / "texts.js").write_text(result.stdout, encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}')
    return folder / "numbers.js"


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_answers_are_written_alike(language: str, tmp_path: Path) -> None:
    texts = catalogues.empty(language)
    cases = rows()
    written = call(str(page_of(texts, tmp_path)), "figure", [list(case) for case in cases])
    for case, found in zip(cases, written, strict=True):
        assert filters.figure(*case, texts) == found, case


@pytest.mark.parametrize(
    ("value", "places", "dtype", "english", "german"),
    [
        (1e-7, None, "float32", "1 × 10⁻⁷", "1 × 10⁻⁷"),
        (1.5e-7, 2, "float32", "0.00", "0,00"),
        (123456789, None, "int32", "123,456,789", "123.456.789"),
        (123456789.0, None, "float32", "123,500,000", "123.500.000"),
        (-12345.678, 1, "float32", "-12,345.7", "-12.345,7"),
        (0.1 + 0.2, None, "float32", "0.3", "0,3"),
        (-0.0, None, "float32", "0", "0"),
        (-0.001, 2, "float32", "0.00", "0,00"),
        (2.58e15, None, "float32", "2.58 × 10¹⁵", "2,58 × 10¹⁵"),
        (-2.58e21, 3, "float32", "-2.58 × 10²¹", "-2,58 × 10²¹"),
        (1999, None, "int32", "1999", "1999"),
        (12345, None, "int32", "12,345", "12.345"),
        (float("inf"), None, "float32", "∞", "∞"),
        (float("-inf"), 2, "float32", "-∞", "-∞"),
        (float("nan"), None, "float32", "not a number", "keine Zahl"),
    ],
)
def test_an_answer_reads_as_people_write_it(
    value: float, places: int | None, dtype: str, english: str, german: str
) -> None:
    assert filters.figure(value, places, dtype) == english
    assert filters.figure(value, places, dtype, GERMAN) == german


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *[(1e-7, "1 × 10⁻⁷"), (1e16, "10,000,000,000,000,000"), (1e22, "1 × 10²²")],
        *[(0.1, "0.1"), (-1234.5, "-1234.5"), (-12345.5, "-12,345.5"), (5, "5"), (5.0, "5")],
        *[(2_000_000, "2,000,000"), ("12345.60", "12,345.60"), ("about 12345", "about 12345")],
    ],
)
def test_the_values_of_examples_are_written_so_too(value: Any, said: str) -> None:
    assert ENGLISH.number(value) == said


@pytest.mark.parametrize("text", ["e", "1e", "e5", "1.5e+03 m", "ten", ""])
def test_what_is_no_number_stays(text: str) -> None:
    assert ENGLISH.number(text) == text


def test_a_size_is_told_alike() -> None:
    sizes = [0, 1, 999, 1000, 1499, 2500, 999_499, 999_500, 1_049_999, 1_050_000, 61_440]
    sizes += [12_345_678_900, 99_949_999, 999_949_999, 999_950_000, 1_500_000_000]
    sizes += np.random.default_rng(5).integers(0, 2**34, 300).tolist()
    told = call("runtime/page/status.js", "bytesText", [[size] for size in sizes])
    assert told == [words.human_bytes(size) for size in sizes]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (99_999, "a tiny model"),
        (100_000, "0.1 million multiply-adds"),
        (2_580_000, "2.58 million multiply-adds"),
        (999_400_000, "999 million multiply-adds"),
        (999_500_000, "1 billion multiply-adds"),
        (2_580_000_000, "2.58 billion multiply-adds"),
        (999_499_999_999, "999 billion multiply-adds"),
        (2_580_000_000_000, "2.58 trillion multiply-adds"),
        (2_580_000_000_000_000, "2580 trillion multiply-adds"),
        (25_800_000_000_000_000, "25,800 trillion multiply-adds"),
    ],
)
def test_no_size_of_a_model_has_a_power(count: int, said: str) -> None:
    assert words.reason(count, "wasm", ENGLISH).startswith(f"{said}:")


def test_counts_are_in_groups() -> None:
    assert words.values(12345, ENGLISH) == "12,345 values"
    assert words.values(1234, GERMAN) == "1234 Werte"
    assert words.values(1234567, catalogues.empty("hi")) == "12,34,567 values"


def test_what_is_no_number_reaches_the_page() -> None:
    """JSON has none of these, and a script that cannot read the page's data would not start."""
    values = [float("nan"), float("inf"), float("-inf"), 1.5, None, "NaN"]
    written = data.as_json({"data": values, "shape": (1, 6)})
    found = json.loads(written, parse_constant=lambda name: pytest.fail(name))
    assert found == {"data": ["NaN", "Infinity", "-Infinity", 1.5, None, "NaN"], "shape": [1, 6]}
