"""What one worker of a run has made, for all of them: made once, by whoever needs it first."""

from __future__ import annotations

import fcntl
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any


class Shared:
    """A folder of all workers, and in it one for each thing by its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def folder(self, name: str) -> Path:
        """One that all fill."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def once(self, name: str, make: Callable[[Path], object]) -> Path:
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
        """A site and the report of its build."""

        def make(folder: Path) -> None:
            report = build(folder / "site")
            (folder / "report").write_bytes(pickle.dumps(report))

        folder = self.once(name, make)
        shutil.copytree(folder / "site", out)
        report = pickle.loads((folder / "report").read_bytes())
        return replace(report, folder=out)
