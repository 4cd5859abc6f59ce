"""Outputs: the widget behind each, and the settings of its head."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

from bundler.demo.parts import Part
from bundler.demo.settings import OutputTable, narrowed
from bundler.feeds import FEEDS
from bundler.ground.kinds import IF_ASKED, WELL, Findings
from bundler.ground.tensors import TensorSpec
from bundler.heads import HEADS
from bundler.heads.kind import AnswerPlace
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
from bundler.plan.planned import PlannedInput, PlannedOutput


def picture_under(name: str | None, inputs: tuple[PlannedInput, ...]) -> PlannedInput | None:
    """The picture that is called so, or the only one, over which an answer can be shown."""
    pictures = [item for item in inputs if "picture" in FEEDS[item.feed].KINDS]
    if name is not None:
        return next((item for item in pictures if item.spec.name == name), None)
    return pictures[0] if len(pictures) == 1 else None


def _sounds(inputs: tuple[PlannedInput, ...]) -> list[PlannedInput]:
    return [item for item in inputs if "sound" in FEEDS[item.feed].KINDS]


def heard_rate(inputs: tuple[PlannedInput, ...]) -> int | None:
    """The samples a second of the sounds that go in, if all have the same."""
    rates = {item.settings.sample_rate for item in _sounds(inputs)}
    return rates.pop() if len(rates) == 1 else None


@dataclass
class OutputPlanner:
    """Plans outputs one by one; `activations` are the model's last ones, by output.

    `inputs` are planned already: some answers are shown over one.
    """

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
        parts = {name: part for name, part in self.parts.items() if under or not part.manifest.over}
        if entry.widget in self.parts.keys() - parts.keys():
            self._refuse_over(row)
        kinds = {part.kind for part in parts.values()}
        fits = {
            name: head.fits_over(row.tensors, narrowed(head.SETTINGS, entry), activation, sides)
            for name, head in HEADS.items()
            if name in kinds
        }
        found = [self._ranked(one, spec, under) for one in candidates(fits, parts, entry)]
        found.sort(key=lambda one: -one.fit.rank)
        chosen = choose(row.key, entry, found, self.parts, self.findings)
        part, head = chosen.part, HEADS[chosen.part.kind]
        check_keys(row.key, part, entry, self.findings)
        said = narrowed(head.SETTINGS, entry)
        place = AnswerPlace(row.key, self.findings, row.tensors, sides, heard_rate(self.inputs))
        settings = head.settle(spec, said, activation, place)
        return PlannedOutput(
            spec,
            entry.label or humanize(spec.name, "Answer"),
            part.name,
            part.kind,
            settings,
            page_options(part, entry, settings, spec),
            row.tensors,
            under.spec.name if under and part.manifest.over else entry.over,
            others(found, chosen),
            taken=tuple(part.manifest.taken),
        )

    def _ranked(self, one: Candidate, spec: TensorSpec, under: PlannedInput | None) -> Candidate:
        """What has the very shape of a picture or sound that goes in is another one.

        So it is shown over that picture only where somebody asks for it.
        """
        rank = one.fit.rank
        if under and one.part.manifest.over and spec.shape[1:] == under.spec.shape[1:]:
            rank = min(rank, IF_ASKED)
        shapes = [item.spec.shape[1:] for item in _sounds(self.inputs)]
        if one.fit.kind == "sound" and spec.shape[1:] and spec.shape[1:] in shapes:
            rank = max(rank, WELL)
        return replace(one, fit=replace(one.fit, rank=rank))

    def _refuse_over(self, row: Row[OutputTable]) -> NoReturn:
        """Says that the picture is missing over which a widget shows its answer."""
        entry = row.entry
        is_any = any("picture" in FEEDS[item.feed].KINDS for item in self.inputs)
        several = "several inputs are one: name it with over" if is_any else "no input is one"
        self.findings.problems.append(
            f'{row.key}.widget: "{entry.widget}" is shown over a picture, and '
            + (f"{entry.over} is none" if entry.over else several)
        )
        raise RefusedError
