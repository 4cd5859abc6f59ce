"""Tensors that are one answer together, where their names or shapes leave no doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bundler.demo.parts import Part
from bundler.demo.settings import OutputTable, narrowed
from bundler.ground.tensors import TensorSpec
from bundler.heads import HEADS
from bundler.plan.choice import given
from bundler.plan.outputs import picture_under
from bundler.plan.planned import PlannedInput

# What the page and demo.toml call them together.
TOGETHER = "detections"


def completed(
    entries: Sequence[OutputTable],
    specs: Sequence[TensorSpec],
    parts: dict[str, Part],
    table: type[Any],
    inputs: tuple[PlannedInput, ...],
) -> list[Any]:
    """The tables with the tensors of those that name none, and one for what no table is about."""
    found: list[OutputTable] = []
    for index, entry in enumerate(entries):
        free = _free(specs, [*found, *entries[index + 1 :]])
        found.append(_completed(entry, free, parts, inputs))
    if all(entry.name or entry.tensors for entry in found):
        alone = _completed(table(), _free(specs, found), parts, inputs)
        found += [alone] if alone.tensors else []
    return found


def _completed(
    entry: OutputTable,
    free: tuple[TensorSpec, ...],
    parts: dict[str, Part],
    inputs: tuple[PlannedInput, ...],
) -> OutputTable:
    """With what its head finds among the tensors that nobody has named."""
    under = picture_under(entry.over, inputs)
    if entry.name or entry.tensors or under is None:
        return entry
    for part in parts.values():
        head = HEADS[part.kind]
        is_meant = entry.widget == part.name if entry.widget else given(entry) <= set(part.known)
        if not (part.manifest.over and is_meant and part.manifest.infer):
            continue
        keys = head.joined(free, narrowed(head.SETTINGS, entry), under.settings.size)
        if keys:
            named = {"name": TOGETHER, **keys} if "tensors" in keys else keys
            return entry.model_copy(update=named)
    return entry


def _free(specs: Sequence[TensorSpec], entries: Sequence[OutputTable]) -> tuple[TensorSpec, ...]:
    claimed = {entry.name for entry in entries if not entry.tensors}
    claimed |= {name for entry in entries for name in (entry.tensors or {}).values()}
    return tuple(spec for spec in specs if spec.name not in claimed)
