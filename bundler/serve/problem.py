"""Why a build failed, for the page and the terminal: what happened, where, what to do."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import Path

import jinja2

from bundler.ground import layout, text_files
from bundler.ground.errors import ConfigError, DemoError


@dataclass(frozen=True)
class Problem:
    """`place` is the file and the line, where they are known; `details` are for --debug."""

    message: str
    hint: str = ""
    place: str = ""
    details: str = ""


def describe(error: BaseException) -> Problem:
    """Also what no build should end with: SystemExit, a mistake in a template or in Python."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, DemoError):
        place = _named_place(error.message)
        return Problem(error.message, error.hint, place, error.details or details)
    if isinstance(error, jinja2.TemplateSyntaxError):
        file = error.filename or error.name or "a template"
        return Problem(f"The template is not valid: {error.message}", "", f"{file}:{error.lineno}")
    if isinstance(error, SyntaxError):
        return Problem(f"Not valid Python: {error.msg}", "", f"{error.filename}:{error.lineno}")
    if isinstance(error, SystemExit):
        return Problem(f"The build was ended with exit code {error.code}.", "", _last_place(error))
    kind = type(error).__name__
    return Problem(f"{kind}: {error}", "", _last_place(error), details)


def _last_place(error: BaseException) -> str:
    """Where it happened: in a template if one was being filled, else in the last Python file."""
    frames = traceback.extract_tb(error.__traceback__)
    templates = str(layout.templates())
    inside = [frame for frame in frames if frame.filename.startswith(templates)]
    last = (inside or frames)[-1:]
    return "".join(f"{frame.filename}:{frame.lineno}" for frame in last)


def _named_place(message: str) -> str:
    """A file and a line that a message begins with, or tells; "" if it names none."""
    script = re.search(r"(\S+\.(?:js|css|mjs|j2)):(\d+)", message)
    if script:
        return ":".join(script.groups())
    named = re.match(r"(\S+\.(?:toml|py))\b", message)
    if not named:
        return ""
    told = re.search(r"\bline (\d+)", message)
    key = re.search(r":\n  ([\w.\[\]-]+): ", message)
    line = told[1] if told else _line_of(key[1], Path(named[1])) if key else None
    return f"{named[1]}:{line}" if line else named[1]


def _line_of(key: str, file: Path) -> int | None:
    """The line of demo.toml on which a key such as `inputs[1].size` stands, or its table."""
    try:
        lines = text_files.read(file).splitlines()
    except ConfigError:
        return None
    found, start = None, 0
    for name, index in re.findall(r"([\w-]+)(?:\[(\d+)\])?", key):
        pattern = re.compile(rf"\s*(\[+\s*([\w-]+\.)*\"?{name}\"?\s*\]|\"?{name}\"?\s*=)")
        places = [at for at in range(start, len(lines)) if pattern.match(lines[at])]
        if len(places) <= int(index or 0):
            break
        start = places[int(index or 0)]
        found, start = start + 1, start + 1
    return found
