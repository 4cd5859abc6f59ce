"""The page's texts: what catalogues lack, languages without one, numbers as Intl has them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from babel.localedata import locale_identifiers
from babel.messages.catalog import Catalog

from bundler.bundle import packages
from bundler.ground import catalogues, layout
from bundler.ground.numbers import to_fixed
from bundler.ground.texts import ENGLISH, Texts
from bundler.pipeline import build
from bundler.site import words
from tests import catalogues as checked
from tests import pseudo
from tests.conftest import BuildDemo, NewPage
from tests.test_filters import numbers
from tests.test_page import Document, read

GERMAN = catalogues.of("de")
# Digits of three kinds, signs of four, points of three.
LANGUAGES = ["de", "de-CH", "en", "fr", "pt-BR", "sv", "ru", "he", "fa", "ar-EG", "hi", "ja", "lt"]

INTL = """
({ language, rows }) => rows.map(([text, places]) => new Intl.NumberFormat(language, {
  minimumFractionDigits: places, maximumFractionDigits: places,
  useGrouping: /\\d{5}/.test(text.split('.')[0]),
}).format(Number(text)))
"""
# Each call as it stands in the sources, and as a bundle has it.
INLINE = """
const { inlined, rules } = await import(process.argv[1]);
const { createRequire } = await import('node:module');
const { readFileSync } = await import('node:fs');
const { source, module, texts, packages } = JSON.parse(readFileSync(0, 'utf8'));
const { parse } = createRequire(packages + '/package.json')('acorn');
const walk = (node, visit) => {
  if (!node || typeof node.type !== 'string') return;
  visit(node);
  for (const child of Object.values(node).flat()) walk(child, visit);
};
const applyEdits = (source, edits) => edits.sort((a, b) => b[0] - a[0])
  .reduce((text, [start, end, put]) => text.slice(0, start) + put + text.slice(end), source);
const options = { ecmaVersion: 'latest', sourceType: 'module' };
const tools = { parse: (text) => parse(text, options), walk, applyEdits };
const url = (text) => 'data:text/javascript,' + encodeURIComponent(text).replaceAll("'", '%27');
const made = url(rules(readFileSync(module, 'utf8'), texts));
const written = inlined(source, texts, tools);
const { said } = await import(url(written.replaceAll('./texts.js', made)));
console.log(JSON.stringify({ said: said(1, 'x'), several: said(5, 'x'), written }));
"""
SOURCE = """
import { count, numeral, text } from './texts.js';
export function said(n, label) {
  const found = { label, unit: '', min: numeral((0.5).toFixed(1)) };
  return [
    text('Undo'),
    text('{label} is empty.', { label }),
    text('{label} must be at least {min}{unit}.', found),
    count('{count} value', '{count} values', n),
    count('and {count} more', 'and {count} more', n),
    text('{label} in {unit}', {
      label: text('Values'),
      unit: count('{count} value', '{count} values', n),
    }),
    numeral(-12.5),
  ];
}
"""


def inline(texts: Texts) -> dict[str, list[str]]:
    module = layout.templates() / "runtime" / "page" / "texts.js"
    request = {
        "source": SOURCE,
        "module": str(module),
        "texts": {
            "messages": texts.messages,
            "plural": texts.plural,
            "numerals": texts.numerals,
            "group": texts.group,
        },
        "packages": str(packages.folder()),
    }
    program = [packages.node(), "--input-type=module", "--eval", INLINE]
    command = [*program, str(packages.SCRIPTS / "texts.mjs")]
    result = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found: dict[str, list[str]] = json.loads(result.stdout)
    return found


def test_scripts_have_the_words_of_their_language() -> None:
    english, german = inline(ENGLISH), inline(GERMAN)
    assert english["said"] == [
        *("Undo", "x is empty.", "x must be at least 0.5.", "1 value", "and 1 more"),
        *("Values in 1 value", "-12.5"),
    ]
    assert german["said"] == [
        *("Rückgängig", "x ist leer.", "x muss mindestens 0,5 sein.", "1 Wert", "und 1 weiterer"),
        *("Werte in 1 Wert", "-12,5"),
    ]
    assert (english["several"][3], german["several"][3]) == ("5 values", "5 Werte")
    # Neither a call nor a word of another language is left.
    assert "text(" not in german["written"] and "value" not in german["written"]


def test_a_count_takes_the_form_of_its_language() -> None:
    one, few, many = "{count} wartość", "{count} wartości", "{count} wartości (wiele)"
    messages = {"{count} value": (one, few, many)}
    polish = Catalog(catalogues.locale("pl")).plural_expr
    texts = Texts("pl", messages=messages, plural=polish)
    said = [texts.count("{count} value", "{count} values", n) for n in (1, 3, 5, 22, 112)]
    wanted = zip((one, few, many, few, many), (1, 3, 5, 22, 112), strict=True)
    assert said == [form.format(count=n) for form, n in wanted]


@pytest.mark.parametrize("message", ["{0.__class__}", "{label.__class__}", "{label!r}", "{}"])
def test_a_message_reaches_nothing_but_its_values(message: str) -> None:
    assert ENGLISH.text(message, label="x") == message


def test_numbers_are_written_as_the_browser_writes_them(new_page: NewPage) -> None:
    generator = np.random.default_rng(3)
    values = [value for value in numbers(generator) if abs(value) < 1e9]
    rows = [(to_fixed(value, places), places) for value in values for places in (0, 1, 3)]
    assert len(rows) > 1000
    page = new_page()
    for language in LANGUAGES:
        texts = catalogues.empty(language)
        written = page.evaluate(INTL, {"language": language, "rows": rows})
        own = [texts.number(text) for text, _ in rows]
        assert own == written, language


@pytest.mark.parametrize(
    ("language", "tag"),
    [("de", "de"), ("de-AT", "de-AT"), ("DE_ch", "DE-ch"), ("en-GB", "en-GB"), ("english", "en")],
)
def test_a_language_finds_its_texts(language: str, tag: str) -> None:
    assert catalogues.of(language).tag == tag
    assert bool(catalogues.notices(language)) == (language == "english")


def test_regions_write_their_own_numbers() -> None:
    assert [catalogues.of(tag).number("-0.5") for tag in ("de", "de-CH", "en")] == [
        *("-0,5", "-0.5", "-0.5")
    ]


def test_sizes_are_told_in_the_language() -> None:
    assert words.human_bytes(1_250_000, GERMAN) == "1,3 MB"
    assert words.reason(2_580_000_000, "wasm", GERMAN).startswith("2,58 Milliarden")
    assert [words.label(name, GERMAN) for name in ("Picture", "Value 3", "Rust")] == [
        *("Bild", "Wert 3", "Rust")
    ]


def test_a_language_without_texts_is_told(build_demo: BuildDemo, tmp_path: Path) -> None:
    build_demo("wine")  # its conversion is used again
    report = build(pseudo.copy_demo("wine", tmp_path, "tlh"))
    assert [line for line in report.notices if 'language = "tlh"' in line]
    page: Document = read(report.folder)
    (html,), (title,), (lead,) = page.find("html"), page.find("h1"), page.find("p", class_="lead")
    assert html.attributes == {"lang": "en"}
    for own in (title, lead):
        assert (own.attributes["lang"], own.attributes["dir"]) == ("tlh", "auto")


def test_a_german_page_is_german(build_demo: BuildDemo, tmp_path: Path) -> None:
    build_demo("wine")  # its conversion is used again
    report = build(pseudo.copy_demo("wine", tmp_path, "de"))
    page = read(report.folder)
    assert page.find("html")[0].attributes == {"lang": "de"}
    assert "lang" not in page.find("h1")[0].attributes
    said = page.find("body")[0].text
    for wanted in ("Läuft auf Ihrem Gerät", "Beispiele", "94,8 %", "13,41 % vol", "und 9 weitere"):
        assert wanted in said, wanted
    (script,) = report.folder.glob("assets/page-*.js")
    assert "Auf diese Eingabe konnte das Modell nicht antworten" in script.read_text("utf-8")
    assert "The model could not answer this input" not in script.read_text("utf-8")
    # What is only said by widgets that this page lacks is not in it.
    assert "eichnen Sie" not in script.read_text("utf-8")


def broken(tmp_path: Path, change: str) -> list[str]:
    """What is said of the German catalogue after a change (old → new)."""
    path = tmp_path / "de" / "LC_MESSAGES" / "page.po"
    path.parent.mkdir(parents=True)
    old, new = change.split(" → ")
    text = catalogues.paths()["de"].read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return list(checked.problems(path, checked.extract()))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('msgid "Undo" → msgid "Undone"', ["missing", "unused"]),
        ('msgstr "Rückgängig" → msgstr ""', ["not translated"]),
        ('msgid "Undo" → #, fuzzy\nmsgid "Undo"', ["fuzzy"]),
        ("{label} ist leer → {name} ist leer", ["other placeholders"]),
        ("{label} ist leer → Das ist leer", ["other placeholders"]),
        ('msgstr[1] "{count} Werte" → msgstr[1] ""', ["not translated"]),
    ],
    ids=["renamed", "empty", "fuzzy", "another", "lost", "half"],
)
def test_what_a_catalogue_lacks_is_told(change: str, told: list[str], tmp_path: Path) -> None:
    found = sorted(broken(tmp_path, change))
    assert len(found) == len(told)
    for line, what in zip(found, told, strict=True):
        assert what in line and line.startswith("de: ")


def test_what_is_known_of_any_language_is_enough_for_its_numbers() -> None:
    for tag in locale_identifiers():
        assert catalogues.empty(tag).number("-0.5"), tag
    for strange in ("", "-", "de-@euro", "zh-Hans-CN-u-nu-hanidec", "ne", "🦆", "sr@latin", "\0"):
        assert catalogues.of(strange).tag == "en" or strange.startswith("de")
        assert catalogues.empty(strange).number("-0.5")


def test_the_catalogues_say_what_the_sources_do() -> None:
    assert checked.check()


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ('<p>{{ text("Undo") }}</p>', []),
        ("<p>Undo {{ count }}</p>", ["Undo"]),
        ('<p aria-label="Undo it">–</p>', ["Undo it"]),
        ("<p{% if a %} class='b'{% endif %}>{# Undo #}×</p><style>p { color: red }</style>", []),
    ],
)
def test_words_that_nothing_translates_are_told(template: str, told: list[str]) -> None:
    assert list(checked.literal(template)) == told


def test_extracting_anew_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "de" / "LC_MESSAGES" / "page.po"
    path.parent.mkdir(parents=True)
    shutil.copy(catalogues.paths()["de"], path)
    checked.update(path, checked.extract())
    assert path.read_bytes() == catalogues.paths()["de"].read_bytes()


def test_no_file_that_speaks_is_passed_over() -> None:
    """Every template, and every script that asks for a text, is among the sources."""
    looked_at = {path for _, path in checked.files()}
    speaking = set(layout.templates().rglob("*.j2"))
    for path in layout.templates().rglob("*.js"):
        if re.search(r"^import .*'\S*/texts\.js'", path.read_text("utf-8"), re.MULTILINE):
            speaking.add(path)
    # Ops speak to nobody; what an author starts from speaks the language of the author.
    speaking = {path for path in speaking if not {"ops", "start"} & {*path.parts}}
    assert len(speaking) > 50
    assert speaking <= looked_at
