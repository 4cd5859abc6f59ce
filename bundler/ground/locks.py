"""One writer at a time: locks that the system keeps, and frees when their process ends."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Seconds between two tries.
INTERVAL = 0.05


class BusyError(Exception):
    """Another process, or thread, has held a lock for longer than was to be waited."""


@contextmanager
def locked(folder: Path, seconds: float, on_wait: Callable[[], None]) -> Iterator[None]:
    """Nobody else has the lock of an existing folder meanwhile; `on_wait` is told of a wait.

    Raises BusyError after so many seconds, FileNotFoundError when the folder is gone.
    """
    handle = _acquire(folder, time.monotonic() + seconds, on_wait)
    try:
        yield
    finally:
        os.close(handle)  # with it goes the lock


def _acquire(folder: Path, end: float, on_wait: Callable[[], None]) -> int:
    told = False
    while True:
        handle = _take(folder)
        if handle is not None:
            return handle
        if time.monotonic() > end:
            raise BusyError
        if not told:
            on_wait()
            told = True
        time.sleep(INTERVAL)


def _take(folder: Path) -> int | None:
    """The lock's handle, if it is free; it ends with its process, however that ends."""
    for open_it in (_folder_itself, _file_for):
        handle = open_it(folder)
        if handle is None:
            continue
        try:
            if _lock(handle) and (open_it is _file_for or _is_still(handle, folder)):
                return handle
        except OSError:  # a network drive that has no locks for folders
            os.close(handle)
            continue
        os.close(handle)
        return None
    return None


def _folder_itself(folder: Path) -> int | None:
    if sys.platform == "win32":
        return None  # folders cannot be opened there
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _file_for(folder: Path) -> int:
    """A file that stands for the folder, where the folder itself cannot be locked."""
    name = hashlib.sha256(os.path.normcase(folder.resolve(strict=True)).encode()).hexdigest()[:20]
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    return os.open(Path(tempfile.gettempdir()) / f"tfjs-demo-{name}.lock", flags, 0o600)


def _lock(handle: int) -> bool:
    """Whether it was free. Raises OSError where nothing of its kind can be locked."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(handle: int, folder: Path) -> bool:
    """Whether the locked folder is the one that has the name now."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), folder.stat())
    return False
