"""`tfjs-demo serve`: shows a built site, or a demo that is built again whenever it changes."""

from __future__ import annotations

import asyncio
import re
import secrets
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import tornado.web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from bundler.ground.errors import SiteError
from bundler.ground.stopping import SIGNALS
from bundler.serve import live
from bundler.serve.demo import LiveDemo
from bundler.serve.files import BuiltSite, Files
from bundler.serve.http import (
    ITSELF,
    NOTEBOOKS,
    WIDE,
    Application,
    Elsewhere,
    Forbidden,
    Served,
    SiteFiles,
    is_address,
)
from bundler.serve.rebuild import Target
from bundler.site.headers import ISOLATION

__all__ = ["Options", "Server", "Target", "serve_demo", "serve_site"]

ADDRESS = "127.0.0.1"
PORTS_TRIED = 10
# How long the end may wait for a build to clean up.
SECONDS_TO_END = 0.3

# Its kind and its facts: "ready" with `url`, "polling", "begun", "built", "failed".
OnEvent = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Options:
    """Where and how a site is served."""

    port: int = 8000
    host: str = ADDRESS
    base: str = "/"
    strict_port: bool = False
    isolate: bool = False
    polls: bool = False
    # Pages of others may frame it if they know its address, which nobody can guess.
    for_notebooks: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether others in the network can reach it."""
        return self.host != "localhost" and not is_address(self.host, loopback=True)

    @property
    def folder(self) -> str:
        """The sub-path with a slash at both ends."""
        return f"/{self.base.strip('/')}/".replace("//", "/")

    @staticmethod
    def of_a_notebook() -> Options:
        """A free port, and an address of which only the notebook knows."""
        return Options(port=0, base=secrets.token_urlsafe(24), for_notebooks=True)


def serve_site(folder: Path, options: Options, on_event: OnEvent) -> None:
    """Serves a built site until interrupted. Raises SiteError when `folder` is none."""
    asyncio.run(_until_interrupted(Server(BuiltSite(folder), options), on_event))


def serve_demo(target: Target, options: Options, on_event: OnEvent) -> None:
    """Serves a demo and builds it again when it changes, until interrupted."""
    asyncio.run(_until_interrupted(LiveServer(LiveDemo(target, on_event), options), on_event))


class Server:
    """Listens from the begin, and answers while it runs. Raises SiteError when no port is free."""

    def __init__(self, files: Files, options: Options) -> None:
        self._files = files
        self._options = options
        self._sockets = _bind(options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()
        self._ends = False  # also for who stops it before it runs
        host = ADDRESS if options.host in WIDE else options.host
        shown = f"[{host}]" if ":" in host else host
        port = self._sockets[0].getsockname()[1]
        self.url = f"http://{shown}:{port}{options.folder}"

    async def run(self) -> None:
        """Answers until it is stopped."""
        self._loop = asyncio.get_running_loop()
        server = HTTPServer(self._application())
        server.add_sockets(self._sockets)
        self._begin()
        try:
            if not self._ends:
                await self._stopped.wait()
        finally:
            server.stop()
            self._end()
            await server.close_all_connections()

    def stop(self) -> None:
        """Ends it; may be called from any thread."""
        self._ends = True
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopped.set)

    def _application(self) -> tornado.web.Application:
        options = self._options
        served = Served(
            self._files,
            options.host,
            ISOLATION if options.isolate else {},
            NOTEBOOKS if options.for_notebooks else ITSELF,
            options.for_notebooks,
        )
        mine = {"served": served}
        routes = [
            ("/forcereload", Forbidden, mine),
            *self._routes(served),
            (f"{re.escape(options.folder)}(.*)", SiteFiles, mine),
            (".*", Elsewhere, {**mine, "base": options.folder}),
        ]
        return Application(
            routes, compress_response=True, websocket_max_message_size=live.MOST_MESSAGE_BYTES
        )

    def _routes(self, served: Served) -> list[Any]:
        """Addresses beside those of the files."""
        return []

    def _begin(self) -> None:
        """What goes on beside the answers."""

    def _end(self) -> None:
        """Ends what goes on beside the answers."""


class LiveServer(Server):
    """Of a demo that is being worked on."""

    def __init__(self, demo: LiveDemo, options: Options) -> None:
        super().__init__(demo, options)
        self._demo = demo

    def _routes(self, served: Served) -> list[Any]:
        return live.routes(served, self._demo.channel)

    def _begin(self) -> None:
        self._demo.start(polls=self._options.polls)

    def _end(self) -> None:
        self._demo.stop(SECONDS_TO_END)


async def _until_interrupted(server: Server, on_event: OnEvent) -> None:
    loop = asyncio.get_running_loop()
    ignored = [number for number in SIGNALS if signal.getsignal(number) is signal.SIG_IGN]
    for number in set(SIGNALS) - set(ignored):
        try:
            loop.add_signal_handler(number, server.stop)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt instead
            break
    on_event("ready", {"url": server.url})
    await server.run()


def _bind(options: Options) -> list[socket]:
    first = options.port
    count = 1 if options.strict_port or not first else PORTS_TRIED
    for port in range(first, min(first + count, 1 << 16)):
        try:
            return bind_sockets(port, options.host)
        except OSError:
            continue
    if count == 1:
        raise SiteError(
            f"the port {first} of {options.host} cannot be used",
            hint="Another program may listen there. Choose another port with --port.",
        )
    raise SiteError(
        f"the ports {first} to {first + count - 1} are all in use",
        hint="Choose another one with --port.",
    )
