"""GitHub Pages: its limits, and the address at which a repository's site appears.

Limits: docs.github.com/pages, "GitHub Pages limits" and "About large files on GitHub".
"""

from __future__ import annotations

import re
from pathlib import Path

from bundler.deploy.targets.target import MIB, Limits
from bundler.ground.redact import redact
from bundler.site import Site

NAME = "folder"
LABEL = "GitHub Pages"
LIMITS = Limits(file_bytes=100 * MIB, site_bytes=1000 * 1000 * 1000, warn_bytes=50 * MIB)

REMOTE = re.compile(
    r"(?:https?://(?:[^/@]+@)?|ssh://(?:[^/@]+@)?|(?:[^/@:]+@)?)(?:ssh\.)?github\.com(?::\d+/|[:/])"
    r"(?P<owner>[^/?#]+)/(?P<repository>[^/?#]+?)(?:\.git)?/?"
)


def extend(made: Site) -> Site:
    return made


def upload(folder: Path, name: str) -> str:
    return f"{folder} is ready for any static host; its limits were taken to be those of {LABEL}."


def address(remote: str) -> str | None:
    """The address of the site of the repository at a remote's URL; None when it is elsewhere."""
    match = REMOTE.fullmatch(redact(remote))
    if not match:
        return None
    owner, repository = match["owner"].lower(), match["repository"]
    is_own = repository.lower() == f"{owner}.github.io"
    return f"https://{owner}.github.io/" + ("" if is_own else f"{repository}/")
