"""The programs that the tool has started: none outlives it, and all can be ended at once."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, AnyStr

_running: set[subprocess.Popen[Any]] = set()
_lock = threading.Lock()


@contextmanager
def started(process: subprocess.Popen[AnyStr]) -> Iterator[subprocess.Popen[AnyStr]]:
    """While it runs, a process is known, to be ended with all others; at the end it is gone."""
    with _lock:
        _running.add(process)
    try:
        yield process
    finally:
        end(process)
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with suppress(OSError):  # what was not written has nobody to read it
                    stream.close()
        with _lock:
            _running.discard(process)


def end(process: subprocess.Popen[Any]) -> None:
    """Kills a process, with whatever it started if it has a group of its own."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):  # it may end by itself in this moment
        if hasattr(os, "killpg") and os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def end_all() -> None:
    """Kills all that runs; whoever waits for one of them learns that it died."""
    with _lock:
        running = list(_running)
    for process in running:
        end(process)


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Like subprocess.run for texts that are captured, with a process that is known."""
    return _captured(command, text=True, encoding="utf-8", **options)


def run_bytes(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The same for bytes, such as file names, which may be no text."""
    return _captured(command, **options)


def _captured(command: list[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    given = options.pop("input", None)
    pipe = subprocess.PIPE
    popen = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, **options)
    with started(popen) as process:
        output, errors = process.communicate(given)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)
