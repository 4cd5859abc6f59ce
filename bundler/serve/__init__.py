"""`tfjs-demo serve`: shows a built site, or a demo that is built again whenever it changes."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import tornado.web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from bundler.errors import SiteError
from bundler.serve import live
from bundler.serve.demo import LiveDemo
from bundler.serve.files import BuiltSite, Files
from bundler.serve.http import ISOLATION, WIDE, Elsewhere, Forbidden, Served, SiteFiles
from bundler.serve.rebuild import Target

__all__ = ["Options", "Target", "serve_demo", "serve_site"]

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

    @property
    def is_wide(self) -> bool:
        """Whether others in the network can reach it."""
        return self.host in WIDE or not (self.host.startswith("127.") or self.host == "localhost")

    @property
    def folder(self) -> str:
        """The sub-path with a slash at both ends."""
        return f"/{self.base.strip('/')}/".replace("//", "/")


def serve_site(folder: Path, options: Options, on_event: OnEvent) -> None:
    """Serves a built site until interrupted. Raises SiteError when `folder` is none."""
    asyncio.run(_serve(BuiltSite(folder), options, on_event))


def serve_demo(target: Target, options: Options, on_event: OnEvent) -> None:
    """Serves a demo and builds it again when it changes, until interrupted."""
    asyncio.run(_serve(LiveDemo(target, on_event), options, on_event))


async def _serve(files: BuiltSite | LiveDemo, options: Options, on_event: OnEvent) -> None:
    sockets = _bind(options)
    server = HTTPServer(_application(files, options))
    server.add_sockets(sockets)
    stopped = _on_interrupt()
    if isinstance(files, LiveDemo):
        files.start(polls=options.polls)
    shown = ADDRESS if options.host in WIDE else options.host
    on_event("ready", {"url": f"http://{shown}:{sockets[0].getsockname()[1]}{options.folder}"})
    try:
        await stopped.wait()
    finally:
        server.stop()
        if isinstance(files, LiveDemo):
            files.stop(SECONDS_TO_END)


def _application(files: Files, options: Options) -> tornado.web.Application:
    served = Served(files, options.host, ISOLATION if options.isolate else {})
    mine = {"served": served}
    routes: list[Any] = [("/forcereload", Forbidden, mine)]
    if isinstance(files, LiveDemo):
        routes += live.routes(served, files.channel)
    routes.append((f"{re.escape(options.folder)}(.*)", SiteFiles, mine))
    routes.append((".*", Elsewhere, {**mine, "base": options.folder}))
    return tornado.web.Application(
        routes, compress_response=True, websocket_max_message_size=live.MOST_MESSAGE_BYTES
    )


def _on_interrupt() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt instead
            break
    return stopped


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
