"""How long, and with how much memory, the TensorFlow process may work on one request.

TensorFlow cannot live under a limit on its address space, so its resident memory is watched.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bundler.ground.errors import SetupError

# Names of environment variables that change the limits.
SECONDS = "TFJS_DEMO_TIME_LIMIT"
MEGABYTES = "TFJS_DEMO_MEMORY_LIMIT"
DEFAULT_SECONDS = 30 * 60
# Of the memory that is free when the process starts; the rest keeps the machine alive.
SHARE = 0.9
PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")


def seconds() -> float:
    """The time limit of a request."""
    return _number(SECONDS) or DEFAULT_SECONDS


def memory() -> int | None:
    """The memory limit in bytes; None where nothing tells how much memory there is."""
    chosen = _number(MEGABYTES)
    if chosen:
        return int(chosen * (1 << 20))
    known = [size for size in (_free_memory(), _free_of_cgroup()) if size is not None]
    return int(min(known) * SHARE) if known else None


def _number(name: str) -> float | None:
    text = os.environ.get(name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not value > 0:
        raise SetupError(f"{name} is {text!r}", hint="It should be a number above 0.")
    return value


def _free_memory() -> int | None:
    try:
        for line in (PROC / "meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass  # not Linux
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None  # Windows


def _free_of_cgroup() -> int | None:
    """What a container may still take, cache that can be dropped included."""
    try:
        limit = (CGROUP / "memory.max").read_text().strip()
        used = int((CGROUP / "memory.current").read_text())
        stats = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
        return int(limit) - used + int(stats.get("inactive_file", 0))
    except (OSError, ValueError):
        return None


@contextmanager
def growth(most: int) -> Iterator[None]:
    """Whatever in this process would take so many bytes more is refused them.

    Systems that cannot are left to `watching`.
    """
    try:
        import resource

        pages = int((PROC / "self" / "statm").read_text().split()[0])
    except (ImportError, OSError, ValueError):
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    bound = pages * resource.getpagesize() + most
    hard = before[1]
    resource.setrlimit(resource.RLIMIT_AS, (bound if hard < 0 else min(bound, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def resident(pid: int) -> int | None:
    """The resident memory of a process in bytes; None where the system does not tell."""
    try:
        pages = int((PROC / str(pid) / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError, AttributeError):
        pass
    try:
        told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
        return int(told.stdout) << 10
    except (OSError, ValueError):
        return None


@contextmanager
def watching(pid: int, memory_limit: int | None, stop: Callable[[str], None]) -> Iterator[None]:
    """Calls `stop` with a reason, once, when the process exceeds a limit within the context."""
    done = threading.Event()
    allowed = seconds()
    interval = 0.1 if PROC.is_dir() else 2.0

    def watch() -> None:
        passed = 0.0
        while not done.wait(interval):
            passed += interval
            used = resident(pid) if memory_limit else None
            if memory_limit and used is not None and used > memory_limit:
                stop(f"it took more than {memory_limit >> 20} MiB of memory")
                return
            if passed > allowed:
                stop(f"it took longer than {allowed:g} seconds")
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
