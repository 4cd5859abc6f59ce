"""A site's own engine in real Chromium, each model in a page of its own."""

from __future__ import annotations

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from bundler.graph import Case
from bundler.ground.errors import ParityError
from bundler.ground.tensors import Tensors, tensors_from_json, tensors_to_json
from bundler.proof.verify import Shipped
from tests.conftest import CHROMIUM_FLAGS, find_chromium
from tests.sweep import auditing

# WebGL and WebGPU without a graphics card.
GRAPHICS_FLAGS = [
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
WORKER = Path(__file__).parent / "worker.js"
TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}
# A browser gets slower with every page, and now and then loses its connection to the GPU.
PAGES = 40
SECONDS = 120
# What goes wrong by itself now and then, and says nothing of the model.
ACCIDENTS = ("external Instance reference", "Target closed", "Target crashed", "device was lost")

RUN = """
({ request, seconds }) => new Promise((resolve) => {
  const worker = new Worker('/worker.js', { type: 'module' });
  const end = (answer) => { worker.terminate(); resolve(answer); };
  setTimeout(() => end({ error: `no answer within ${seconds} seconds` }), seconds * 1000);
  worker.onmessage = ({ data }) => end(data);
  worker.onerror = ({ message }) => end({ error: message ?? 'the worker does not load' });
  worker.postMessage(request);
})
"""


class Chromium:
    """A browser, started when first asked, and started again after PAGES pages or a crash."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._page: Page | None = None
        self._pages = 0
        self._files: dict[str, Path] = {}
        self._server = _serve(self._files)

    def answers(self, shipped: Shipped, cases: list[Case], backend: str) -> list[Tensors]:
        """What the shipped files answer to the cases' inputs on one backend.

        Raises ParityError when TF.js fails.
        """
        answer = self._ask(shipped, cases, backend)
        if "error" in answer:
            raise ParityError(f"TensorFlow.js fails on the backend {backend}: {answer['error']}")
        return [tensors_from_json(result) for result in answer["results"]]

    def kernels(self, shipped: Shipped, cases: list[Case], backend: str) -> dict[str, Any]:
        """What each kernel of a backend computed, beside that of the cpu backend.

        Raises ParityError when not even that can be told.
        """
        engine = auditing.bundle().engine
        audited = replace(shipped, engines={backend: engine})
        answer = self._ask(audited, cases, backend, audit=f"/engine/{engine.name}")
        kernels: dict[str, Any] | None = answer.get("kernels")
        if kernels is None:
            raise ParityError(f"the audit fails on the backend {backend}: {answer.get('error')}")
        return kernels

    def _ask(
        self, shipped: Shipped, cases: list[Case], backend: str, **more: str
    ) -> dict[str, Any]:
        files = {f"/model/{name}": path for name, path in shipped.files.items()}
        engine = shipped.engines[backend]
        files |= {"/worker.js": WORKER, "/engine": engine.parent}
        if files != self._files:
            self._close_page()
            self._files.clear()
            self._files |= files
        request = {
            "engine": f"/engine/{engine.name}",
            "files": {name: f"/model/{name}" for name in shipped.files},
            "backend": backend,
            "cases": [tensors_to_json(case.inputs) for case in cases],
            **more,
        }
        answer: dict[str, Any] = {}
        for _ in range(3):
            answer = self._run(request)
            if not any(accident in answer.get("error", "") for accident in ACCIDENTS):
                break
            self._stop()
        return answer

    def close(self) -> None:
        self._stop()
        if self._playwright:
            self._playwright.stop()
        self._server.shutdown()
        self._server.server_close()

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            page = self._open()
            answer: dict[str, Any] = page.evaluate(RUN, {"request": request, "seconds": SECONDS})
            return answer
        except Error as error:
            self._stop()
            return {"error": error.message.splitlines()[0]}

    def _open(self) -> Page:
        """The model's page: each backend gets a worker of its own in it."""
        if self._page:
            return self._page
        if self._pages >= PAGES:
            self._stop()
        if self._playwright is None:
            self._playwright = sync_playwright().start()
        if self._browser is None:
            self._browser = self._playwright.chromium.launch(
                executable_path=find_chromium(), args=[*CHROMIUM_FLAGS, *GRAPHICS_FLAGS]
            )
        self._pages += 1
        self._page = self._browser.new_page()
        self._page.goto(f"http://127.0.0.1:{self._server.server_port}/")
        return self._page

    def _close_page(self) -> None:
        page, self._page = self._page, None
        if page:
            page.close()

    def _stop(self) -> None:
        browser, self._browser, self._page, self._pages = self._browser, None, None, 0
        if browser:
            browser.close()


def _serve(files: dict[str, Path]) -> ThreadingHTTPServer:
    """Serves files by their path; a folder stands for the files in it; / is an empty page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            folder, _, name = self.path.rpartition("/")
            found = files.get(self.path) or (files[folder] / name if folder in files else None)
            if self.path != "/" and (found is None or not found.is_file()):
                self.send_error(404)
                return
            body = found.read_bytes() if found else b"<!doctype html><title>Sweep</title>"
            suffix = found.suffix if found else ".html"
            self.send_response(200)
            self.send_header("Content-Type", TYPES.get(suffix, "text/html"))
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
