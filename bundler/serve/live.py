"""Tells open pages what became of the demo: through livereload's websocket and its client.

Every page knows the number of the build that it shows, and is told the newest; so no message
can be lost, whatever a page was doing when it was sent.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import livereload
import tornado.web
from livereload.handlers import LiveReloadHandler

from bundler.ground import layout
from bundler.serve.http import Guarded, Served
from bundler.serve.problem import Problem

# How a message to our own script begins, in the path of livereload's.
PREFIX = "tfjs-demo:"
MOST_MESSAGE_BYTES = 1 << 16


@dataclass(frozen=True)
class State:
    """What a page is told: which build is the newest, and what is going on."""

    build: int = 0
    problem: Problem | None = None
    step: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Channel:
    """The pages that are open, and what they were told last."""

    def __init__(self) -> None:
        # Letters first: livereload's client would make a number of digits.
        self.token = "t" + secrets.token_urlsafe(24)
        self.state = State()
        self._pages: set[LiveSocket] = set()

    def tell(self, state: State, **more: Any) -> None:
        """Tells all pages, now and when they connect."""
        self.state = state
        self._send({**state.to_json(), **more}, self._pages)

    def restyle(self, style: str) -> None:
        """Gives all pages another style sheet, without a reload."""
        self._send({"style": style}, self._pages)

    def knows(self, token: object) -> bool:
        """Whether a page was sent by this server, in this run."""
        return isinstance(token, str) and secrets.compare_digest(
            token.encode(), self.token.encode()
        )

    def enter(self, page: LiveSocket) -> None:
        self._pages.add(page)
        self._send(self.state.to_json(), {page})

    def leave(self, page: LiveSocket) -> None:
        self._pages.discard(page)

    def _send(self, message: Mapping[str, Any], pages: set[LiveSocket]) -> None:
        path = PREFIX + json.dumps(message)
        for page in list(pages):
            page.send_message({"command": "reload", "path": path})

    def script(self) -> str:
        """The element that makes a page listen; `build` is the one that it shows."""
        return (
            f'<script src="/livereload/client.js" data-build="{self.state.build}" '
            f'data-token="{self.token}"></script>'
        )


class LiveSocket(LiveReloadHandler):  # type: ignore[misc]
    """Livereload's websocket, for pages that this server has sent."""

    def initialize(self, served: Served, channel: Channel) -> None:
        self.served = served
        self.channel = channel
        self._is_known = False

    def prepare(self) -> None:
        if not self.served.is_called(self.request.host_name):
            raise tornado.web.HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        try:
            return bool(urlsplit(origin).netloc == self.request.host)
        except ValueError:
            return False

    def on_message(self, message: str | bytes) -> None:
        try:
            command = json.loads(message)
            name, token = command["command"], command.get("snipver")
        except (ValueError, TypeError, KeyError, AttributeError):
            self.close()
            return
        if name == "hello":
            self._is_known = self.channel.knows(token)
        super().on_message(message)
        if name == "hello" and not self._is_known:
            # A page of an earlier run of this server; loaded again it is one of this run.
            self.send_message({"command": "reload", "path": "*"})
            self.close()
        if name == "info" and self._is_known:
            self.channel.enter(self)

    def on_close(self) -> None:
        super().on_close()
        self.channel.leave(self)


class Script(Guarded):
    """One of the two scripts that a page listens with."""

    def initialize(self, served: Served, file: Path = Path()) -> None:
        super().initialize(served)
        self._file = file

    def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.write(self._file.read_bytes())


def routes(served: Served, channel: Channel) -> list[Any]:
    """Livereload's client and socket, and our own script, which hears what the client is told."""
    client = Path(livereload.__file__).parent / "vendors" / "livereload.js"
    own = layout.templates() / "live" / "client.js"
    return [
        ("/livereload.js", Script, {"served": served, "file": client}),
        ("/livereload/client.js", Script, {"served": served, "file": own}),
        ("/livereload", LiveSocket, {"served": served, "channel": channel}),
    ]
