"""[card] of demo.toml: what visitors should know of a model before they believe it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ConfigDict, Field

from bundler.ground import names
from bundler.ground.table import Table

LINK = r"^(https?://|mailto:)"
# What people call what [card] calls otherwise.
SYNONYMS = {
    "author": ("authors",),
    "bibtex": ("citation",),
    "cite": ("citation",),
    "dataset": ("data",),
    "datasets": ("data",),
    "intended_use": ("use",),
    "licence": ("license",),
    "limitations": ("limits",),
    "metrics": ("measures",),
    "training_data": ("data",),
    "uses": ("use",),
}

LEAST_LETTERS = 6

Texts = str | list[str]


class Author(Table):
    """One of those who made the model."""

    name: str = Field(description="as it should be read")
    url: str | None = Field(
        None,
        pattern=LINK,
        description="where more is to be found",
        examples=["https://example.org", "mailto:ada@example.org"],
    )


class Card(Table):
    """What is to be known of the model; any other key is a row of its own."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"additionalProperties": {"type": "string"}}
    )
    __pydantic_extra__: dict[str, str]

    description: Texts | None = Field(
        None, description="of the model; an empty line, or the next text, begins a paragraph"
    )
    authors: str | list[str | Author] | None = Field(
        None,
        description="who made it; else the demo's author",
        examples=[["Ada Lovelace", "[Alan Turing](https://example.org)"]],
    )
    license: str | None = Field(
        None, description="of the model: a name, or an SPDX identifier; else the demo's license"
    )
    data: Texts | None = Field(None, description="what it was trained on")
    use: Texts | None = Field(None, description="what it is for")
    limits: Texts | None = Field(None, description="what it is not for, and where it errs")
    measures: dict[str, str | float] | None = Field(
        None,
        description="how good it is: figures by what was measured",
        examples=[{"Accuracy, 360 digits": "98.1%"}],
    )
    citation: str | None = Field(None, description="how to cite it: BibTeX, to be copied")

    @property
    def rows(self) -> dict[str, str]:
        """The free keys, in their order."""
        return dict(self.__pydantic_extra__ or {})

    def notices(self) -> Iterator[str]:
        """Rows that were meant to be something else."""
        known = [name for name in type(self).model_fields if getattr(self, name) is None]
        for key in self.rows:
            # Short names are near to too many others: "Date" is no "data".
            is_short = len(key) < LEAST_LETTERS and names.plain(key) not in {*known, *SYNONYMS}
            meant = None if is_short else names.near(key, known, SYNONYMS)
            if meant:
                yield (
                    f'card: "{key}" is a row of its own on the page. If you mean {meant}, which '
                    f"has its place there, write: {meant} = …"
                )


@dataclass(frozen=True)
class Known:
    """A card with what others say where its author does not, the keys that are theirs, and what
    the author should know."""

    card: Card = field(default_factory=Card)
    borrowed: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()


def known(card: Card, found: dict[str, Any], notices: list[str]) -> Known:
    """`found` are the values of a file beside the model; demo.toml wins."""
    said = card.model_dump(exclude_none=True)
    missing = {key: value for key, value in found.items() if key not in said}
    filled = Card.model_validate({**said, **missing})
    return Known(filled, frozenset(missing), (*card.notices(), *notices))
