"""The examples that an author wrote: tables of demo.toml, or rows of a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundler.demo import csv_file
from bundler.demo.csv_file import Row, Table
from bundler.demo.demo import EXAMPLE_KEYS, Demo
from bundler.feeds import FEEDS
from bundler.ground.errors import ConfigError
from bundler.ground.names import ending
from bundler.ground.tensors import TensorSpec
from bundler.plan import Plan, PlannedField, PlannedInput

Columns = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """An example's values by their keys, each of which messages call `place` and the key.

    `problems` are those of values that are not there, or cannot be read.
    """

    place: str
    values: dict[str, Any]
    problems: tuple[ConfigError, ...] = ()


def read(demo: Demo, plan: Plan) -> tuple[Path, list[Entry]]:
    """The file in which the examples stand, and they.

    Raises ConfigError for a CSV file that cannot be read, or has other columns.
    """
    fields = {field.name: (item, field) for item in plan.inputs for field in item.fields}
    if not isinstance(demo.examples, str):
        return demo.written_in, [
            Entry(f"examples[{index}].", values, tuple(_misfits(values, list(fields))))
            for index, values in enumerate(demo.examples)
        ]
    ways = {name: _columns(*planned) for name, planned in fields.items()}
    known = {*EXAMPLE_KEYS, *(name for sets in ways.values() for one in sets for name in one)}
    table = csv_file.read(demo.path(demo.examples), "examples", known)
    chosen = _chosen(table, ways)
    return table.path, [_entry(row, fields, chosen) for row in table.rows]


def _misfits(values: dict[str, Any], names: list[str]) -> Iterator[ConfigError]:
    """What is there and should not be, or the other way round."""
    for key in values:
        if key not in {*names, *EXAMPLE_KEYS}:
            yield ConfigError(f"{key}: {_unknown(key, names)}")
    yield from (ConfigError(f"{name}: this key is needed") for name in names if name not in values)


def _unknown(key: str, names: list[str]) -> str:
    return f"the demo has no such input; {ending(key, [*names, *sorted(EXAMPLE_KEYS)])}"


def spec_of(item: PlannedInput, field: PlannedField) -> TensorSpec:
    """What one widget of an input fills."""
    return item.spec if len(item.fields) == 1 else TensorSpec(field.name, item.spec.dtype, (1,))


def _columns(item: PlannedInput, field: PlannedField) -> list[Columns]:
    return FEEDS[item.feed].columns(field.name, spec_of(item, field), field.settings)


def _chosen(table: Table, ways: dict[str, list[Columns]]) -> dict[str, Columns]:
    """The columns of each field, in the file's order.

    Raises ConfigError for those that are missing or unknown.
    """
    there = set(table.columns)
    chosen = {
        name: next((one for one in sets if there.issuperset(one)), None)
        for name, sets in ways.items()
    }
    used = {name for columns in chosen.values() for name in columns or ()} | EXAMPLE_KEYS
    strange = [name for name in table.columns if name not in used]
    missing = [name for name, columns in chosen.items() if columns is None]
    lines = [f"  column {name}: {_unknown(name, list(ways))}" for name in strange]
    lines += [f"  column {name}: is missing" for name in missing]
    if lines:
        raise ConfigError(
            f"{table.path}: the columns do not fit the model's inputs:\n" + "\n".join(lines),
            hint="The first row names the columns as demo.toml names inputs and fields.",
        )
    whole = [(name, columns) for name, columns in chosen.items() if columns]
    return dict(sorted(whole, key=lambda item: table.columns.index(item[1][0])))


def _entry(
    row: Row, fields: dict[str, tuple[PlannedInput, PlannedField]], chosen: dict[str, Columns]
) -> Entry:
    values: dict[str, Any] = {
        key: row.cells[key].text.strip()
        for key in EXAMPLE_KEYS
        if key in row.cells and key not in chosen and row.cells[key].text.strip()
    }
    problems = []
    for name, columns in chosen.items():
        item, field = fields[name]
        cells = [row.cells[column] for column in columns]
        try:
            spec = spec_of(item, field)
            values[name] = FEEDS[item.feed].from_cells(cells, spec, field.settings)
        except ConfigError as error:
            problems.append(error)
    return Entry(f"row {row.number}, column ", values, tuple(problems))
