"""Inputs: the widget in front of each, and the settings of its feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from bundler.demo.parts import Part
from bundler.demo.settings import FieldTable, InputTable, narrowed
from bundler.feeds import FEEDS
from bundler.feeds.values import Around
from bundler.ground.kinds import Findings
from bundler.ground.table import Settings, Table
from bundler.ground.tensors import TensorSpec, format_shape
from bundler.plan.choice import (
    Candidate,
    RefusedError,
    candidates,
    check_keys,
    choose,
    humanize,
    others,
    page_options,
)
from bundler.plan.matching import Row
from bundler.plan.planned import PlannedField, PlannedInput

# The feed of what has a widget for each of its elements.
JOINED = "tensor"


@dataclass
class InputPlanner:
    """Plans inputs one by one; `normalizes` says whether the model scales raw values itself."""

    parts: dict[str, Part]
    field_table: type[Any]
    normalizes: bool
    findings: Findings

    def plan(self, row: Row[InputTable]) -> PlannedInput:
        """The input of a table; raises RefusedError."""
        spec, entry = row.spec, row.entry
        if entry.shape is not None and entry.shape != spec.shape:
            self.findings.problems.append(
                f"{row.key}.shape: the model says {format_shape(spec.shape)} itself"
            )
        if entry.after is not None:
            return self._plan_return(row)
        if entry.fields is not None:
            return self._plan_fields(row, entry.fields)
        found = self._candidates(spec, entry)
        chosen = choose(row.key, entry, found, self.parts, self.findings)
        if chosen.fit.each and not entry.widget:
            return self._plan_fields(row, self._fields(spec, entry))
        if chosen.fit.each:
            self.findings.problems.append(
                f'{row.key}: "{chosen.part.name}" gives one number, but the input {spec.name} '
                f"{format_shape(spec.shape)} wants {spec.shape[1]}: add [[inputs.fields]]"
            )
        return self._plan_whole(row, chosen, found)

    def _candidates(self, spec: TensorSpec, entry: Table) -> list[Candidate]:
        fits = {name: feed.fits(spec) for name, feed in FEEDS.items()}
        return candidates(fits, self.parts, entry)

    def _plan_return(self, row: Row[InputTable]) -> PlannedInput:
        """An answer that goes in again: a raw tensor without a widget."""
        settings = FEEDS[JOINED].SETTINGS()
        label = row.entry.label or humanize(row.spec.name)
        after = row.entry.after
        return PlannedInput(row.spec, label, JOINED, settings, (), row.tensors, after)

    def _plan_whole(
        self, row: Row[InputTable], chosen: Candidate, found: list[Candidate]
    ) -> PlannedInput:
        """One widget for the whole tensor."""
        feed, spec, entry = chosen.part.kind, row.spec, row.entry
        settings = self._settled(row.key, spec, entry, chosen.part)
        label = entry.label or humanize(spec.name, FEEDS[feed].LABEL)
        field = self._field(spec, label, entry, chosen, settings)
        field = replace(field, others=others(found, chosen))
        return PlannedInput(spec, label, feed, settings, (field,), row.tensors)

    def _plan_fields(self, row: Row[InputTable], fields: Sequence[FieldTable]) -> PlannedInput:
        """One widget for each element."""
        spec, entry = row.spec, row.entry
        count = prod(size or 1 for size in spec.shape)
        if len(fields) != count:
            self.findings.problems.append(
                f"{row.key}.fields: there are {len(fields)}, but the input {spec.name} "
                f"{format_shape(spec.shape)} has {count} elements"
            )
        planned = []
        for index, said in enumerate(fields):
            key = f"{row.key}.fields[{index}]"
            if said.name in {field.name for field in fields[:index]}:
                self.findings.problems.append(f'{key}.name: "{said.name}" is there twice')
            element = TensorSpec(said.name, spec.dtype, (1,))
            found = self._candidates(element, said)
            try:
                chosen = choose(key, said, found, self.parts, self.findings)
            except RefusedError:
                continue
            settings = self._settled(key, element, said, chosen.part)
            label = said.label or humanize(said.name)
            planned.append(self._field(element, label, said, chosen, settings))
        label = entry.label or humanize(spec.name, "Values")
        joined = FEEDS[JOINED].SETTINGS()
        return PlannedInput(spec, label, JOINED, joined, tuple(planned), row.tensors)

    def _fields(self, spec: TensorSpec, entry: InputTable) -> list[FieldTable]:
        """A field for each element, all with what the table says of one."""
        stem = humanize(spec.name, "Value")
        keys = entry.model_fields_set & self.field_table.model_fields.keys()
        said = {key: getattr(entry, key) for key in keys - {"name", "label", "widget"}}
        return [
            self.field_table(name=f"{spec.name}_{index + 1}", label=f"{stem} {index + 1}", **said)
            for index in range(spec.shape[1] or 0)
        ]

    def _settled(self, key: str, spec: TensorSpec, entry: Table, part: Part) -> Settings:
        check_keys(key, part, entry, self.findings)
        feed = FEEDS[part.kind]
        return feed.settle(
            spec, narrowed(feed.SETTINGS, entry), Around(key, self.findings, self.normalizes)
        )

    def _field(
        self, spec: TensorSpec, label: str, entry: Table, chosen: Candidate, settings: Settings
    ) -> PlannedField:
        part = chosen.part
        options = page_options(part, entry, settings, spec)
        if "default" in options and options["default"] is None:
            options["default"] = FEEDS[part.kind].default(spec, settings)
        return PlannedField(
            spec.name,
            label,
            part.name,
            options,
            settings,
            names_itself=part.manifest.names_field,
            clear_button=part.manifest.clear_button,
        )
