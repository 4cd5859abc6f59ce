"""The hosts of the tests do what is known of the real ones: else the tests on them prove little."""

from __future__ import annotations

import gzip
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests import command
from tests.http_answers import running
from tests.static_host import StaticHost
from tests.static_hosts import (
    HOSTS,
    CloudflarePages,
    GitHubPages,
    GitHubProjectPages,
    HuggingFace,
    Netlify,
    read_front_matter,
)

README = """---
title: "A \\"demo\\": small"
sdk: "static"
app_file: "index.html"
custom_headers:
  cross-origin-opener-policy: same-origin
---

# A demo
"""
HEADERS = """/*
  X-Test: all
/folder/*
  X-Test: folder
  Cache-Control: no-store
"""
FILES = {
    "README.md": README,
    "_headers": HEADERS,
    "index.html": "page",
    "page.html": "another page",
    "folder/index.html": "folder",
    "folder/model.bin": "0123456789",
    ".hidden": "x",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def ask(host: StaticHost, path: str, **options: str) -> tuple[HTTPResponse, bytes]:
    return command.request(int(host.url.split(":")[2].split("/")[0]), path, **options)


@pytest.mark.parametrize(
    ("kind", "path", "status", "found"),
    [
        (GitHubPages, "/page", 200, "another page"),
        (GitHubPages, "/page/", 404, ""),
        (GitHubPages, "/folder?a=1", 301, "/folder/?a=1"),
        (GitHubPages, "/_headers", 200, HEADERS),
        (GitHubPages, "/.hidden", 404, ""),
        (GitHubProjectPages, "/repo", 301, "/repo/"),
        (GitHubProjectPages, "/repo/", 200, "page"),
        (GitHubProjectPages, "/repo/folder", 301, "/repo/folder/"),
        (GitHubProjectPages, "/Repo/", 404, ""),
        (GitHubProjectPages, "/", 404, ""),
        (Netlify, "/page", 200, "another page"),
        (Netlify, "/page/", 301, "/page"),
        (Netlify, "/index.html", 200, "page"),
        (Netlify, "/folder", 301, "/folder/"),
        (Netlify, "/_headers", 404, ""),
        (CloudflarePages, "/page", 200, "another page"),
        (CloudflarePages, "/page.html", 308, "/page"),
        (CloudflarePages, "/folder/index.html", 308, "/folder/"),
        (CloudflarePages, "/folder", 308, "/folder/"),
        (CloudflarePages, "/_headers", 200, "page"),
        (CloudflarePages, "/assets/gone.js", 200, "page"),
        (HuggingFace, "/", 200, "page"),
        (HuggingFace, "/_headers", 200, HEADERS),
    ],
)
def test_addresses(
    kind: type[StaticHost], path: str, status: int, found: str, folder: Path
) -> None:
    with running(kind(folder)) as host:
        response, body = ask(host, path)
    assert response.status == status
    if status == 200:
        assert body.decode() == found
    elif status != 404:
        assert response.headers["Location"] == found


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (GitHubPages, {"X-Test": None, "Cache-Control": "max-age=600"}),
        (Netlify, {"X-Test": "all, folder", "Cache-Control": "no-store"}),
        (CloudflarePages, {"X-Test": "all, folder", "Cache-Control": "no-store"}),
        (HuggingFace, {"X-Test": None, "cross-origin-opener-policy": "same-origin"}),
    ],
)
def test_headers(kind: type[StaticHost], expected: dict[str, str | None], folder: Path) -> None:
    with running(kind(folder)) as host:
        response, _ = ask(host, "/folder/")
    assert {name: response.headers[name] for name in expected} == expected


@pytest.mark.parametrize("kind", HOSTS.values())
def test_what_browsers_spare_themselves(kind: type[StaticHost], folder: Path) -> None:
    with running(kind(folder)) as host:
        zipped, body = ask(host, host.base, Accept_Encoding="gzip")
        assert gzip.decompress(body) == b"page"
        tag = zipped.headers["ETag"]
        again, body = ask(host, host.base, Accept_Encoding="gzip", If_None_Match=tag)
        assert (again.status, body) == (304, b"")
        part, body = ask(host, f"{host.base}folder/model.bin", Range="bytes=4-")
        assert (part.status, body) == (206, b"456789")
        head, body = ask(host, host.base, method="HEAD")
        assert (head.headers["Content-Length"], body) == ("4", b"")
        assert ask(host, host.base, method="POST")[0].status == 405
        (folder / "index.html").write_text("another one", encoding="utf-8")
        changed, body = ask(host, host.base, If_None_Match=tag)
        assert (changed.status, body) == (200, b"another one")
        assert [one.status for one in host.asked] == [200, 304, 206, 200, 405, 200]


def test_a_page_of_the_site_for_wrong_addresses(folder: Path) -> None:
    (folder / "404.html").write_text("nothing here", encoding="utf-8")
    for kind in (GitHubPages, Netlify, CloudflarePages):
        with running(kind(folder)) as host:
            response, body = ask(host, "/assets/gone.js")
            assert (response.status, body) == (404, b"nothing here")
            assert host.asked[-1].missing


def test_some_servers_have_an_older_site(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    older = tmp_path_factory.mktemp("older")
    (older / "index.html").write_text("old page", encoding="utf-8")
    with running(GitHubProjectPages(folder)) as host:
        host.stale = {"index.html": (older, 2), "page.html": (older, 1)}
        bodies = [ask(host, path)[1] for path in ("/repo/", "/repo/index.html", "/repo/")]
        assert bodies == [b"old page", b"old page", b"page"]
        statuses = [ask(host, "/repo/page.html")[0].status for _ in range(2)]
        assert statuses == [404, 200]
        host.folder = older
        assert ask(host, "/repo/")[1] == b"old page"


def test_what_hosts_refuse(folder: Path) -> None:
    host = CloudflarePages(folder)
    with (folder / "large.bin").open("wb") as file:
        file.truncate(25 * 1024 * 1024 + 1)
    with pytest.raises(AssertionError, match=r"too large: \['large.bin'\]"):
        host.folder = folder
    (folder / "large.bin").unlink()
    for rules in (
        "/\n  X-Test: " + "x" * 2000,
        "".join(f"/{n}\n  X-Test: x\n" for n in range(101)),
    ):
        (folder / "_headers").write_text(rules, encoding="utf-8")
        with pytest.raises(AssertionError, match="too"):
            host.folder = folder
    for settings in (README.replace("static", "gradio"), README.replace("opener", "other")):
        (folder / "README.md").write_text(settings, encoding="utf-8")
        with pytest.raises(AssertionError):
            HuggingFace(folder)


def test_front_matter() -> None:
    settings = read_front_matter(README)
    assert settings["title"] == 'A "demo": small'
    assert settings["custom_headers"] == {"cross-origin-opener-policy": "same-origin"}


@pytest.mark.parametrize(
    "settings",
    ["a", "a: [b]", "  a: b", "a: b\na: c", "a:\n  b:", "a: b c", "a:\n\tb: c", 'a: "b'],
)
def test_other_front_matter_is_refused(settings: str) -> None:
    with pytest.raises(AssertionError):
        read_front_matter(f"---\n{settings}\n---\n")
