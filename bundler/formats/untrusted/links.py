"""Links in a model by others: none leads to what is not the model's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bundler.formats.untrusted.error import UntrustedError


def check(path: Path, files: Iterable[Path]) -> None:
    """Raises UntrustedError for one of the model's `files` that lies elsewhere.

    What the user has named, `path`, may be a link itself.
    """
    folder = path if path.is_dir() else path.parent
    root = folder.resolve()
    for file in files:
        if file != path and not file.resolve().is_relative_to(root):
            what = "a link to" if file.is_symlink() else "a file"
            found = f"has {what} {file.resolve()}, outside of it"
            raise UntrustedError(path, found, os.path.relpath(file, folder))
