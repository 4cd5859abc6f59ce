"""What a server says to requests of all kinds, and who may frame what it serves."""

from __future__ import annotations

import asyncio
import http.client
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page

from bundler import site
from bundler.serve import Options, Server
from bundler.serve.files import BuiltSite
from bundler.site import INDEX
from tests.conftest import BuildDemo, NewPage, ServeFolder
from tests.sites import OLD

MANY = "9" * 5000
PAGE = b"<script src=assets/page-1.js></script>"
assert OLD.files[INDEX] == PAGE


def place(server: Server) -> tuple[str, int]:
    address = urlsplit(server.url)
    assert address.hostname and address.port
    return address.hostname, address.port


@contextmanager
def running(folder: Path, options: Options) -> Iterator[Server]:
    server = Server(BuiltSite(folder), options)
    thread = threading.Thread(target=lambda: asyncio.run(server.run()))
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served") / "site"
    site.write(OLD, folder)
    with running(folder, Options(port=0)) as server:
        yield server


def ask(server: Server, *lines: str, path: str = "/", host: str | None = "127.0.0.1") -> bytes:
    """The answer to a request that is sent as it is."""
    named = [f"Host: {host}"] if host is not None else []
    text = "\r\n".join([f"GET {path} HTTP/1.1", *named, "Connection: close", *lines, "", ""])
    with socket.create_connection(place(server), timeout=10) as connection:
        connection.sendall(text.encode("latin-1"))
        answer = b""
        while block := connection.recv(1 << 16):
            answer += block
    return answer


RANGES = {
    f"bytes={MANY}-": 416,
    f"bytes=0-{MANY}": 206,
    f"bytes=-{MANY}": 206,
    f"bytes={MANY}-{MANY}": 416,
    f"bytes={'0' * 5000}1-2": 206,
    f"bytes=-{'0' * 5000}": 416,
    "bytes=0-18446744073709551616": 206,
    "bytes=\xb2-": 200,
    "bytes=-": 200,
    f"bytes={MANY}": 200,
    "\xff" * 4000: 200,
}


@pytest.mark.parametrize("range_", RANGES, ids=lambda text: f"{text[:12]}-{len(text)}")
def test_a_range_of_any_length_is_a_range(range_: str, served: Server) -> None:
    answer = ask(served, f"Range: {range_}")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {RANGES[range_]} ".encode())
    assert body == {200: PAGE, 206: body, 416: b""}[RANGES[range_]]
    assert body in PAGE


HEADERS = [
    f"If-Modified-Since: {MANY}",
    "If-Modified-Since: \xff",
    "If-None-Match: " + '"' * 5000,
    "If-None-Match: \xff,\xfe",
    f"If-Range: {MANY}",
    f"Content-Length: {MANY}",
    "Content-Length: -1",
    "Content-Length: \xb2",
    "Content-Length: 1,2",
    "Transfer-Encoding: x",
    f"Accept-Encoding: gzip;q={MANY}",
    "Cookie: " + "=;" * 5000,
    'Cookie: a="\\777"',
    f"X-Forwarded-For: {MANY}",
    "Expect: x",
    f"Sec-WebSocket-Version: {MANY}",
    f"Sec-WebSocket-Extensions: permessage-deflate; a={MANY}",
    "Origin: http://[",
    f"Origin: http://x:{MANY}",
    ": x",
    "\x1b[2J: x",
    "Authorization: Basic \xff",
    "Content-Type: multipart/form-data; boundary=",
    "Upgrade: websocket",
]
HOSTS = [
    f"127.0.0.1:{MANY}",
    f"localhost:{'9' * 6}",
    "127.0.0.1:\xb2",
    "[::1",
    "[::1]:" + MANY,
    "",
    " ",
    "a@127.0.0.1",
    "127.0.0.1:80:80",
    "[127.0.0.1]x",
    "\xff",
    "x" * 5000,
    "[::1%25lo]",
    "127.0.0.1/",
]
PATHS = [
    "/%",
    "/%ff%00",
    "http://[/",
    "//[",
    "*",
    "/\xff",
    f"/{MANY}",
    "/?" + "a=%ff&" * 500,
    "//x:" + MANY,
]


@pytest.mark.parametrize(
    ("lines", "path", "host"),
    [
        *(((line,), path, "127.0.0.1") for line in HEADERS for path in ("/", "/livereload", "/x")),
        *(((), "/", host) for host in HOSTS),
        *(((), path, "127.0.0.1") for path in PATHS),
        ((), "/", None),
        (("Host: evil.example",), "/", "127.0.0.1"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_no_request_is_a_mistake_of_the_server(
    lines: tuple[str, ...],
    path: str,
    host: str | None,
    served: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = ask(served, *lines, path=path, host=host)
    assert 200 <= int(answer.split(None, 2)[1]) < 500
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    if host in HOSTS:
        assert PAGE not in answer


def test_who_goes_away_is_no_mistake(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site.write(site.Site({INDEX: b"x" * (64 << 20)}, {}), tmp_path / "site")
    with running(tmp_path / "site", Options(port=0)) as server:
        for _ in range(3):
            with socket.create_connection(place(server)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                connection.recv(100)
        assert ask(server, "Range: bytes=0-1").endswith(b"xx")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def policy(server: Server, path: str, method: str = "GET", **headers: str) -> str | None:
    with closing(http.client.HTTPConnection(*place(server), timeout=10)) as connection:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        response.read()
    assert response.headers["Referrer-Policy"] == "no-referrer"
    return response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/", f"/{INDEX}", "/x", "/assets/page-1.js", "/%ff", "/forcereload"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_says_who_may_frame_it(path: str, method: str, served: Server) -> None:
    assert policy(served, path, method) == "frame-ancestors 'self'"
    assert policy(served, path, method, Host="evil.example") == "frame-ancestors 'self'"


def test_a_preview_is_for_who_knows_its_address(served: Server, tmp_path: Path) -> None:
    site.write(OLD, tmp_path / "site")
    with running(tmp_path / "site", Options.of_a_notebook()) as server:
        path = urlsplit(server.url).path
        assert len(path) > 30
        assert b" 200 " in ask(server, path=path)
        sent = policy(server, path)
        assert sent and "http://localhost:* http://127.0.0.1:* vscode-webview:" in sent
        for other in (
            "/",
            f"/{INDEX}",
            "/assets/page-1.js",
            path[:-2] + "/",
            "/" + path[2:],
            "//",
            "/x",
        ):
            answer = ask(server, path=other)
            assert (
                b" 404 " in answer.partition(b"\r\n")[0] and path.strip("/").encode() not in answer
            )
    with running(tmp_path / "site", Options.of_a_notebook()) as server:
        assert urlsplit(server.url).path != path


ASK = """() => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => resolve(Object.keys(data)[0]);
  setTimeout(() => resolve('nothing'), 3000);
  const asked = document.querySelector('iframe').contentWindow;
  asked.postMessage({ type: 'tfjs-demo:ask' }, '*', [port2]);
})"""


@pytest.fixture
def framing(tmp_path: Path, host: ServeFolder, new_page: NewPage) -> Callable[[str, str], Page]:
    """Opens a page at a name of this machine that frames an address."""

    def make(name: str, url: str) -> Page:
        folder = tmp_path / f"framing-{name}"
        folder.mkdir()
        (folder / "index.html").write_text(f'<!doctype html><iframe src="{url}?embed"></iframe>')
        page = new_page()
        page.goto(host(folder).url.replace("127.0.0.1", name))
        page.wait_for_timeout(300)
        return page

    return make


def framed(page: Page) -> Frame:
    return page.frames[1]


@pytest.mark.parametrize("name", ["evil.localhost", "localhost", "127.0.0.1"])
def test_no_page_frames_what_is_not_published(
    name: str, build_demo: BuildDemo, framing: Callable[[str, str], Page]
) -> None:
    with running(build_demo("wine").folder, Options(port=0)) as server:
        page = framing(name, server.url)
        assert page.evaluate(ASK) == "nothing"
        assert framed(page).url.startswith("chrome-error:")


def test_a_notebook_frames_its_preview_and_others_do_not(
    build_demo: BuildDemo, framing: Callable[[str, str], Page]
) -> None:
    with running(build_demo("wine").folder, Options.of_a_notebook()) as server:
        for name in ("localhost", "127.0.0.1"):
            page = framing(name, server.url)
            framed(page).wait_for_function("globalThis.tfjsDemo")
            assert page.evaluate(ASK) == "value"
        page = framing("evil.localhost", server.url)
        assert page.evaluate(ASK) == "nothing"


def test_a_published_site_is_framed_and_answers_its_embedder_alone(
    build_demo: BuildDemo, host: ServeFolder, framing: Callable[[str, str], Page]
) -> None:
    page = framing("evil.localhost", host(build_demo("wine").folder).url)
    framed(page).wait_for_function("globalThis.tfjsDemo")
    assert page.evaluate(ASK) == "value"
    # A frame beside it, and a page that it has not been opened by.
    page.evaluate("document.body.append(document.createElement('iframe'))")
    beside = page.frames[2]
    assert (
        beside.evaluate(ASK.replace("document.querySelector('iframe').contentWindow", "parent[0]"))
        == "nothing"
    )
