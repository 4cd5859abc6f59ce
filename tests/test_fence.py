"""The fence: what a process behind it cannot do, tried by processes of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundler.ground import fence

ATTEMPTS = {
    "read a file": "open({secret!r}).read()",
    "read a folder": "os.listdir({outside!r})",
    "read what a link leads to": (
        "(os.symlink({secret!r}, {own!r} + '/link'), open({own!r} + '/link').read())"
    ),
    "write a file": "open({outside!r} + '/new', 'w')",
    "write into what may be read": "open({shown!r} + '/new', 'w')",
    "empty a file": "os.truncate({secret!r}, 0)",
    "delete a file": "os.unlink({secret!r})",
    "move a file out": "(open({own!r} + '/a', 'w'), os.rename({own!r} + '/a', {outside!r} + '/a'))",
    "link a file in": "os.link({secret!r}, {own!r} + '/hard')",
    "make a folder": "os.mkdir({outside!r} + '/new')",
    "start a program": "subprocess.run(['/bin/true'])",
    "start a program by name": "os.execvp('true', ['true'])",
    "start a shell": "1 / (os.system('true') == 0)",
    "start Python": "subprocess.run([sys.executable, '-c', ''])",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {{}})",
    "connect": "socket.create_connection(('127.0.0.1', {port}), 5)",
    "send a datagram": (
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))"
    ),
    "listen": "socket.socket().bind(('127.0.0.1', 0))",
    "connect to a local service": "socket.socket(socket.AF_UNIX).connect({local!r})",
    "talk to the kernel": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "read another's environment": "open('/proc/{parent}/environ').read()",
    "read another's memory": "open('/proc/{parent}/mem', 'rb')",
    "end another process": "os.kill({parent}, 0)",
    "make a device": "os.mknod({own!r} + '/null', 0o20666, os.makedev(1, 3))",
    "see a new world": "1 / (ctypes.CDLL(None).unshare(0x10000000) + 1)",
    "mount": "1 / (ctypes.CDLL(None).mount(b'none', {own!r}.encode(), b'tmpfs', 0, None) + 1)",
}  # fmt: skip
ALLOWED = {
    "read what may be read": "open({shown!r} + '/file').read()",
    "write into its own folder": "(os.mkdir({own!r} + '/new'), open({own!r} + '/new/a', 'w'))",
    "replace a file of its own": (
        "(open({own!r} + '/b', 'w'), os.replace({own!r} + '/b', {own!r} + '/c'))"
    ),
    "import": "__import__('decimal')",
    "have threads": "__import__('threading').Thread(target=int).start()",
    "have a pair of sockets": "socket.socketpair()",
    "draw random numbers": "open('/dev/urandom', 'rb').read(1)",
    "throw things away": "open('/dev/null', 'w').write('x')",
    "read about itself": "open('/proc/self/status').read()",
}  # fmt: skip
PROGRAM = """
import ctypes, json, os, socket, subprocess, sys
given = json.loads(sys.argv[1])
sys.path.insert(0, given["package"])
from bundler.ground import fence
print(json.dumps(fence.draw([*given["readable"], *sys.path], [given["own"]])))
sys.stdout.flush()
try:
    eval(given["attempt"])
except (OSError, ZeroDivisionError) as error:
    print(type(error).__name__)
else:
    print("done")
"""


@pytest.fixture(scope="module", autouse=True)
def is_offered() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("no fence for this system")


@pytest.fixture
def local(tmp_path: Path) -> Iterator[str]:
    """The address of something that listens on this machine alone."""
    path = str(tmp_path / "service")
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(path)
        service.listen()
        yield path


def tried(attempt: str, tmp_path: Path, local: str) -> tuple[list[str], str]:
    """What the system cannot fence off, and how the attempt ended behind the fence."""
    folders = {name: tmp_path / name for name in ("own", "outside", "shown")}
    for folder in folders.values():
        folder.mkdir()
    secret = folders["outside"] / "secret"
    secret.write_text("secret")
    (folders["shown"] / "file").write_text("shown")
    names = {name: str(folder) for name, folder in folders.items()}
    with socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        service.listen()
        code = attempt.format(
            **names, secret=str(secret), local=local, parent=os.getpid(),
            port=service.getsockname()[1],
        )  # fmt: skip
        given = {
            "package": str(Path(fence.__file__).parents[1]),
            "readable": [names["shown"], sys.prefix, sys.base_prefix],
            "own": names["own"],
            "attempt": code,
        }
        result = subprocess.run(
            [sys.executable, "-c", PROGRAM, json.dumps(given)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert secret.read_text() == "secret" and list(folders["outside"].iterdir()) == [secret]
    missing, ended = result.stdout.splitlines()[:2]
    return json.loads(missing), ended


@pytest.mark.parametrize("name", ATTEMPTS)
def test_nothing_leads_out(name: str, tmp_path: Path, local: str) -> None:
    missing, ended = tried(ATTEMPTS[name], tmp_path, local)
    if missing:
        pytest.skip(f"this kernel closes no {' and no '.join(missing)}")
    assert ended in ("PermissionError", "OSError", "ZeroDivisionError"), ended


@pytest.mark.parametrize("name", ALLOWED)
def test_what_a_conversion_needs_goes_on(name: str, tmp_path: Path, local: str) -> None:
    assert tried(ALLOWED[name], tmp_path, local)[1] == "done"


def test_the_attempts_are_real(tmp_path: Path, local: str) -> None:
    """Without a fence they succeed: nothing else is in their way."""
    for name in ("read a file", "start a program", "connect to a local service", "write a file"):
        folders = {key: tmp_path / name / key for key in ("own", "outside", "shown")}
        for folder in folders.values():
            folder.mkdir(parents=True)
        (folders["outside"] / "secret").write_text("secret")
        code = ATTEMPTS[name].format(
            **{key: str(folder) for key, folder in folders.items()},
            secret=str(folders["outside"] / "secret"), local=local, parent=os.getpid(), port=0,
        )  # fmt: skip
        subprocess.run(
            [sys.executable, "-c", f"import os, socket, subprocess, sys; {code}"],
            check=True, timeout=60,
        )  # fmt: skip
