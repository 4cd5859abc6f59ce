"""What other pages and programs get from `tfjs-demo serve` of a demo: nothing."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.command import copy_demo
from tests.conftest import BuildDemo
from tests.live import ClosedError, Listener, Live, RefusedError, WebSocket, end_all, serve_live

SECRET = b"a secret of this machine"


@pytest.fixture(scope="module")
def demo(build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wine demo, and around it what must not be served."""
    base = tmp_path_factory.mktemp("served")
    folder = copy_demo("wine", build_demo, base)
    for place in (base / "secret.txt", folder / ".env", folder / "notes.txt", folder / "site/x"):
        place.write_bytes(SECRET)
    (folder / "link.txt").symlink_to(base / "secret.txt")
    (folder / "linked").symlink_to(base, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def live(demo: Path) -> Iterator[Live]:
    running = serve_live(demo)
    running.wait_for("built")
    yield running
    end_all()


def hostile_paths(demo: Path) -> list[str]:
    """Ways to ask for what lies beside the site, in every spelling that has fooled a server."""
    ups = [
        "..",
        "%2e%2e",
        "%2E.",
        "..%00",
        "%252e%252e",
        "....",
        "..;",
        "..%c0%af",
        "．．",
        "%uff0e",
    ]
    slashes = ["/", "%2f", "%5c", "\\", "//", "%252f"]
    files = ["secret.txt", ".env", "notes.txt"]
    climbing = [f"/{up}{slash}{file}" for up, slash, file in itertools.product(ups, slashes, files)]
    names = [".env", "notes.txt", "link.txt", "linked/secret.txt", "demo.toml", "wine.keras",
             "site/x", "site/index.html", "train.py", ".git/config", "assets", "assets/",
             "INDEX.html", "index.html/", "index.html%00", "tfjs-demo.json%20"]  # fmt: skip
    absolute = [f"{demo}/.env", f"/{demo}/.env", "/etc/passwd", "//etc/passwd", "/%2fetc/passwd",
                "file:///etc/passwd", "/@fs/etc/passwd", "/proc/self/environ"]  # fmt: skip
    inside = [f"/assets/{up}/{up}/{file}" for up, file in itertools.product(ups[:4], files)]
    scripts = ["/livereload/../secret.txt", "/livereload.js/../.env", "/livereload/client.js/x"]
    found = [*climbing, *(f"/{name}" for name in names), *absolute, *inside, *scripts]
    return [quote(path, safe="/%\\:;@.") for path in found]


def test_two_hundred_hostile_paths_give_nothing(live: Live, demo: Path) -> None:
    paths = hostile_paths(demo)
    assert len(set(paths)) >= 200
    for path in paths:
        response, body = live.get(path)
        assert response.status in range(300, 500), path
        assert SECRET not in body and b"root:" not in body and b"Traceback" not in body, path


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.1", "[::2]"])
@pytest.mark.parametrize("path", ["/", "/livereload.js", "/livereload/client.js", "/x/y"])
def test_under_a_foreign_name_everything_is_forbidden(host: str, path: str, live: Live) -> None:
    response, body = live.get(path, Host=host)
    assert response.status == 403 and b"<" not in body


def test_nothing_is_changed_by_asking(live: Live) -> None:
    page = Listener(live)
    assert page.settled()["build"] == 1
    for path in ("/forcereload", "/forcereload?path=*"):
        assert live.get(path)[0].status == 403
    assert live.get("/livereload")[0].status in (400, 426)
    with pytest.raises(TimeoutError):
        page.receive(seconds=0.5)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}],
)
def test_a_foreign_page_cannot_listen(headers: dict[str, str], live: Live) -> None:
    with pytest.raises(RefusedError) as caught:
        WebSocket(live.port, **headers)
    assert caught.value.status == 403


def test_who_has_no_token_learns_nothing(live: Live) -> None:
    stranger = Listener(live, token="t-of-somebody")
    assert stranger.receive() == {"command": "reload", "path": "*"}
    with pytest.raises(ClosedError):
        stranger.receive()


@pytest.mark.parametrize("message", ["", "[]", "3", "{}", '{"command": 1}', "x" * 100_000])
def test_messages_of_no_meaning_harm_nobody(message: str, live: Live) -> None:
    page = WebSocket(live.port)
    with suppress(OSError):
        page.send(message)
        page.send(json.dumps({"command": "info", "url": "x"}))
    assert live.get("/")[0].status == 200
    assert live.process.poll() is None


def test_a_request_that_never_ends_keeps_nobody_waiting(live: Live) -> None:
    with socket.create_connection(("127.0.0.1", live.port)) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost: localh")
        assert live.get("/")[0].status == 200


def test_many_ranges_cost_no_more_than_the_file(live: Live) -> None:
    whole = live.get("/")[1]
    many = ",".join(f"{start}-" for start in range(2000))
    response, body = live.get("/", Range=f"bytes={many}")
    assert response.status in (200, 400, 416, 431) and len(body) <= len(whole)
