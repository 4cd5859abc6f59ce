"""What a site is: paths with their contents, and the manifest that lists and proves them."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bundler import __version__
from bundler.ground import cache, own_files
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
    waiting = parse(folder, NEXT_MANIFEST)
    if _names_only_its_own(waiting) and has_page_of(folder, waiting):
        return waiting  # a build was killed after its page was there
    facts = parse(folder, MANIFEST)
    if not _names_only_its_own(facts):
        raise SiteError(
            f"{folder} is not a site that this tool built",
            hint="Name the folder that tfjs-demo build wrote, by default site/ beside demo.toml.",
        )
    return facts


def has_page_of(folder: Path, facts: dict[str, Any]) -> bool:
    """Whether the page in the folder is that of a manifest."""
    return own_files.is_same(folder, INDEX, facts["files"].get(INDEX, ""))


def parse(folder: Path, name: str) -> dict[str, Any]:
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
    return INDEX in files and own and all(map(is_inside, files))


def is_inside(name: str) -> bool:
    """Whether a path leads to a file in its folder, by the only way there is."""
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
