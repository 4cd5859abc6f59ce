"""The programs that the tool has started: none outlives it, and all can be ended at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, AnyStr

from bundler.ground import stopping

_running: set[subprocess.Popen[Any]] = set()
# A signal that ends all may come while the main thread has it.
_lock = threading.RLock()
_closed = threading.Event()


class EndedError(Exception):
    """The program ends: nothing starts any more."""


@contextmanager
def started(start: Callable[[], subprocess.Popen[AnyStr]]) -> Iterator[subprocess.Popen[AnyStr]]:
    """While it runs, a process is known, to be ended with all others; at the end it is gone."""
    with stopping.held(), _lock:
        if _closed.is_set():
            raise EndedError
        process = start()
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


def close() -> None:
    """Kills all that runs, and lets nothing start any more: the program ends."""
    _closed.set()
    end_all()


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Like subprocess.run for texts that are captured, with a process that is known."""
    return _captured(command, text=True, encoding="utf-8", **options)


def run_bytes(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The same for bytes, such as file names, which may be no text."""
    return _captured(command, **options)


def _captured(command: list[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    given = options.pop("input", None)
    pipe = subprocess.PIPE
    popen = partial(subprocess.Popen, command, stdin=pipe, stdout=pipe, stderr=pipe, **options)
    with started(popen) as process:
        output, errors = process.communicate(given)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


class SilentError(Exception):
    """A program has made no progress for longer than it was given."""


def run_while_it_moves(
    command: list[str],
    progress: Callable[[], object],
    patience: float,
    hopeless: re.Pattern[bytes] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Like `run`; ends the program when `progress` says the same for so many seconds.

    A program that computes moves as well. One that complains of what is `hopeless` is ended, too,
    where the system tells before its end. Raises SilentError.
    """
    pipe = subprocess.PIPE
    start = partial(
        subprocess.Popen, command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe,
        text=True, encoding="utf-8", start_new_session=True, **options,
    )  # fmt: skip
    with started(start) as process:
        last, since = None, time.monotonic()
        while True:
            try:
                output, errors = process.communicate(timeout=min(1.0, patience / 4))
                return subprocess.CompletedProcess(command, process.returncode, output, errors)
            except subprocess.TimeoutExpired as waiting:
                if hopeless and hopeless.search(waiting.stderr or b""):
                    end(process)
                    continue
                now = (progress(), _half_seconds_computed(process.pid))
                if now != last:
                    last, since = now, time.monotonic()
                if time.monotonic() - since > patience:
                    raise SilentError from None


def _half_seconds_computed(pid: int) -> int | None:
    """How much a process has computed; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return 2 * (int(fields[11]) + int(fields[12])) // int(os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError, AttributeError):
        return None
