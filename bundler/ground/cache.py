"""Entries by content in the user's cache folder, each one whole or not there.

An entry is a folder named by the hash of what it was made from. It is made
under another name and renamed when it is complete, so that a process killed
half-way leaves nothing that could be taken for an entry.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bundler.ground import disk, own_files
from bundler.ground.errors import SetupError

KINDS = (
    "answers", "engines", "hashes", "models", "own", "packages", "pages", "parity", "pictures",
    "pixels", "running", "signatures", "sizes", "sounds", "templates",
)  # fmt: skip
KEEP_DAYS = 30
STALE_HOURS = 24


def root() -> Path:
    """The user's cache folder for this tool; TFJS_DEMO_CACHE names another."""
    chosen = os.environ.get("TFJS_DEMO_CACHE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("tfjs-demo", appauthor=False)


def digest(*parts: Any) -> str:
    """A short content hash of JSON-able values and bytes."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        hasher.update(len(data).to_bytes(8, "little") + data)
    return hasher.hexdigest()[:20]


def digest_files(paths: Iterable[Path]) -> str:
    """A content hash of files; a folder stands for all files below it, bytecode aside."""
    hasher = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                hasher.update(file.relative_to(path.parent).as_posix().encode() + b"\0")
                with file.open("rb") as stream:
                    while block := stream.read(1 << 20):
                        hasher.update(block)
    return hasher.hexdigest()[:20]


def shared(kind: str) -> Path:
    """A folder of the cache for a library that keeps its own entries in it."""
    folder = own_files.at(root(), kind, SetupError)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk.cache_error(root(), error) from error
    return folder


def find(kind: str, key: str) -> Path | None:
    """The entry's folder, if there is one; using it keeps it from being cleared away."""
    folder = root() / kind / key
    try:
        os.utime(folder)
    except PermissionError:
        pass  # somebody else's cache may be read
    except OSError as error:
        return folder if error.errno == errno.EROFS and folder.is_dir() else None
    return folder


def entry(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The entry's folder, filled by `make` when it is not there yet.

    Raises SetupError when it cannot be written, and what `make` raises.
    """
    found = find(kind, key)
    if found:
        return found
    parent = own_files.at(root(), kind, SetupError)
    unfinished = _begin(parent)
    try:
        make(unfinished)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(parent / key)
        except OSError:
            if not (parent / key).is_dir():  # else another process was faster
                raise
    except Exception as error:
        if disk.is_full(error) or _is_within(error, unfinished):
            raise disk.cache_error(root(), error) from error
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return parent / key


def _begin(parent: Path) -> Path:
    """A folder for an entry that is not finished."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _clear_away(parent)
        return Path(tempfile.mkdtemp(prefix=".unfinished-", dir=parent))
    except OSError as error:
        raise disk.cache_error(root(), error) from error


@contextmanager
def scratch(kind: str) -> Iterator[Path]:
    """A folder for what a process makes and no longer needs at its end.

    Raises SetupError when it cannot be made.
    """
    folder = _begin(root() / kind).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_within(error: Exception, folder: Path) -> bool:
    """Whether it is the entry that could not be written."""
    return isinstance(error, OSError) and str(error.filename or "").startswith(str(folder))


def clear() -> None:
    """Deletes all entries; only the kinds of folders that this tool makes, and behind no link."""
    for kind in KINDS:
        shutil.rmtree(root() / kind, ignore_errors=True)


def _clear_away(parent: Path) -> None:
    """Deletes entries that nobody used for a month, and what killed processes left behind."""
    now = time.time()
    for folder in parent.iterdir():
        hours = STALE_HOURS if folder.name.startswith(".unfinished-") else KEEP_DAYS * 24
        try:
            if now - folder.stat().st_mtime > hours * 3600:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            continue
