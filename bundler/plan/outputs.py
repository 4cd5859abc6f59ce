"""Outputs: the widget behind each, and the settings of its head."""

from __future__ import annotations

from dataclasses import dataclass

from bundler.demo.parts import Part
from bundler.demo.settings import OutputTable, narrowed
from bundler.ground.kinds import Findings, Place
from bundler.heads import HEADS
from bundler.plan.choice import candidates, check_keys, choose, humanize, others, page_options
from bundler.plan.matching import Row
from bundler.plan.planned import PlannedOutput


@dataclass
class OutputPlanner:
    """Plans outputs one by one; `activations` are the model's last ones, by output."""

    parts: dict[str, Part]
    activations: dict[str, str]
    findings: Findings

    def plan(self, row: Row[OutputTable]) -> PlannedOutput:
        """The output of a table; raises RefusedError."""
        spec, entry = row.spec, row.entry
        activation = self.activations.get(next(iter(row.tensors.values())).name, "linear")
        fits = {
            name: head.fits(spec, narrowed(head.SETTINGS, entry), activation)
            for name, head in HEADS.items()
        }
        found = candidates(fits, self.parts, entry)
        chosen = choose(row.key, entry, found, self.parts, self.findings)
        part, head = chosen.part, HEADS[chosen.part.kind]
        check_keys(row.key, part, entry, self.findings)
        said = narrowed(head.SETTINGS, entry)
        settings = head.settle(spec, said, activation, Place(row.key, self.findings))
        return PlannedOutput(
            spec,
            entry.label or humanize(spec.name, "Answer"),
            part.name,
            part.kind,
            settings,
            page_options(part, entry, settings, spec),
            row.tensors,
            entry.over,
            others(found, chosen),
            taken=tuple(part.manifest.taken),
        )
