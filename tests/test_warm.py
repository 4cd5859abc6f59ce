"""Forked TensorFlow processes are like those that start anew, but for what they have imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bundler.demo import config
from bundler.graph.process import TensorFlowProcess
from tests import command
from tests.conftest import DEMOS
from tests.warm import PLACE, run_command, run_forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere none is forked")
# What a process is told, by lines of /proc/PID/status.
FENCE = ("NoNewPrivs:", "Seccomp:")


def looked_at(trusted: bool = False) -> dict[str, Any]:
    demo = config.read(DEMOS / "wine", trusted=trusted)
    with TensorFlowProcess(demo, lambda _: None) as process:
        signature = process.request("inspect")
        assert process._process
        place = Path(f"/proc/{process._process.pid}")
        status = (place / "status").read_text().splitlines()
        own = {str(file.readlink()) for file in (place / "fd").iterdir()}
        return {
            "signature": signature,
            "unfenced": process.unfenced,
            "fence": [line for line in status if line.startswith(FENCE)],
            "folder": (place / "cwd").readlink() == process._own,
            "leads its group": os.getsid(process._process.pid) == process._process.pid,
            "sockets": sum("socket:" in name for name in own),
            "started anew": b"bundler.graph.child" in (place / "cmdline").read_bytes(),
        }


@pytest.fixture(scope="module")
def forked() -> dict[str, Any]:
    return looked_at()


def test_a_process_is_forked(forked: dict[str, Any]) -> None:
    assert not forked["started anew"]


@pytest.mark.cold
def test_it_is_like_one_that_starts_anew(forked: dict[str, Any]) -> None:
    anew = looked_at()
    assert anew.pop("started anew")
    assert {name: forked[name] for name in anew} == anew
    assert anew["folder"] and anew["leads its group"] and anew["sockets"] == 0


def test_that_of_a_trusted_demo_starts_anew() -> None:
    assert looked_at(trusted=True)["started anew"]


def test_a_program_ends_as_any_other(tmp_path: Path) -> None:
    result = run_forked("import sys; print(sys.argv[1:]); sys.exit(3)", "a", tmp_path)
    assert (result.returncode, result.stdout) == (3, f"{['a', str(tmp_path)]}\n")
    failed = run_forked("import os; print('x', flush=True); raise ValueError(os.getcwd())")
    assert (failed.returncode, failed.stdout) == (1, "x\n")
    assert f"ValueError: {Path.cwd()}" in failed.stderr
    assert run_forked("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").returncode == -9


def test_a_command_ends_as_one_that_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = (("check", "nowhere"), ("--version",), ("widgets",), ("clean", "nowhere"))
    forked = [command.run(*arguments) for arguments in asked]
    here = dict(os.environ)
    assert run_command(["--version"], here, Path.cwd(), 60)
    assert run_command(["--version"], here | {"PYTHONUTF8": "0"}, Path.cwd(), 60) is None
    monkeypatch.delenv(PLACE)
    assert run_command(["--version"], dict(os.environ), Path.cwd(), 60) is None
    for arguments, result in zip(asked, forked, strict=True):
        anew = command.run(*arguments)
        assert (result.returncode, result.stdout, result.stderr) == (
            anew.returncode, anew.stdout, anew.stderr,
        ), arguments  # fmt: skip
