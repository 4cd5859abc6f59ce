"""The TensorFlow process with hostile models, as its system calls and Python itself tell it.

Three files here; all of the corpus: `python -m pytest -m hostile`, some twenty minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import tracing
from tests.conftest import system_program
from tests.hostile.bait import Bait
from tests.hostile.models import ALL
from tests.models import plain, save
from tests.tracing import Deeds

MOST_MEMORY = 1 << 30
QUICK = ("lambda", "effect-table-initializers", "effect-constant-asset")
SHARED = Path(__file__).parents[2] / "shared" / "security"
# Makers of models, how they are called, and the models that they make.
MAKERS = {
    "02_tfkeras_model_from_json.py": ("{out}/m.h5 {bait}/canary", ["m.h5"]),
    "03_dotted_class_name.py": ("{out}/m.keras {bait}/canary", ["m.keras"]),
    "04_nested_compile_config.py": ("{out}/m.keras {bait}/canary", ["m.keras"]),
    "05_saved_models.py": ("{out}/s {bait} {bait}/secret.txt", ["s/a", "s/b", "s/c"]),
    "07_tables.py": ("{out}/s {bait}/secret.txt", ["s/c", "s/d", "s/g.pb"]),
    "10_bombs.py": ("{out}/s", ["s/a.zip", "s/b.keras", "s/c.h5"]),
    "10c_hdf5_attribute.py": ("{out}/m.h5", ["m.h5"]),
}


@pytest.fixture
def strace() -> str:
    found = system_program("strace")
    if found is None:
        pytest.skip("there is no strace here")
    return found


def prove_harmless(model: Path, folder: Path, strace: str) -> Deeds:
    deeds = tracing.check(model, folder, strace)
    assert len(deeds.programs) == 1, deeds.programs
    assert deeds.sockets == []
    assert deeds.outside(model) == []
    assert deeds.events > 100 and deeds.parent_memory < MOST_MEMORY, deeds.parent_memory
    assert "Traceback" not in deeds.error
    return deeds


@pytest.mark.parametrize("name", QUICK)
def test_nothing_is_done_outside(name: str, strace: str, tmp_path: Path) -> None:
    prove_harmless(ALL[name](Bait(tmp_path / "made").prepare()), tmp_path / "seen", strace)


def test_a_harmless_model_is_seen_to_be_read(strace: str, tmp_path: Path) -> None:
    """So that the others can fail: the trace tells what is opened and written."""
    network = plain()
    network.layers[-1].set_weights([np.random.default_rng().normal(size=(4, 3)), np.ones(3)])
    model = save(network, tmp_path / "model.keras")  # that nobody has built before
    deeds = prove_harmless(model, tmp_path / "seen", strace)
    assert model in deeds.read
    assert any(path.is_relative_to(deeds.own) for path in deeds.changed)


@pytest.mark.hostile
@pytest.mark.parametrize("name", [name for name in ALL if name not in QUICK])
def test_nothing_of_the_corpus_is_done_outside(name: str, strace: str, tmp_path: Path) -> None:
    prove_harmless(ALL[name](Bait(tmp_path / "made").prepare()), tmp_path / "seen", strace)


@pytest.mark.hostile
@pytest.mark.parametrize(
    ("script", "made"), [(script, name) for script, (_, all_) in MAKERS.items() for name in all_]
)
def test_nothing_that_others_made_is_done_outside(
    script: str, made: str, strace: str, tmp_path: Path
) -> None:
    if not SHARED.is_dir():
        pytest.skip("there is no ../shared/security")
    bait, out = Bait(tmp_path).prepare(), tmp_path / "out"
    out.mkdir()
    arguments = MAKERS[script][0].format(out=out, bait=tmp_path / "bait").split()
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [sys.executable, str(SHARED / script), *arguments],
        check=True, capture_output=True, env=environment, timeout=300,
    )  # fmt: skip
    for file in (tmp_path / "bait").iterdir():
        if file.name != "secret.txt":
            file.unlink()
    prove_harmless(out / made, tmp_path / "seen", strace)
    assert [file.name for file in (tmp_path / "bait").iterdir()] == ["secret.txt"], bait
