"""After a deploy: the public address is looked at, file by file and in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bundler import site
from bundler.deploy import live
from bundler.deploy.targets import github_pages
from bundler.ground.errors import DeployError
from bundler.site import INDEX, Site
from tests.command import run, wait_until
from tests.conftest import BuildDemo, find_chromium
from tests.deploy.project import small_site
from tests.every import HOSTS as QUICK
from tests.every import every
from tests.static_host import StaticHost
from tests.static_hosts import HOSTS, static_host
from tests.texts import assert_error

OLD, NEW = small_site("old", b"old weights"), small_site("new")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def pages(stack: ExitStack, tmp_path: Path) -> StaticHost:
    """GitHub Pages with the new site; the old one lies beside it."""
    for name, made in {"old": OLD, "new": NEW}.items():
        site.write(made, tmp_path / name)
    return stack.enter_context(static_host("GitHub Pages, project", tmp_path / "new"))


def wait(host: StaticHost, limit: float = 30) -> list[str]:
    """Waits for the new site; returns what was told meanwhile."""
    told: list[str] = []
    live.wait(NEW, host.url, limit=limit, on_step=told.append)
    return told


@pytest.mark.parametrize("name", every(HOSTS, QUICK))
def test_a_published_demo_is_found_right_in_a_browser(
    name: str, build_demo: BuildDemo, stack: ExitStack, tmp_path: Path
) -> None:
    assert find_chromium()
    folder, out = build_demo("wine").folder, tmp_path / "out"
    target = HOSTS[name].target
    assert run("deploy", folder, "--to", target, "--out", out, "--quiet").returncode == 0
    host = stack.enter_context(static_host(name, out))
    arguments = ("deploy", folder, "--to", target, "--out", out, "--wait", "--url", host.url)
    result = run(*arguments, "--json")
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert facts["url"] == host.url
    (seen,) = facts["seen"]
    assert re.fullmatch(r"Chromium \d+\..*", seen["browser"]) and seen["backend"] == "cpu"
    assert 0 <= seen["error"] <= 1e-4
    text = run(*arguments).stdout
    assert f" files are at {host.url}, after " in text
    assert " opened it: the same answers as Python on cpu (largest error " in text


def test_every_file_is_asked_for_and_compared(pages: StaticHost) -> None:
    assert wait(pages) == []
    asked = {one.path.removeprefix(pages.base) for one in pages.asked}
    assert asked == NEW.files.keys() | {site.MANIFEST}


@pytest.mark.parametrize("path", [*NEW.files, site.MANIFEST])
def test_one_file_that_differs_is_found(path: str, pages: StaticHost, tmp_path: Path) -> None:
    file = tmp_path / "new" / path
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(DeployError) as caught:
        wait(pages, limit=0)
    assert f"  {path}: is not the one that was published" in caught.value.message


def test_a_network_with_old_and_new_files_is_waited_out(pages: StaticHost, tmp_path: Path) -> None:
    # The page for two rounds, the service worker for another one once all have been there.
    pages.stale = {INDEX: (tmp_path / "old", 2), "assets/page-new.js": (tmp_path / "old", 1)}
    told = wait(pages)
    assert told == ["3 of 5 files are there", "4 of 5 files are there"]
    counts = {
        path: [one.path for one in pages.asked].count(pages.base + path) for path in NEW.files
    }
    # At the end all of them once more, in one go.
    assert counts[INDEX] == 4 and counts["sw.js"] == 2


def test_a_site_that_comes_while_it_is_waited_for(pages: StaticHost, tmp_path: Path) -> None:
    pages.folder = tmp_path / "old"
    told: list[str] = []
    waiting = threading.Thread(
        target=live.wait, args=(NEW, pages.url), kwargs={"limit": 60, "on_step": told.append}
    )
    waiting.start()
    wait_until(lambda: told)
    assert told[0] == "1 of 5 files are there"
    pages.folder = tmp_path / "new"
    waiting.join(60)
    assert not waiting.is_alive()


def test_a_host_that_comes_back_is_waited_for(pages: StaticHost) -> None:
    pages.stop()
    told: list[str] = []
    waiting = threading.Thread(
        target=live.wait, args=(NEW, pages.url), kwargs={"limit": 60, "on_step": told.append}
    )
    waiting.start()
    wait_until(lambda: told)
    pages.start()
    waiting.join(60)
    assert told[0] == "0 of 5 files are there" and not waiting.is_alive()


def test_what_never_comes_is_told(pages: StaticHost, tmp_path: Path) -> None:
    pages.folder = tmp_path / "old"
    with pytest.raises(DeployError) as caught:
        wait(pages, limit=1)
    message = caught.value.message.replace(pages.url, "http://HOST/repo/")
    assert_error(DeployError(message, hint=caught.value.hint), "deploy-never-there", tmp_path)


def test_a_host_that_is_not_there_is_told(pages: StaticHost) -> None:
    pages.stop()
    with pytest.raises(DeployError, match="Connection refused"):
        wait(pages, limit=0)


@pytest.mark.parametrize(
    "url", ["example.org/demo", "ftp://example.org/", "https://ann:secret@example.org/", "https://"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(DeployError) as caught:
        live.check_url(url)
    assert "secret" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("url", ["http://a.b/c", "http://a.b/c/", "http://a.b/c/index.html"])
def test_an_address_is_that_of_a_folder(url: str) -> None:
    assert live.check_url(url) == "http://a.b/c/"


ADDRESSES = {
    "https://github.com/Ann/digits.git": "https://ann.github.io/digits/",
    "https://github.com/ann/digits": "https://ann.github.io/digits/",
    "https://token@github.com/ann/digits.git": "https://ann.github.io/digits/",
    "git@github.com:ann/Digits.git": "https://ann.github.io/Digits/",
    "ssh://git@github.com/ann/digits.git": "https://ann.github.io/digits/",
    "ssh://git@ssh.github.com:443/ann/digits.git": "https://ann.github.io/digits/",
    "git@github.com:ann/ann.github.io.git": "https://ann.github.io/",
    "https://gitlab.com/ann/digits.git": None,
    "https://example.org/github.com/ann/digits": None,
    "../digits.git": None,
}


@pytest.mark.parametrize("remote", ADDRESSES)
def test_the_address_of_a_repository_on_github(remote: str) -> None:
    assert github_pages.address(remote) == ADDRESSES[remote]


def test_without_a_browser_the_files_are_compared_and_that_is_said(
    build_demo: BuildDemo, stack: ExitStack, tmp_path: Path
) -> None:
    if Path("/opt/google/chrome/chrome").exists() or Path("/opt/microsoft/msedge").exists():
        pytest.skip("a browser lies where it is always found")
    folder = build_demo("wine").folder
    host = stack.enter_context(static_host("GitHub Pages, root", folder))
    nothing = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    result = run("deploy", folder, "--wait", "--url", host.url, settings=nothing)
    assert result.returncode == 0, result.stderr
    assert f" files are at {host.url}, after " in result.stdout
    assert "note: No browser was found here" in result.stdout


def altered(folder: Path, path: str, change: tuple[bytes, bytes], out: Path) -> None:
    """Writes the site with a file that is another one from the start."""
    made = site.load(folder)
    content = (folder / path).read_bytes()
    assert change[0] in content
    site.write(Site({**made.files, path: content.replace(*change, 1)}, made.facts), out)


def test_a_page_that_answers_otherwise_is_told(
    build_demo: BuildDemo, stack: ExitStack, tmp_path: Path
) -> None:
    folder = build_demo("wine").folder
    golden = site.read_manifest(folder)["golden"]
    # Another answer than Python's: what a wrong computation in this browser would look like.
    text = (folder / golden).read_bytes()
    first = re.search(rb'"outputs":\{"[^"]+":\{"dtype":"float32","shape":\[1,3\],"data":"', text)
    assert first
    start = first.end()
    altered(folder, golden, (text[start : start + 12], b"AACAPwAAgD8A"[:12]), tmp_path / "site")
    host = stack.enter_context(static_host("GitHub Pages, root", tmp_path / "site"))
    result = run("deploy", tmp_path / "site", "--wait", "--url", host.url)
    assert result.returncode == 4, result.stderr
    assert "does not answer what Python answers" in result.stderr
    assert "computes otherwise" in result.stderr


def test_a_page_that_does_not_start_is_told(
    build_demo: BuildDemo, stack: ExitStack, tmp_path: Path
) -> None:
    folder = build_demo("wine").folder
    model = next(
        path for path in site.read_manifest(folder)["files"] if path.endswith("model.json")
    )
    altered(folder, model, (b'"modelTopology"', b'"modelTopologie"'), tmp_path / "site")
    host = stack.enter_context(static_host("GitHub Pages, root", tmp_path / "site"))
    result = run("deploy", tmp_path / "site", "--wait", "--url", host.url)
    assert result.returncode == 7, result.stderr
    assert f"the page at {host.url} does not answer in Chromium" in result.stderr


def test_an_unknown_address_is_asked_for(tmp_path: Path) -> None:
    site.write(NEW, tmp_path / "site")
    shutil.copytree(tmp_path / "site", tmp_path / "copy")
    result = run("deploy", tmp_path / "copy", "--wait")
    assert result.returncode == 7
    assert result.stderr == "error: the public address is not known\nSay --url https://…/\n"
