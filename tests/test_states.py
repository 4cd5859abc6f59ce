"""The one state of input and answer: what must never be is in no state that can be reached."""

from __future__ import annotations

import re

from bundler.ground import layout
from tests.states import STAGES, explored

PANES = layout.templates() / "page" / "panes.css"
README = layout.templates() / "README.md"
LEGIBLE = {"python", "device", "previous"}


def test_no_answer_stands_beside_an_input_that_it_does_not_belong_to() -> None:
    found = explored()
    assert found.faults == []
    assert found.states > 100
    assert {stage for row in found.table.values() for stage in row} == set(STAGES)


def test_another_input_never_keeps_an_answer() -> None:
    table = explored().table
    for event in ("it is another one", "it is invalid", "the input is empty"):
        assert not {one for after in table[event].values() for one in after} & LEGIBLE, event


def test_an_answer_of_python_outlives_the_models_failure() -> None:
    table = explored().table
    for event in ("the model cannot be had", "the model starts, or starts anew"):
        assert [table[event][stage] for stage in ("python", "device")] == [["python"], ["device"]]


def test_whatever_asks_for_an_answer_gets_one_when_the_model_is_there_again() -> None:
    table = explored().table
    assert "computing" in table["the model is ready"]["unanswered"]
    assert "computing" in table["the model is ready"]["waiting"]


def test_every_stage_is_told_of_and_the_style_sheet_knows_it() -> None:
    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)` \| [A-Z]", text)
    assert sorted(rows) == sorted(STAGES)
    sheet = PANES.read_text(encoding="utf-8")
    hidden = re.search(r":is\(([^)]*)\) \.outputs,", sheet)
    assert hidden
    named = set(re.findall(r"data-stage='(\w+)'", hidden[1]))
    assert named == set(STAGES) - LEGIBLE
