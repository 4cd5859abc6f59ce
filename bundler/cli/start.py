"""`tfjs-demo new --templates`: a commented start of files of one's own, beside demo.toml."""

from __future__ import annotations

from pathlib import Path

from bundler.demo.own import FOLDER, PAGE, SCRIPT, STYLE
from bundler.ground import layout, own_files
from bundler.ground.errors import ConfigError


def write(demo: Path) -> Path:
    """Raises ConfigError, with nothing written, where one of the files is there already."""
    folder = demo if demo.is_dir() else demo.parent
    names = [f"{FOLDER}/{name}" for name in (PAGE, STYLE, SCRIPT)]
    there = [name for name in names if own_files.at(folder, name, ConfigError).exists()]
    if there:
        raise ConfigError(
            f"{folder / there[0]} is there already", hint="Edit it, or move it away first."
        )
    for name in names:
        start = layout.templates() / "start" / Path(name).name
        own_files.write(folder, name, start.read_bytes(), ConfigError)
    return folder
