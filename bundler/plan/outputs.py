"""Outputs: the widget behind each, and the settings of its head."""

from __future__ import annotations

from dataclasses import dataclass

from bundler.demo.parts import Part
from bundler.demo.settings import OutputTable, narrowed
from bundler.feeds import FEEDS
from bundler.ground.kinds import Findings
from bundler.heads import HEADS
from bundler.heads.kind import AnswerPlace
from bundler.plan.choice import candidates, check_keys, choose, humanize, others, page_options
from bundler.plan.matching import Row
from bundler.plan.planned import PlannedInput, PlannedOutput


def picture_under(name: str | None, inputs: tuple[PlannedInput, ...]) -> PlannedInput | None:
    """The picture that is called so, or the only one, over which an answer can be shown."""
    pictures = [item for item in inputs if "picture" in FEEDS[item.feed].KINDS]
    if name is not None:
        return next((item for item in pictures if item.spec.name == name), None)
    return pictures[0] if len(pictures) == 1 else None


@dataclass
class OutputPlanner:
    """Plans outputs one by one; `activations` are the model's last ones, by output."""

    parts: dict[str, Part]
    activations: dict[str, str]
    findings: Findings
    inputs: tuple[PlannedInput, ...] = ()

    def plan(self, row: Row[OutputTable]) -> PlannedOutput:
        """The output of a table; raises RefusedError."""
        spec, entry = row.spec, row.entry
        activation = self.activations.get(next(iter(row.tensors.values())).name, "linear")
        under = picture_under(entry.over, self.inputs)
        sides = under.settings.size if under else None
        fits = {
            name: head.fits_over(row.tensors, narrowed(head.SETTINGS, entry), activation, sides)
            for name, head in HEADS.items()
            if under or not head.OVER
        }
        found = candidates(fits, self.parts, entry)
        chosen = choose(row.key, entry, found, self.parts, self.findings)
        part, head = chosen.part, HEADS[chosen.part.kind]
        check_keys(row.key, part, entry, self.findings)
        said = narrowed(head.SETTINGS, entry)
        place = AnswerPlace(row.key, self.findings, row.tensors, sides)
        settings = head.settle(spec, said, activation, place)
        return PlannedOutput(
            spec,
            entry.label or humanize(spec.name, "Answer"),
            part.name,
            part.kind,
            settings,
            page_options(part, entry, settings, spec),
            row.tensors,
            under.spec.name if under and head.OVER else entry.over,
            others(found, chosen),
            taken=tuple(part.manifest.taken),
        )
