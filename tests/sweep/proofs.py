"""Whether a case's samples prove anything: answers that move, and more than one free size."""

from __future__ import annotations

import json
from pathlib import Path

from bundler.graph import Answers
from bundler.graph.samples.worth import proves
from bundler.plan import Plan

# Cases whose answers are still in TensorFlow too, the same or at an end of their range whatever
# goes in, and those that it answers at one size alone: by full name, with the reason.
LISTED = Path(__file__).parent / "unproven.json"


class UnprovenError(Exception):
    """A case that is right for nothing; no refusal of the tool."""


def check(name: str, planned: Plan, answers: Answers) -> None:
    """Raises UnprovenError for a case that proves nothing and is not listed, and the reverse."""
    listed: dict[str, dict[str, str]] = json.loads(LISTED.read_text(encoding="utf-8"))
    found = {
        "still": ", ".join(row.output for row in answers.moved if not proves(row)),
        "one_size": ", ".join(_of_one_size(planned, answers)),
    }
    for kind, what in found.items():
        if what and name not in listed[kind]:
            raise UnprovenError(f"the samples prove too little: {kind}: {what}")
        if not what and name in listed[kind]:
            raise UnprovenError(
                f"the samples prove enough: take {name} out of {LISTED.name}: {kind}"
            )


def _of_one_size(planned: Plan, answers: Answers) -> list[str]:
    """The inputs of free sizes whose samples all have the same."""
    free = [item.spec.name for item in planned.inputs if None in item.spec.shape[1:]]
    shapes = {name: {case.inputs[name].shape for case in answers.golden} for name in free}
    return [name for name in free if len(shapes[name]) == 1]
