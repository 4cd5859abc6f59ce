"""Commands as they are typed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys


def command(*arguments: str | os.PathLike[str]) -> str:
    """A command line for copying, quoted where the system's shell needs it.

    A path that begins like an option is still a path.
    """
    texts = [_typed(argument) for argument in arguments]
    return subprocess.list2cmdline(texts) if sys.platform == "win32" else shlex.join(texts)


def for_a_script(path: str) -> str:
    """A path (with "/") for a shell of Linux; one that begins like an option is still a path."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def _typed(argument: str | os.PathLike[str]) -> str:
    text = os.fspath(argument)
    return f".{os.sep}{text}" if text.startswith("-") and not isinstance(argument, str) else text
