"""The sweep itself (python -m tests.sweep), and what its table says."""

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
from tests.sweep import auditing, making, proofs, results, table
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


def test_table_counts_and_names_what_is_not_right() -> None:
    right = Outcome("right", "k", 0.0)
    wrong = Outcome("wrong", "k", 0.5, "y: error 0.5")
    refused = Outcome("refused", "k", None, "no op\n  Erfc", "bundle")
    found = [
        Result("layers", "Dense", {"cpu": right}),
        Result("ops", "erfc", {"cpu": refused, "webgl": refused}),
        Result("ops", "cumsum", {"cpu": right, "webgl": wrong}),
    ]
    lines = results.format_table(found, ["cpu", "webgl"]).splitlines()
    assert [line.split() for line in lines[2:]] == [
        ["layers", "1", "1", "0", "0", "0", "0", "0", "0", "0", "(1)"],
        ["ops", "2", "1", "1", "0", "0", "0", "1", "1", "0"],
        ["all", "3", "2", "1", "0", "0", "0", "1", "1", "0", "(1)"],
        ["right", "66.7%", "0.0%"],
    ]
    assert results.format_failures(found, ["cpu", "webgl"]).splitlines() == [
        "- ops/erfc: refused (bundle): no op Erfc",
        "- ops/cumsum: wrong (webgl): y: error 0.5",
    ]


def test_the_committed_table_is_read_back() -> None:
    places = {
        "cpu": Outcome("right", "", 1e-7),
        "wasm": Outcome("wrong", "", float("inf"), "y: error inf"),
        "webgl": Outcome("refused", "", None, "no op Erfc", "bundle"),
    }
    found = [Result("ops", "erfc", places)]
    data = json.loads(json.dumps(results.to_json(found, ["ops"], places, {})))
    assert results.from_json(data) == {"ops/erfc": places}


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


def test_audit_keeps_the_worst_call_of_each_kernel() -> None:
    right = {"runs": 2, "error": 1e-7, "ranks": {"4": 1e-7}, "call": "x [1,2,2,1]", "note": ""}
    wrong = {"runs": 1, "error": 1.0, "ranks": {"5": 1.0}, "call": "x [1,2,2,2,1]", "note": "0"}
    tables = {
        ("layers/Add", "webgpu"): {"Add": right},
        ("layers/Conv3D", "webgpu"): {"Add": wrong},
        ("layers/Conv3D", "webgl"): {"Add": right},
    }
    kernels = auditing.merge(tables)
    row = kernels["Add"]["webgpu"]
    assert (row["runs"], row["error"], row["case"]) == (3, 1.0, "layers/Conv3D")
    assert row["ranks"] == {"4": 1e-7, "5": 1.0}
    assert auditing.format_table(kernels, above=1e-5).splitlines() == [
        "- Add on webgpu: error 1 (rank 5, 3 runs; layers/Conv3D: 0; x [1,2,2,2,1])"
    ]


def test_the_readme_table_counts_what_is_right_everywhere_in_a_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = Outcome("right", "k", 0.0), Outcome("wrong", "k", 1.0, "y: error 1")
    places = dict.fromkeys(results.PLACES, right)
    found = [
        Result("layers", "Dense", {**places, "tensorflowjs-cpu": right}),
        Result("layers", "Dense-wide", {**places, "wasm": wrong, "tensorflowjs-cpu": wrong}),
        Result("formats", "keras_3-dense", places),
    ]
    shown = (*results.PLACES, "tensorflowjs-cpu")
    data = results.to_json(found, ["core", "core", "keras_3"], shown, {"keras": "3"})
    path = tmp_path / "results.json"
    path.write_text(json.dumps(data))
    monkeypatch.setattr(table, "RESULTS", path)
    lines = table.markdown().splitlines()
    assert "| `.keras` of Keras 3 | 1 | 1 | 1 | 1 | 1 | – | – |" in lines
    assert "| layers: core | 2 | 2 | 1 | 2 | 2 | 1 | – |" in lines
    assert lines[-1] == "With keras 3."


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
