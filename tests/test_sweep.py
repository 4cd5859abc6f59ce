"""The sweep itself (python -m tests.sweep): what it keeps, and what counts as proven."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bundler.feeds.tensor import Settings
from bundler.graph import Answers, Case
from bundler.graph.changes import Moved
from bundler.ground.tensors import Tensor, TensorSpec
from bundler.plan import SOLE, Plan, PlannedInput
from tests.conftest import ROOT
from tests.sweep import making, proofs, results
from tests.sweep.results import Outcome, Result, Store


@pytest.mark.sweep
@pytest.mark.usefixtures("patience")
def test_every_case_is_right_or_refused_by_name() -> None:
    command = [sys.executable, "-m", "tests.sweep"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("TensorFlow.js does not have these ops of the model:\n  SparseCross (in x)", "refused"),
        ("m.keras uses a class of your own: Wave", "refused"),
        ("the conversion of m.keras failed while freezing the graph: 'x'", "failed"),
        ("the TensorFlow process died (exit code 1)", "failed"),
        ("Internal: something", "failed"),
        ("Traceback (most recent call last)", "failed"),
    ],
)
def test_only_what_names_its_cause_is_a_refusal(message: str, status: str) -> None:
    assert results.status_of(message) == status


def test_results_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.read("layers", "Dense").places == {}
    result = Result("layers", "Dense", {"cpu": Outcome("right", "k", 1e-7)}, ["a remark"])
    store.write(result)
    assert store.read("layers", "Dense") == result
    assert result.is_done("cpu", "k")
    assert not result.is_done("cpu", "another")
    assert not result.is_done("webgl", "k")


def test_a_model_made_again_changes_only_with_its_content(tmp_path: Path) -> None:
    def save(name: str, config: str, saved: str) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", saved)
            archive.writestr("config.json", config)
        return path

    target = save("model.keras", "a", "Monday")
    before = target.read_bytes()
    making.put(save("new.keras", "a", "Tuesday"), target)
    assert target.read_bytes() == before
    making.put(save("new.keras", "b", "Tuesday"), target)
    assert target.read_bytes() != before
    assert not (tmp_path / "new.keras").exists()


SERIES = TensorSpec("series", "float32", (None, None, 2))


@pytest.mark.parametrize(
    ("lengths", "row", "listed", "said"),
    [
        ((1, 5), Moved("y", 3, 0.4, saturated=False), (), None),
        ((1, 5), Moved("y", 3, 0.4, saturated=True), (), "still: y"),
        ((1, 5), Moved("y", 0, 0.001, saturated=False), (), "still: y"),
        ((7, 7), Moved("y", 3, 0.4, saturated=False), (), "one_size: series"),
        ((7, 7), Moved("y", 3, 0.4, saturated=False), ("one_size",), None),
        ((1, 5), Moved("y", 0, 0.0, saturated=True), ("still",), None),
        ((1, 5), Moved("y", 3, 0.4, saturated=False), ("still",), "out of unproven.json: still"),
    ],
)
def test_samples_that_prove_nothing_are_failures_but_for_those_that_are_listed(
    lengths: tuple[int, int],
    row: Moved,
    listed: tuple[str, ...],
    said: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {
        kind: {"layers/LSTM": "why"} if kind in listed else {} for kind in ("still", "one_size")
    }
    monkeypatch.setattr(proofs, "LISTED", tmp_path / "unproven.json")
    proofs.LISTED.write_text(json.dumps(known))
    planned = Plan((PlannedInput(SERIES, "Series", "tensor", Settings(), (), {SOLE: SERIES}),), ())
    cases = [
        Case({"series": Tensor.from_numpy(np.zeros((1, length, 2), np.float32))}, {})
        for length in lengths
    ]
    answers = Answers(cases, [], cases[0], [row], [])
    if said is None:
        proofs.check("layers/LSTM", planned, answers)
        return
    with pytest.raises(proofs.UnprovenError, match=said):
        proofs.check("layers/LSTM", planned, answers)
