"""What all the tests' own hosts know of HTTP: types of files, parts of them, compression."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePath
from typing import TypeVar

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".png": "image/png",
}
ANYTHING = "application/octet-stream"

# The status, the body as it is sent, and the headers that say so.
Encoded = tuple[int, bytes, dict[str, str]]


class Server(ThreadingHTTPServer):
    """Ends when it is told to, also in the middle of an answer."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that leaves is no error."""


class Listening:
    """Answers on 127.0.0.1, and after it was stopped comes back to the same address."""

    _server: Server | None = None
    _port: int = 0

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Who answers; its `host` will be this."""
        raise NotImplementedError

    def start(self) -> None:
        """Comes (back) to its address."""
        handler = type("Handler", (self.handler(),), {"host": self})
        self._server = Server(("127.0.0.1", self._port), handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Is gone: nobody listens at the address."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None


Host = TypeVar("Host", bound=Listening)


@contextmanager
def running(host: Host) -> Iterator[Host]:
    """A host that answers as long as it is needed."""
    host.start()
    try:
        yield host
    finally:
        host.stop()


def type_of(path: str | PurePath) -> str:
    """The Content-Type of a file."""
    return TYPES.get(PurePath(path).suffix, ANYTHING)


def digest_of(body: bytes) -> str:
    """What changes with the content, for an ETag."""
    return sha256(body).hexdigest()[:16]


def compressed(body: bytes) -> Encoded:
    """The whole of it, for a browser that accepts gzip."""
    return 200, gzip.compress(body, 1), {"Content-Encoding": "gzip"}


def part(body: bytes, tag: str, asked: str | None, if_range: str | None) -> Encoded:
    """The part that is asked for with Range; all of it when the browser has one of another file."""
    accepts = {"Accept-Ranges": "bytes"}
    if not asked or if_range not in (None, tag):
        return 200, body, accepts
    first, last = asked.removeprefix("bytes=").split("-")
    begin, end = int(first), min(int(last or len(body)), len(body) - 1)
    if begin > end:
        return 416, b"", accepts | {"Content-Range": f"bytes */{len(body)}"}
    content_range = {"Content-Range": f"bytes {begin}-{end}/{len(body)}"}
    return 206, body[begin : end + 1], accepts | content_range
