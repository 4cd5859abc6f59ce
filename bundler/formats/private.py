"""A stranger's model as it is looked at and opened: a copy that nobody else can change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bundler.formats.source import Source
from bundler.formats.untrusted import links


def copy(source: Source, base: Path, folder: Path) -> Source:
    """The model, copied from below `base` to below `folder`.

    Raises UntrustedError for a link to what is not the model's.
    """
    for file in _files(source):
        links.check(source.path, [file])
        target = folder / file.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    copied = folder / source.path.relative_to(base)
    if source.path.is_dir():
        copied.mkdir(parents=True, exist_ok=True)
    return replace(source, path=copied, listed=None)


def _files(source: Source) -> Iterator[Path]:
    for item in source.files:
        found = [item] if item.is_file() else sorted(item.rglob("*"))
        yield from (file for file in found if file.is_file())
