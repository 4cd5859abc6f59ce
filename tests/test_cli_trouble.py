"""Builds that are stopped, that meet another, or have no disk: nothing is left of them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import (
    assert_plain,
    content,
    copy_demo,
    kill_started,
    run,
    start,
    wait_for_tensorflow,
)
from tests.conftest import DEMOS, BuildDemo, MountDisk


@pytest.fixture
def wine(build_demo: BuildDemo, tmp_path: Path) -> Path:
    return copy_demo("wine", build_demo, tmp_path)


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    kill_started()


@pytest.mark.cold
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("number", "everyone"),
    [
        (signal.SIGINT, True),
        (signal.SIGINT, False),
        (signal.SIGTERM, False),
        (signal.SIGHUP, True),
    ],
)
def test_a_stopped_conversion_leaves_no_trace(
    number: signal.Signals, everyone: bool, wine: Path, cache: Path, tmp_path: Path
) -> None:
    """Ctrl-C in a terminal, and its end, reach the whole group, `kill` one process."""
    with zipfile.ZipFile(wine / "wine.keras", "a") as archive:
        archive.comment = f"{number.name} {everyone}".encode()  # another file, the same model
    before = content(wine)
    own = tmp_path / "cache"  # in the other one are those of other workers
    shutil.copytree(cache / "packages", own / "packages", copy_function=os.link)
    (tmp_path / "tmp").mkdir()
    settings = {"TMPDIR": str(tmp_path / "tmp"), "TFJS_DEMO_CACHE": str(own)}
    process = start("build", wine, settings=settings)
    child = wait_for_tensorflow(process.pid)
    (os.killpg if everyone else os.kill)(process.pid, number)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (128 + number, "")
    assert errors.strip() == "error: stopped; nothing was changed"
    assert not Path(f"/proc/{child}").exists()
    assert content(wine) == before
    assert list(own.glob("*/.unfinished-*")) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_two_builds_into_one_folder_leave_one_whole_site(
    build_demo: BuildDemo, tmp_path: Path
) -> None:
    demos = [DEMOS / name for name in ("wine", "digits", "wine")]
    for demo in demos:
        build_demo(demo.name)
    out = tmp_path / "site"
    builds = [start("build", demo, "--out", out) for demo in demos]
    ends = [build.communicate(timeout=200) for build in builds]
    assert [build.returncode for build in builds] == [0] * 3, ends
    assert content(out) in [content(build_demo(demo.name).folder) for demo in demos]
    assert run("verify", out).returncode == 0


def test_a_home_that_may_not_be_written_to_is_told(wine: Path) -> None:
    """And what the hint names helps."""
    home = {"HOME": "/dev/null", "XDG_CACHE_HOME": "", "TFJS_DEMO_CACHE": ""}
    result = run("build", wine, settings=home)
    assert_plain(result, 5, "cannot be written to")
    assert "/dev/null" in result.stderr and "TFJS_DEMO_CACHE" in result.stderr
    chosen = {"TFJS_DEMO_CACHE": os.environ["TFJS_DEMO_CACHE"]}
    assert run("build", wine, settings=home | chosen).returncode == 0


@pytest.mark.parametrize("size", ["8k", "1m"])
def test_a_cache_disk_that_is_full_is_told(size: str, wine: Path, mount_disk: MountDisk) -> None:
    """First for what Python writes, then for the JavaScript packages."""
    disk = mount_disk(f"size={size}")
    before = content(wine)
    result = run("build", wine, settings={"TFJS_DEMO_CACHE": str(disk)})
    assert_plain(result, 5, f"there is no space left for the cache in {disk}")
    assert "TFJS_DEMO_CACHE" in result.stderr and "clean --cache" in result.stderr
    assert content(wine) == before
    assert list(disk.glob("*/.unfinished-*")) == []
