"""What a place to publish at is: its limits, the files that it wants besides, how to upload."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bundler.site import Site

MIB = 1024 * 1024
# What some hosts read and keep for themselves: it need not be found at the site's address.
KEPT_BACK = frozenset({"_headers", "README.md"})


@dataclass(frozen=True)
class Limits:
    """The most that a host takes: bytes of one file, bytes of the site, number of files."""

    file_bytes: int | None = None
    site_bytes: int | None = None
    files: int | None = None
    # Above it, the host takes a file but complains.
    warn_bytes: int | None = None


class Target(Protocol):
    """A module of this folder that stands for a place to publish at."""

    NAME: str  # as on the command line
    LABEL: str  # as in sentences
    LIMITS: Limits

    def extend(self, made: Site) -> Site:
        """The site with what the host wants besides."""

    def upload(self, folder: Path, name: str) -> str:
        """How to bring the folder there, in the host's own commands; `name` is the demo's."""
