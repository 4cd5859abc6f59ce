"""`check` of a model whose TensorFlow process is watched: by strace, and by Python's audit hook.

As a program it checks one model, so that the memory of what runs it is that model's alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bundler import pipeline
from bundler.demo.demo import Demo
from bundler.graph import launch
from bundler.ground import fence, layout
from bundler.ground.errors import DemoError

CALLS, EVENTS = "calls", "events"
SECONDS = 420
WATCHED = (
    "execve", "execveat", "socket", "connect", "bind", "open", "openat", "openat2", "creat",
    "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link",
    "linkat", "symlink", "symlinkat", "truncate",
)  # fmt: skip
CALL = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)\) += (-?\d+)")
CHANGES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
# Python's own events, also of what was then forbidden: https://docs.python.org/3/library/audit_events.html
PROGRAMS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn")
# Python's `platform` asks what the processor is called, and does without where that is forbidden.
ASKED_BY_PYTHON = "['uname', '-p']"
CHANGING = (
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "shutil.rmtree", "shutil.move", "shutil.copyfile",
)  # fmt: skip
HEARD = ("os", "subprocess", "socket", "shutil", "pty")
# Put before the child's program; what it writes to is open before the fence is drawn.
HOOK = """
import json, os, sys
log = os.open({log!r}, os.O_WRONLY | os.O_APPEND)
def heard(event, arguments):
    if event == "open" or event.partition(".")[0] in {heard}:
        texts = [os.fsdecode(a) if isinstance(a, (str, bytes)) else repr(a) for a in arguments]
        os.write(log, (json.dumps([event, *texts]) + "\\n").encode("utf-8", "replace"))
sys.addaudithook(heard)
"""


@dataclass
class Deeds:
    """What a process did: system calls that succeeded, events whether they did or not."""

    own: Path
    parent_memory: int
    error: str
    events: int = 0
    programs: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)
    changed: set[Path] = field(default_factory=set)

    def outside(self, model: Path) -> list[str]:
        """What it opened elsewhere than it may, and what it changed elsewhere than in its own."""
        python = {Path(entry).resolve() for entry in (*sys.path, sys.prefix, sys.base_prefix)}
        place = model if model.is_dir() else model.parent
        allowed = [
            *python, self.own, self.own.parent, *map(Path, fence.SYSTEM), layout.PACKAGE.parent,
            place, place.resolve(),
        ]  # fmt: skip
        return [
            *_outside(self.read, allowed),
            *_outside(self.changed, [self.own, Path("/dev/null")]),
        ]


def _outside(paths: set[Path], allowed: list[Path]) -> list[str]:
    """What lies elsewhere; relative paths are the process's own folder's, or of an open one."""
    return sorted(
        str(path)
        for path in paths
        if path.is_absolute() and not any(path.is_relative_to(one) for one in allowed)
    )


def check(model: Path, folder: Path, strace: str) -> Deeds:
    """Checks a model in a process of its own; `folder` keeps what was seen."""
    folder.mkdir(exist_ok=True)
    for name in (CALLS, EVENTS):
        (folder / name).write_text("")
    command = [sys.executable, "-m", __name__, str(model), str(folder), strace]
    result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout.splitlines()[-1])
    deeds = Deeds(Path(told["own"]), told["memory"], told["error"])
    _add_calls(deeds, (folder / CALLS).read_text(errors="replace"))
    _add_events(deeds, (folder / EVENTS).read_text())
    deeds.changed.discard(folder / EVENTS)  # which the hook has open
    return deeds


def _add_calls(deeds: Deeds, log: str) -> None:
    for line in log.splitlines():
        call = CALL.match(line)
        if call is None or call[3].startswith("-"):
            continue
        name, arguments = call[1], call[2]
        paths = [Path(text) for text in re.findall(r'"([^"]*)"', arguments)]
        if name.startswith("exec"):
            deeds.programs.append(arguments)
        elif name in ("socket", "connect", "bind"):
            deeds.sockets.append(line)
        elif name.startswith("open") and not CHANGES.search(arguments):
            deeds.read.update(paths)
        else:
            deeds.changed.update(paths)


def _add_events(deeds: Deeds, log: str) -> None:
    """What Python was asked to do; the files that it opened are among the system calls."""
    for line in log.splitlines():
        event, *arguments = json.loads(line)
        if event in PROGRAMS and arguments[1:2] != [ASKED_BY_PYTHON]:
            deeds.programs.append(f"{event} {arguments}")
        # Libraries try whether there is a socket at all; whether they got one, the calls tell.
        elif event.startswith("socket.") and event != "socket.__new__":
            deeds.sockets.append(f"{event} {arguments}")
        elif event in CHANGING:
            deeds.changed.update(Path(text) for text in arguments if str(text).startswith("/"))
        deeds.events += 1


def main(model: Path, folder: Path, strace: str) -> None:
    """Checks the model with a watched process, and prints what became of it."""
    command = launch.command
    owned: list[str] = []

    def watched(demo: Demo, own: Path, readable: Sequence[Path] = ()) -> list[str]:
        owned.append(str(own))
        # Of a machine with other calls, strace passes over those that it does not have.
        calls = f"trace={','.join(f'?{name}' for name in WATCHED)}"
        options = ["-f", "-qq", "-s", "4096", "-e", calls, "-o", str(folder / CALLS)]
        options += ["--seccomp-bpf"]  # others do not even stop: half of the time
        return [strace, *options, *command(demo, own, readable)]

    launch.command = watched
    launch.PROGRAM = HOOK.format(log=str(folder / EVENTS), heard=HEARD) + launch.PROGRAM
    error = ""
    try:
        pipeline.check(model)
    except DemoError as caught:
        error = caught.message
    [place] = owned
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
    print(json.dumps({"own": place, "memory": peak, "error": error}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
