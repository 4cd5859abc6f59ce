"""Files under the names that Keras wants to see."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
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


@contextmanager
def rewritten(path: Path, member: str, content: bytes, name: str) -> Iterator[Path]:
    """A copy of the archive with another content of `member`, while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as folder:
        copy = Path(folder) / name
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
            for item in old.infolist():
                with old.open(item) as data, new.open(item.filename, "w", force_zip64=True) as out:
                    if item.filename == member:
                        out.write(content)
                    else:
                        shutil.copyfileobj(data, out)
        yield copy
