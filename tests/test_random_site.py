"""A site whose model draws anew for every answer: proven with stored noise, fresh without."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundler.graph import Case
from bundler.proof import golden, verify
from bundler.proof.verify import Shipped
from bundler.site import read_manifest
from tests.command import run
from tests.models import tf

SPREAD = 0.5


def encoder(folder: Path) -> Path:
    """The mean of a vector, and a draw around it."""
    module = tf.Module()

    def encode(x: Any) -> Any:
        mean = tf.reduce_mean(x, axis=-1, keepdims=True)
        return {"mean": mean, "drawn": mean + SPREAD * tf.random.normal([tf.shape(x)[0], 64])}

    specs = [tf.TensorSpec([None, 4], tf.float32, "x")]
    module.encode = tf.function(encode, input_signature=specs, autograph=False)
    tf.saved_model.save(module, str(folder / "encoder"), signatures=module.encode)
    return folder / "encoder"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random")
    encoder(folder)
    (folder / "demo.toml").write_text(
        'model = "encoder"\n[[examples]]\nx_1 = 1\nx_2 = 2\nx_3 = 3\nx_4 = 4\n'
        '[build]\nrandom = "each answer"\n'
    )
    result = run("build", folder, "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert any("new random numbers for every answer" in one for one in report["notices"])
    assert {row["output"] for row in report["parity"]["rows"]} == {"mean", "drawn"}
    return folder / "site"


def asked(site: Path, cases: list[Case], backend: str) -> list[Any]:
    facts = read_manifest(site)
    shipped = Shipped(
        engines={name: site / path for name, path in facts["engines"].items()},
        files={name: site / path for name, path in facts["engine_files"].items()},
        backends=dict.fromkeys(facts["cases"], len(cases)),
    )
    answers = verify.answers(shipped, cases, backend)
    return [one["drawn"].to_numpy() for one in answers]


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_answers_are_drawn_anew_unless_the_noise_is_given(site: Path, backend: str) -> None:
    stored = golden.load(site / read_manifest(site)["golden"], site)[0][0]
    assert stored.inputs.keys() == {"x", "noise_1"}
    with_noise = asked(site, [stored, stored], backend)
    np.testing.assert_array_equal(*with_noise)
    bare = replace(stored, inputs={"x": stored.inputs["x"]})
    several = asked(site, [bare] * 20, backend)
    mean = stored.inputs["x"].to_numpy().mean()
    values = np.concatenate([one.ravel() - mean for one in several]) / SPREAD
    assert len({one.tobytes() for one in several}) == 20
    # 1280 normal numbers.
    assert abs(values.mean()) < 0.15 and abs(values.std() - 1) < 0.1
    assert np.abs(values).max() < 6


def test_the_noise_is_no_input_of_the_page(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "noise_1" not in page.split("</main>")[0]
    assert run("verify", site).returncode == 0
