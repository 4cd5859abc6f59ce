"""The site and the branch as git's objects, and which of them a deploy has written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bundler import __version__, site
from bundler.deploy.git import Git
from bundler.ground.own_files import Content
from bundler.site import MANIFEST, Site

FILE_MODE = "100644"
# The last line of every commit of ours begins so.
SIGNED = "Deployed-by: tfjs-demo"
SIGNATURE = f"{SIGNED} {__version__}"
# Without it, a branch's files go through Jekyll, which drops names that begin with "_".
NO_JEKYLL = ".nojekyll"
FILES_AT_ONCE = 200


@dataclass(frozen=True)
class Blob:
    """A file as git has it; `bytes` is 0 for what is no file (a submodule)."""

    mode: str
    id: str
    bytes: int


Listing = dict[str, Blob]


def read(git: Git, commit: str) -> Listing:
    """All files of a commit by their paths."""
    found = {}
    for row in filter(
        None, git.tell("ls-tree", "-r", "-z", "-l", "--full-tree", commit).split("\0")
    ):
        facts, path = row.split("\t", 1)
        mode, _, name, size = facts.split()
        found[path] = Blob(mode, name, int(size) if size.isdigit() else 0)
    return found


def newest_deploy(git: Git, commit: str) -> str | None:
    """The newest commit of ours in a branch's history."""
    search = ("--fixed-strings", f"--grep={SIGNED}")
    return git.tell("log", "-1", "--format=%H", *search, commit) or None


def written(git: Git, deploy: str) -> Listing:
    """The files that a commit of ours has written, by the list that the site itself carries."""
    listing = read(git, deploy)
    try:
        manifest = git.tell("cat-file", "blob", listing[MANIFEST].id)
        paths = {*json.loads(manifest)["files"], MANIFEST, NO_JEKYLL}
    except (ValueError, LookupError, TypeError):
        return {}
    return {path: blob for path, blob in listing.items() if path in paths}


def wanted(git: Git, made: Site, there: Listing) -> Listing:
    """The files of the site as they will stand on the branch; no object is written.

    `there` is what the branch has: any .nojekyll does what ours would do.
    """
    contents = _contents(made)
    found = {
        path: Blob(FILE_MODE, name, site.size(contents[path]))
        for path, name in _hash(git, contents, writes=False).items()
    }
    return {**found, NO_JEKYLL: there.get(NO_JEKYLL, found[NO_JEKYLL])}


def write(git: Git, made: Site) -> None:
    """Writes all files of the site as objects of the repository."""
    _hash(git, _contents(made), writes=True)


def _contents(made: Site) -> dict[str, Content]:
    manifest = site.manifest(made, site.hashes(made))
    return {**made.files, MANIFEST: manifest, NO_JEKYLL: b""}


def _hash(git: Git, contents: dict[str, Content], *, writes: bool) -> dict[str, str]:
    """The ids of contents as objects, bytes as they are: no filter, no other line ends."""
    command = ("hash-object", "--no-filters", *["-w"] * writes)
    ids = {}
    files: list[tuple[str, Path]] = []
    for path, content in contents.items():
        if isinstance(content, bytes):
            ids[path] = git.tell(*command, "--stdin", given=content)
        else:
            files.append((path, content.resolve()))
    for start in range(0, len(files), FILES_AT_ONCE):
        some = files[start : start + FILES_AT_ONCE]
        found = git.tell(*command, "--", *(str(file) for _, file in some)).split("\n")
        ids.update(zip((path for path, _ in some), found, strict=True))
    return ids
