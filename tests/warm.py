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

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import bundler
from bundler.demo.demo import Demo
from bundler.graph import launch
from bundler.ground import fence, lean

ROOT = Path(__file__).parent.parent
# Names the place of the process that is forked, for programs that tests start.
PLACE = "TFJS_DEMO_TESTS_PLACE"
# Bytes of the numbers that are sent.
WIDTH = 8
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
        program = f"from tests import warm; warm.serve({self._listening.fileno()})"
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
        socket.send_fds(self._connection, [_message(len(data))], streams)
        self._connection.sendall(data)
        self.pid = _number(self._connection.recv(WIDTH, socket.MSG_WAITALL))
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
                self.returncode = _number(told) if told else -signal.SIGKILL
            except (BlockingIOError, TimeoutError):
                return None
            self._connection.close()
        return self.returncode


def _message(number: int) -> bytes:
    return number.to_bytes(WIDTH, "big", signed=True)


def _number(message: bytes) -> int:
    return int.from_bytes(message, "big", signed=True)


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


def serve(listening_at: int) -> None:
    """Forks whenever it is asked to, until whoever has started it is gone."""
    parent = os.getppid()
    for module in pkgutil.walk_packages(bundler.__path__, "bundler."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    lean.import_tensorflow()
    lean.import_tensorflow("tf_keras")  # which takes two seconds of every child that wants it
    gc.freeze()
    with socket.socket(fileno=listening_at) as listening, selectors.DefaultSelector() as waiting:
        waiting.register(listening, selectors.EVENT_READ)
        while os.getppid() == parent:
            for key, _ in waiting.select(1):
                if key.fileobj is listening:
                    connection = listening.accept()[0]
                    pid = _fork(connection)
                    waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, connection))
                else:
                    waiting.unregister(key.fileobj)
                    os.close(key.fd)
                    _tell(*key.data)


def _tell(pid: int, connection: socket.socket) -> None:
    """How a child has ended."""
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):  # who asked for it may have ended as well
        connection.sendall(_message(os.waitstatus_to_exitcode(status)))
    connection.close()


def _fork(connection: socket.socket) -> int:
    size, streams, _, _ = socket.recv_fds(connection, WIDTH, 3)
    left, data = _number(size), b""
    while len(data) < left:
        data += connection.recv(left - len(data))
    pid = os.fork()
    if pid == 0:
        _become(json.loads(data), streams)
    for stream in streams:
        os.close(stream)
    connection.sendall(_message(pid))
    return pid


def _execute(request: dict[str, Any]) -> None:
    """As `python -c` does, its end included."""
    sys.argv = ["-c", *request["arguments"]]
    main = sys.modules["__main__"] = ModuleType("__main__")
    try:
        exec(compile(request["program"], "<string>", "exec"), vars(main))
    finally:
        atexit._run_exitfuncs()


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """The TensorFlow process, as launch.PROGRAM has it from there on."""
    code = 1
    try:
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, 256)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        tempfile.tempdir = None
        sys.path[:] = [entry for entry in sys.path if entry]
        if "program" in request:
            _execute(request)
        else:
            from bundler.graph import child

            child.main(fence.draw_around(request["given"]))
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


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
