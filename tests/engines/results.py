"""What a run of the tests has found, by engine: kept here, and the tables in tests/README.md."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from tests.engines.browsers import ENGINES

RESULTS = Path(__file__).parent / "results.json"
# The test of a page on a backend.
ANSWERS = "answers are pythons"
RIGHT, SKIPPED, WRONG = "right", "skipped", "wrong"
SIGNS = {RIGHT: "✓", SKIPPED: "–", WRONG: "✗"}


def read(report: Path) -> dict[str, Any]:
    """The outcomes in a report of pytest: outcomes[engine][what][variant]."""
    outcomes: dict[str, dict[str, dict[str, str]]] = {}
    for case in ET.parse(report).getroot().iter("testcase"):
        # Behind it stands the group in which it ran.
        found = re.fullmatch(r"test_(\w+)\[(\w+)-?(.*)\](@\w+)?", case.attrib["name"])
        if not found:
            continue
        what, engine, variant, _ = found.groups()
        row = outcomes.setdefault(engine, {}).setdefault(what.replace("_", " "), {})
        # A test whose end failed has two entries.
        states = {_state(case), row.get(variant, SKIPPED)}
        row[variant] = next(state for state in (WRONG, RIGHT, SKIPPED) if state in states)
    return outcomes


def _state(case: ET.Element) -> str:
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return WRONG
    return SKIPPED if "skipped" in tags else RIGHT


def write(outcomes: dict[str, Any], versions: dict[str, str]) -> None:
    """Keeps the results of a whole run."""
    text = json.dumps({"versions": versions, "outcomes": outcomes}, indent=1, sort_keys=True)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def markdown() -> str:
    """The tables: pages by engine and backend, then all else by engine."""
    if not RESULTS.exists():
        return "No whole run is kept yet: `python -m tests.engines`."
    data = json.loads(RESULTS.read_text(encoding="utf-8"))
    outcomes, versions = data["outcomes"], data["versions"]
    engines = [engine for engine in ENGINES if engine.name in outcomes]
    labels = [f"{engine.label} {versions[engine.name]}" for engine in engines]
    titles = [f"{engine.label}, {backend}" for engine in engines for backend in engine.backends]
    pages = {
        variant.partition("-")[2]
        for engine in engines
        for variant in outcomes[engine.name][ANSWERS]
    }
    rows = {
        f"`{page}`": [
            SIGNS[outcomes[engine.name][ANSWERS].get(f"{backend}-{page}", SKIPPED)]
            for engine in engines
            for backend in engine.backends
        ]
        for page in sorted(pages)
    }
    whats = {what for engine in engines for what in outcomes[engine.name]} - {ANSWERS}
    others = {
        what: [_sum(outcomes[engine.name].get(what, {})) for engine in engines]
        for what in sorted(whats)
    }
    return "\n\n".join((_table("page", titles, rows), _table("besides", labels, others)))


def _sum(variants: dict[str, str]) -> str:
    """The worst of what was tried."""
    return next((SIGNS[one] for one in (WRONG, RIGHT) if one in variants.values()), SIGNS[SKIPPED])


def _table(corner: str, columns: list[str], rows: dict[str, list[str]]) -> str:
    head = [f"| {corner} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    return "\n".join([*head, *(f"| {row} | {' | '.join(cells)} |" for row, cells in rows.items())])
