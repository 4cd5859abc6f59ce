"""Folders that hold something, looked through level by level."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# How far below a folder is looked, and how many files on one level.
DEPTH = 3
MOST = 2000
# What others leave in folders and archives.
IGNORED = {"__MACOSX", "__pycache__", "node_modules"}
# Demos and built sites have models of their own.
OWN = ("demo.toml", "tfjs-demo.json")


def levels(folder: Path) -> Iterator[list[Path]]:
    """What lies in `folder`, then what lies in its folders, and so on; links are not followed."""
    places = [folder]
    for _ in range(DEPTH):
        entries = [entry for place in places for entry in _entries(place)][:MOST]
        if not entries:
            return
        yield entries
        places = [entry for entry in entries if entry.is_dir()]


def _entries(folder: Path) -> list[Path]:
    try:
        if any((folder / name).is_file() for name in OWN):
            return []
        names = sorted(folder.iterdir())
    except OSError:  # a folder that may not be read
        return []
    return [
        entry
        for entry in names
        if not entry.name.startswith(".") and entry.name not in IGNORED and not entry.is_symlink()
    ]
