"""JavaScript packages: a registry that is silent, slow, or away, and a home that is read only."""

from __future__ import annotations

import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bundler.bundle import packages
from bundler.ground.errors import SetupError
from tests.command import content, copy_demo, kill_started, run, start, wait_until
from tests.conftest import BuildDemo, MountDisk
from tests.texts import assert_text


@dataclass
class Silent:
    """A registry that takes connections and never answers, as a firewall may have it."""

    url: str
    taken: list[socket.socket] = field(default_factory=list)


@pytest.fixture
def silent_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Silent]:
    listening = socket.create_server(("127.0.0.1", 0))
    silent = Silent(f"http://127.0.0.1:{listening.getsockname()[1]}/")

    def accept() -> None:
        while True:
            try:
                silent.taken.append(listening.accept()[0])
            except OSError:
                return

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    monkeypatch.setenv("npm_config_registry", silent.url)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    yield silent
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    accepting.join()
    for connection in silent.taken:
        connection.close()


def test_a_silent_registry_is_told_after_a_while(silent_registry: Silent, tmp_path: Path) -> None:
    target = tmp_path / "packages"
    target.mkdir()
    begin = time.monotonic()
    with pytest.raises(SetupError) as caught:
        packages.install(target, patience=4)
    assert time.monotonic() - begin < 60
    text = f"{caught.value.message}\n{caught.value.hint}\n"
    assert_text(text.replace(silent_registry.url, "URL"), "packages-silent", tmp_path)
    assert silent_registry.taken


def test_the_patience_is_that_of_a_person() -> None:
    assert packages.PATIENCE <= 20


@pytest.fixture
def settings(build_demo: BuildDemo, cache: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has all in the cache but the JavaScript packages."""
    build_demo("wine")
    for kind in cache.iterdir():
        if kind.name not in ("packages", "engines", "pages"):
            ignored = shutil.ignore_patterns(".unfinished-*")
            shutil.copytree(kind, tmp_path / "cache" / kind.name, ignore=ignored)
    (tmp_path / "tmp").mkdir()
    return {
        "TFJS_DEMO_CACHE": str(tmp_path / "cache"),
        "TMPDIR": str(tmp_path / "tmp"),
        "npm_config_cache": str(tmp_path / "npm"),
    }


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    return copy_demo("wine", build_demo, tmp_path)


def test_the_first_build_without_a_network_says_so(
    wine: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    """A cache without the JavaScript packages, and a registry that is not there."""
    away = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}
    before = content(wine)
    result = run("build", wine, settings=settings | away)
    assert (result.returncode, result.stdout) == (5, ""), result.stderr
    assert result.stderr.startswith("error: the JavaScript packages could not be installed")
    assert "ECONNREFUSED" in result.stderr and "needs the network once" in result.stderr
    assert content(wine) == before
    assert not list(tmp_path.glob("cache/packages/*")) + list(tmp_path.glob("cache/*/.unfinished*"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_for_a_registry_can_stop(
    number: int, silent_registry: Silent, wine: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    """The program ends at once, with what it started, and leaves nothing."""
    before = content(wine)
    process = start("build", wine, settings=settings)
    try:
        wait_until(lambda: silent_registry.taken, 60)
        children = children_of(process.pid)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    finally:
        kill_started()
    assert process.returncode == 128 + number
    assert errors.strip() == "error: stopped; nothing was changed"
    assert children and not any(Path(f"/proc/{child}").exists() for child in children)
    assert content(wine) == before
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not list(tmp_path.glob("cache/packages/*")) + list(tmp_path.glob("cache/*/.unfinished*"))


def children_of(pid: int) -> list[int]:
    """The processes that a process has started; Linux only."""
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children")
            for child in file.read_text().split()]  # fmt: skip


def test_packages_come_where_home_may_not_be_written_to(
    mount_disk: MountDisk, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """npm has its cache there, whatever TFJS_DEMO_CACHE says."""
    monkeypatch.setenv("HOME", str(mount_disk("ro")))
    monkeypatch.delenv("npm_config_cache", raising=False)
    environment = packages.npm_environment(tmp_path)
    assert Path(environment["npm_config_cache"]).is_relative_to(tmp_path)
