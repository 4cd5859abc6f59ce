"""The site: a mapping from path to file, and the folder that it becomes, whole or not at all.

All files in folders have names that change with their content. So a new site is written
beside the old one in the same folder, replacing index.html is the moment at which it
becomes the site, and what only the old one used goes last. The few files beside index.html
have fixed names: they wait under another name for that moment. So do those of the sites in a
gallery's folders (gallery.py), whose own index.html changes with any of theirs.
The manifest of either tells at any moment which files are the tool's own.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bundler import __version__
from bundler.ground import cache, locks, own_files, stopping
from bundler.ground.errors import SiteError
from bundler.ground.own_files import Content

MANIFEST = "tfjs-demo.json"
# The manifest of a site that is being written; renamed when the page is there.
NEXT_MANIFEST = "tfjs-demo.json.next"
UNFINISHED = ".tfjs-demo-new"
INDEX = "index.html"
SERVICE_WORKER = "sw.js"
EMBED = "embed.js"
TYPES = "tfjs-demo.d.ts"
# What has these names in a folder belongs to a site there.
FIXED_NAMES = frozenset({INDEX, MANIFEST, SERVICE_WORKER, EMBED, TYPES})
# Files are compressed for the report up to this size; weights hardly shrink beyond it.
SAMPLE_BYTES = 8 * 1024 * 1024

# A manifest has a line for each file; more would be somebody else's, to fill the memory.
MOST_BYTES = 8 * 1024 * 1024

# How long a build waits for another one that writes to the same folder.
BUSY_SECONDS = 60


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


def hashes(site: Site) -> dict[str, str]:
    """The SHA-256 of every file."""
    return {path: own_files.sha256(content) for path, content in sorted(site.files.items())}


def manifest(site: Site, digests: dict[str, str]) -> bytes:
    """The list of all files with their hashes, and how to verify them."""
    data = {"tool": f"tfjs-demo {__version__}", **site.facts, "files": digests}
    return json.dumps(data, indent=1).encode()


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a site says of itself. Raises SiteError when `folder` is not a site of this tool."""
    waiting = _parse(folder, NEXT_MANIFEST)
    if _names_only_its_own(waiting) and _has_page_of(folder, waiting):
        return waiting  # a build was killed after its page was there
    facts = _parse(folder, MANIFEST)
    if not _names_only_its_own(facts):
        raise SiteError(
            f"{folder} is not a site that this tool built",
            hint="Name the folder that tfjs-demo build wrote, by default site/ beside demo.toml.",
        )
    return facts


def _has_page_of(folder: Path, facts: dict[str, Any]) -> bool:
    return own_files.is_same(folder, INDEX, facts["files"].get(INDEX, ""))


def _parse(folder: Path, name: str) -> dict[str, Any]:
    """A manifest; one without files where there is none, or a damaged one."""
    path = own_files.at(folder, name)
    try:
        if not path.is_file():  # a pipe would be waited for
            return {"files": {}}
        with path.open("rb") as stream:
            facts = json.loads(stream.read(MOST_BYTES))
        return facts if isinstance(facts["files"], dict) else {"files": {}}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return {"files": {}}


def _names_only_its_own(facts: dict[str, Any]) -> bool:
    """Whether every path is one of the site's files, and none leads out of its folder."""
    files = facts["files"]
    try:
        tables = [facts.get("engines", {}), facts.get("engine_files", {})]
        named = [facts.get("golden"), facts.get("page", {}).get("picture")]
        named += [path for table in tables for path in table.values()]
        named += [f"{name}/{MANIFEST}" for name in facts.get("demos", [])]
        own = all(name in files for name in named if name is not None)
    except (AttributeError, TypeError):
        return False  # something else than paths
    return INDEX in files and own and all(map(_is_inside, files))


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    is_plain = str(path) == name != "." and "\0" not in name
    return is_plain and not path.is_absolute() and ".." not in path.parts


def check_files(folder: Path, facts: dict[str, Any]) -> None:
    """Raises SiteError when a file of the site is missing or is not what was built."""
    for path, digest in facts["files"].items():
        if not own_files.at(folder, path).is_file():
            raise SiteError(f"{folder / path} is missing", hint="Build the site again.")
        if not own_files.is_same(folder, path, digest):
            raise SiteError(f"{folder / path} is not what was built", hint="Build the site again.")


def load(folder: Path) -> Site:
    """A built site, its files where they lie. Raises SiteError when `folder` is none."""
    facts = read_manifest(folder)
    files: dict[str, Content] = {path: own_files.at(folder, path) for path in facts.pop("files")}
    return Site(files, facts)


def write(site: Site, folder: Path, *, on_wait: Callable[[], None] = lambda: None) -> None:
    """Makes `folder` this site; `on_wait` is told when another build is at it.

    Raises SiteError; then the earlier site is as it was.
    """
    was_there = folder.exists()
    with _alone(folder, on_wait):
        _check_foreign(folder)
        _finish_killed(folder)
        earlier = _known_files(folder)
        digests = hashes(site)
        changed = [
            path for path, new in digests.items() if not own_files.is_same(folder, path, new)
        ]
        fixed = sorted(filter(_has_fixed_name, changed), key=lambda path: path != INDEX)
        new = [path for path in changed if path not in fixed]
        try:
            # First, so that a killed build's files are known as the tool's own.
            _replace(folder, NEXT_MANIFEST, manifest(site, digests))
            for path in new:
                _replace(folder, path, site.files[path])
            for path in fixed:
                own_files.write(folder, path + UNFINISHED, site.files[path])
        except BaseException as error:
            _delete(folder, {*new, NEXT_MANIFEST} - earlier | _unfinished(folder))
            if not was_there and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
            if isinstance(error, OSError):
                raise _not_written(folder, error) from error
            raise
        with stopping.held(f"{folder} is the new site"):
            for path in fixed:
                (folder / (path + UNFINISHED)).replace(folder / path)
            # Last, so that the earlier files stay known as the tool's own until they are gone.
            _delete(folder, earlier - site.files.keys() - {MANIFEST, NEXT_MANIFEST})
            (folder / NEXT_MANIFEST).replace(folder / MANIFEST)


def _not_written(folder: Path, error: OSError) -> SiteError:
    return SiteError(
        f"the site could not be written to {folder}: {error.strerror or error}",
        hint="The earlier site, if there was one, is as it was. Free some space or choose "
        "another folder with --out.",
    )


@contextmanager
def _alone(folder: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """No other build writes to the folder meanwhile; it is made if it is not there."""
    while True:
        with ExitStack() as stack:
            _check_is_folder(folder)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(locks.locked(folder, BUSY_SECONDS, on_wait))
            except FileNotFoundError:
                continue  # another build has failed, and taken its empty folder away
            except locks.BusyError:
                raise SiteError(
                    f"another tfjs-demo has been writing to {folder} for {BUSY_SECONDS} seconds",
                    hint="Wait until it has ended, or choose another folder with --out.",
                ) from None
            except OSError as error:
                raise _not_written(folder, error) from error
            yield
            return


def _has_fixed_name(path: str) -> bool:
    return "/" not in path or PurePosixPath(path).name in FIXED_NAMES


def _finish_killed(folder: Path) -> None:
    """Brings a folder in which a build was killed to the site whose page it has."""
    waiting, facts = _parse(folder, NEXT_MANIFEST), _parse(folder, MANIFEST)
    listed, earlier = (
        set(filter(_is_inside, waiting["files"])),
        set(filter(_is_inside, facts["files"])),
    )
    if listed and _has_page_of(folder, waiting):
        for path in filter(_has_fixed_name, listed):
            if own_files.is_same(folder, path + UNFINISHED, waiting["files"][path]):
                (folder / (path + UNFINISHED)).replace(folder / path)
        _delete(folder, earlier - listed | _unfinished(folder))
        (folder / NEXT_MANIFEST).replace(folder / MANIFEST)
    else:
        _delete(folder, (listed - earlier if listed else set()) | _unfinished(folder))
        _delete(folder, {NEXT_MANIFEST} if listed else set())


def check_target(folder: Path) -> None:
    """Raises SiteError when `folder` holds files that the tool did not make."""
    _check_is_folder(folder)
    if folder.exists():
        with _alone(folder, lambda: None):
            _check_foreign(folder)


def _check_is_folder(folder: Path) -> None:
    own_files.refuse_link(folder)
    if folder.exists() and not folder.is_dir():
        raise SiteError(f"{folder} is a file", hint="Choose a folder with --out.")


def _check_foreign(folder: Path) -> None:
    for path in sorted(_known_files(folder)):
        own_files.at(folder, path)
    foreign = foreign_files(folder)
    if foreign:
        shown = ", ".join(foreign[:3]) + (" …" if len(foreign) > 3 else "")
        raise SiteError(
            f"{folder} holds files that tfjs-demo did not make: {shown}",
            hint="Choose an empty folder with --out, or move these files away.",
        )


def foreign_files(folder: Path) -> list[str]:
    """The paths of the files in a site's folder that no build has made."""
    present = own_files.listed(folder)
    return sorted(present - _known_files(folder) - _unfinished(folder))


def _known_files(folder: Path) -> set[str]:
    """All paths of the site, and of one that was being written over it."""
    listed = {name: _parse(folder, name)["files"] for name in (MANIFEST, NEXT_MANIFEST)}
    names = {name for name, files in listed.items() if files}
    return names | {path for files in listed.values() for path in files if _is_inside(path)}


def _unfinished(folder: Path) -> set[str]:
    """What a killed process was writing."""
    return {path for path in own_files.listed(folder) if path.endswith(UNFINISHED)}


def _replace(folder: Path, path: str, content: Content) -> None:
    own_files.replace(folder, path, content, beside=UNFINISHED)


def clean(folder: Path) -> list[str]:
    """Deletes a site's files and the folders that become empty; returns the paths.

    Raises SiteError, with nothing deleted, where a link is in the way.
    """
    own_files.refuse_link(folder)
    if not _known_files(folder):
        return []
    with _alone(folder, lambda: None):
        known = _known_files(folder)
        for path in sorted(known):
            own_files.at(folder, path)
        _delete(folder, known | _unfinished(folder))
        if not any(folder.iterdir()):
            folder.rmdir()
    return sorted(known - {MANIFEST, NEXT_MANIFEST})


def _delete(folder: Path, paths: set[str]) -> None:
    """Deletes files, pages before what they need, and the folders that this leaves empty."""
    own_files.delete(folder, sorted(paths, key=lambda path: PurePosixPath(path).name != INDEX))
