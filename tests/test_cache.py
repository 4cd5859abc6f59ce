"""Entries of the cache: whole or not there, whoever makes them and whenever they stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bundler.ground import cache
from bundler.ground.errors import SetupError
from tests.conftest import ROOT, MountDisk
from tests.texts import assert_error

# Makes the entry sys.argv[1] of ten files, with pauses of sys.argv[2] seconds, and prints how
# often it had to make it itself.
MAKER = """
import sys, time
from pathlib import Path
from bundler.ground import cache

made = []

def make(out: Path) -> None:
    made.append(out)
    for index in range(10):
        (out / f"{index}.txt").write_text(str(index))
        time.sleep(float(sys.argv[2]))

folder = cache.entry("models", sys.argv[1], make)
assert sorted(file.name for file in folder.iterdir()) == [f"{n}.txt" for n in range(10)]
print(len(made))
"""
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(folder))
    return folder


def write(text: str) -> Callable[[Path], None]:
    def make(out: Path) -> None:
        (out / "text").write_text(text)

    return make


def start_maker(key: str, *, pause: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MAKER, key, str(pause)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_an_entry_is_made_once(root: Path) -> None:
    first = cache.entry("models", "key", write("one"))
    second = cache.entry("models", "key", write("two"))
    assert first == second == root / "models" / "key"
    assert (second / "text").read_text() == "one"
    assert cache.find("models", "key") == first
    assert cache.find("models", "other") is None


def test_a_failed_maker_leaves_nothing(root: Path) -> None:
    def fail(out: Path) -> None:
        (out / "half").write_text("half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.entry("models", "key", fail)
    assert list((root / "models").iterdir()) == []
    assert (cache.entry("models", "key", write("whole")) / "text").read_text() == "whole"


@pytest.mark.parametrize("delay", [0, 0.1])
def test_a_killed_maker_leaves_no_entry(delay: float, root: Path) -> None:
    process = start_maker("key", pause=1)
    deadline = time.monotonic() + 20
    while not list(root.glob("models/.unfinished-*/0.txt")) and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert cache.find("models", "key") is None
    assert (cache.entry("models", "key", write("whole")) / "text").read_text() == "whole"


def test_makers_at_once_all_get_a_whole_entry(root: Path) -> None:
    makers = [start_maker("key", pause=0.02) for _ in range(4)]
    results = [maker.communicate()[0] for maker in makers]
    assert [maker.returncode for maker in makers] == [0] * 4
    assert {result.strip() for result in results} <= {"0", "1"}
    assert [folder.name for folder in (root / "models").iterdir()] == ["key"]


def age(folder: Path, days: float) -> None:
    moment = time.time() - days * DAY
    os.utime(folder, (moment, moment))


def test_unused_entries_and_leftovers_are_cleared_away(root: Path) -> None:
    days = {"old": 31, "used": 31, "young": 29, ".unfinished-dead": 2, ".unfinished-alive": 0.5}
    for name in days:
        (root / "models" / name).mkdir(parents=True)
        (root / "models" / name / "text").write_text(name)
        age(root / "models" / name, days[name])
    (root / "pages" / "old").mkdir(parents=True)
    age(root / "pages" / "old", 31)
    assert cache.find("models", "used")
    cache.entry("models", "new", write("new"))
    left = {folder.name for folder in (root / "models").iterdir()}
    assert left == {"used", "young", "new", ".unfinished-alive"}


def test_clear_deletes_what_the_tool_made_and_nothing_else(root: Path) -> None:
    for kind in cache.KINDS:
        cache.entry(kind, "key", write(kind))
    (root / "notes.txt").write_text("mine")
    (root / "mine").mkdir()
    cache.clear()
    assert sorted(path.name for path in root.iterdir()) == ["mine", "notes.txt"]


def test_the_tool_makes_no_kind_that_clear_does_not_know() -> None:
    used = set()
    for source in (ROOT / "bundler").rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        used |= set(re.findall(r'cache\.(?:entry|find|shared|scratch)\(\s*"([^"]+)"', text))
    assert used == set(cache.KINDS)


def test_the_folder_is_the_users_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFJS_DEMO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache.root().name == "tfjs-demo"
    assert sys.platform != "linux" or cache.root() == Path("/somewhere/tfjs-demo")


def test_digests_tell_contents_apart() -> None:
    assert cache.digest({"a": 1, "b": 2}) == cache.digest({"b": 2, "a": 1})
    values = [("a", "b"), ("ab",), ("ab", ""), (b"ab",), (["a", "b"],), (1,), ("1",), (None,)]
    assert len({cache.digest(*value) for value in values}) == len(values)


def test_digests_of_files_are_those_of_their_contents_and_names(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "model", tmp_path / "other" / "model"
    for folder in (one, other):
        (folder / "variables").mkdir(parents=True)
        (folder / "variables" / "data").write_bytes(b"1")
    assert cache.digest_files([one]) == cache.digest_files([other])
    (other / "variables" / "data").rename(other / "variables" / "data2")
    assert cache.digest_files([one]) != cache.digest_files([other])


def test_what_python_compiles_is_no_content(tmp_path: Path) -> None:
    """Else the conversion's key changes with the first run of freshly installed code."""
    (tmp_path / "module.py").write_text("x = 1\n")
    before = cache.digest_files([tmp_path])
    subprocess.run([sys.executable, "-c", "import module"], cwd=tmp_path, check=True)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(tmp_path)], check=True)
    assert list(tmp_path.glob("__pycache__/*.pyc"))
    assert cache.digest_files([tmp_path]) == before


def test_a_full_disk_is_told_and_leaves_nothing(
    mount_disk: MountDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = mount_disk("size=100k")
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(disk / "cache"))
    with pytest.raises(SetupError) as caught:
        cache.entry("models", "key", lambda out: void((out / "w").write_bytes(b"0" * 200_000)))
    assert_error(caught.value, "cache-full", disk)
    assert list((disk / "cache" / "models").iterdir()) == []


def void(_: object) -> None:
    """For a lambda that makes something."""


# What libraries and programs say of a full disk that makes no OSError with a number.
FULL = [
    OSError(27, "File too large"),
    RuntimeError("RESOURCE_EXHAUSTED: /x; No space left on device"),
    OSError("Can't write data (file write failed: errno = 28, error message = 'No space left')"),
    SetupError("bundle.mjs, which Node runs, failed: Error: ENOSPC: no space left on device"),
]


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
def test_a_full_disk_is_known_by_whatever_says_it(error: Exception, root: Path) -> None:
    def make(out: Path) -> None:
        try:
            raise error
        except Exception as reason:
            raise ValueError("the weights could not be written") from reason

    with pytest.raises(SetupError, match="there is no space left for the cache"):
        cache.entry("models", "key", make)
    assert list((root / "models").iterdir()) == []


def test_a_cache_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(SetupError) as caught:
        cache.entry("models", "key", write("text"))
    assert_error(caught.value, "cache-no-folder", tmp_path)
    with pytest.raises(SetupError, match="cannot be written to"):
        cache.shared("templates")
    # What the hint says.
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(tmp_path / "other"))
    assert cache.entry("models", "key", write("text")).is_dir()


def test_a_cache_that_may_only_be_read_is_read(
    mount_disk: MountDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = mount_disk("size=1m")
    monkeypatch.setenv("TFJS_DEMO_CACHE", str(disk))
    cache.entry("models", "key", write("text"))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert cache.find("models", "key") == disk / "models" / "key"
    assert cache.find("models", "other") is None
    with pytest.raises(SetupError) as caught:
        cache.entry("models", "other", write("text"))
    assert_error(caught.value, "cache-read-only", disk)
