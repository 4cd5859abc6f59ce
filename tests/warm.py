"""TensorFlow processes that are there at once: copies of one that has imported it already.

A build spends three of its four seconds on importing TensorFlow, and every command one on importing
the tool. Here one process does it for all tests; each TensorFlow process that a test wants, and
each command that it waits for, is forked from it and then goes on as the real one does, with the
environment, the working directory and the fence that it would have: only that these come after the
import. How a process really starts is looked at by the tests marked `cold`, and with --trust-model,
where a model's own code may mind.

`python -m tests.warm ARGUMENTS` is `tfjs-demo ARGUMENTS` with such processes.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from bundler.demo.demo import Demo
from bundler.graph import launch
from tests.nursery import WIDTH, message, number

ROOT = Path(__file__).parent.parent
# Names the place of the process that is forked, for programs that tests start.
PLACE = "TFJS_DEMO_TESTS_PLACE"
# What Python looks at when it begins, and how it was then.
BEGINNING = ("PYTHON", "LANG", "LC_")
BEGAN = dict(os.environ)
# As main() does, without the import.
COMMAND = """
import sys
from pathlib import Path
from bundler.cli import main
from tests import warm
warm.install(Path(sys.argv.pop(1)))
sys.argv[0] = "tfjs-demo"
main()
"""
real_start = launch.start


class Nursery:
    """The process that is forked; it starts when the first asks for a copy."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "socket"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.path))
        self._listening.listen()
        self._closed, self._closing = os.pipe()
        self._waiting = threading.Thread(target=self._start_when_asked, daemon=True)
        self._waiting.start()

    def _start_when_asked(self) -> None:
        asked, _, _ = select.select([self._listening.fileno(), self._closed], [], [])
        if self._closed in asked:
            return
        own = dict.fromkeys(("HOME", "KERAS_HOME"), str(self._folder))
        program = f"from tests import nursery; nursery.serve({self._listening.fileno()})"
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-c", program],
            pass_fds=[self._listening.fileno()],
            cwd=ROOT,
            env={**os.environ, **own, **launch.SETTINGS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        os.close(self._closing)
        self._waiting.join()
        os.close(self._closed)
        self._listening.close()
        if self._process:
            self._process.kill()
            self._process.wait()


class Forked(subprocess.Popen[str]):
    """A process that was forked by another; what subprocess.Popen says of its own children."""

    _child_created = False

    def __init__(self, place: Path, request: dict[str, Any], streams: Sequence[int]) -> None:
        """`streams` are what it reads, and what it writes to as output and as errors."""
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(str(place))
        data = json.dumps(request).encode()
        socket.send_fds(self._connection, [message(len(data))], streams)
        self._connection.sendall(data)
        self.pid = number(self._connection.recv(WIDTH, socket.MSG_WAITALL))
        self.stdin = self.stdout = self.stderr = None
        self.returncode: int | None = None
        self.args = "forked"

    def poll(self) -> int | None:
        return self._told(0)

    def wait(self, timeout: float | None = None) -> int:
        told = self._told(timeout)
        if told is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return told

    def _told(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                # Nothing, where the process that forks is gone, and its children with it.
                told = self._connection.recv(WIDTH, socket.MSG_WAITALL)
                self.returncode = number(told) if told else -signal.SIGKILL
            except (BlockingIOError, TimeoutError):
                return None
            self._connection.close()
        return self.returncode


def start(
    place: Path, demo: Demo, own: Path, readable: Sequence[Path], log: IO[str]
) -> subprocess.Popen[str]:
    """What launch.start gives, forked from the process that listens at `place`."""
    request = {
        "given": launch.given(demo, own, readable),
        "environment": launch.environment(demo, own),
        "folder": str(own),
    }
    theirs, writing = os.pipe()
    reading, answers = os.pipe()
    forked = Forked(place, request, [theirs, answers, log.fileno()])
    os.close(theirs)
    os.close(answers)
    forked.stdin = os.fdopen(writing, "w", encoding="utf-8")
    forked.stdout = os.fdopen(reading, encoding="utf-8")
    return forked


def run_forked(
    program: str, *arguments: str | Path, seconds: float = 300
) -> subprocess.CompletedProcess[str]:
    """A Python program in a process of its own that has TensorFlow, Keras and the tool already."""
    given = [str(argument) for argument in arguments]
    environment = {**os.environ, **launch.SETTINGS}
    if PLACE not in environment:
        command = [sys.executable, "-c", program, *given]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=seconds
        )
    place = Path(environment.pop(PLACE))
    return _run(place, program, given, environment, Path.cwd(), seconds)


def run_maker(module: str, folder: Path) -> Path:
    """The folder, with what a module of the tests writes into it by its `main`."""
    program = f"import sys; from tests import {module}; {module}.main(sys.argv[1])"
    result = run_forked(program, folder)
    assert result.returncode == 0, result.stderr
    return folder


def run_command(
    arguments: Sequence[str], environment: dict[str, str], folder: Path, seconds: float
) -> subprocess.CompletedProcess[str] | None:
    """`tfjs-demo ARGUMENTS` in a process that has all of it already; None where it must start anew.

    It must where Python would begin otherwise: for a test marked `cold`, or in other settings.
    """
    decides = {name for name in {*BEGAN, *environment} if name.startswith(BEGINNING)}
    if PLACE not in environment or any(environment.get(n) != BEGAN.get(n) for n in decides):
        return None
    place = environment[PLACE]
    rest = {name: value for name, value in environment.items() if name != PLACE}
    return _run(Path(place), COMMAND, [place, *arguments], rest, folder, seconds)


def _run(
    place: Path,
    program: str,
    given: list[str],
    environment: dict[str, str],
    folder: Path,
    seconds: float,
) -> subprocess.CompletedProcess[str]:
    """What a forked program printed, and how it ended."""
    request = {"program": program, "arguments": given, "environment": environment}
    with (
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile("w+") as output,
        tempfile.TemporaryFile("w+") as errors,
    ):
        streams = [stream.fileno() for stream in (nothing, output, errors)]
        process = Forked(place, {**request, "folder": str(folder.absolute())}, streams)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            raise
        said = []
        for stream in (output, errors):
            stream.seek(0)
            said.append(stream.read())
    return subprocess.CompletedProcess(given, code, *said)


def install(place: Path) -> None:
    """Has all TensorFlow processes of this program forked, but those of trusted demos."""

    def forked(
        demo: Demo, own: Path, readable: Sequence[Path], log: IO[str]
    ) -> subprocess.Popen[str]:
        if demo.trusted:
            return real_start(demo, own, readable, log)
        return start(place, demo, own, readable, log)

    launch.start = forked


def main() -> None:
    from bundler.cli import main as command_line

    install(Path(os.environ.pop(PLACE)))
    command_line()


if __name__ == "__main__":
    main()
