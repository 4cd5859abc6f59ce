"""Runs a program until this process's standard input ends, then ends all that came of it.

`python keeper.py PROGRAM ARGUMENT…`: browsers start processes that survive their driver, and a
test run may be killed itself. Standard input ends in either case.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

# Makes orphans of the program's children ours (prctl(2)).
PR_SET_CHILD_SUBREAPER = 36
# Seconds that the program has to end by itself.
PATIENCE = 1


def main(command: list[str]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    sys.stdin.buffer.read()
    program.terminate()
    with suppress(subprocess.TimeoutExpired):
        program.wait(PATIENCE)
    while alive := descendants(os.getpid()):
        for process in alive:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.02)


def descendants(ancestor: int) -> set[int]:
    """The processes that a process has started, and those that these have."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            state = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(state[1])
    found = {ancestor}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {ancestor}


if __name__ == "__main__":
    main(sys.argv[1:])
