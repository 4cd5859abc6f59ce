"""A running `tfjs-demo serve` of a demo: its events, its answers, and a page that listens to it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from tests.command import kill_started, request, start

PROTOCOL = "http://livereload.com/protocols/official-7"
PREFIX = "tfjs-demo:"
SECONDS = 120
_open: list[WebSocket] = []


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
        return request(self.port, path, method=method, **headers)

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


class RefusedError(Exception):
    """The server does not let somebody listen; `status` is its answer's."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClosedError(Exception):
    """The server has closed the connection."""


class WebSocket:
    """A client's end of a websocket: texts in frames of their own (RFC 6455)."""

    def __init__(self, port: int, path: str = "/livereload", **headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        _open.append(self)
        sent = {
            "Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
            **headers,
        }  # fmt: skip
        lines = [f"{name}: {value}" for name, value in sent.items()]
        request = "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""])
        self._socket.sendall(request.encode())
        self._arrived = b""
        while b"\r\n\r\n" not in self._arrived:
            self._receive_more()
        head, _, self._arrived = self._arrived.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 101:
            raise RefusedError(status)

    def send(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        size = len(data)
        head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xff" + size.to_bytes(8, "big")
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self._socket.sendall(head + mask + masked)

    def receive(self, seconds: float = 20) -> str:
        """The next text. Raises TimeoutError when none comes."""
        self._socket.settimeout(seconds)
        head = self._read(2)
        size = head[1]
        if size >= 126:
            size = int.from_bytes(self._read(2 if size == 126 else 8), "big")
        data = self._read(size)
        if head[0] & 15 == 8:
            raise ClosedError
        return data.decode()

    def close(self) -> None:
        self._socket.close()

    def _read(self, size: int) -> bytes:
        while len(self._arrived) < size:
            self._receive_more()
        data, self._arrived = self._arrived[:size], self._arrived[size:]
        return data

    def _receive_more(self) -> None:
        data = self._socket.recv(1 << 16)
        if not data:
            raise ClosedError
        self._arrived += data


class Listener:
    """A page as livereload's client is one, without a browser."""

    def __init__(self, live: Live, token: str | None = None) -> None:
        self._socket = WebSocket(live.port, Origin=f"http://127.0.0.1:{live.port}")
        hello = {"command": "hello", "protocols": [PROTOCOL], "snipver": token or live.token()}
        self._socket.send(json.dumps(hello))
        assert self.receive()["command"] == "hello"
        self._socket.send(json.dumps({"command": "info", "url": live.url}))

    def receive(self, seconds: float = 20) -> dict[str, Any]:
        """The next message as it came."""
        message: dict[str, Any] = json.loads(self._socket.receive(seconds))
        return message

    def state(self, seconds: float = 20) -> dict[str, Any]:
        """The next message to our own script."""
        path = self.receive(seconds)["path"]
        assert path.startswith(PREFIX), path
        state: dict[str, Any] = json.loads(path.removeprefix(PREFIX))
        return state

    def settled(self) -> dict[str, Any]:
        """The next state in which nothing is going on."""
        while (state := self.state(60)).get("step", "-"):
            continue
        return state


def end_all() -> None:
    """Closes the sockets and kills the servers that tests have left."""
    while _open:
        _open.pop().close()
    kill_started()
