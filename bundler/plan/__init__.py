"""Which widget every tensor of the model gets, and what is traced around the model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from bundler.demo.demo import Demo
from bundler.demo.settings import Input, Output
from bundler.formats.signature import Signature
from bundler.ground.errors import ConfigError
from bundler.ground.names import ending
from bundler.ground.tensors import TensorSpec
from bundler.plan.choice import Findings, RefusedError
from bundler.plan.inputs import InputPlanner
from bundler.plan.outputs import OutputPlanner
from bundler.plan.parts import Part, Role
from bundler.plan.planned import Plan, PlannedField, PlannedInput, PlannedOutput

__all__ = ["Parts", "Plan", "PlannedField", "PlannedInput", "PlannedOutput", "make"]

Parts = dict[Role, dict[str, Part]]
Entry = TypeVar("Entry", Input, Output)
Planned = TypeVar("Planned", PlannedInput, PlannedOutput)


def make(demo: Demo, signature: Signature, parts: Parts) -> Plan:
    """Matches the demo's tables with the model's tensors.

    Raises ConfigError with every mismatch.
    """
    findings = Findings()
    inputs = InputPlanner(parts["input"], signature.normalizes, findings)
    outputs = OutputPlanner(parts["output"], signature.activations, demo, findings)
    input_rows = _match("inputs", demo.inputs, signature.inputs, Input(), findings)
    output_rows = _match("outputs", demo.outputs, signature.outputs, Output(), findings)
    input_rows = _completed(input_rows, signature.hints.inputs)
    output_rows = _completed(output_rows, signature.hints.outputs)
    planned_inputs = _each(inputs.plan, input_rows)
    planned_outputs = _each(outputs.plan, output_rows)
    if findings.problems:
        lines = "\n".join(f"  {problem}" for problem in findings.problems)
        raise ConfigError(
            f"{demo.folder / demo.file} does not fit the model:\n{lines}",
            hint="The model has " + "; ".join(map(str, signature.inputs + signature.outputs)),
        )
    notices, raw_values = tuple(findings.notices), tuple(findings.raw_values)
    return Plan(planned_inputs, planned_outputs, notices, raw_values)


def _each(
    plan: Callable[[str, TensorSpec, Entry], Planned], rows: list[tuple[str, TensorSpec, Entry]]
) -> tuple[Planned, ...]:
    """The plans of all tensors but those that are refused."""
    planned = []
    for row in rows:
        with suppress(RefusedError):
            planned.append(plan(*row))
    return tuple(planned)


def _match(
    table: str,
    entries: list[Entry],
    specs: tuple[TensorSpec, ...],
    empty: Entry,
    findings: Findings,
) -> list[tuple[str, TensorSpec, Entry]]:
    """Each tensor with its table and that table's key: by name, the unnamed ones in order."""
    names = [spec.name for spec in specs]
    found: dict[str, tuple[str, Entry]] = {}
    named = {entry.name for entry in entries}
    free = [name for name in names if name not in named]
    for index, entry in enumerate(entries):
        key = f"{table}[{index}]"
        name = entry.name or (free.pop(0) if free else None)
        if name is None:
            findings.problems.append(f"{key}: the model has only {len(specs)} {table}")
        elif name not in names:
            tail = ending(name, names)
            findings.problems.append(f'{key}.name: the model has no "{name}"; {tail}')
        elif name in found:
            findings.problems.append(f'{key}.name: "{name}" is there twice')
        else:
            found[name] = (key, entry)
    rows = [(spec, found.get(spec.name, (f"{table} ({spec.name})", empty))) for spec in specs]
    return [(key, spec, entry) for spec, (key, entry) in rows]


def _completed(
    rows: list[tuple[str, TensorSpec, Entry]], hints: dict[str, dict[str, Any]]
) -> list[tuple[str, TensorSpec, Entry]]:
    """The tables with what the model's own files say, where demo.toml says nothing."""
    return [(key, spec, _complete(entry, hints.get(spec.name, {}))) for key, spec, entry in rows]


def _complete(entry: Entry, hint: dict[str, Any]) -> Entry:
    # A hint is for one widget: another one may not even know its keys.
    if entry.widget not in (None, hint.get("widget")) or getattr(entry, "fields", None):
        return entry
    said = type(entry).model_validate(hint)
    return entry.model_copy(
        update={key: getattr(said, key) for key in hint if key not in entry.model_fields_set}
    )
