"""Files under the names that Keras wants to see."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def linked(path: Path, name: str) -> Iterator[Path]:
    """The file at `path` under another name, while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        named = Path(folder) / name
        try:
            named.symlink_to(path.resolve())
        except OSError:  # Windows without the right to make links
            shutil.copyfile(path, named)
        yield named


@contextmanager
def copied(path: Path, name: str) -> Iterator[Path]:
    """A copy of the file under another name, to be changed, while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        yield Path(shutil.copyfile(path, Path(folder) / name))
