"""A browser that runs as long as it is needed, and nothing of it afterwards."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from tests.engines import keeper
from tests.engines.browsers import Engine, Start

# Seconds until a driver, or a display, answers.
STARTED = 20
# Seconds for any one thing that a driver is asked to do.
PATIENCE = 90
# Seconds for a script in the page, and for a page to load.
SCRIPT = 60


@contextmanager
def kept(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[Path]:
    """Runs a program with all that it starts; the file has what it prints."""
    output = folder / f"{Path(command[0]).name}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, keeper.__file__, *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, **environment, "TMPDIR": str(folder)},
        )
        try:
            yield output
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(PATIENCE)


@contextmanager
def display(folder: Path) -> Iterator[str]:
    """An X server without a screen; its name."""
    size = ["-screen", "0", "1280x1024x24"]
    with kept(["Xvfb", "-displayfd", "1", *size, "-nolisten", "tcp"], folder, {}) as output:
        end = time.monotonic() + STARTED
        # It also tells which displays others have.
        while not (number := re.search(r"^(\d+)\n", output.read_text(), re.MULTILINE)):
            assert time.monotonic() < end, "Xvfb does not start"
            time.sleep(0.02)
        yield f":{number[1]}"


@contextmanager
def started(engine: Engine, program: str, start: Start, folder: Path) -> Iterator[WebDriver]:
    """A browser of an engine, by the program that drives it."""
    environment = {**start.environment, "NO_AT_BRIDGE": "1"}
    with ExitStack() as stack:
        if engine.needs_display:
            environment["DISPLAY"] = stack.enter_context(display(folder))
        port = free_port()
        stack.enter_context(kept([program, f"--port={port}"], folder, environment))
        url = f"http://127.0.0.1:{port}"
        wait_for(url)
        config = ClientConfig(remote_server_addr=url, timeout=PATIENCE)
        connection = RemoteConnection(client_config=config)
        driver = webdriver.Remote(connection, options=engine.options(start))
        driver.set_script_timeout(SCRIPT)
        driver.set_page_load_timeout(SCRIPT)
        try:
            yield driver
        finally:
            with suppress(WebDriverException, HTTPError, OSError):  # what it was has ended
                driver.quit()


def wait_for(url: str) -> None:
    """Until a driver answers."""
    end = time.monotonic() + STARTED
    while True:
        try:
            urllib.request.urlopen(f"{url}/status", timeout=STARTED).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
