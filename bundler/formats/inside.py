"""Models that lie in something else: folders around them, and zip archives."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from bundler.formats.source import Source
from bundler.formats.untrusted import archive
from bundler.ground import folders
from bundler.ground.errors import ModelError


def models_in(folder: Path, is_model: Callable[[Path], bool]) -> Iterator[list[Path]]:
    """The models in a folder, level by level, where there are any."""
    for entries in folders.levels(folder):
        found = [entry for entry in entries if is_model(entry)]
        if found:
            yield found


def is_archive(path: Path) -> bool:
    """Whether `path` is a zip archive whose list of members can be read."""
    if not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path):
            return True
    except (OSError, zipfile.BadZipFile):
        return False


@contextmanager
def unpacked(source: Source) -> Iterator[Source]:
    """The members of an archive as a folder, while the context lasts.

    Errors speak of the archive. Raises UntrustedError, or ModelError when it is damaged.
    """
    if not source.trusted:
        archive.check(source.path)
    with tempfile.TemporaryDirectory(prefix="tfjs-demo-") as place:
        folder = Path(place)
        with zipfile.ZipFile(source.path) as opened:
            for member in opened.infolist():
                name = member.filename.replace("\\", "/")
                if not archive.leaves(name) and not name.endswith("/"):
                    target = folder / PurePosixPath(name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(opened.read(member))
        try:
            yield replace(source, path=folder)
        except ModelError as error:
            shown, of = str(source.path), str(folder)
            error.message = error.message.replace(f"{of} is a folder", f"{of} is a zip archive")
            error.message = error.message.replace(of, shown)
            error.hint = error.hint.replace(of, shown)
            error.args = (error.message,)
            raise
