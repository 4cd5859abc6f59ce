"""Remotes for deploys: real bare repositories, over file and over http with `git http-backend`."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import NoReturn

from tests.http_answers import Listening, running

# What git sends before a large push: whether it may.
QUESTION = b"0000"
# Git as the tests' own: nobody's settings, and a name for its commits.
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
}


def git(folder: Path, *arguments: str, given: str | None = None) -> str:
    """Output of a git command, which must succeed."""
    result = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT},
        input=given,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, f"git {arguments}: {result.stderr}"
    return result.stdout.strip("\n")


def refs(folder: Path) -> str:
    """Every ref of a repository with its object."""
    return git(folder, "for-each-ref", "--format=%(refname) %(objectname)")


def files(folder: Path, commit: str) -> dict[str, bytes]:
    """What a commit holds."""
    names = git(folder, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")
    return {
        name: subprocess.run(
            ["git", "cat-file", "blob", f"{commit}:{name}"],
            cwd=folder,
            capture_output=True,
            check=True,
        ).stdout
        for name in filter(None, names)
    }


@dataclass
class GitHost(Listening):
    """Serves the bare repositories of a folder by `git http-backend`; `url` is the folder's.

    With a `token`, who has none is asked for it. A push breaks off `cut_after` so many bytes, or
    is taken without an answer if the host is `mute`; once it is `gone`, nothing is answered.
    """

    folder: Path
    token: str = ""
    cut_after: int | None = None
    mute: bool = False
    gone: bool = False
    # Called before a push is taken, once; raises Cut to drop it.
    on_push: Callable[[], None] | None = None
    # Method, address and the Authorization header of every request.
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _Handler


@contextmanager
def git_host(folder: Path) -> Iterator[GitHost]:
    """A host of the repositories below a folder, as long as it is needed."""
    with running(GitHost(folder)) as host:
        yield host


class Cut(Exception):  # noqa: N818 it is no error
    """The connection is to break off here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: GitHost

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.close_connection = True
        given = self.headers["Authorization"]
        self.host.asked.append((self.command, self.path, given))
        wanted = base64.b64encode(f"x-access-token:{self.host.token}".encode()).decode()
        if self.host.token and given != f"Basic {wanted}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()
            return
        with suppress(Cut):
            if self.host.gone:
                self._cut()
            body = self._body()
            answer = self._run(body)
            if self.host.mute and self._is_push and len(body) > len(QUESTION):
                self._cut()
            self._answer(answer)

    def _cut(self) -> NoReturn:
        self.connection.shutdown(socket.SHUT_RDWR)
        raise Cut

    @property
    def _is_push(self) -> bool:
        return self.command == "POST" and self.path.endswith("git-receive-pack")

    def _body(self) -> bytes:
        is_push = self._is_push
        cut = self.host.cut_after if is_push else None
        body = b""
        for part in self._parts():
            body += part
            if cut is not None and len(body) > cut:
                self._cut()
        if is_push and len(body) > len(QUESTION) and self.host.on_push:
            act, self.host.on_push = self.host.on_push, None
            act()
        return body

    def _parts(self) -> Iterator[bytes]:
        if self.headers["Transfer-Encoding"] == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        rest = int(self.headers["Content-Length"] or 0)
        while rest:
            part = self.rfile.read(min(rest, 65_536))
            rest -= len(part)
            yield part

    def _run(self, body: bytes) -> bytes:
        """What git's own program answers, as the common gateway interface has it."""
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ,
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.host.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "ann",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers["Content-Type"] or "",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
            "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
        }
        command = ["git", "http-backend"]
        return subprocess.run(command, env=environment, input=body, capture_output=True).stdout

    def _answer(self, answer: bytes) -> None:
        head, _, content = answer.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        headers = dict(lines)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")  # it is, whatever git would like
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass
