"""`check` is quick: seconds for every shared model, whatever a comparison would take.

Each in an empty cache but for the JavaScript packages: `python -m pytest -m models`.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.command import run
from tests.conftest import SHARED_MODELS, BuildDemo

pytestmark = [
    pytest.mark.models,
    pytest.mark.cold,
    pytest.mark.skipif(not SHARED_MODELS.exists(), reason="the shared models are not here"),
]

# TensorFlow's import included.
MOST_SECONDS = 20
# Ops of theirs are in no browser: the graph listens to sound files.
REFUSED = {"keyword-spotting-frozen.pb"}
FILES = sorted(
    path.name
    for path in SHARED_MODELS.glob("*")
    if path.suffix in (".h5", ".hdf5", ".keras", ".pb") or path.name.endswith(("model", "tfjs"))
)


@pytest.mark.parametrize("name", FILES)
def test_check_takes_seconds(name: str, build_demo: BuildDemo, tmp_path: Path) -> None:
    build_demo("wine")  # fetches the packages
    packages = Path(os.environ["TFJS_DEMO_CACHE"]) / "packages"
    shutil.copytree(packages, tmp_path / "packages", copy_function=os.link)
    begin, computed = time.perf_counter(), os.times()
    result = run("check", SHARED_MODELS / name, settings={"TFJS_DEMO_CACHE": str(tmp_path)})
    passed, spent = time.perf_counter() - begin, os.times()
    assert result.returncode == (3 if name in REFUSED else 0), result.stderr
    work = spent.children_user + spent.children_system
    work -= computed.children_user + computed.children_system
    print(f"\n{name}: {passed:.1f} s, {work:.1f} s of a processor")
    # On a busy machine, what it would have taken alone.
    assert min(passed, work) < MOST_SECONDS
