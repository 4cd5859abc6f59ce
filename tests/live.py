"""A running `tfjs-demo serve` of a demo: its events, its answers, and a page that listens to it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.command import kill_started, start

PROTOCOL = "http://livereload.com/protocols/official-7"
PREFIX = "tfjs-demo:"
SECONDS = 120
_listening: list[Listener] = []


@dataclass
class Live:
    """The server's process and what it has printed."""

    process: subprocess.Popen[str]
    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def port(self) -> int:
        return int(self.url.split(":")[2].split("/")[0])

    def read(self) -> None:
        """Collects what it prints, until it ends."""
        assert self.process.stdout
        for line in self.process.stdout:
            facts = json.loads(line)
            with self.arrived:
                self.url = facts.get("url", self.url)
                self.events.append(facts)
                self.arrived.notify_all()

    def wait(self, is_there: Callable[[], object]) -> None:
        """Until the events make it true."""
        with self.arrived:
            assert self.arrived.wait_for(is_there, SECONDS), self.events

    def count(self, kind: str) -> int:
        """How many events of a kind there were."""
        return sum(event.get("event") == kind for event in self.events)

    def wait_for(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The event of a kind with this number."""
        self.wait(lambda: self.count(kind) >= count)
        return [event for event in self.events if event.get("event") == kind][count - 1]

    def get(self, path: str, *, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        """The answer to a request whose path is sent as it is, dots and all."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    def page(self) -> str:
        """The page as it is served."""
        return self.get("/")[1].decode()

    def token(self) -> str:
        found = re.search(r'data-token="([^"]+)"', self.page())
        assert found
        return found[1]

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """Ends it; the seconds that it took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - begin


def serve_live(demo: Path, *arguments: str) -> Live:
    """Starts the server and waits for its address, not for its first build."""
    live = Live(start("serve", demo, "--json", "--port", "0", *arguments))
    threading.Thread(target=live.read, daemon=True).start()
    live.wait(lambda: live.url)
    return live


class Listener:
    """A page as livereload's client is one, without a browser."""

    def __init__(self, live: Live, token: str | None = None) -> None:
        self._loop = IOLoop(make_current=False)
        address = f"ws://127.0.0.1:{live.port}/livereload"
        self._socket: WebSocketClientConnection = self._loop.run_sync(
            lambda: websocket_connect(address), timeout=20
        )
        self.send({"command": "hello", "protocols": [PROTOCOL], "snipver": token or live.token()})
        _listening.append(self)
        assert self.receive()["command"] == "hello"
        self.send({"command": "info", "url": live.url})

    def send(self, message: dict[str, Any]) -> None:
        self._loop.run_sync(lambda: self._socket.write_message(json.dumps(message)))

    def receive(self, seconds: float = 20) -> dict[str, Any]:
        """The next message as it came."""
        text = self._loop.run_sync(self._socket.read_message, timeout=seconds)
        assert isinstance(text, str), "the connection was closed"
        message: dict[str, Any] = json.loads(text)
        return message

    def state(self, seconds: float = 20) -> dict[str, Any]:
        """The next message to our own script."""
        path = self.receive(seconds)["path"]
        assert path.startswith(PREFIX), path
        state: dict[str, Any] = json.loads(path.removeprefix(PREFIX))
        return state

    def settled(self) -> dict[str, Any]:
        """The next state in which nothing is going on."""
        while (state := self.state()).get("step", "-"):
            continue
        return state

    def close(self) -> None:
        async def close() -> None:
            self._socket.close()

        self._loop.run_sync(close)
        self._loop.close(all_fds=True)


def end_all() -> None:
    """Closes the listeners and kills the servers that tests have left."""
    while _listening:
        _listening.pop().close()
    kill_started()
