"""A release's notes, out of CHANGELOG.md: `python -m tests.changelog v0.8.0`, for release.yml."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "CHANGELOG.md"
# What comes next has no date yet.
HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\S+))?$", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """What each version changed, by its number; the newest first."""
    _, *parts = HEADING.split(text)
    return {version: body.strip() for version, body in zip(parts[::3], parts[2::3], strict=True)}


def package_version() -> str:
    """The version that is built, read without importing what is not installed yet."""
    text = (ROOT / "bundler" / "__init__.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return str(version)


def notes(tag: str, text: str, version: str) -> str:
    """The section of a tag. Raises ValueError where tag, package and changelog do not agree."""
    if tag != f"v{version}":
        raise ValueError(f"the tag {tag} is not v{version}, which bundler/__init__.py says")
    found = sections(text).get(version)
    if not found:
        raise ValueError(f"{FILE.name} has nothing under [{version}]")
    return found


if __name__ == "__main__":
    try:
        print(notes(sys.argv[1], FILE.read_text(encoding="utf-8"), package_version()))
    except ValueError as error:
        sys.exit(f"error: {error}")
