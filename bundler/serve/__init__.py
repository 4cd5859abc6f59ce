"""Shows a built site on 127.0.0.1, as a static host would."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from socket import socket

import tornado.web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from bundler.errors import SiteError
from bundler.site import INDEX, MANIFEST, read_manifest

ADDRESS = "127.0.0.1"
HOSTS = {ADDRESS, "localhost"}
PORTS_TRIED = 10


class SiteFiles(tornado.web.StaticFileHandler):
    """Serves the files that the site's manifest lists, and nothing else of the folder."""

    def prepare(self) -> None:
        # A page of another site that made its name point here (DNS rebinding) must learn nothing.
        if self.request.host_name not in HOSTS:
            raise tornado.web.HTTPError(403)
        if "\0" in (self.path_args[0] or ""):
            raise tornado.web.HTTPError(404)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        path = super().validate_absolute_path(root, absolute_path)
        if path is None:
            return None
        listed = {MANIFEST, *read_manifest(Path(root))["files"]}
        if Path(path).relative_to(root).as_posix() not in listed:
            raise tornado.web.HTTPError(404)
        return path

    def write_error(self, status_code: int, **_: object) -> None:
        self.set_header("Content-Type", "text/plain")
        self.finish(f"{status_code} {self._reason}\n")

    def set_extra_headers(self, path: str) -> None:
        # Hashed names never change their content; the page itself always may.
        self.set_header("Cache-Control", "no-cache")

    def get_content_type(self) -> str:
        types = {
            ".js": "text/javascript",
            ".wasm": "application/wasm",
            ".bin": "application/octet-stream",
        }
        return types.get(Path(self.absolute_path or "").suffix) or super().get_content_type()


def application(folder: Path) -> tornado.web.Application:
    """Raises SiteError when `folder` is not a built site."""
    read_manifest(folder)
    options = {"path": str(folder.resolve()), "default_filename": INDEX}
    routes = [(r"/(.*)", SiteFiles, options)]
    return tornado.web.Application(routes, compress_response=True)


def serve(folder: Path, *, port: int, on_ready: Callable[[str], None]) -> None:
    """Serves until interrupted; a busy port gives way to one of the next ten."""
    asyncio.run(_serve(application(folder), port, on_ready))


async def _serve(app: tornado.web.Application, port: int, on_ready: Callable[[str], None]) -> None:
    server = HTTPServer(app)
    sockets = _bind(port)
    server.add_sockets(sockets)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt instead
            break
    on_ready(f"http://{ADDRESS}:{sockets[0].getsockname()[1]}/")
    await stopped.wait()
    server.stop()


def _bind(port: int) -> list[socket]:
    for candidate in range(port, port + PORTS_TRIED) if port else [0]:
        try:
            return bind_sockets(candidate, ADDRESS)
        except OSError:
            continue
    raise SiteError(
        f"the ports {port} to {port + PORTS_TRIED - 1} are all in use",
        hint="Choose another one with --port.",
    )
