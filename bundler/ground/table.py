"""Tables of demo.toml, and the keys that a kind of input or answer has in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Number = float | int
Length = Annotated[int, Field(gt=0)]

# Marks of keys, in their annotations. For the page alone: the graph and its samples stay the same.
PAGE = "page"
# For the graph, whatever the widget: all that have its feed or head know them.
GRAPH = "graph"
# Texts, or the path of a file with one of them a line.
LINES = "lines"


class Table(BaseModel):
    """A table of demo.toml: no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    @classmethod
    def marked(cls, mark: str) -> list[str]:
        """The keys with a mark."""
        return [name for name, field in cls.model_fields.items() if mark in field.metadata]

    def line_files(self) -> Iterator[tuple[str, str]]:
        """Keys whose texts are in a file, and its path."""
        for name in self.marked(LINES):
            if isinstance(path := getattr(self, name), str):
                yield name, path


class Settings(Table):
    """The keys of a kind of input or answer; planning completes them from the tensor."""

    @property
    def traced(self) -> dict[str, Any]:
        """What ends up in the graph or in its samples, as JSON."""
        return self.model_dump(mode="json", exclude=set(self.marked(PAGE)))

    @property
    def offered(self) -> Sequence[Any] | None:
        """All values that an element may have, or the two ends in a tuple, if they are stated."""
        return None

    def check(self, value: Any) -> None:
        """Raises ValueError for an example's value that the widget does not offer."""


# A probability that the page compares with, and its slider moves.
Threshold = Annotated[float | None, PAGE]


def _two_ends(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) == 2 and value[0] == value[1]:
        raise ValueError("its two ends must differ")
    return value


# The values that stand for black and white, or for paper and ink.
Range = Annotated[tuple[float, float], BeforeValidator(_two_ends)]
