"""Files under the names that Keras wants to see."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# How h5py writes a bfloat16, which HDF5 does not have: two opaque bytes.
BFLOAT16 = "V2"


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


@contextmanager
def widened(path: Path) -> Iterator[Path]:
    """The HDF5 file, or a copy with float32 for bfloat16, which old layouts cannot be read with."""
    if not _bfloat16s(path):
        yield path
        return
    with copied(path, path.name) as copy:
        widen(copy)
        yield copy


def widen(path: Path) -> None:
    """Makes float32 of the bfloat16 in an HDF5 file, in place: they are the upper halves of it."""
    import h5py

    if names := _bfloat16s(path):
        with h5py.File(path, "r+") as file:
            _widen(file, names)


def _widen(file: Any, names: list[str]) -> None:
    import numpy as np

    for name in names:
        halves = np.ascontiguousarray(file[name][()]).view("<u2")
        del file[name]
        file[name] = (halves.astype("<u4") << 16).view("<f4")


def _bfloat16s(path: Path) -> list[str]:
    import h5py

    names: list[str] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype == BFLOAT16:
            names.append(name)

    with h5py.File(path) as file:
        file.visititems(visit)
    return names
