"""`tfjs-demo serve`: the site's files and nothing else, until it is told to stop."""

from __future__ import annotations

import gzip
import json
import mimetypes
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from bundler.site import INDEX, MANIFEST, read_manifest
from tests.command import copy_demo, kill_started, request, run, start
from tests.conftest import BuildDemo

SECRET = b"a secret of this machine"
TYPES = {
    ".ts": "text/plain",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".bin": "application/octet-stream",
}
LONGEST_STOP = 2


@dataclass
class Server:
    """A running `tfjs-demo serve`."""

    process: subprocess.Popen[str]
    port: int
    folder: Path

    def get(self, path: str, *, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        """The answer to a request whose path is sent as it is, dots and all."""
        return request(self.port, path, method=method, **headers)


def serve(folder: Path, *arguments: str) -> Server:
    process = start("serve", folder, "--json", *arguments)
    assert process.stdout
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return Server(process, int(json.loads(line)["url"].split(":")[2].split("/")[0]), folder)


def stop(server: Server, number: signal.Signals) -> float:
    """Seconds until it has ended, with exit code 0."""
    begin = time.monotonic()
    server.process.send_signal(number)
    _, errors = server.process.communicate(timeout=20)
    assert (server.process.returncode, errors) == (0, "")
    return time.monotonic() - begin


@pytest.fixture(scope="module")
def server(build_demo: BuildDemo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The digits demo's site, and around it what must not be served."""
    base = tmp_path_factory.mktemp("served")
    folder = base / "site"
    shutil.copytree(build_demo("digits").folder, folder)
    (base / "secret.txt").write_bytes(SECRET)
    (folder / ".env").write_bytes(SECRET)
    (folder / "assets" / "notes.txt").write_bytes(SECRET)
    (folder / "link.txt").symlink_to(base / "secret.txt")
    (folder / "linked").symlink_to(base, target_is_directory=True)
    yield serve(folder, "--port", "0")
    kill_started()


def test_every_file_of_the_site_is_served(server: Server) -> None:
    paths = [*read_manifest(server.folder)["files"], MANIFEST]
    assert len(paths) > 10
    for path in paths:
        response, body = server.get(f"/{path}")
        assert response.status == 200, path
        assert body == (server.folder / path).read_bytes()
        guessed = mimetypes.guess_type(path)[0] or "application/octet-stream"
        kind = TYPES.get(Path(path).suffix) or guessed
        assert (response.headers["Content-Type"] or "").split(";")[0] == kind, path


def test_the_folder_is_its_page(server: Server) -> None:
    response, body = server.get("/")
    assert (response.status, body) == (200, (server.folder / INDEX).read_bytes())
    assert response.headers["Content-Type"].startswith("text/html")
    assert server.get("/?backend=cpu#top")[0].status == 200


HIDDEN = [
    "/.env", "/assets/notes.txt", "/link.txt", "/linked/secret.txt", "/secret.txt",
    "/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
    "/assets/..%2f..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "/..%5csecret.txt", "/..\\secret.txt",
    "/....//secret.txt", "/%252e%252e/secret.txt", "//secret.txt", "/assets//../../secret.txt",
    "/./../secret.txt", "/.%00./secret.txt", "/index.html%00.txt", "/assets", "/assets/",
    "/nothing", "/%", "/%zz", "/" + "a" * 5000, "/INDEX.HTML",
]  # fmt: skip


@pytest.mark.parametrize("path", HIDDEN)
def test_nothing_else_is_served(path: str, server: Server) -> None:
    response, body = server.get(path)
    assert 400 <= response.status < 500 or response.status == 301
    assert SECRET not in body and b"Traceback" not in body


def test_an_absolute_path_of_the_machine_is_not_served(server: Server) -> None:
    secret = server.folder.parent / "secret.txt"
    for path in (f"/{secret}", f"//{secret}", f"/file://{secret}", f"http://x/{secret}"):
        response, body = server.get(path)
        assert response.status >= 400 and SECRET not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_it_only_gives(method: str, server: Server) -> None:
    before = (server.folder / INDEX).read_bytes()
    response, _ = server.get(f"/{INDEX}", method=method, Content_Length="0")
    assert response.status == 405
    assert (server.folder / INDEX).read_bytes() == before


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"])
def test_a_page_of_another_name_cannot_read_it(host: str, server: Server) -> None:
    """DNS rebinding: somebody's name that leads to 127.0.0.1."""
    response, body = server.get("/", Host=host)
    assert response.status in (400, 403, 421)
    assert b"<html" not in body


def test_a_page_of_another_site_cannot_read_it(server: Server) -> None:
    for host in (f"127.0.0.1:{server.port}", f"localhost:{server.port}"):
        response, _ = server.get("/", Host=host, Origin="https://evil.example")
        assert response.status == 200
        assert "Access-Control-Allow-Origin" not in response.headers


def test_nobody_else_in_the_network_can_reach_it(server: Server) -> None:
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    addresses = {row.split()[1] for row in listening.splitlines() if f":{server.port:04X} " in row}
    assert f"0100007F:{server.port:04X}" in addresses
    assert not {f"00000000:{server.port:04X}", f"{'0' * 32}:{server.port:04X}"} & addresses


def test_what_a_browser_has_is_not_sent_again(server: Server) -> None:
    first, _ = server.get("/")
    again, body = server.get("/", If_None_Match=first.headers["ETag"])
    assert (again.status, body) == (304, b"")
    assert "no-cache" in first.headers["Cache-Control"]


def test_texts_are_compressed_on_the_way(server: Server) -> None:
    response, body = server.get("/", Accept_Encoding="gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == (server.folder / INDEX).read_bytes()


def test_a_part_of_a_file(server: Server) -> None:
    whole = (server.folder / INDEX).read_bytes()
    response, body = server.get(f"/{INDEX}", Range="bytes=5-9")
    assert (response.status, body) == (206, whole[5:10])
    many = ",".join(f"{start}-" for start in range(2000))
    response, body = server.get(f"/{INDEX}", Range=f"bytes={many}")
    assert response.status in (200, 206, 400, 416, 431) and len(body) <= len(whole)


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    return copy_demo("wine", build_demo, tmp_path)


def test_a_rebuilt_site_is_served_without_a_restart(wine: Path) -> None:
    running = serve(wine / "site", "--port", "0")
    text = (wine / "demo.toml").read_text(encoding="utf-8")
    (wine / "demo.toml").write_text(text.replace("Which grape", "Which wine"), encoding="utf-8")
    assert run("build", wine, "--quiet").returncode == 0
    body = running.get("/")[1]
    assert b"Which wine" in body
    for path in read_manifest(wine / "site")["files"]:
        assert running.get(f"/{path}")[0].status == 200
    stop(running, signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_at_once_whoever_is_connected(number: signal.Signals, wine: Path) -> None:
    running = serve(wine / "site", "--port", "0")
    idle = HTTPConnection("127.0.0.1", running.port)
    idle.request("GET", "/")
    idle.getresponse().read()  # kept alive
    with socket.create_connection(("127.0.0.1", running.port)) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost: localh")
        assert stop(running, number) < LONGEST_STOP
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", running.port)).close()


def free_port() -> int:
    """A port with ten more above it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return min(port, 65_000)


def occupy(port: int) -> socket.socket:
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", port))
    taken.listen()
    return taken


def test_a_busy_port_gives_way_to_the_next(wine: Path) -> None:
    port = free_port()
    with occupy(port):
        running = serve(wine / "site", "--port", str(port))
        assert port < running.port < port + 10
        assert running.get("/")[0].status == 200
        stop(running, signal.SIGINT)


def test_a_port_that_must_be_free_is_not_exchanged(wine: Path) -> None:
    port = free_port()
    with occupy(port):
        result = run("serve", wine / "site", "--port", str(port), "--strict-port")
    assert result.returncode == 6
    assert f"the port {port} of 127.0.0.1 cannot be used" in result.stderr


def test_who_else_can_see_it_is_said(wine: Path) -> None:
    process = start("serve", wine / "site", "--port", "0", "--host", "0.0.0.0")
    assert process.stdout and process.stderr
    port = process.stdout.readline().split(":")[2].split("/")[0]
    assert process.stderr.readline().startswith("warning: everybody who reaches 0.0.0.0")
    running = Server(process, int(port), wine / "site")
    assert running.get("/", Host="192.0.2.7")[0].status == 200
    assert running.get("/", Host="evil.example")[0].status == 403


def test_it_stands_under_a_sub_path_as_on_github_pages(wine: Path) -> None:
    (wine / "site" / "404.html").write_text("of somebody else")
    running = serve(wine / "site", "--port", "0", "--base", "/Repo/")
    assert running.get("/Repo/")[1] == (wine / "site" / INDEX).read_bytes()
    response, _ = running.get("/Repo")
    assert (response.status, response.headers["Location"]) == (301, "/Repo/")
    for path in ("/", "/repo/", f"/{INDEX}", "/Repo/nothing", "/Repository/"):
        response, body = running.get(path)
        assert response.status == 404 and b"of somebody else" not in body, path


def test_a_part_is_of_the_file_that_was_begun(server: Server) -> None:
    whole = (server.folder / INDEX).read_bytes()
    tag = server.get("/")[0].headers["ETag"]
    for wanted, expected in (("10-", whole[10:]), ("-7", whole[-7:]), ("5-999999999", whole[5:])):
        response, body = server.get("/", Range=f"bytes={wanted}", If_Range=tag)
        assert (response.status, body) == (206, expected)
        assert int(response.headers["Content-Length"]) == len(expected)
    response, body = server.get("/", Range="bytes=10-", If_Range='"another"')
    assert (response.status, body) == (200, whole)
    response, _ = server.get("/", Range=f"bytes={len(whole)}-")
    assert (response.status, response.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    response, body = server.get("/", Range="bytes=3-4", Accept_Encoding="gzip")
    assert (response.status, body) == (206, whole[3:5])
    response, body = server.get("/", method="HEAD")
    assert (response.status, body) == (200, b"")
    assert int(response.headers["Content-Length"]) == len(whole)


def test_busy_ports_are_told(wine: Path) -> None:
    port = free_port()
    taken = []
    for number in range(port, port + 10):
        try:
            taken.append(occupy(number))
        except OSError:
            continue  # somebody else has it
    result = run("serve", wine / "site", "--port", str(port))
    for one in taken:
        one.close()
    assert result.returncode == 6
    assert result.stderr == (
        f"error: the ports {port} to {port + 9} are all in use\nChoose another one with --port.\n"
    )


def test_quiet_says_nothing_but_serves(wine: Path) -> None:
    port = free_port()
    process = start("serve", wine / "site", "--port", str(port), "--quiet")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0
