"""Demos on a host that sends what the site's `_headers` says, in a real browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bundler.site.headers import HEADERS
from tests.conftest import BuildDemo, Headers, NewPage, ServeFolder
from tests.every import EVERY_DEMO
from tests.header_rules import parse, sent
from tests.test_browser_policy import use_everything, watch_policy
from tests.visitor import open_ready


@dataclass(frozen=True)
class Collector:
    """Where browsers send what a policy refuses, also to workers."""

    url: str
    reports: list[str]
    came: threading.Condition

    def expect(self, report: str) -> None:
        """Reports come when the browser finds time for them."""
        with self.came:
            assert self.came.wait_for(lambda: report in self.reports, timeout=20), self.reports


@pytest.fixture
def collector() -> Iterator[Collector]:
    reports: list[str] = []
    came = threading.Condition()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            report = json.loads(body)["csp-report"]
            with came:
                reports.append(f"{report['effective-directive']} {report['blocked-uri']}")
                came.notify_all()
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Collector(f"http://127.0.0.1:{server.server_port}/", reports, came)
    server.shutdown()
    server.server_close()


def host_headers(folder: Path, collector: Collector) -> Headers:
    """Exactly the headers of the site, and where to report what the policy refuses."""
    rules = parse((folder / HEADERS).read_text(encoding="utf-8"))

    def send(path: str) -> dict[str, str]:
        found = sent(rules, path)
        policy = f"{found['Content-Security-Policy']}; report-uri {collector.url}"
        return {**found, "Content-Security-Policy-Report-Only": policy}

    return send


@pytest.mark.parametrize("name", EVERY_DEMO)
def test_every_demo_works_with_its_headers(
    name: str,
    build_demo: BuildDemo,
    host: ServeFolder,
    collector: Collector,
    new_page: NewPage,
    webgl_browser: Browser,
) -> None:
    folder = build_demo(name).folder
    page = new_page(within=webgl_browser)
    errors = watch_policy(page)
    warnings: list[str] = []
    page.on("console", lambda m: warnings.append(m.text) if "olicy" in m.text else None)
    use_everything(page, host(folder, headers=host_headers(folder, collector)).url)
    assert page.evaluate("policyReports") == []
    assert (errors, warnings, collector.reports) == ([], [], [])


def test_what_workers_are_refused_is_reported(
    build_demo: BuildDemo, host: ServeFolder, collector: Collector, new_page: NewPage
) -> None:
    """So that the test above can fail: workers have the policy that comes with their script."""
    folder = build_demo("digits").folder
    page, headers = new_page(), host_headers(folder, collector)

    def send(path: str) -> dict[str, str]:
        is_worker = path.startswith("/assets/wasm-")
        hole = " 'wasm-unsafe-eval'" if is_worker else "nothing"
        return {name: value.replace(hole, "") for name, value in headers(path).items()}

    open_ready(page, host(folder, headers=send).url)
    assert page.evaluate("tfjsDemo.backend") != "wasm"
    collector.expect("script-src wasm-eval")
