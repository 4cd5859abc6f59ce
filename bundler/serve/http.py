"""Answers requests as GitHub Pages would: a site's files, under a sub-path, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

import tornado.web
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import StreamClosedError

from bundler.serve.files import File, Files

NOT_FOUND = "404.html"
# Who may frame what is served: pages of this server alone, or what shows notebooks on this machine
# (the windows of VS Code have addresses of its own).
ITSELF = "'self'"
NOTEBOOKS = "http://localhost:* http://127.0.0.1:* vscode-webview: vscode-file:"
# What a request may call a server at all; others end in libraries that read them.
HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
MOST_DIGITS = 18
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
WIDE = frozenset({"0.0.0.0", "::", ""})


@dataclass
class Served:
    """What all handlers share: the files of the moment, and to whom they are given."""

    files: Files
    host: str = "127.0.0.1"
    headers: Mapping[str, str] = field(default_factory=dict)
    framers: str = ITSELF
    # The sub-path is known to those alone who have been told it.
    is_secret: bool = False

    def sent(self) -> Mapping[str, str]:
        """What is sent with every answer."""
        return {
            "Content-Security-Policy": f"frame-ancestors {self.framers}",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            **self.headers,
        }

    def is_called(self, name: str) -> bool:
        """Whether a request may call this server so.

        A page of another site can make its own name lead here (DNS rebinding), but no address.
        """
        name = name.strip("[]")
        if name in LOCAL_NAMES or name == self.host:
            return True
        return self.host in WIDE and is_address(name)


def is_address(name: str, *, loopback: bool = False) -> bool:
    """Whether a name is an IP address, and if asked one of this machine only."""
    try:
        return ip_address(name).is_loopback or not loopback
    except ValueError:
        return False


class Application(tornado.web.Application):
    """Looks at what a request calls the server before anything else does."""

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> _Named:
        return _Named(super().start_request(server_conn, request_conn))


class _Named(HTTPMessageDelegate):
    """A request, with a name that nobody has in the place of one that is none."""

    def __init__(self, request: HTTPMessageDelegate) -> None:
        self._request = request
        self.data_received = request.data_received  # type: ignore[method-assign]
        self.finish = request.finish  # type: ignore[method-assign]
        self.on_connection_close = request.on_connection_close  # type: ignore[method-assign]

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        if "Host" in headers and not HOST.fullmatch(headers["Host"]):
            headers["Host"] = "nobody.invalid"
        return self._request.headers_received(start_line, headers)


class Guarded(tornado.web.RequestHandler):
    """Answers only those who call the server by a name of its own."""

    served: Served

    def initialize(self, served: Served) -> None:
        self.served = served
        self.set_default_headers()

    def set_default_headers(self) -> None:
        """Also those of errors, for which all others are taken back."""
        served: Served | None = getattr(self, "served", None)  # not while it is being made
        for name, value in (served.sent() if served else {}).items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if not self.served.is_called(self.request.host_name):
            raise tornado.web.HTTPError(403)

    def write_error(self, status_code: int, **_: object) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")


class SiteFiles(Guarded):
    """The files of the site."""

    async def get(self, path: str) -> None:
        found = self.served.files.find(path)
        if found is None:
            self._not_found()
            return
        self._describe(found)
        if self.check_etag_header():
            self.set_status(304)
            return
        start, end = self._range(found)
        self.set_header("Content-Length", end - start)
        if self.request.method == "HEAD":
            return
        with suppress(StreamClosedError):  # whoever has asked is gone
            for block in found.read(start, end):
                self.write(block)
                await self.flush()

    async def head(self, path: str) -> None:
        await self.get(path)

    def compute_etag(self) -> str | None:
        """The file's own, which is there already."""
        return None

    def _not_found(self) -> None:
        page = self.served.files.find(NOT_FOUND)
        if page is None:
            raise tornado.web.HTTPError(404)
        self.set_status(404)
        self.set_header("Content-Type", page.type)
        for block in page.read(0, page.size):
            self.write(block)

    def _describe(self, found: File) -> None:
        is_text = found.type.startswith("text/")
        self.set_header("Content-Type", found.type + "; charset=utf-8" * is_text)
        self.set_header("Etag", found.tag)
        self.set_header("Accept-Ranges", "bytes")
        # Whatever the browser has kept, it asks whether that is still right.
        self.set_header("Cache-Control", "no-cache")

    def _range(self, found: File) -> tuple[int, int]:
        """What is asked for: one range, or everything."""
        size = found.size
        match = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", self.request.headers.get("Range", ""))
        condition = self.request.headers.get("If-Range", found.tag)
        if not match or match.group() == "bytes=-" or condition != found.tag:
            return 0, size
        first, last = match.groups()
        if first:
            start, end = _up_to(size, first), min(_up_to(size, last) + 1, size) if last else size
        else:
            start, end = size - _up_to(size, last), size
        if start >= end:
            self.set_status(416)
            self.set_header("Content-Range", f"bytes */{size}")
            raise tornado.web.Finish
        self.set_status(206)
        self.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        # A part of a compressed file would be another part.
        self.set_header("Content-Encoding", "identity")
        return start, end


def _up_to(most: int, digits: str) -> int:
    """A number of any length, or the most that is of use."""
    digits = digits.lstrip("0") or "0"
    return most if len(digits) > MOST_DIGITS else min(int(digits), most)


class Forbidden(Guarded):
    """Addresses at which other servers change something by GET."""

    def get(self) -> None:
        raise tornado.web.HTTPError(403)


class Elsewhere(Guarded):
    """Addresses outside of the sub-path."""

    def initialize(self, served: Served, base: str = "/") -> None:
        super().initialize(served)
        self.base = base

    def get(self) -> None:
        if self.served.is_secret:
            raise tornado.web.HTTPError(404)
        if self.request.path == self.base.rstrip("/"):
            self.redirect(self.base, permanent=True)
            return
        self.set_status(404)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"404 Not Found: the page is at {self.base}\n")
