"""A stranger's model as it is looked at and opened: a copy that nobody else can change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bundler.formats.source import Source
from bundler.formats.untrusted.error import UntrustedError


def copy(source: Source, base: Path, folder: Path) -> Source:
    """The model, copied from below `base` to below `folder`.

    Raises UntrustedError for a link to what is not the model's.
    """
    for file in _files(source):
        target = folder / file.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    copied = folder / source.path.relative_to(base)
    if source.path.is_dir():
        copied.mkdir(parents=True, exist_ok=True)
    return replace(source, path=copied)


def _files(source: Source) -> Iterator[Path]:
    """All files of the model, none of which lies elsewhere."""
    path = source.path
    root = (path if path.is_dir() else path.parent).resolve()
    for item in source.files:
        for file in [item] if item.is_file() else sorted(item.rglob("*")):
            if file != path and not file.resolve().is_relative_to(root):
                where = str(file.relative_to(root if root in file.parents else path.parent))
                raise UntrustedError(path, f"has a link to {file.resolve()}, outside of it", where)
            if file.is_file():
                yield file
