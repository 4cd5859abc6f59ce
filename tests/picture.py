"""Takes the READMEs' picture of the digits page: `python -m tests.picture SITE`."""

from __future__ import annotations

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM_FLAGS, DEMOS, find_chromium


def take(site: Path, picture: Path) -> None:
    """The page with its first example, answered live, in a window of 1120 by 760 pixels."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(site))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1120, "height": 760})
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.evaluate("window.tfjsDemo.ready")
        page.click("[data-example='0']")
        page.wait_for_selector("#answer[data-origin='device']")
        page.mouse.move(0, 0)
        page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        page.screenshot(path=picture)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    take(Path(sys.argv[1]), DEMOS / "digits" / "page.png")
