"""JSON by others, no more of it than a model can need: a list of nothing takes a hundredfold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST_BYTES = 256 << 20
# Lists, dictionaries and their items; the largest of real models have some ten thousand.
MOST_VALUES = 2_000_000


def read(text: bytes | str) -> Any:
    """The value of a text. Raises ValueError when it is no JSON, or too much of it."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > MOST_BYTES or sum(map(data.count, (b",", b"{", b"["))) > MOST_VALUES:
        raise ValueError("it has more values than any model")
    return json.loads(text)


def read_file(path: Path) -> Any:
    """The value of a file, of which no more is read than may be.

    Raises ValueError when it is no JSON, or too much of it, and OSError.
    """
    with path.open("rb") as stream:
        return read(stream.read(MOST_BYTES + 1))
