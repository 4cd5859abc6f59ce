"""The files of a folder that is written, emptied or read as a site: no link in it is followed.

Whoever has made the folder (a clone, an archive) could have put a link there that leads to
somewhere else. A folder that the user names may itself lie behind links; what lies in it may not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bundler.ground.errors import DemoError, SiteError

Content = bytes | Path

BLOCK = 1 << 20
# A link of Windows between folders.
JUNCTION = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
# A file that is made must not be there yet, also not as a link.
NEW_FILE = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip


def is_link(path: Path) -> bool:
    """Whether the path leads elsewhere, also to nowhere."""
    try:
        state = path.lstat()
    except (OSError, ValueError):
        return False
    tag = getattr(state, "st_reparse_tag", None)
    return stat.S_ISLNK(state.st_mode) or (tag is not None and tag == JUNCTION)


def refuse_link(path: Path, error: type[DemoError] = SiteError) -> None:
    """Raises an error if the path itself is a link."""
    if is_link(path):
        raise error(
            f"{path} is a link, and tfjs-demo follows none where it writes, deletes or publishes",
            hint=f"It leads to {os.path.realpath(path)}: name that place itself if it is meant, or "
            "take the link away.",
        )


def at(folder: Path, path: str | PurePosixPath, error: type[DemoError] = SiteError) -> Path:
    """Where a path (with "/") lies in a folder. Raises an error if a link or ".." is on the way."""
    place = folder
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise error(f"{path} leads out of {folder}", hint="Only what lies inside is used.")
    for part in PurePosixPath(path).parts:
        place = place / part
        refuse_link(place, error)
    return place


def listed(folder: Path) -> set[str]:
    """The paths of all that is no folder: files, links, and what is neither."""
    found = set()
    for place, folders, files in os.walk(folder):
        here = Path(place)
        links = [name for name in folders if is_link(here / name)]
        folders[:] = [name for name in folders if name not in links]
        found |= {(here / name).relative_to(folder).as_posix() for name in [*files, *links]}
    return found


def sha256(content: Content) -> str:
    """The hash of a content."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as stream:
        hasher = hashlib.sha256()
        while block := stream.read(BLOCK):
            hasher.update(block)
    return hasher.hexdigest()


def is_same(folder: Path, path: str, digest: str) -> bool:
    """Whether the file is there already, undamaged."""
    place = at(folder, path)
    return place.is_file() and sha256(place) == digest


def write(folder: Path, path: str, content: Content, error: type[DemoError] = SiteError) -> None:
    """Makes the file anew: what other folders have of its former self stays as it is."""
    place = at(folder, path, error)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    with os.fdopen(os.open(place, NEW_FILE, 0o666), "wb") as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, stream, BLOCK)


def replace(folder: Path, path: str, content: Content, *, beside: str) -> None:
    """Exchanges the file at once, written under another name before: its own and `beside`."""
    unfinished, place = at(folder, path + beside), at(folder, path)
    try:
        write(folder, path + beside, content)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def delete(folder: Path, paths: Iterable[str]) -> None:
    """Deletes files in this order, and the folders that this leaves empty."""
    paths = list(paths)
    for path in paths:
        place = at(folder, path)
        if not place.is_dir():
            place.unlink(missing_ok=True)
    parents = {parent for path in paths for parent in PurePosixPath(path).parents}
    for parent in sorted(parents - {PurePosixPath()}, key=lambda path: -len(path.parts)):
        place = at(folder, parent)
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
