"""Runs the command line in processes of its own, as users do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from tests.conftest import DEMOS, BuildDemo
from tests.warm import PLACE, run_command

Result = subprocess.CompletedProcess[str]
# Prints the most bytes of memory that a program has had, not counting what started it; Linux only.
PRINT_MEMORY = """
print(int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024)
"""
# Those that may start it.
CONVERTING = ("build", "check", "deploy", "new", "serve")
_started: list[subprocess.Popen[str]] = []


def arguments_of(*arguments: str | Path) -> list[str]:
    """The command, whose TensorFlow process is there at once unless the test is marked `cold`."""
    module = "tests.warm" if arguments[0] in CONVERTING and PLACE in os.environ else "bundler.cli"
    return [sys.executable, "-m", module, *map(str, arguments)]


def run(
    *arguments: str | Path, cwd: Path | None = None, settings: dict[str, str] | None = None
) -> Result:
    """`tfjs-demo ARGUMENTS`; it may not take longer than five minutes, on a busy machine."""
    environment = {**os.environ, **(settings or {})}
    folder = cwd or Path.cwd()
    warm = run_command([str(argument) for argument in arguments], environment, folder, 300)
    return warm or subprocess.run(
        arguments_of(*arguments),
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def start(
    *arguments: str | Path, cwd: Path | None = None, settings: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """Starts a command in a process group of its own; `kill_started` ends it if nothing else."""
    process = subprocess.Popen(
        arguments_of(*arguments),
        cwd=cwd,
        env={**os.environ, **(settings or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that starts the tests in the background has them ignore Ctrl-C, nohup its end.
        preexec_fn=_heed_signals,
    )
    _started.append(process)
    return process


def _heed_signals() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def kill_started() -> None:
    """Ends what tests have started and failed to stop, with all its children."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def request(
    port: int, path: str, *, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, bytes]:
    """A local server's answer to a request whose path is sent as it is, dots and all."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(
        method,
        path,
        skip_host="Host" in headers,
        skip_accept_encoding="Accept_Encoding" in headers,
    )
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def run_python(program: str, *arguments: str | Path, seconds: float = 60) -> Result:
    """A Python program in a process of its own."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds)


def wait_until(is_true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def child_of(pid: int) -> int | None:
    """The id of the TensorFlow process that a process has started; Linux only."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            is_child = f"\nPPid:\t{pid}\n" in status.read_text()
            if is_child and b"bundler.graph.child" in (status.parent / "cmdline").read_bytes():
                return int(status.parent.name)
        except OSError:
            continue  # it ended in this moment
    return None


def wait_for_tensorflow(pid: int) -> int:
    """Waits until a process has started a TensorFlow process that is loading; returns its id."""
    wait_until(lambda: child_of(pid), 60)
    child = child_of(pid)
    assert child
    wait_until(lambda: b"tensorflow" in Path(f"/proc/{child}/maps").read_bytes(), 60)
    return child


def content(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def copy_demo(name: str, build_demo: BuildDemo, folder: Path) -> Path:
    """A copy of a demo with its site, whose conversion is in the cache."""
    built = build_demo(name).folder
    copy = folder / name
    shutil.copytree(DEMOS / name, copy, ignore=shutil.ignore_patterns("site"))
    shutil.copytree(built, copy / "site")
    return copy


def edit(demo: Path, old: str, new: str) -> None:
    """Replaces a part of a demo's demo.toml."""
    text = (demo / "demo.toml").read_text(encoding="utf-8")
    assert old in text
    (demo / "demo.toml").write_text(text.replace(old, new, 1), encoding="utf-8")


def assert_plain(result: Result, code: int, text: str) -> None:
    """An error as users should see it."""
    assert result.returncode == code, result.stderr
    assert result.stderr.startswith("error: ") and text in result.stderr
    assert "Traceback" not in result.stderr and "mistake in tfjs-demo" not in result.stderr
    assert result.stdout == ""
