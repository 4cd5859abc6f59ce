"""The model's card as the page shows it: what is read at length, and facts beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup

from bundler.demo import licenses
from bundler.demo.card import Author, Known, Texts
from bundler.demo.demo import Demo
from bundler.ground import texts as words
from bundler.site import linked
from bundler.site.linked import Run

# What is read at length.
READ = {
    "use": words.later("What it is for"),
    "limits": words.later("What it cannot do"),
    "data": words.later("What it learned from"),
}
# Rows that a file beside the model adds (demo/model_card.py).
ROWS = (words.later("Based on"),)
# What a file beside the model is written in is not known.
ANY_LANGUAGE = Markup(' lang="" dir="auto"')
PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")


def shown(
    known: Known, demo: Demo, texts: words.Texts, own_language: Markup
) -> dict[str, Any] | None:
    """The card, in pieces of text; None where nobody has written any.

    `own_language` are the attributes that say what the author's words are written in.
    """
    if not known.card.model_dump(exclude_none=True):
        return None
    return _Shown(known, demo, texts, own_language).whole()


@dataclass(frozen=True)
class _Shown:
    known: Known
    demo: Demo
    texts: words.Texts
    own_language: Markup

    def whole(self) -> dict[str, Any]:
        card = self.known.card
        return {
            "description": self._row("description", "", _paragraphs(card.description or "")),
            "read": [
                self._row(key, self.texts.text(term), _paragraphs(said))
                for key, term in READ.items()
                if (said := getattr(card, key))
            ],
            "facts": [*self._facts(), *self._rows()],
            "measures": {
                "language": self._language("measures"),
                "rows": [
                    {"name": name, "value": _figure(value, self.texts)}
                    for name, value in (card.measures or {}).items()
                ],
            },
            "citation": (card.citation or "").strip(),
        }

    def _facts(self) -> Iterator[dict[str, Any]]:
        card, demo, texts = self.known.card, self.demo, self.texts
        said = card.authors or demo.author or []
        authors = [_author(one) for one in ([said] if isinstance(said, str) else said)]
        if authors:
            yield self._row("authors", texts.count("Author", "Authors", len(authors)), authors)
        if license := card.license or demo.license:
            yield self._row("license", texts.text("Licence"), [_license(license)])
        if demo.homepage:
            about = [[Run(texts.text("About the project"), demo.homepage)]]
            yield {**self._row("", texts.text("Project"), about), "language": ""}

    def _rows(self) -> Iterator[dict[str, Any]]:
        for key, said in self.known.card.rows.items():
            is_ours = key in self.known.borrowed
            row = self._row(key, self.texts.text(key) if is_ours else key, _paragraphs(said))
            yield {**row, "term_language": "" if is_ours else self.own_language}

    def _row(self, key: str, term: str, paragraphs: list[list[Run]]) -> dict[str, Any]:
        told = [[asdict(run) for run in paragraph] for paragraph in paragraphs]
        language = self._language(key)
        return {"term": term, "paragraphs": told, "language": language, "term_language": ""}

    def _language(self, key: str) -> Markup:
        return ANY_LANGUAGE if key in self.known.borrowed else self.own_language


def _paragraphs(said: Texts) -> list[list[Run]]:
    several = [said] if isinstance(said, str) else said
    split = [part for text in several for part in PARAGRAPH.split(text.strip())]
    return [_line(part) for part in split if part.strip()]


def _line(text: str) -> list[Run]:
    return linked.runs(" ".join(text.split()))


def _author(author: str | Author) -> list[Run]:
    if isinstance(author, str):
        return _line(author)
    return [Run(author.name, author.url if author.url and linked.is_address(author.url) else "")]


def _license(written: str) -> list[Run]:
    found = licenses.find(written)
    return [Run(*found)] if found else _line(written)


def _figure(value: str | float, texts: words.Texts) -> str:
    """Numbers as the page writes them; what is a text is its author's."""
    return value if isinstance(value, str) else texts.number(f"{value:g}")
