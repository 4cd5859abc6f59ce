"""Which tensors of the model each table of demo.toml is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from bundler.demo.settings import TensorTable
from bundler.ground.kinds import SOLE, Findings
from bundler.ground.names import ending
from bundler.ground.tensors import TensorSpec
from bundler.plan.planned import Tensors

Entry = TypeVar("Entry", bound=TensorTable)


@dataclass(frozen=True)
class Row(Generic[Entry]):
    """A table with its tensors by role; `key` is what messages call it, `place` is where it stands.

    What no table is about stands behind them all.
    """

    key: str
    tensors: Tensors
    entry: Entry
    place: int

    @property
    def spec(self) -> TensorSpec:
        """The first tensor, by the name that the page knows."""
        first = next(iter(self.tensors.values()))
        named = self.entry.tensors and self.entry.name
        return replace(first, name=named) if named else first


def match(
    table: str,
    entries: list[Entry],
    specs: tuple[TensorSpec, ...],
    empty: Entry,
    findings: Findings,
) -> list[Row[Entry]]:
    """Each tensor once, in the model's order: by name, the unnamed tables in order."""
    by_name = {spec.name: spec for spec in specs}
    claimed = {name for one in entries for name in (one.tensors or {}).values()}
    named = claimed | {one.name for one in entries if one.name and not one.tensors}
    free = [name for name in by_name if name not in named]
    found: dict[str, Row[Entry]] = {}
    for index, entry in enumerate(entries):
        key = f"{table}[{index}]"
        wanted: dict[str, str | None] = {**(entry.tensors or {})}
        wanted = wanted or {SOLE: entry.name or (free.pop(0) if free else None)}
        problem = _mismatch(wanted, by_name, found, f"the model has only {len(specs)} {table}")
        if problem:
            findings.problems.append(f"{key}{problem}")
            continue
        row = Row(key, {role: by_name[str(name)] for role, name in wanted.items()}, entry, index)
        found.update({spec.name: row for spec in row.tensors.values()})
    last = len(entries)
    rows = [
        found.get(spec.name, Row(f"{table} ({spec.name})", {SOLE: spec}, empty, last))
        for spec in specs
    ]
    return [row for row, spec in zip(rows, specs, strict=True) if _is_first(row, spec)]


def _is_first(row: Row[Any], spec: TensorSpec) -> bool:
    """A row of several tensors stands where its first one is."""
    return next(iter(row.tensors.values())).name == spec.name


def _mismatch(
    wanted: dict[str, str | None],
    specs: dict[str, TensorSpec],
    found: dict[str, Any],
    too_many: str,
) -> str:
    """What is wrong with the tensors that a table names, behind its key; "" if nothing is."""
    seen: set[str | None] = set()
    for role, name in wanted.items():
        where = f".tensors.{role}" if role else ".name"
        if name is None:
            return f": {too_many}"
        if name not in specs:
            return f'{where}: the model has no "{name}"; {ending(name, list(specs))}'
        if name in found or name in seen:
            return f'{where}: "{name}" is there twice'
        seen.add(name)
    return ""


def completed(rows: list[Row[Entry]], hints: dict[str, dict[str, Any]]) -> list[Row[Entry]]:
    """The tables with what the model's own files say, where demo.toml says nothing."""
    return [replace(row, entry=_complete(row.entry, hints.get(row.spec.name, {}))) for row in rows]


def _complete(entry: Entry, hint: dict[str, Any]) -> Entry:
    # A hint is for one widget: another one may not even know its keys.
    if entry.widget not in (None, hint.get("widget")) or getattr(entry, "fields", None):
        return entry
    said = type(entry).model_validate(hint)
    return entry.model_copy(
        update={key: getattr(said, key) for key in hint if key not in entry.model_fields_set}
    )
