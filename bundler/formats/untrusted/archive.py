"""Zip archives by others: nothing in them may leave the archive, hide, or swell.

Keras unpacks an archive's assets into a folder, and reads whole members into memory.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from bundler.formats.untrusted.error import UntrustedError
from bundler.ground.errors import ModelError

MAX_MEMBERS = 20_000
# Weights hardly compress: a real model stays far below all of these.
MAX_BYTES = 16 << 30
MAX_RATIO = 200
ALWAYS_ALLOWED = 64 << 20
BLOCK = 1 << 20
NOT_A_BOMB = "Save the model again; a real one is not packed like this."


def check(path: Path) -> None:
    """Reads every member once. Raises UntrustedError, or ModelError when it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_names(path, members)
            _check_sizes(path, members)
            for member in members:
                _read(path, archive, member)
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise ModelError(
            f"{path} is damaged: {error}", hint="Copy, download or save it again."
        ) from error


def _check_names(path: Path, members: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.filename.replace("\\", "/")
        if leaves(name):
            raise UntrustedError(
                path, "has a member whose path leaves the archive", member.filename
            )
        if str(PurePosixPath(name)) in seen:
            raise UntrustedError(path, "has two members of one name", member.filename)
        seen.add(str(PurePosixPath(name)))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UntrustedError(path, "has a member that is a link or a device", member.filename)
        if member.flag_bits & 1:
            raise UntrustedError(path, "has an encrypted member", member.filename)


def leaves(name: str) -> bool:
    """Whether a path with / or \\ would end outside the folder that it is meant for."""
    name = name.replace("\\", "/")
    # A drive, as in C:/ or C:name, is absolute on Windows; no real member has a colon.
    return name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name


def _check_sizes(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """What the headers say; what they hide is found while reading."""
    if len(members) > MAX_MEMBERS:
        raise UntrustedError(path, f"has {len(members)} members", "zip archive", hint=NOT_A_BOMB)
    size = path.stat().st_size
    if sum(member.compress_size for member in members) > size:
        raise UntrustedError(
            path, "has members that share their bytes", "zip archive", hint=NOT_A_BOMB
        )
    total = sum(member.file_size for member in members)
    if total > min(MAX_BYTES, max(ALWAYS_ALLOWED, size * MAX_RATIO)):
        largest = max(members, key=lambda member: member.file_size).filename
        raise UntrustedError(
            path, f"would unpack {size} bytes to {total}", largest, hint=NOT_A_BOMB
        )


def _read(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Reads a member to its end, never further than its header says; checks its checksum."""
    left = member.file_size
    with archive.open(member) as stream:
        while block := _next(stream, member):
            left -= len(block)
            if left < 0:
                found = "has a member that is longer than it says"
                raise UntrustedError(path, found, member.filename, hint=NOT_A_BOMB)


def _next(stream: IO[bytes], member: zipfile.ZipInfo) -> bytes:
    try:
        return stream.read(BLOCK)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise zipfile.BadZipFile(f"{member.filename} does not match its checksum") from error
