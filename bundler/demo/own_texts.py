"""An author's own words in the place of the page's: templates/texts/<language>.toml."""

from __future__ import annotations

from dataclasses import replace
from gettext import c2py
from pathlib import Path
from typing import Any

from bundler.demo import toml
from bundler.demo.own import Own
from bundler.ground import catalogues, names
from bundler.ground.errors import ConfigError
from bundler.ground.texts import PLACEHOLDER, Texts

FOLDER = "texts"


def of(own: Own, language: str) -> Texts:
    """What the page speaks; all words of a language may be the author's.

    Raises ConfigError for words that cannot stand in a page.
    """
    file = _file(own, language)
    if not file:
        return catalogues.of(language)
    meant = catalogues.read(language) or catalogues.empty(language)
    with own.told():
        words = toml.read(file)
        said = {one: _forms(file, one, value, meant) for one, value in words.items()}
    # What a page says of its language is true of all of it.
    spoken = catalogues.of(language) if _missing({**meant.messages, **words}) else meant
    return replace(spoken, messages={**spoken.messages, **said})


def notices(own: Own, language: str) -> list[str]:
    """Words of which there is nothing in the page, but nearly; and those that a language lacks."""
    file = _file(own, language)
    if not file:
        return catalogues.notices(language)
    known, words = catalogues.messages(), toml.read(file)
    place = own.shown / FOLDER / file.name
    found = []
    for message in words:
        near = None if message in known else names.near(message, known)
        if near:
            found.append(f'{place}: the page has no "{message}"; did you mean "{near}"?')
    missing = _missing(words) if catalogues.read(language) is None else []
    if missing:
        found.append(
            f"{place}: {len(missing)} of the page's {len(known)} texts are missing "
            f'("{missing[0]}", …); until they are there, it is an English page with words of yours.'
        )
    return found


def _file(own: Own, language: str) -> Path | None:
    """The words for a language tag, those of German for Swiss German."""
    parts = language.strip().replace("_", "-").lower().split("-")
    tags = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    there = {name.lower(): name for name in own.names}
    found = (there.get(f"{FOLDER}/{tag}.toml") for tag in tags)
    return own.find(next(filter(None, found), ""))


def _missing(words: dict[str, Any]) -> list[str]:
    return [message for message in catalogues.messages() if message not in words]


def _forms(file: Path, message: str, value: Any, spoken: Texts) -> tuple[str, ...]:
    forms = tuple(value) if isinstance(value, list) else (value,)
    kinds = _kinds(spoken) if message in catalogues.counted() else 1
    if not all(isinstance(form, str) for form in forms) or len(forms) != kinds:
        many = "a text" if kinds == 1 else f"a list of {kinds} texts, one for each kind of number"
        raise ConfigError(f'{file}: "{message}" takes {many}')
    places = set(PLACEHOLDER.findall(message))
    for form in forms:
        if strange := sorted(set(PLACEHOLDER.findall(form)) - places):
            raise ConfigError(
                f'{file}: "{form}" has {{{strange[0]}}}, which "{message}" has not',
                hint=f"There are {', '.join(sorted(places)) or 'none'}.",
            )
    return forms


def _kinds(spoken: Texts) -> int:
    """How many kinds of numbers a language knows."""
    kind = c2py(spoken.plural)
    return max(kind(number) for number in (*range(200), 1_000_000)) + 1
