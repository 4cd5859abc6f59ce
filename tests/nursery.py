"""The process that tests/warm.py has others forked from: it has TensorFlow and the tool already."""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import selectors
import socket
import sys
import tempfile
import traceback
from contextlib import suppress
from types import ModuleType
from typing import Any

import bundler
from bundler.ground import fence, lean

# Bytes of the numbers that are sent.
WIDTH = 8


def message(value: int) -> bytes:
    return value.to_bytes(WIDTH, "big", signed=True)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def serve(listening_at: int) -> None:
    """Forks whenever it is asked to, until whoever has started it is gone."""
    parent = os.getppid()
    for module in pkgutil.walk_packages(bundler.__path__, "bundler."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    lean.import_tensorflow()
    lean.import_tensorflow("tf_keras")  # which takes two seconds of every child that wants it
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # of graphs, which are many objects, a fifth of the time
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
        connection.sendall(message(os.waitstatus_to_exitcode(status)))
    connection.close()


def _fork(connection: socket.socket) -> int:
    size, streams, _, _ = socket.recv_fds(connection, WIDTH, 3)
    left, data = number(size), b""
    while len(data) < left:
        data += connection.recv(left - len(data))
    pid = os.fork()
    if pid == 0:
        _become(json.loads(data), streams)
    for stream in streams:
        os.close(stream)
    connection.sendall(message(pid))
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
