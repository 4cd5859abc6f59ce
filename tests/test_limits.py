"""Limits of the TensorFlow process: time, memory, and that nothing of it outlives the command."""

from __future__ import annotations

import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundler.demo import config
from bundler.graph import limits
from bundler.graph.launch import SETTINGS
from bundler.graph.process import TensorFlowProcess
from bundler.ground.errors import ModelError, SetupError
from tests.command import child_of, start, wait_for_tensorflow, wait_until
from tests.conftest import DEMOS

DEMO = DEMOS / "wine"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
    pytest.mark.cold,
]


@pytest.fixture
def process() -> Iterator[TensorFlowProcess]:
    with TensorFlowProcess(config.read(DEMO), lambda _: None) as made:
        yield made


LIMITS = {
    "time": (limits.SECONDS, "0.2", "longer than 0.2 seconds"),
    "memory": (limits.MEGABYTES, "200", "more than 200 MiB of memory"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_what_exceeds_a_limit_is_stopped(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable, value, said = LIMITS[name]
    monkeypatch.setenv(variable, value)
    with TensorFlowProcess(config.read(DEMO), lambda _: None) as process:
        with pytest.raises(ModelError, match="was stopped") as caught:
            process.request("inspect")
        assert said in caught.value.message and variable in caught.value.hint


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan"])
def test_a_limit_that_is_no_number_is_told(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.SECONDS, value)
    with pytest.raises(SetupError, match=limits.SECONDS):
        limits.seconds()


def test_the_memory_of_this_process_and_machine_is_known() -> None:
    used, allowed = limits.resident(os.getpid()), limits.memory()
    assert used and allowed
    assert 10 << 20 < used < allowed


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_nothing_is_left_when_the_command_is_killed(tmp_path: Path) -> None:
    """kill -9 gives the command no chance to end its child."""
    copy = tmp_path / "wine"
    copy.mkdir()
    for file in DEMO.iterdir():
        if file.is_file():
            (copy / file.name).write_bytes(file.read_bytes())
    with zipfile.ZipFile(copy / "wine.keras", "a") as archive:
        archive.comment = b"another file, the same model"
    command = start("build", copy)
    child = wait_for_tensorflow(command.pid)
    command.send_signal(signal.SIGKILL)
    command.wait()
    wait_until(lambda: not is_alive(child), 60)


SECRET = "a-secret-of-this-machine"


def test_the_environment_is_scrubbed(
    process: TensorFlowProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    process.request("inspect")
    mine = Path(f"/proc/{child_of(os.getpid())}/environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0].decode() for entry in mine if entry}
    assert names >= set(SETTINGS) and "GITHUB_TOKEN" not in names and "PYTHONSTARTUP" not in names
    assert SECRET.encode() not in json.dumps([entry.decode() for entry in mine]).encode()
