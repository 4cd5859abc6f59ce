"""No text for visitors has a word that only a programmer understands."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_file

from bundler.ground import catalogues, layout
from tests import catalogues as checked
from tests.conftest import DEMOS, BuildDemo

# Who opens these parts of the page, or a browser's console, wants to know it exactly.
FOR_DEVELOPERS = {
    "templates/page/evidence.html.j2": "the proof's table, the fold for developers",
    "templates/runtime/page/backends.js": "the table of backends",
    "templates/runtime/page/choice.js": "the table of backends",
    "templates/runtime/page/device.js": "the proof on this device",
    "templates/runtime/page/golden.js": "the console, from the proof on this device",
    "templates/runtime/page/runner.js": "the console, why a backend failed",
}
FOR_THEM_TOO = {
    "To try your own input, switch on JavaScript. The examples below and their answers were "
    "computed when this page was built.": "what browsers call the switch",
    "In this browser the model runs on {backend} (warm-up {time}): {reason}.": "the same fold",
    "{moved}, but no wrong kernel would show": "the proof's table",
}
# Names of backends, of what TensorFlow.js is made of, of dtypes, of what JSON is made of, of ops.
WORDS = re.compile(
    r"\b(WebAssembly|WASM|WebGL|WebGPU|JavaScript|backends?|kernels?|tensors?|workers?|threads?|"
    r"dtypes?|shapes?|arrays?|null|undefined|index|indices|batch|softmax|logits?|build time|"
    r"(float|u?int)\d+|half floats?|bool(ean)?|strings?|GatherV2|[A-Z][a-z]+([A-Z][a-z]+)*V\d)\b",
    re.IGNORECASE,
)
# Of what these hold, nobody knows whether a visitor understands it.
BARE = {"dtype", "shape", "error", "reason", "detail"}


def said() -> Iterator[tuple[str, str]]:
    """Every text with the file that says it."""
    for method, path in checked.files():
        name = "jinja2.ext:babel_extract" if method == "jinja2" else method
        options = {"trimmed": "false", "silent": "false"} if method == "jinja2" else {}
        place = path.relative_to(layout.templates().parent).as_posix()
        for _, message, _, _ in extract_from_file(
            name, path, keywords=checked.KEYWORDS, options=options
        ):
            for form in (message,) if isinstance(message, str) else message:
                yield place, form


def for_visitors() -> set[str]:
    return {text for place, text in said() if place not in FOR_DEVELOPERS} - FOR_THEM_TOO.keys()


def faults(text: str) -> list[str]:
    """The words in a text that only a programmer understands."""
    bare = checked.placeholders([text]) & BARE
    plain = re.sub(r"\{\w+\}", "", text)
    return [found[0] for found in WORDS.finditer(plain)] + sorted(bare)


def test_no_text_for_visitors_has_a_programmer_s_word() -> None:
    texts = for_visitors()
    assert len(texts) > 150
    assert {text: faults(text) for text in texts if faults(text)} == {}


@pytest.mark.parametrize("language", catalogues.paths())
def test_neither_has_its_translation(language: str) -> None:
    catalogue = catalogues.load(catalogues.paths()[language])
    texts = for_visitors()
    found = {
        form: faults(form)
        for message in catalogue
        if message.id and set(checked.key(message)) & texts
        for form in catalogues.forms_of(message.string)
    }
    assert len(found) > 150
    assert {text: words for text, words in found.items() if words} == {}


def test_what_is_for_developers_is_there() -> None:
    """An exception that nothing needs any more is none."""
    everything = list(said())
    assert FOR_DEVELOPERS.keys() <= {place for place, _ in everything}
    assert FOR_THEM_TOO.keys() <= {text for _, text in everything}
    assert all(faults(text) for text in FOR_THEM_TOO)


@pytest.mark.parametrize(
    "text",
    [
        "Ready, on WebAssembly",
        "{dtype}, {count} × {size}",
        "float32, as many as you like",
        "GatherV2: 99999 is not in [0, 38]",
        "The model could not answer: {error}",
        "This must be an array",
        "Computed at build time",
        "the worker died",
        "Expected an int64",
    ],
)
def test_what_was_said_once_would_be_found(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize("name", ["wine", "digits", "diabetes"])
def test_no_page_has_them_outside_what_is_for_developers(name: str, build_demo: BuildDemo) -> None:
    html = (build_demo(name).folder / "index.html").read_text("utf-8")
    shown = re.sub(r"(?s)<(script|style|noscript)\b.*?</\1>", "", html)
    begin, end = shown.index('<div class="evidence'), shown.index("</main>")
    shown = shown[:begin] + shown[end:]
    spoken = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', shown)
    words = " ".join([*spoken, re.sub(r"<[^>]*>", " ", shown[shown.index("<body>") :])])
    assert "Runs on your device" in words
    # What the demo's author calls things is the author's.
    own = (DEMOS / name / "demo.toml").read_text("utf-8")
    assert [word for word in faults(words) if word not in own] == []
