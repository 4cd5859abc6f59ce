"""Kernels that a backend lacks or gets wrong run on the cpu backend, with the right answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bundler.bundle import runtime
from bundler.pipeline import build
from tests.conftest import DEMOS
from tests.models import keras, layers, save


@pytest.fixture
def wrong_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if wasm had these kernels wrong: the first op, one inside and the last."""
    wrong = {"_FusedMatMul": [{}], "BatchMatMul": [{"rank": 3}, {"dtype": "bool"}], "Softmax": [{}]}
    table = {"cpu": {}, "wasm": wrong, "webgl": {}}
    path = tmp_path / "wrong_kernels.json"
    path.write_text(json.dumps({**table, "webgpu": {}}))
    monkeypatch.setattr(runtime, "WRONG_KERNELS", path)


@pytest.mark.usefixtures("wrong_kernels")
def test_borrowed_kernels_answer_rightly(tmp_path: Path) -> None:
    report = build(DEMOS / "wine", out=tmp_path / "site")
    assert report.parity
    assert report.parity.largest_error < 1e-6
    assert {"Softmax", "_FusedMatMul"} <= set(report.borrowed["wasm"])


@pytest.mark.usefixtures("wrong_kernels")
def test_borrowed_kernels_work_within_loops(tmp_path: Path) -> None:
    x = keras.Input((5, 4), name="x")
    sequence = layers.LSTM(3, return_sequences=True)(x)
    attended = layers.Attention()([sequence, sequence])
    model = save(
        keras.Model(x, layers.Dense(2, activation="softmax")(attended)), tmp_path / "m.keras"
    )
    report = build(model, out=tmp_path / "site")
    assert report.parity
    assert report.parity.largest_error < 1e-6
    assert "Softmax" in report.borrowed["wasm"]
    # Borrowed for some inputs only.
    assert "BatchMatMul" not in report.borrowed["wasm"]
