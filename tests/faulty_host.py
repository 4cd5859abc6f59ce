"""A static host on 127.0.0.1 with the troubles of real ones: over real sockets, and it remembers.

Every answer closes its connection, so that a host that is stopped is really gone.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.http_answers import Encoded, Listening, compressed, digest_of, part, running, type_of

SLICE = 65_536
# Seconds until a connection that nobody needs is closed.
PATIENCE = 60
# Seconds in which all that was sent has arrived.
ARRIVED = 0.2


@dataclass
class Fault:
    """What befalls the first `times` requests for the files whose path ends with `file`.

    `after` so many bytes of the body the connection breaks off, or brings nothing more if it
    `stalls`. `change` makes another body. Without any of them there is just the `status`.
    """

    file: str
    times: int = 1
    status: int = 200
    after: int | None = None
    stalls: bool = False
    change: Callable[[bytes], bytes] | None = None

    def befalls(self, path: str) -> bool:
        """Whether it does, which counts."""
        if not self.times or not path.endswith(self.file):
            return False
        self.times -= 1
        return True


@dataclass
class Asked:
    """A request: its headers of interest, what was answered, and how many bytes of the body."""

    path: str
    range: str | None
    if_range: str | None
    status: int = 0
    sent: int = 0
    open: bool = True


@dataclass
class FaultyHost(Listening):
    """Serves folders by the prefixes of their addresses; "" is the root."""

    folders: dict[str, Path]
    cache_control: str = "max-age=600"
    has_ranges: bool = True
    compresses: bool = False
    faults: list[Fault] = field(default_factory=list)
    # By the end of a path: JavaScript that runs before the file's own.
    programs: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    # A part of every ETag.
    version: str = "1"

    @property
    def url(self) -> str:
        """The address of the root."""
        return f"http://127.0.0.1:{self._port}/"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _Handler

    def about(self, end: str) -> list[Asked]:
        """The requests for files whose path ends so."""
        return [one for one in self.asked if one.path.endswith(end)]

    def sent(self) -> set[str]:
        """The names of the files of which anything was sent, by their kind: without hashes."""
        return {one.path.rsplit("/", 1)[-1] for one in self.asked if one.sent}

    def find(self, path: str) -> Path | None:
        """The file at an address."""
        for prefix in sorted(self.folders, key=len, reverse=True):
            if path.startswith(f"/{prefix}"):
                file = self.folders[prefix] / (path[len(prefix) + 1 :] or "index.html")
                return file if file.is_file() else None
        return None


@contextmanager
def faulty_host(folder: Path | dict[str, Path]) -> Iterator[FaultyHost]:
    """Serves a folder, or several by prefixes such as "demo/", as long as it is needed."""
    with running(FaultyHost(folder if isinstance(folder, dict) else {"": folder})) as host:
        yield host


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: FaultyHost

    def do_GET(self) -> None:
        self.close_connection = True
        path = unquote(urlsplit(self.path).path)
        asked = Asked(path, self.headers["Range"], self.headers["If-Range"])
        self.host.asked.append(asked)
        fault = next((one for one in self.host.faults if one.befalls(path)), None)
        try:
            self._answer(asked, fault)
        finally:
            asked.open = False

    def _answer(self, asked: Asked, fault: Fault | None) -> None:
        host, file = self.host, self.host.find(asked.path)
        if file is None or (fault and fault.status != 200):
            self._begin(asked, fault.status if fault else 404, {"Content-Length": "4"})
            self.wfile.write(b"none")
            return
        body = self._program(asked.path) + file.read_bytes()
        tag = f'"{host.version}-{digest_of(body)}"'
        if fault and fault.change:
            body = fault.change(body)
        headers = {"Content-Type": type_of(file), "ETag": tag}
        headers["Cache-Control"] = host.cache_control
        if tag == self.headers["If-None-Match"]:
            self._begin(asked, 304, headers)
            return
        status, body, more = self._encode(asked, body, tag)
        self._begin(asked, status, headers | more | {"Content-Length": str(len(body))})
        self._send(asked, body, fault)

    def _program(self, path: str) -> bytes:
        programs = self.host.programs.items()
        return "".join(code for end, code in programs if path.endswith(end)).encode()

    def _encode(self, asked: Asked, body: bytes, tag: str) -> Encoded:
        if self.host.compresses and "gzip" in self.headers["Accept-Encoding"]:
            return compressed(body)
        if not self.host.has_ranges:
            return 200, body, {}
        return part(body, tag, asked.range, asked.if_range)

    def _begin(self, asked: Asked, status: int, headers: dict[str, str]) -> None:
        asked.status = status
        self.send_response(status)
        for key, value in {**headers, "Connection": "close"}.items():
            self.send_header(key, value)
        self.end_headers()

    def _send(self, asked: Asked, body: bytes, fault: Fault | None) -> None:
        end = len(body) if fault is None or fault.after is None else fault.after
        with suppress(ConnectionError):
            for start in range(0, end, SLICE):
                sent = body[start : min(start + SLICE, end)]
                self.wfile.write(sent)
                asked.sent += len(sent)
            if fault and fault.stalls:
                self._wait_for_the_other_end()
            elif end < len(body):
                # A browser drops what its page has not read when it learns of the end.
                time.sleep(ARRIVED)
                self.connection.shutdown(socket.SHUT_RDWR)

    def _wait_for_the_other_end(self) -> None:
        """Says nothing more until the browser closes the connection, or the host is stopped."""
        for _ in range(PATIENCE * 20):
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if self.host._server is None or (readable and not self.connection.recv(1)):
                return

    def log_message(self, format: str, *args: object) -> None:
        pass
