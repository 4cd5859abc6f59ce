"""What the sweep's tables say: of all cases, of the kernels, in the README."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sweep import auditing, results, table
from tests.sweep.results import Outcome, Result


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
