"""The catalogues of the page's texts: `python -m tests.catalogues` says what is wrong with them.

With --extract it brings them up to date with the sources: what is new is there to be translated,
what nobody says any more is gone. With --extract and a language tag, it begins a catalogue.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from bundler.bundle import packages
from bundler.ground import catalogues, layout

ROOT = Path(__file__).parent.parent
# How texts.js, Texts and the templates take messages: how many, from which place.
KEYWORDS = {"text": None, "later": None, "count": (1, 2)}
# What speaks to the page's visitors, by how it is read.
SOURCES = {
    "jinja2": ("page.html.j2", "gallery.html.j2", "page/*.j2", "widgets/*/*/*.j2"),
    "javascript": ("runtime/page/**/*.js", "public/*.js", "widgets/*/*/*.js"),
}
# What this package says in a page.
PYTHON = (layout.PACKAGE / "site", layout.PACKAGE / "heads")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SPOKEN = re.compile(r'(?:aria-label|alt|title|placeholder)="([^"]*)"')
# Names, and what is typed.
SAID_ANYWHERE = {*("WebAssembly", "WebGL", "WebGPU", "JavaScript"), "tfjs-demo serve", "&nbsp;"}
PLACEHOLDER = re.compile(r"\{(\w*)\}")
# What gettext's own header says and nobody keeps up to date.
UNKNOWN = tuple(
    f'"{name}'
    for name in ("Project-Id", "Report-", "POT-", "PO-Rev", "Last-", "Language-Team", "Generated")
)
HEADER = """\
# The words of tfjs-demo's pages in {language}.
# python -m tests.catalogues --extract keeps what is to be translated up to date."""


def files() -> Iterator[tuple[str, Path]]:
    templates = layout.templates()
    for method, patterns in SOURCES.items():
        for pattern in patterns:
            yield from ((method, path) for path in sorted(templates.glob(pattern)))
    for folder in PYTHON:
        yield from (("python", path) for path in sorted(folder.rglob("*.py")))


def extract() -> Catalog:
    """All that the sources say."""
    found = Catalog()
    for method, path in files():
        name = "jinja2.ext:babel_extract" if method == "jinja2" else method
        # Blocks are trimmed as the page does it.
        options = {"trimmed": "false", "silent": "false"} if method == "jinja2" else {}
        for _, message, _, _ in extract_from_file(name, path, keywords=KEYWORDS, options=options):
            found.add(message)
    return found


def update(path: Path, found: Catalog) -> None:
    """Writes a catalogue with all that the sources say, translated as far as it was."""
    language = path.parents[1].name
    made = catalogues.load(path) if path.exists() else Catalog(catalogues.locale(language))
    made.fuzzy = False
    made.update(found, no_fuzzy_matching=True)
    made.obsolete.clear()
    write(path, made)


def write(path: Path, made: Catalog) -> None:
    made.header_comment = HEADER.format(language=path.parents[1].name)
    written = BytesIO()
    write_po(written, made, width=100, no_location=True, sort_output=True)
    lines = written.getvalue().decode().splitlines(keepends=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [line for line in lines if not line.startswith(UNKNOWN)]
    path.write_text("".join(kept), encoding="utf-8")


def problems(path: Path, found: Catalog) -> Iterator[str]:
    """What is wrong with one catalogue."""
    own = catalogues.load(path)
    wanted = {key(message): message for message in found if message.id}
    present = {key(message): message for message in own if message.id}
    name = path.parents[1].name
    for message in wanted.keys() - present.keys():
        yield f"{name}: {message!r} is missing; python -m tests.catalogues --extract adds it"
    for message in present.keys() - wanted.keys():
        yield f"{name}: {message!r} is unused; python -m tests.catalogues --extract takes it out"
    for message in wanted.keys() & present.keys():
        yield from (f"{name}: {message!r} {what}" for what in wrong(present[message], own))


def key(message: Message) -> tuple[str, ...]:
    return catalogues.forms_of(message.id)


def wrong(message: Message, catalogue: Catalog) -> Iterator[str]:
    """What is wrong with a translation."""
    given, forms = key(message), catalogues.forms_of(message.string)
    if message.fuzzy:
        yield "is fuzzy: look at it, and take the mark away"
    if not all(forms):
        yield "is not translated"
        return
    if message.pluralizable and len(forms) != catalogue.num_plurals:
        yield f"has {len(forms)} forms, the language {catalogue.num_plurals}"
    names = placeholders(given)
    for form in forms:
        # A number may be said in words.
        if placeholders([form]) - {"count"} != names - {"count"} or "{}" in form:
            yield f"has other placeholders: {form!r}"


def placeholders(forms: Iterable[str]) -> set[str]:
    return {name for form in forms for name in PLACEHOLDER.findall(form)}


def unsaid() -> Iterator[str]:
    """Words of templates and scripts that no catalogue can have, because nothing asks for them."""
    scripts = {}
    for method, path in files():
        source, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        if method == "javascript":
            scripts[name] = source
        elif method == "jinja2":
            yield from (f"{name}: no text() says {words!r}" for words in literal(source))
    acorn = packages.folder(with_tools=True) / "node_modules" / "acorn" / "package.json"
    result = subprocess.run(
        [packages.node(), str(ROOT / "tests" / "unsaid.mjs")],
        input=json.dumps({"acorn": str(acorn), "scripts": scripts}),
        capture_output=True,
        text=True,
        check=True,
    )
    yield from result.stdout.splitlines()


def literal(template: str) -> Iterator[str]:
    """The words that stand in a template as they are, between tags or in what is read out."""
    source = re.sub(r"<(script|style)\b.*?</\1>", "", JINJA.sub("\0", template), flags=re.DOTALL)
    spoken = [*SPOKEN.findall(source), *re.sub(r"<[^>]*>", "\0", source).split("\0")]
    for words in spoken:
        if re.search("[A-Za-z]{2}", words) and words.strip() not in SAID_ANYWHERE:
            yield words.strip()


def check() -> bool:
    """Whether every catalogue says what the sources do."""
    found = extract()
    told = [line for path in catalogues.paths().values() for line in problems(path, found)]
    told += unsaid()
    print(*sorted(told), sep="\n", end="\n" if told else "")
    return not told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extract", nargs="?", const="", metavar="LANGUAGE")
    language = parser.parse_args().extract
    if language is None:
        return 0 if check() else 1
    paths = [*catalogues.paths().values()]
    if language:
        paths = [catalogues.folder() / language / "LC_MESSAGES" / "page.po"]
    found = extract()
    for path in paths:
        update(path, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
