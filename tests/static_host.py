"""A host of static sites on 127.0.0.1, over real sockets; tests/static_hosts.py names real ones.

Every answer closes its connection, so that a host that is stopped is really gone.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path, PurePosixPath
from typing import ClassVar
from urllib.parse import quote, unquote, urlsplit

from tests.http_answers import Encoded, Listening, compressed, digest_of, part, type_of

INDEX = "index.html"
NOT_FOUND = "404.html"
# What hosts compress.
SHRINKING = ("text/", "application/json", "application/wasm")


@dataclass(frozen=True)
class Asked:
    """A request, and what was answered; `missing` when the host has no such file."""

    method: str
    path: str
    status: int
    missing: bool


@dataclass(frozen=True)
class Answer:
    """What a host has for an address: a file, another address, or a page that says it has none."""

    status: int = 200
    body: bytes = b""
    type: str = "text/html; charset=utf-8"
    location: str = ""
    missing: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class StaticHost(Listening):
    """Serves a folder; whoever inherits says what its host does otherwise.

    `folder` may be replaced while it runs, as by an upload. `stale` has files of the site, by
    their paths in it, that come from another folder for some more requests: as from a network of
    servers that do not all have the newest site yet.
    """

    base: ClassVar[str] = "/"
    # What `tfjs-demo deploy --to` calls it.
    target: ClassVar[str] = "folder"
    # Whether /page is /page.html.
    is_pretty: ClassVar[bool] = False
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, folder: Path) -> None:
        self.asked: list[Asked] = []
        self.stale: dict[str, tuple[Path, int]] = {}
        self._lock = threading.Lock()
        self.folder = folder

    @property
    def folder(self) -> Path:
        return self._folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        self.take(folder)
        self._folder = folder

    def take(self, folder: Path) -> None:
        """Reads what a folder says of itself; raises AssertionError when the host refuses it."""

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self._port}{self.base}"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _Handler

    def answer(self, path: str) -> Answer:
        """What there is at an address; the site's, the host's own headers, or both."""
        if not path.startswith(self.base):
            found = self.redirect(self.base) if f"{path}/" == self.base else self.own_page(404)
        else:
            name = path.removeprefix(self.base)
            found = self.route(self._source(name), name)
        return replace(found, headers=self.headers | self.say(path, found))

    def _source(self, name: str) -> Path:
        """The folder from which a file comes this time."""
        name = f"{name}{INDEX}" if name.endswith("/") or not name else name
        with self._lock:
            folder, times = self.stale.get(name, (self._folder, 0))
            if times:
                self.stale[name] = (folder, times - 1)
            return folder if times else self._folder

    def route(self, source: Path, name: str) -> Answer:
        """What a folder has for an address below the base."""
        is_folder = name.endswith("/") or not name
        if file := self.find(source, f"{name}{INDEX}" if is_folder else name):
            return self.file(file)
        if not is_folder and self.is_pretty and (file := self.find(source, f"{name}.html")):
            return self.file(file)
        if not is_folder and self.find(source, f"{name}/{INDEX}"):
            return self.redirect(f"{self.base}{name}/")
        return self.not_found(source)

    def find(self, source: Path, name: str) -> Path | None:
        """A file that the host serves."""
        file = source / name
        return file if file.is_file() and ".." not in PurePosixPath(name).parts else None

    def not_found(self, source: Path) -> Answer:
        """The site's page for addresses without a file, else the host's own."""
        file = self.find(source, NOT_FOUND)
        return replace(self.file(file), status=404, missing=True) if file else self.own_page(404)

    def say(self, path: str, found: Answer) -> dict[str, str]:
        """The headers for one address."""
        return {}

    def tag(self, digest: str, zipped: bool) -> str:
        """The ETag of a file as it is sent."""
        return f'W/"{digest}"' if zipped else f'"{digest}"'

    def unchanged(self, headers: dict[str, str]) -> dict[str, str]:
        """The headers of a 304."""
        return headers

    @staticmethod
    def file(file: Path) -> Answer:
        return Answer(body=file.read_bytes(), type=type_of(file))

    @staticmethod
    def redirect(location: str, status: int = 301) -> Answer:
        return Answer(status, location=location)

    @staticmethod
    def own_page(status: int) -> Answer:
        return Answer(status, b"<!doctype html><title>Sorry</title>", missing=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: StaticHost

    def do_GET(self) -> None:
        self.close_connection = True
        address = urlsplit(self.path)
        path = unquote(address.path)
        can_be_asked = self.command in ("GET", "HEAD")
        found = self.host.answer(path) if can_be_asked else self.host.own_page(405)
        status, body, headers = self._encode(found)
        if found.location:
            query = f"?{address.query}" if address.query else ""
            headers["Location"] = quote(found.location) + query
        self.host.asked.append(Asked(self.command, path, status, found.missing))
        self._send(status, body, headers)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def _encode(self, found: Answer) -> Encoded:
        """A file as this browser wants it: compressed, a part, or nothing if it has it."""
        headers = {"Content-Type": found.type, **found.headers}
        if found.status != 200:
            return found.status, found.body, headers
        zips = found.type.startswith(SHRINKING) and "gzip" in self.headers.get(
            "Accept-Encoding", ""
        )
        tag = self.host.tag(digest_of(found.body), zips)
        headers = {**headers, "ETag": tag, "Vary": "Accept-Encoding"}
        if self.headers["If-None-Match"] == tag:
            return 304, b"", self.host.unchanged(headers)
        asked, if_range = self.headers["Range"], self.headers["If-Range"]
        encoded = compressed(found.body) if zips else part(found.body, tag, asked, if_range)
        status, body, more = encoded
        return status, body, headers | more

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        length = {} if status == 304 else {"Content-Length": str(len(body))}
        for key, value in {**headers, **length, "Connection": "close"}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):
                self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass
