"""Opens models, each in a copy of a process that has TensorFlow already.

As a program it reads a path a line and answers a JSON a line: "opened", a message with its hint,
or how the copy ended. What a build does in minutes for hundreds of files takes a second each so.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from bundler.ground import lean

SECONDS = 120
MOST_MEMORY = 4 << 30


class Forked:
    """The process, started when it is first asked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        )

    def open(self, path: Path) -> dict[str, Any]:
        """What becomes of a model: "opened", "message" and "hint", or "end"."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(str(path)) + "\n")
        self._process.stdin.flush()
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        return reply

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=SECONDS)
        self._process.stdout.close()


def main() -> None:
    from bundler.graph import child  # noqa: F401

    lean.import_tensorflow()
    lean.import_tensorflow("tf_keras")
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # of graphs, which are many objects, a fifth of the time
    for line in sys.stdin:
        print(json.dumps(_in_a_copy(Path(json.loads(line)))), flush=True)


def _in_a_copy(path: Path) -> dict[str, Any]:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ours)
        os.write(theirs, json.dumps(_open(path)).encode())
        os._exit(0)
    os.close(theirs)
    ready, _, _ = select.select([ours], [], [], SECONDS)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(ours, "rb") as stream:
        told = stream.read()
    _, status = os.waitpid(pid, 0)
    if told:
        return dict(json.loads(told))
    return {"end": f"no end in {SECONDS} s" if not ready else os.waitstatus_to_exitcode(status)}


def _open(path: Path) -> dict[str, Any]:
    """As the TensorFlow process does, with what it says of errors."""
    import resource

    from bundler.demo import config
    from bundler.graph import child
    from bundler.graph.session import Session
    from bundler.ground.errors import DemoError

    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_MEMORY, size + MOST_MEMORY))
    try:
        session = Session(config.read(path), lambda _: None)
        try:
            assert session.function
        except DemoError as error:
            return child._describe(error, session)
        except Exception as error:
            return child._describe(child._failure(error, session), session)
    except DemoError as error:
        return {"message": error.message, "hint": error.hint}
    return {"opened": True}


if __name__ == "__main__":
    main()
