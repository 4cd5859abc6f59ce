"""Old Chromium builds from packages: `python -m tests.old_browsers` fetches them (300 MB), once.

Chromium 92 and 103 are what @sparticuz/chromium of those versions carries, 94 what Qt WebEngine 6.3
is made of. They are driven by the protocol of their developer tools.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import websocket

from bundler.bundle import packages

FOLDER = Path(
    os.environ.get("TFJS_DEMO_OLD_BROWSERS", Path.home() / ".cache" / "tfjs-demo-old-browsers")
)
FETCH = "python -m tests.old_browsers"
NPM = {"92": "92.0.0", "103": "103.0.0"}
QT = ("PyQt6==6.3.1", "PyQt6-Qt6==6.3.2", "PyQt6-WebEngine==6.3.1", "PyQt6-WebEngine-Qt6==6.3.2")
VERSIONS = ("92", "94", "103")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--single-process", "--no-zygote")
# Seconds.
PATIENCE = 15
ATTEMPTS = 4
# Writes the program and its libraries, which are packed with Brotli.
UNPACK = """
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { brotliDecompressSync } = require('node:zlib');
for (const file of readdirSync('package/bin')) {
  writeFileSync(file.replace('.br', ''), brotliDecompressSync(readFileSync(`package/bin/${file}`)));
}
"""
# A window of Qt with nothing but a page.
WINDOW = """
import sys
from PyQt6.QtCore import QUrl
from PyQt6.QtWidgets import QApplication
from PyQt6.QtWebEngineWidgets import QWebEngineView
application = QApplication(sys.argv)
view = QWebEngineView()
view.resize(1000, 800)
view.setUrl(QUrl("about:blank"))
view.show()
application.exec()
"""


def is_here(version: str) -> bool:
    return (FOLDER / version / "done").is_file()


def fetch(version: str) -> None:
    """Brings a version by the registries' own clients."""
    folder = FOLDER / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if version in NPM:
        name = f"@sparticuz/chromium@{NPM[version]}"
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True)
        [archive] = folder.glob("*.tgz")
        shutil.unpack_archive(archive, folder)
        subprocess.run([packages.node(), "-e", UNPACK], cwd=folder, check=True)
        for libraries in folder.glob("*.tar"):
            shutil.unpack_archive(libraries, folder)
        (folder / "chromium").chmod(0o755)
    else:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *QT]
        subprocess.run(install, check=True)
    (folder / "done").touch()


class Tab:
    """A page of an old Chromium."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self.count = 0
        try:
            self.call("Page.enable")
        except websocket.WebSocketTimeoutException:
            self.socket.close()
            raise

    def call(self, method: str, **parameters: Any) -> Any:
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.count:
                return answer.get("result", answer)

    def evaluate(self, expression: str) -> Any:
        """The value of JavaScript, of a promise what it is fulfilled with."""
        asked = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = self.call("Runtime.evaluate", **asked)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, expression: str, seconds: float = PATIENCE) -> Any:
        """The first value that is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(RuntimeError):
                if found := self.evaluate(expression):
                    return found
            time.sleep(0.05)
        raise TimeoutError(f"{expression}: {self.evaluate('document.body.innerText')}")


@contextmanager
def opened(version: str, data: Path) -> Iterator[Tab]:
    """A tab of this Chromium, whose profile is in `data`."""
    for attempt in range(ATTEMPTS):
        with _started(version, data / str(attempt)) as port:
            try:
                tab = Tab(_find_tab(port))
            except (TimeoutError, websocket.WebSocketTimeoutException):
                # In one process, these do not always come up.
                continue
            try:
                yield tab
            finally:
                tab.socket.close()
            return
    raise TimeoutError(f"Chromium {version} did not start")


@contextmanager
def _started(version: str, data: Path) -> Iterator[int]:
    """The port of its developer tools."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = int(unused.getsockname()[1])
    process = subprocess.Popen(
        _command(version, port, data),
        env=_environment(version, port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def _command(version: str, port: int, data: Path) -> list[str]:
    if version not in NPM:
        return [sys.executable, "-c", WINDOW]
    program = str(FOLDER / version / "chromium")
    told = [f"--remote-debugging-port={port}", f"--user-data-dir={data}", "about:blank"]
    return [program, *FLAGS, *told]


def _environment(version: str, port: int) -> dict[str, str]:
    folder = FOLDER / version
    if version in NPM:
        return {**os.environ, "LD_LIBRARY_PATH": f"{folder / 'lib'}:{folder}"}
    return {
        **os.environ,
        "PYTHONPATH": str(folder),
        "QTWEBENGINE_REMOTE_DEBUGGING": str(port),
        "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
        "QT_QPA_PLATFORM": "offscreen",
    }


def _find_tab(port: int) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=2) as answer:
                tabs = [one for one in json.load(answer) if one["type"] == "page"]
            if tabs:
                return str(tabs[0]["webSocketDebuggerUrl"])
        time.sleep(0.1)
    raise TimeoutError("the browser did not start")


if __name__ == "__main__":
    for one in VERSIONS:
        if not is_here(one):
            fetch(one)
    print(FOLDER)
