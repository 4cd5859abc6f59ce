"""The site: a mapping from path to file, and the folder that it becomes, whole or not at all.

All files but index.html and the manifest have names that change with their content.
So a new site is written beside the old one in the same folder, replacing index.html
is the moment at which it becomes the site, and what only the old one used goes last.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bundler import __version__, cache
from bundler.errors import SiteError

MANIFEST = "tfjs-demo.json"
INDEX = "index.html"
# Files are compressed for the report up to this size; weights hardly shrink beyond it.
SAMPLE_BYTES = 8 * 1024 * 1024

Content = bytes | Path


@dataclass(frozen=True)
class Site:
    """Paths (with "/") to contents; a Path stands for that file's content.

    `facts` is what the manifest says besides the files: how to verify the site.
    """

    files: dict[str, Content]
    facts: dict[str, Any]


def size(content: Content) -> int:
    """Bytes of a file of the site."""
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def gzipped_size(content: Content) -> int:
    """Bytes after gzip, as hosts send it; remembered for files."""
    if isinstance(content, bytes):
        return len(gzip.compress(content, 6, mtime=0))
    path = content
    state = path.stat()
    key = cache.digest(str(path), state.st_size, state.st_mtime_ns)

    def make(out: Path) -> None:
        with path.open("rb") as stream:
            sample = stream.read(SAMPLE_BYTES)
        ratio = len(gzip.compress(sample, 6, mtime=0)) / max(len(sample), 1)
        (out / "bytes").write_text(str(round(ratio * state.st_size)))

    return int((cache.entry("sizes", key, make) / "bytes").read_text())


def manifest(site: Site, hashes: dict[str, str]) -> bytes:
    """The list of all files with their hashes, and how to verify them."""
    data = {"tool": f"tfjs-demo {__version__}", **site.facts, "files": hashes}
    return json.dumps(data, indent=1).encode()


def _sha256(content: Content) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as stream:
        hasher = hashlib.sha256()
        while block := stream.read(1 << 20):
            hasher.update(block)
    return hasher.hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises SiteError when `folder` is not a site of this tool."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if isinstance(data, dict) and isinstance(data["files"], dict):
            return data
    except (OSError, ValueError, KeyError):
        pass
    raise SiteError(
        f"{folder} is not a site that this tool built",
        hint="Name the folder that tfjs-demo build wrote, by default site/ beside demo.toml.",
    )


def check_files(folder: Path, facts: dict[str, Any]) -> None:
    """Raises SiteError when a file of the site is missing or is not what was built."""
    for path, digest in facts["files"].items():
        if not (folder / path).is_file():
            raise SiteError(f"{folder / path} is missing", hint="Build the site again.")
        if _sha256(folder / path) != digest:
            raise SiteError(f"{folder / path} is not what was built", hint="Build the site again.")


def write(site: Site, folder: Path) -> None:
    """Makes `folder` this site. Raises SiteError; then the earlier site is as it was."""
    check_target(folder)
    known = _known_files(folder)
    hashes = {path: _sha256(content) for path, content in sorted(site.files.items())}
    listed = manifest(site, hashes)
    new: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # From here on, a killed build's files are known as the tool's own.
        both = dict.fromkeys({*known, *site.files}, "")
        _replace(folder / MANIFEST, _with_files(folder, listed, both))
        for path, content in site.files.items():
            if path != INDEX and not _is_same(folder / path, hashes[path]):
                new.append(path)
                _replace(folder / path, content)
        _replace(folder / INDEX, site.files[INDEX])
    except OSError as error:
        for path in set(new) - known:
            (folder / path).unlink(missing_ok=True)
        raise SiteError(
            f"the site could not be written to {folder}: {error.strerror or error}",
            hint="The earlier site, if there was one, is as it was. Free some space or choose "
            "another folder with --out.",
        ) from error
    _replace(folder / MANIFEST, listed)
    _delete(folder, known - site.files.keys())


def _with_files(folder: Path, listed: bytes, files: dict[str, str]) -> bytes:
    """The manifest during the change: the earlier facts as long as index.html is the earlier."""
    try:
        facts = read_manifest(folder)
    except SiteError:
        facts = json.loads(listed)
    return json.dumps({**facts, "files": {**files, **facts["files"]}}).encode()


def check_target(folder: Path) -> None:
    """Raises SiteError when `folder` holds files that the tool did not make."""
    if folder.is_file():
        raise SiteError(f"{folder} is a file", hint="Choose a folder with --out.")
    if not folder.exists():
        return
    known = _known_files(folder) | {MANIFEST}
    foreign = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder).as_posix() not in known
        and not path.name.endswith(".tfjs-demo-new")
    ]
    if foreign:
        shown = ", ".join(foreign[:3]) + (" …" if len(foreign) > 3 else "")
        raise SiteError(
            f"{folder} holds files that tfjs-demo did not make: {shown}",
            hint="Choose an empty folder with --out, or move these files away.",
        )


def _known_files(folder: Path) -> set[str]:
    """The paths that the manifest lists; none that leads out of the folder."""
    try:
        listed = read_manifest(folder)["files"]
    except SiteError:
        return set()
    inside = (PurePosixPath(path) for path in listed)
    return {str(path) for path in inside if not path.is_absolute() and ".." not in path.parts}


def _is_same(path: Path, digest: str) -> bool:
    """Whether the file is there already, undamaged."""
    return path.is_file() and _sha256(path) == digest


def _replace(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".tfjs-demo-new")
    try:
        if isinstance(content, bytes):
            unfinished.write_bytes(content)
        else:
            shutil.copyfile(content, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def clean(folder: Path) -> list[str]:
    """Deletes a site's files and the folders that become empty; returns the paths."""
    files = sorted(_known_files(folder))
    if files:
        (folder / INDEX).unlink(missing_ok=True)
        _delete(folder, {*files, MANIFEST})
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return files


def _delete(folder: Path, paths: set[str]) -> None:
    for path in paths:
        (folder / path).unlink(missing_ok=True)
    for parent in sorted({(folder / path).parent for path in paths}, reverse=True):
        if parent != folder and parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()
