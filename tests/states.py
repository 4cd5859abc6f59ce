"""The states of input and answer, as the page has them: tests/states.mjs tries them all."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bundler.bundle import packages

SCRIPT = Path(__file__).with_name("states.mjs")
# In the order in which a visitor meets them.
STAGES = (
    "coming",
    "waiting",
    "python",
    "previous",
    "computing",
    "device",
    "unanswered",
    "empty",
    "partial",
    "invalid",
)


@dataclass(frozen=True)
class Explored:
    """How many states there are, what follows what, by event and stage, and what must not be."""

    states: int
    table: dict[str, dict[str, list[str]]]
    faults: list[str]


@cache
def explored() -> Explored:
    """Every event in every state that can be reached."""
    command = [packages.node(), str(SCRIPT)]
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    return Explored(**json.loads(found.stdout))


def markdown() -> str:
    """The table: a row for each event, a column for each stage."""
    head = "| | " + " | ".join(f"`{stage}`" for stage in STAGES) + " |"
    rows = [
        f"| {event} | "
        + " | ".join(cell(stage, row.get(stage, [stage])) for stage in STAGES)
        + " |"
        for event, row in explored().table.items()
    ]
    return "\n".join([head, "|---|" + "---|" * len(STAGES), *rows])


def cell(stage: str, after: list[str]) -> str:
    if after == [stage]:
        return "·"
    return ", ".join("·" if one == stage else one for one in sorted(after, key=STAGES.index))
