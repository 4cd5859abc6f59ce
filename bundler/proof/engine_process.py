"""A site's engine in Node: with nothing of the environment, few files, and an end to all it takes.

The site may be somebody else's, and its engine somebody else's program.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as memoize
from pathlib import Path
from typing import IO

from bundler.bundle import packages
from bundler.graph import limits
from bundler.ground import fence, processes
from bundler.ground.errors import SetupError

SCRIPT = "verify.mjs"
# Without these, Windows starts no program; without the others, some Nodes miss their libraries.
SYSTEM = ("SYSTEMROOT",)
LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
# The permission model lost its "experimental" with this version.
PERMISSION_SINCE = 24
BLOCK = 1 << 16
# Where a program of Linux says what it is, and the row that names its loader.
LONGEST_HEAD, NAMES_LOADER = 1 << 16, 3
LONGEST_LOG = 1 << 20
# Draws the fence around itself, and becomes Node; of this package it loads that one file.
LAUNCHER = """
import importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("fence", sys.argv[1])
fence = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fence)
given = json.loads(sys.argv[2])
left = fence.draw(given["readable"], [], given["programs"])
if left:
    sys.exit("not fenced in: " + ", ".join(left))
os.execve(sys.argv[3], sys.argv[3:], given["environment"])
"""


@dataclass(frozen=True)
class Node:
    """The program itself, which needs no shell or version manager around it, and what it needs."""

    program: str
    version: int
    environment: dict[str, str]


@memoize
def node() -> Node:
    """Raises SetupError where there is none."""
    found = processes.run([packages.node(), "-p", "process.execPath"])
    program = found.stdout.strip() or packages.node()
    for names in (SYSTEM, (*SYSTEM, *LIBRARIES)):
        environment = {name: os.environ[name] for name in names if name in os.environ}
        told = processes.run([program, "-p", "process.versions.node"], env=environment)
        if told.returncode == 0:
            return Node(program, int(told.stdout.split(".")[0]), environment)
    raise packages.failure(program, told.returncode, told.stderr)


@memoize
def is_fenced() -> bool:
    """Whether this system can keep Node from the network and from all files but a few."""
    question = _behind_fence([node().program, "-p", "6 * 7"], [])
    try:
        told = processes.run(question, env=node().environment)
    except OSError:
        return False  # a Python in another program, which cannot be started by itself
    return told.returncode == 0 and told.stdout.strip() == "42"


def _command(reads: Sequence[Path]) -> list[str]:
    """Node with the script that runs engines; it may read these files and folders alone."""
    own, places = node(), [path.resolve() for path in (packages.SCRIPTS, *reads)]
    permission = "--permission" if own.version >= PERMISSION_SINCE else "--experimental-permission"
    allowed = [f"--allow-fs-read={place}" for place in places]
    command = [own.program, permission, *allowed, "--no-addons", str(packages.SCRIPTS / SCRIPT)]
    return _behind_fence(command, places) if is_fenced() else command


def _behind_fence(command: list[str], reads: Sequence[Path]) -> list[str]:
    """The same behind a fence; Node and what loads its libraries are all that can start."""
    program = Path(command[0])
    folders = {str(path if path.is_dir() else path.parent) for path in reads}
    given = {
        "readable": [*sorted(folders), str(program.parent.parent / "lib")],
        "programs": [str(program), *_loader(program)],
        "environment": node().environment,
    }
    start = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(fence.__file__), json.dumps(given)]
    return [*start, *command]


def _loader(program: Path) -> list[str]:
    """What a program of Linux names to load its libraries (elf(5), PT_INTERP), if anything."""
    with program.open("rb") as stream:
        head = stream.read(LONGEST_HEAD)
    if head[:5] != b"\x7fELF\x02":
        return []
    at, size, count = *struct.unpack_from("<Q", head, 32), *struct.unpack_from("<HH", head, 54)
    for place in range(at, min(at + size * count, LONGEST_HEAD - size), size):
        kind, _, start, _, _, length = struct.unpack_from("<IIQQQQ", head, place)
        if kind == NAMES_LOADER:
            return [head[start : start + length].rstrip(b"\0").decode()]
    return []


def run(request: object, *, reads: Sequence[Path], most: int) -> str:
    """What the engine answers to a request, in at most `most` bytes.

    Raises SetupError when it fails, or takes too much.
    """
    reasons: list[str] = []
    with processes.started(lambda: _start(reads)) as process:

        def stop(reason: str) -> None:
            reasons.append(reason)
            processes.end(process)

        with limits.watching(process.pid, limits.memory(), stop), ThreadPoolExecutor(2) as pool:
            assert process.stdin and process.stdout and process.stderr
            pool.submit(_give, process.stdin, json.dumps(request).encode())
            log = pool.submit(_read, process.stderr, LONGEST_LOG)
            output = _read(process.stdout, most + 1, stops=True)
            if len(output) > most:
                stop(f"it answers with more than {most >> 20} MiB, which no right answer has")
            said = log.result().decode(errors="replace")
        code = process.wait()
    if reasons:
        raise SetupError(
            f"the site's engine was stopped: {reasons[0]}",
            hint=f"The environment variables {limits.SECONDS} and {limits.MEGABYTES} (MiB) set "
            "other limits of time and memory.",
            details=said,
        )
    if code:
        raise packages.failure(SCRIPT, code, said)
    return output.decode(errors="replace")


def _start(reads: Sequence[Path]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _command(reads),
        env=node().environment,
        cwd=packages.SCRIPTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A group of its own, to be ended with whatever it started.
        start_new_session=sys.platform != "win32",
    )


def _give(stream: IO[bytes], data: bytes) -> None:
    with suppress(OSError):  # it has ended, and its exit code says why
        stream.write(data)
    with suppress(OSError):
        stream.close()


def _read(stream: IO[bytes], most: int, *, stops: bool = False) -> bytes:
    """The first bytes of a stream, which else is read to its end, or the program would wait."""
    blocks, length = [], 0
    while block := stream.read(BLOCK):
        if length < most:
            blocks.append(block)
        length += len(block)
        if stops and length >= most:
            break
    return b"".join(blocks)
