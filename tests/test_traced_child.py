"""The TensorFlow process with hostile models, as its system calls and Python itself tell it.

Three files here; all of the corpus: `python -m pytest -m hostile`, some twenty minutes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bundler import fence, pipeline
from bundler.config import Demo
from bundler.errors import DemoError
from bundler.graph import launch
from tests import test_untrusted_effects
from tests.conftest import system_program
from tests.hostile import HOSTILE, Bait
from tests.models import plain, save

CORPUS: dict[str, Callable[[Bait], Path]] = {
    **{name: hostile.make for name, hostile in HOSTILE.items()},
    **{f"effect-{name}": make for name, make in test_untrusted_effects.MODELS.items()},
}
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
WATCHED = (
    "execve", "execveat", "socket", "connect", "bind", "open", "openat", "openat2", "creat",
    "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link",
    "linkat", "symlink", "symlinkat", "truncate",
)  # fmt: skip
CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)\) += (-?\d+)")
CHANGES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")


@dataclass(frozen=True)
class Deeds:
    """What a process did, by system calls that succeeded."""

    programs: list[str]
    sockets: list[str]
    read: set[Path]
    changed: set[Path]


@dataclass
class Tracer:
    """Runs `check` with the TensorFlow process under strace."""

    log: Path
    own: Path | None = None

    def check(self, model: Path) -> Deeds:
        try:
            pipeline.check(model)
        except DemoError as error:
            assert str(model.name) in error.message or model.parent.name in error.message
        return self.deeds()

    def deeds(self) -> Deeds:
        found = Deeds([], [], set(), set())
        for line in self.log.read_text(errors="replace").splitlines():
            call = CALL.match(line)
            if call is None or call[3].startswith("-"):
                continue
            name, arguments = call[1], call[2]
            paths = [Path(text) for text in re.findall(r'"([^"]*)"', arguments)]
            if name.startswith("exec"):
                found.programs.append(arguments)
            elif name in ("socket", "connect", "bind"):
                found.sockets.append(line)
            elif name.startswith("open") and not CHANGES.search(arguments):
                found.read.update(paths)
            else:
                found.changed.update(paths)
        return found


@pytest.fixture
def tracer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracer]:
    strace = system_program("strace")
    if strace is None:
        pytest.skip("there is no strace here")
    made = Tracer(tmp_path / "calls")
    command = launch.command

    def traced(demo: Demo, own: Path, readable: Sequence[Path]) -> list[str]:
        made.own = own
        # Of a machine with other calls, strace passes over those that it does not have.
        options = [
            "-f",
            "-qq",
            "-s",
            "4096",
            "-e",
            f"trace={','.join(f'?{name}' for name in WATCHED)}",
            "-o",
            str(made.log),
        ]
        return [strace, *options, *command(demo, own, readable)]

    monkeypatch.setattr(launch, "command", traced)
    yield made


def prove_harmless(tracer: Tracer, model: Path) -> None:
    deeds = tracer.check(model)
    assert tracer.own is not None
    assert len(deeds.programs) == 1, deeds.programs
    assert deeds.sockets == []
    python = {Path(entry).resolve() for entry in (*sys.path, sys.prefix, sys.base_prefix)}
    package = launch.PACKAGE.parent
    model_itself = model if model.is_dir() else model.parent
    own = [tracer.own, *tracer.own.parents[:1]]
    allowed = [
        *python,
        *own,
        *map(Path, fence.SYSTEM),
        package,
        model_itself.resolve(),
        model_itself,
    ]
    assert _outside(deeds.read, allowed) == []
    assert _outside(deeds.changed, [tracer.own, Path("/dev/null")]) == []


def _outside(paths: set[Path], allowed: list[Path]) -> list[str]:
    """What lies elsewhere; relative paths are the process's own folder's, or of an open one."""
    return sorted(
        str(path)
        for path in paths
        if path.is_absolute() and not any(path.is_relative_to(one) for one in allowed)
    )


@pytest.mark.parametrize("name", QUICK)
def test_nothing_is_done_outside(name: str, tracer: Tracer, tmp_path: Path) -> None:
    prove_harmless(tracer, CORPUS[name](Bait(tmp_path / "made").prepare()))


def test_a_harmless_model_is_seen_to_be_read(tracer: Tracer, tmp_path: Path) -> None:
    """So that the others can fail: the trace tells what is opened and written."""
    network = plain()
    network.layers[-1].set_weights([np.random.default_rng().normal(size=(4, 3)), np.ones(3)])
    model = save(network, tmp_path / "model.keras")  # that nobody has built before
    prove_harmless(tracer, model)
    deeds = tracer.deeds()
    assert model in deeds.read and tracer.own
    assert any(path.is_relative_to(tracer.own) for path in deeds.changed)


@pytest.mark.hostile
@pytest.mark.parametrize("name", [name for name in CORPUS if name not in QUICK])
def test_nothing_of_the_corpus_is_done_outside(name: str, tracer: Tracer, tmp_path: Path) -> None:
    prove_harmless(tracer, CORPUS[name](Bait(tmp_path / "made").prepare()))


@pytest.mark.hostile
@pytest.mark.parametrize(
    ("script", "made"), [(script, name) for script, (_, all_) in MAKERS.items() for name in all_]
)
def test_nothing_that_others_made_is_done_outside(
    script: str, made: str, tracer: Tracer, tmp_path: Path
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
    prove_harmless(tracer, out / made)
    assert [file.name for file in (tmp_path / "bait").iterdir()] == ["secret.txt"], bait
