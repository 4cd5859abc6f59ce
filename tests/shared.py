"""What one worker of a run has made, for all of them: made once, by whoever needs it first."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bundler.ground import cache


class Shared:
    """A folder of all workers, and in it one for each thing by its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def once(self, name: str, make: Callable[[Path], None]) -> Path:
        """The folder that `make` has filled, here or in another worker."""
        folder, done = self._folder / name, self._folder / f"{name}.done"
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    def site(self, name: str, build: Callable[[Path], Any], out: Path) -> Any:
        """A site and the report of its build, with what the cache has of it."""

        def make(folder: Path) -> None:
            report = build(folder / "site")
            (folder / "report").write_bytes(pickle.dumps(report))
            _copy_entries(cache.root(), folder / "cache")

        folder = self.once(name, make)
        shutil.copytree(folder / "site", out)
        _copy_entries(folder / "cache", cache.root())
        report = pickle.loads((folder / "report").read_bytes())
        return replace(report, folder=out)


def _copy_entries(source: Path, target: Path) -> None:
    """All whole entries of a cache; a file is the same in both."""
    for entry in source.glob("*/*"):
        copy = target / entry.relative_to(source)
        if entry.parent.name == "running" or entry.name.startswith(".") or copy.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        if entry.is_dir():
            unfinished = copy.with_name(f".unfinished-{os.getpid()}")
            shutil.copytree(entry, unfinished, copy_function=os.link, symlinks=True)
            unfinished.rename(copy)
        else:
            shutil.copyfile(entry, copy)
