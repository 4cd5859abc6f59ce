"""The languages of the page's texts, and how each writes numbers.

Every language but English is a catalogue, `templates/locale/<language>/LC_MESSAGES/page.po`,
which `python -m tests.catalogues` keeps complete.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from bundler.ground import layout
from bundler.ground.texts import ENGLISH, SOURCE, Texts

# The zero of the numerals that languages write by themselves; all others write Latin ones.
ZEROS = {"arab": "٠", "arabext": "۰", "beng": "০", "deva": "०", "mymr": "၀", "tibt": "༠"}
# What numbers are written with.
WRITTEN = "0123456789.-,"


def folder() -> Path:
    """Where the catalogues lie."""
    return layout.templates() / "locale"


def paths() -> dict[str, Path]:
    """The catalogue of every language but English, by its tag."""
    return {path.parents[1].name: path for path in sorted(folder().glob("*/LC_MESSAGES/page.po"))}


def read(language: str) -> Texts | None:
    """The texts for a language tag, those of German for Swiss German; None where there are none."""
    tag = language.strip().replace("_", "-")
    parts = tag.lower().split("-")
    if parts[0] == SOURCE:
        return Texts(tag)
    known = {name.lower(): path for name, path in paths().items()}
    for length in range(len(parts), 0, -1):
        path = known.get("-".join(parts[:length]))
        if path:
            return _read(tag, path, path.stat().st_mtime_ns)
    return None


def of(language: str) -> Texts:
    """What a page in this language speaks: English where there is no catalogue."""
    return read(language) or ENGLISH


def empty(language: str) -> Texts:
    """A language of which only the numbers and the direction are known."""
    tag = language.strip().replace("_", "-")
    found = locale(tag)
    return Texts(
        tag=tag,
        direction=found.text_direction if found else "ltr",
        plural=get_plural(found).plural_expr if found else Texts.plural,
        numerals=numerals(found) if found else {},
        group=group(found) if found else Texts.group,
    )


def messages() -> list[str]:
    """The English of all that the page has to say."""
    return list(dict.fromkeys(one for path in paths().values() for one in _ids(load(path))))


def counted() -> set[str]:
    """Those of them that have several forms."""
    return {message for path in paths().values() for message in _ids(load(path), several=True)}


def _ids(catalogue: Catalog, several: bool = False) -> list[str]:
    ids = [forms_of(message.id) for message in catalogue if message.id]
    return [forms[0] for forms in ids if len(forms) > 1 or not several]


def notices(language: str) -> list[str]:
    """What the author should know: that the page does not speak their language."""
    if read(language):
        return []
    there = ", ".join(sorted([SOURCE, *paths()]))
    return [
        f'The page\'s own texts are English, because there are none for language = "{language}" '
        f"in demo.toml ({there}). Title, description and labels stay as they are written there."
    ]


def load(path: Path) -> Catalog:
    """A .po file. Raises PoFileError for one that cannot be read."""
    with path.open("rb") as stream:
        return read_po(stream, locale=locale(path.parents[1].name), abort_invalid=True)


@cache
def _read(tag: str, path: Path, changed: int) -> Texts:
    """Anew where the catalogue has changed since."""
    catalogue = load(path)
    found = locale(tag)
    return Texts(
        tag=tag,
        direction=found.text_direction if found else "ltr",
        messages={
            forms_of(message.id)[0]: forms_of(message.string)
            for message in catalogue
            if message.id and all(forms_of(message.string))
        },
        plural=catalogue.plural_expr,
        numerals=numerals(found) if found else {},
        group=group(found) if found else Texts.group,
    )


def forms_of(string: Any) -> tuple[str, ...]:
    """One text, or one for each kind of number."""
    return (string,) if isinstance(string, str) else tuple(string)


def locale(tag: str) -> Locale | None:
    """What is known of a language; of its own kind, where there is nothing of a region's."""
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        try:
            return Locale.parse("-".join(parts[:length]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return None


def numerals(locale: Locale) -> dict[str, str]:
    """What is written for a digit, point, sign or comma where it is not itself."""
    system = locale.default_numbering_system
    symbols = {**locale.number_symbols["latn"], **locale.number_symbols.get(system, {})}
    zero = ord(ZEROS.get(system, "0"))
    digits = [chr(zero + digit) for digit in range(10)]
    written = [*digits, symbols["decimal"], symbols["minusSign"], symbols["group"]]
    return {own: other for own, other in zip(WRITTEN, written, strict=True) if own != other}


def group(locale: Locale) -> int:
    """How many digits are in a group, but for the last three: 2 in India."""
    return int(locale.decimal_formats[None].grouping[1])
