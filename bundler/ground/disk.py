"""Disks that are full or may not be written to, in words: which, and what names another."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from pathlib import Path

from bundler.ground.errors import SetupError

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
# How libraries and Node say it whose errors have no number.
SAYS_FULL = re.compile(r"No space left|ENOSPC|EDQUOT|EFBIG|File too large|[Qq]uota exceeded")


def is_full(error: BaseException) -> bool:
    """Whether a disk was full, or a file could not grow, somewhere among an error's causes."""
    return any(
        (isinstance(one, OSError) and one.errno in FULL) or bool(SAYS_FULL.search(str(one)))
        for one in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    while error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__ or error


def cache_error(folder: Path, error: BaseException) -> SetupError:
    """The error for a cache folder that cannot be written to."""
    other = "let the environment variable TFJS_DEMO_CACHE name another folder"
    if is_full(error):
        return SetupError(
            f"there is no space left for the cache in {folder}",
            hint=f"Free some space (tfjs-demo clean --cache deletes the cache), or {other}.",
        )
    reason = getattr(error, "strerror", None) or error
    return SetupError(
        f"the cache folder {folder} cannot be written to: {reason}",
        hint=f"Make it a folder that you may write to, or {other}.",
    )


def temporary_error(folder: str, error: BaseException) -> SetupError:
    """The error for a folder of temporary files that cannot be written to."""
    reason = "no space left" if is_full(error) else getattr(error, "strerror", None) or error
    return SetupError(
        f"no temporary files can be written to {folder}: {reason}",
        hint="Free some space there, or let the environment variable TMPDIR name another folder.",
    )
