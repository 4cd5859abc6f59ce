"""Which widget every tensor of the model gets, and what is traced around the model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from bundler.demo.config import with_lines
from bundler.demo.demo import Demo
from bundler.demo.parts import Parts
from bundler.demo.settings import tables
from bundler.formats.signature import Signature
from bundler.ground.errors import ConfigError
from bundler.ground.kinds import SOLE, Findings
from bundler.ground.names import ending
from bundler.plan import joining
from bundler.plan.choice import RefusedError
from bundler.plan.inputs import InputPlanner
from bundler.plan.matching import Row, completed, match
from bundler.plan.outputs import OutputPlanner
from bundler.plan.planned import Other, Plan, PlannedField, PlannedInput, PlannedOutput

__all__ = [
    "SOLE",
    "Other",
    "Parts",
    "Plan",
    "PlannedField",
    "PlannedInput",
    "PlannedOutput",
    "make",
]

Planned = TypeVar("Planned", PlannedInput, PlannedOutput)


def make(demo: Demo, signature: Signature, parts: Parts) -> Plan:
    """Matches the demo's tables with the model's tensors.

    Raises ConfigError with every mismatch.
    """
    findings = Findings()
    demo = with_lines(demo)
    input_table, field_table, output_table = tables(parts)
    inputs = InputPlanner(parts["input"], field_table, signature.normalizes, findings)
    ins = match("inputs", demo.inputs, signature.inputs, input_table(), findings)
    planned_inputs = _each(inputs.plan, completed(ins, signature.hints.inputs))
    said = joining.completed(
        demo.outputs, signature.outputs, parts["output"], output_table, planned_inputs
    )
    outs = match("outputs", said, signature.outputs, output_table(), findings)
    outputs = OutputPlanner(parts["output"], signature.activations, findings, planned_inputs)
    planned_outputs = _each(outputs.plan, completed(outs, signature.hints.outputs))
    _check_partners(ins, outs, findings)
    if findings.problems:
        lines = "\n".join(f"  {problem}" for problem in findings.problems)
        raise ConfigError(
            f"{demo.written_in} does not fit the model:\n{lines}",
            hint="The model has " + "; ".join(map(str, signature.inputs + signature.outputs)),
        )
    return Plan(
        planned_inputs,
        planned_outputs,
        tuple(spec.name for spec in signature.inputs),
        tuple(spec.name for spec in signature.outputs),
        tuple(findings.notices),
        tuple(findings.raw_values),
    )


def _each(plan: Callable[[Row[Any]], Planned], rows: list[Row[Any]]) -> tuple[Planned, ...]:
    """The plans of all tables but those that are refused."""
    planned = []
    for row in rows:
        with suppress(RefusedError):
            planned.append(replace(plan(row), place=row.place))
    return tuple(planned)


def _check_partners(ins: list[Row[Any]], outs: list[Row[Any]], findings: Findings) -> None:
    """Answers over inputs, and inputs that are answers, name what there is."""
    for rows, setting, partners in ((outs, "over", ins), (ins, "after", outs)):
        known = [row.spec.name for row in partners]
        for row in rows:
            name = getattr(row.entry, setting)
            if name is not None and name not in known:
                findings.problems.append(
                    f'{row.key}.{setting}: there is no "{name}"; {ending(name, known)}'
                )
