"""CSV files as spreadsheets and programs write them: RFC 4180, and the habits of Excel."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from bundler.ground import text_files
from bundler.ground.cells import WITH_COMMA, Cell
from bundler.ground.errors import ConfigError

SEPARATORS = (",", ";", "\t")
# The line in which some tell Excel what stands between the cells.
TOLD = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
# A page with more examples than this is none.
MOST_ROWS = 1000


@dataclass(frozen=True)
class Row:
    """The cells below the columns that have a name; `number` is the spreadsheet's own."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Table:
    """The rows of a CSV file below its first, which names the columns."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(path: Path, named_by: str, wanted: Collection[str]) -> Table:
    """A table; what stands between its cells is what leaves most of the `wanted` columns whole.

    Raises ConfigError, naming the file and the row.
    """
    text = text_files.read(path, named_by)
    told = TOLD.match(text)
    found = [told[1]] if told else SEPARATORS
    lines = text[told.end() :] if told else text
    separator = max(found, key=lambda one: _names(lines, one, wanted))
    rows = list(_rows(path, lines, separator))
    if not rows:
        raise ConfigError(f"{path} is empty", hint="Its first row names the columns.")
    (_, header), *filled = rows
    columns = _columns(path, header)
    if len(filled) > MOST_ROWS:
        raise ConfigError(
            f"{path} has {len(filled)} rows, and a page shows at most {MOST_ROWS} examples",
            hint="Leave in it those that visitors should see.",
        )
    has_comma = separator != "," and any(
        WITH_COMMA.fullmatch(cell.strip()) for _, cells in filled for cell in cells
    )
    made = [
        Row(number, _cells(path, number, columns, cells, has_comma)) for number, cells in filled
    ]
    return Table(path, tuple(filter(None, columns)), tuple(made))


def _names(text: str, separator: str, wanted: Collection[str]) -> tuple[int, int]:
    """How many of the wanted columns the first row names so, and how many in all."""
    try:
        header = next(_reader(text, separator), [])
    except csv.Error:
        return 0, 0
    names = [name.strip() for name in header]
    return len(set(names) & set(wanted)), len(names)


def _reader(text: str, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    """The rows; a line end within quotes stays as it was written."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with something in them, by their numbers."""
    number = 0
    try:
        for number, cells in enumerate(_reader(text, separator, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise ConfigError(
            f"{path}, row {number + 1}: {_reason(str(error))}",
            hint='A cell with " , or a line end in it stands between ", and each " in it is "".',
        ) from error


def _reason(said: str) -> str:
    """What the csv module says, in plain words."""
    if "field larger" in said:
        return f"a cell has more than {csv.field_size_limit()} letters"
    return (
        'a " is not closed' if "unexpected end" in said else 'something stands behind a closing "'
    )


def _columns(path: Path, header: list[str]) -> list[str]:
    """The names of the columns; of those without one, nothing."""
    names = [name.strip() for name in header]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ConfigError(
            f"{path}: two columns are called {twice[0]}",
            hint="Each column needs a name of its own, in the first row.",
        )
    return names


def _cells(
    path: Path, number: int, columns: list[str], cells: list[str], has_comma: bool
) -> dict[str, Cell]:
    """By column; where a row ends early, nothing stands in the rest."""
    beyond = [cell for cell in cells[len(columns) :] if cell.strip()]
    unnamed = [
        cell for name, cell in zip(columns, cells, strict=False) if not name and cell.strip()
    ]
    if beyond or unnamed:
        shown = Cell((beyond or unnamed)[0]).shown
        raise ConfigError(
            f"{path}, row {number}: {shown} stands below no name of a column",
            hint='The first row names all columns. A text with the separator in it needs " around.',
        )
    padded = [*cells, *[""] * (len(columns) - len(cells))]
    named = zip(columns, padded, strict=False)
    return {name: Cell(cell, has_comma, name) for name, cell in named if name}
