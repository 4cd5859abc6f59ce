"""A site's engine in Node: with nothing of the environment, few files, and an end to all it takes.

The site may be somebody else's, and its engine somebody else's program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as memoize
from pathlib import Path
from typing import IO

from bundler import packages, processes
from bundler.errors import SetupError
from bundler.graph import limits

SCRIPT = "verify.mjs"
# Without these, Windows starts no program; without the others, some Nodes miss their libraries.
SYSTEM = ("SYSTEMROOT",)
LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
# The permission model lost its "experimental" with this version.
PERMISSION_SINCE = 24
BLOCK = 1 << 16
LONGEST_LOG = 1 << 20


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


def command(reads: Sequence[Path]) -> list[str]:
    """Node with the script that runs engines; it may read these files and folders alone."""
    own = node()
    permission = "--permission" if own.version >= PERMISSION_SINCE else "--experimental-permission"
    allowed = [f"--allow-fs-read={path.resolve()}" for path in (packages.SCRIPTS, *reads)]
    return [own.program, permission, *allowed, "--no-addons", str(packages.SCRIPTS / SCRIPT)]


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
        command(reads),
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
