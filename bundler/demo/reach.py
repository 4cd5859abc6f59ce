"""How far the paths of a demo reach: into its folder, and where its user lets it read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bundler.ground import shell
from bundler.ground.errors import ConfigError


def check(path: Path, folders: Sequence[Path]) -> Path:
    """The path, which lies in one of the folders, the first of which is the demo's own.

    Raises ConfigError for one that leads elsewhere, by whatever way, and for pipes and devices.
    """
    typed, real = {_typed(folder) for folder in folders}, {_real(folder) for folder in folders}
    # First as it is written: on Windows, a look at some paths tells a stranger's server who looks.
    if not _is_in(_typed(path), typed | real):
        raise _outside(path, _typed(path), folders[0])
    try:
        if not _is_in(_real(path), real):
            raise _outside(path, _real(path), folders[0])
        if path.exists() and not path.is_file() and not path.is_dir():
            raise ConfigError(f"{_shown(path)} is neither a file nor a folder")
    except ValueError:
        pass  # no system has files of such a name
    return path


def _typed(path: Path) -> Path:
    return Path(os.path.normpath(Path.cwd() / path))


def _real(path: Path) -> Path:
    """Where links lead; one that leads to itself leads nowhere."""
    return Path(os.path.realpath(path))


def _is_in(path: Path, folders: set[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _outside(path: Path, place: Path, own: Path) -> ConfigError:
    link = f", to {_shown(place)}" if _is_in(_typed(path), {_typed(own), _real(own)}) else ""
    option = shell.command("--allow-path", place.parent)
    return ConfigError(
        f"{_shown(path)} leads out of the demo's folder{link}",
        hint=f"Copy it into {_shown(own.absolute())}. If this demo may read there, say so on the "
        f"command line: {option}",
    )


def _shown(path: Path) -> str:
    return str(path) if str(path).isprintable() else repr(str(path))
