"""A static host like GitHub Pages, behind a slow line, that counts what it sends.

The line is slow here and not in the browser: Chromium's own emulation
(Network.emulateNetworkConditions on a page) reaches a dedicated worker's requests but not a
service worker's. Measured in Chromium 156 at 10 Mbit/s with a file of 1 MB: 1.0 s from the page,
0.97 s from its worker, 0.01 s from its service worker.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bundler.site.headers import ISOLATION

# .bin stays as it is on GitHub Pages, and .onnx and pictures as well.
COMPRESSED = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
}
SLICE = 8192
# How far the line may catch up after a sleep that lasted too long.
BURST = 0.02


@dataclass(frozen=True)
class Network:
    """Bits per second that all connections share, and seconds until an answer begins."""

    name: str
    bits: float
    delay: float


NETWORKS = (Network("10 Mbit/s, 40 ms", 10e6, 0.04), Network("1.6 Mbit/s, 150 ms", 1.6e6, 0.15))


@dataclass(frozen=True)
class Sent:
    """A file and the bytes of its body as sent: gzipped, or 0 where the browser had it."""

    path: str
    bytes: int

    @property
    def is_script(self) -> bool:
        return self.path.endswith((".js", ".mjs"))

    @property
    def is_model(self) -> bool:
        return self.path.endswith((".bin", "/model.json"))


@dataclass
class Host:
    """A folder on 127.0.0.1."""

    folder: Path
    network: Network | None
    isolated: bool
    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    refuses: bool = False
    _last: float = 0.0
    _free: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, size: int) -> None:
        """Waits until the line has carried so many bytes more."""
        now = self._last = time.monotonic()
        if self.network:
            with self._lock:
                begin = max(self._free, now - BURST)
                end = self._free = begin + size * 8 / self.network.bits
            time.sleep(max(0.0, end - now))

    def wait_until_idle(self, seconds: float = 2.0, most: float = 180.0) -> None:
        """Returns when nothing was sent for so long."""
        deadline = time.monotonic() + most
        while time.monotonic() < min(deadline, self._last + seconds):
            time.sleep(0.05)


@contextmanager
def serve(
    folder: Path, network: Network | None = None, *, isolated: bool = False
) -> Iterator[Host]:
    """Serves a folder; `isolated` sends the headers that threads need."""
    host = Host(folder.resolve(), network, isolated)

    class Handler(_Handler):
        served = host

    server = _Server(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that leaves is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    served: Host

    def do_GET(self) -> None:
        host = self.served
        if host.refuses:
            self.close_connection = True
            return
        if host.network:
            time.sleep(host.network.delay)
        name = unquote(urlsplit(self.path).path).lstrip("/") or "index.html"
        file = (host.folder / name).resolve()
        if not file.is_file() or host.folder not in file.parents:
            self._begin(404, {"Content-Length": "0"})
            return
        body, tag = _body(file, file.stat().st_mtime_ns)
        if self.headers.get("If-None-Match") == tag:
            self._begin(304, {"ETag": tag, "Cache-Control": "max-age=600"})
            host.sent.append(Sent(name, 0))
            return
        self._send_file(name, file.suffix, body, tag)

    def _send_file(self, name: str, suffix: str, body: bytes, tag: str) -> None:
        headers = {
            "Content-Type": COMPRESSED.get(suffix, "application/octet-stream"),
            "Content-Length": str(len(body)), "ETag": tag, "Cache-Control": "max-age=600",
        }  # fmt: skip
        if suffix == ".png":
            headers["Content-Type"] = "image/png"
        if suffix in COMPRESSED:
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        self._begin(200, headers)
        sent = 0
        with suppress(ConnectionError):
            for start in range(0, len(body), SLICE):
                part = body[start : start + SLICE]
                self.served.carry(len(part))
                self.wfile.write(part)
                sent += len(part)
        self.served.sent.append(Sent(name, sent))

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in (headers | (ISOLATION if self.served.isolated else {})).items():
            self.send_header(key, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@lru_cache(maxsize=256)
def _body(file: Path, changed: int) -> tuple[bytes, str]:
    """What is sent of a file, and its ETag."""
    data = file.read_bytes()
    body = gzip.compress(data, 6) if file.suffix in COMPRESSED else data
    return body, f'"{sha256(data).hexdigest()[:16]}"'
