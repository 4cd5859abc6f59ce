"""Other servers that reload pages, in an environment of their own: what a save costs with them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.live import PROTOCOL, ClosedError, WebSocket

PACKAGES = ("mkdocs==1.6.1", "sphinx-autobuild==2024.10.3", "livereload==2.7.1")
# A message that comes later is lost.
SECONDS = 4.0
LIVERELOAD = """
import sys
from livereload import Server
server = Server()
server.watch("index.html")
server.serve(port=int(sys.argv[1]), host="127.0.0.1", root=".")
"""

# Waits so many seconds for a message; tells whether it came.
Wait = Callable[[float], bool]


@dataclass(frozen=True)
class Peer:
    """How a server is started, which file is saved, and how its pages hear of it."""

    name: str
    file: str
    files: dict[str, str]
    command: Callable[[Path, int], list[str]]
    listen: Callable[[int], Wait]


def make_environment(work: Path) -> Path:
    """The folder of programs of an environment with all peers."""
    programs = work / "peers" / "bin"
    if not (programs / "sphinx-autobuild").exists():
        subprocess.run([sys.executable, "-m", "venv", str(work / "peers")], check=True)
        install = [str(programs / "pip"), "install", "--quiet", *PACKAGES]
        subprocess.run(install, check=True, capture_output=True)
    return programs


def _listen_to_livereload(port: int) -> Wait:
    page = WebSocket(port)
    page.send(f'{{"command": "hello", "protocols": ["{PROTOCOL}"]}}')
    page.receive()
    page.send('{"command": "info", "url": "http://127.0.0.1/"}')
    return lambda seconds: _receive(page, seconds)


def _listen_to_sphinx(port: int) -> Wait:
    page = WebSocket(port, path="/websocket-reload")
    return lambda seconds: _receive(page, seconds)


def _receive(page: WebSocket, seconds: float) -> bool:
    try:
        page.receive(seconds)
    except (TimeoutError, ClosedError):
        return False
    return True


def _listen_to_mkdocs(port: int) -> Wait:
    """A request that is answered when something changed, as its page's script sends it."""

    def wait(seconds: float) -> bool:
        body = _get(port, "/")
        found = re.search(rb"livereload\((\d+), (\d+)\)", body)
        assert found
        epoch, request = (number.decode() for number in found.groups())
        connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
        connection.request("GET", f"/livereload/{epoch}/{request}")
        try:
            return connection.getresponse().read() != epoch.encode()
        except TimeoutError:
            return False
        finally:
            connection.close()

    return wait


def _get(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


PEERS = (
    Peer(
        "python-livereload",
        "index.html",
        {"index.html": "<h1>0</h1>", "run.py": LIVERELOAD},
        lambda programs, port: [str(programs / "python"), "run.py", str(port)],
        _listen_to_livereload,
    ),
    Peer(
        "mkdocs",
        "docs/index.md",
        {"docs/index.md": "# 0", "mkdocs.yml": "site_name: Demo\n"},
        lambda programs, port: [
            str(programs / "mkdocs"), "serve", "--livereload", "-a", f"127.0.0.1:{port}",
        ],
        _listen_to_mkdocs,
    ),
    Peer(
        "sphinx-autobuild",
        "index.rst",
        {"index.rst": "Demo 0\n======\n", "conf.py": ""},
        lambda programs, port: [
            str(programs / "sphinx-autobuild"), "--port", str(port), ".", "_build",
        ],
        _listen_to_sphinx,
    ),
)  # fmt: skip


@contextmanager
def running(peer: Peer, programs: Path, folder: Path, port: int) -> Iterator[Path]:
    """Starts a peer on a folder of its own; yields the file that is to be saved."""
    for name, text in peer.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(peer.command(programs, port), cwd=folder, stdout=log, stderr=log)
    try:
        _await(port)
        yield folder / peer.file
    finally:
        process.kill()
        process.wait()
        log.close()


def _await(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            _get(port, "/")
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
