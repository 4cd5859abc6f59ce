"""What a visit of a site loads, gzipped: `python -m tests.benchmarks.loaded SITE` prints JSON."""

from __future__ import annotations

import gzip
import json
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM_FLAGS, find_chromium


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def visit(site: Path) -> dict[str, int]:
    """Paths and gzipped bytes of the files that Chromium asks for until the model is ready."""
    paths: set[str] = set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        context = browser.new_context()
        context.on("request", lambda request: paths.add(request.url.split("/", 3)[3]))
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.evaluate("window.tfjsDemo.ready")
        browser.close()
    server.shutdown()
    server.server_close()
    files = {path or "index.html" for path in paths if not path.startswith("data:")}
    return {path: len(gzip.compress((site / path).read_bytes(), 6)) for path in sorted(files)}


if __name__ == "__main__":
    print(json.dumps(visit(Path(sys.argv[1]))))
