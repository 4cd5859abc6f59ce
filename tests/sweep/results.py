"""What came out of each case on each backend: kept in files, shown as a table."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Where a model runs: two backends in Node, as a build verifies them, and four in Chromium.
PLACES = ("node-cpu", "node-wasm", "cpu", "wasm", "webgl", "webgpu")
STATUSES = ("right", "refused", "wrong", "failed")
# How messages of the build begin that name neither op nor layer: these are no refusals.
UNEXPLAINED = (
    "the conversion of ",
    "the TensorFlow process died",
    "Keras cannot open",
    "TensorFlow cannot run the model",
)


@dataclass(frozen=True)
class Outcome:
    """One case at one place.

    `key` is the hash of what ran: the same key needs no second run. `error` is the largest of
    all outputs; `stage` is where it ended if it did not get as far as running.
    """

    status: str
    key: str
    error: float | None = None
    reason: str = ""
    stage: str = ""


@dataclass
class Result:
    """One case at all places, with what the build remarked on its answers."""

    group: str
    name: str
    places: dict[str, Outcome] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.group}/{self.name}"

    def is_done(self, place: str, key: str) -> bool:
        return place in self.places and self.places[place].key == key


class Store:
    """Results in a folder, a file for each case, whole at any moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, group: str, name: str) -> Result:
        """What is known of a case so far."""
        path = self._path(group, name)
        if not path.exists():
            return Result(group, name)
        data = json.loads(path.read_text(encoding="utf-8"))
        places = {place: Outcome(**outcome) for place, outcome in data["places"].items()}
        return Result(group, name, places, data["remarks"])

    def write(self, result: Result) -> None:
        path = self._path(result.group, result.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")
        unfinished.replace(path)

    def _path(self, group: str, name: str) -> Path:
        return self._folder / group / f"{name}.json"


def status_of(message: str) -> str:
    """What an error of the build is: a refusal by name, or a failure."""
    unexplained = message.startswith(UNEXPLAINED) or "Traceback" in message
    return "failed" if unexplained or "internal" in message.lower() else "refused"


def format_table(results: list[Result], places: list[str]) -> str:
    """A row for each group, at each place how many cases are right, refused, wrong, failed."""
    groups = list(dict.fromkeys(result.group for result in results))
    rows = [["group", "cases", *places]]
    for group in [*groups, "all"]:
        members = [item for item in results if group in (item.group, "all")]
        cells = [_format_counts(_count(members, place)) for place in places]
        rows.append([group, str(len(members)), *cells])
    rows.append(["right", "", *(f"{share_of_right(results, place):.1%}" for place in places)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    head = f"at each place: {' '.join(STATUSES)} (and not run)"
    return "\n".join([head, *lines])


def share_of_right(results: list[Result], place: str) -> float:
    """Of the cases that ran there or were refused before."""
    counts = _count(results, place)
    return counts["right"] / max(sum(counts.values()) - counts["not run"], 1)


def _count(results: list[Result], place: str) -> Counter[str]:
    found = (result.places.get(place) for result in results)
    return Counter(outcome.status if outcome else "not run" for outcome in found)


def _format_counts(counts: Counter[str]) -> str:
    text = " ".join(str(counts[status]) for status in STATUSES)
    return f"{text} ({counts['not run']})" if counts["not run"] else text


def format_failures(results: list[Result], places: list[str]) -> str:
    """A line for each case and cause that is not right."""
    lines = []
    for result in results:
        for outcome, where in _causes(result, places):
            reason = " ".join(outcome.reason.split())
            lines.append(f"- {result.full_name}: {outcome.status} ({where}): {reason}")
    return "\n".join(lines)


def format_causes(results: list[Result], places: list[str]) -> str:
    """The cases of each cause together, the most frequent cause first."""
    cases: dict[str, list[str]] = {}
    for result in results:
        for outcome, where in _causes(result, places):
            cause = f"{outcome.status} ({where}): {_cause(outcome)}"
            cases.setdefault(cause, []).append(result.full_name)
    ordered = sorted(cases.items(), key=lambda item: (-len(item[1]), item[0]))
    return "\n".join(f"- {len(names)} × {cause}\n  {', '.join(names)}" for cause, names in ordered)


def _causes(result: Result, places: list[str]) -> list[tuple[Outcome, str]]:
    """What is not right, each with the stage, or with all places where it is so."""
    found: dict[tuple[str, str, str], list[str]] = {}
    outcomes: dict[tuple[str, str, str], Outcome] = {}
    for place in places:
        outcome = result.places.get(place)
        if outcome and outcome.status != "right":
            key = (outcome.status, outcome.stage, outcome.reason)
            found.setdefault(key, []).append(place)
            outcomes[key] = outcome
    return [(outcomes[key], key[1] or ", ".join(where)) for key, where in found.items()]


def format_remarks(results: list[Result]) -> str:
    """What makes cases prove less than they should."""
    lines = [f"- {result.full_name}: {text}" for result in results for text in result.remarks]
    return "\n".join(lines)


# Of a message, what differs from case to case: files, nodes, numbers.
PARTICULARS = re.compile(r"\(in [^)]*\)|/\S+/\S+|\b\w+/[\w/:.]+|(?<!\w)\d[\d.]*")


def _cause(outcome: Outcome) -> str:
    """A reason without what only this case has."""
    if outcome.status == "wrong":
        return "other numbers" if "error" in outcome.reason else "another shape or dtype"
    return " ".join(PARTICULARS.sub("…", outcome.reason).split())[:200]


def to_json(
    results: list[Result], families: list[str], shown: Iterable[str], versions: dict[str, str]
) -> dict[str, Any]:
    """The whole table as it is committed, with the outcomes at the places that are shown."""
    cases = {}
    for result, family in sorted(
        zip(results, families, strict=True), key=lambda item: item[0].full_name
    ):
        places = {}
        for place in shown:
            outcome = result.places.get(place)
            if outcome:
                facts = {"status": outcome.status, "error": _rounded(outcome.error)}
                facts |= {"reason": outcome.reason, "stage": outcome.stage}
                places[place] = {
                    name: value for name, value in facts.items() if value not in ("", None)
                }
        cases[result.full_name] = {"group": result.group, "family": family, "places": places}
    return {"versions": versions, "cases": cases}


def from_json(data: dict[str, Any]) -> dict[str, dict[str, Outcome]]:
    """The outcomes of a committed table at each place, by the cases' names, without what ran."""
    return {
        name: {
            place: Outcome(
                facts["status"],
                "",
                float("inf") if facts.get("error") == "infinite" else facts.get("error"),
                facts.get("reason", ""),
                facts.get("stage", ""),
            )
            for place, facts in case["places"].items()
        }
        for name, case in data["cases"].items()
    }


def _rounded(error: float | None) -> float | str | None:
    """Two digits, and JSON knows no infinity."""
    if error is None:
        return None
    return float(f"{error:.2g}") if error < float("inf") else "infinite"
