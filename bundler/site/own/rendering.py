"""An author's templates, rendered in a process of their own; what they made is looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from bundler.demo.own import PAGE, Own
from bundler.ground import layout, own_program, processes
from bundler.ground.errors import ConfigError, DemoError, SetupError
from bundler.ground.texts import ENGLISH, Texts
from bundler.site.own import child, markup
from bundler.site.own.blocks import Rendered

LIBRARIES = ("jinja2", "markupsafe", "platformdirs", "tomli")
# What the child may say in all, its letters written as JSON.
MOST_BYTES = 12 * child.MOST_LETTERS
PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


def rendered(
    own: Own, page: dict[str, Any], fields: Iterable[str], texts: Texts = ENGLISH
) -> dict[str, str]:
    """The markup of every block, with `page` for the templates' values.

    `fields` are the ids of the widgets' elements. Raises ConfigError for a mistake in a template,
    naming file and line, and for markup that would change more than its block.
    """
    request = {
        "page": child.unmarked(page),
        "own": str(own.folder),
        "templates": str(layout.templates()),
        "has_page": own.find(PAGE) is not None,
        "texts": vars(texts),
    }
    answer = _asked(request, own)
    if "mistake" in answer:
        with own.told():
            file = f"{answer['file']}:{answer['line']}: " if answer["file"] else f"{own.folder}: "
            raise ConfigError(file + answer["mistake"], hint=_hint(answer["mistake"]))
    found = Rendered(answer["blocks"], answer["ours"])
    for name, made in found.blocks.items():
        needed = markup.needed(found.ours.get(name, ""), fields)
        if problem := markup.problem(made, needed):
            where = own.shown / PAGE if name in found.ours else own.shown
            raise ConfigError(f"{where}: the block {name} {problem}")
    return found.blocks


def _hint(mistake: str) -> str:
    if "unsafe" in mistake:
        return "Templates of a demo see what the page is made of, and nothing of the program."
    return ""


def _asked(request: dict[str, Any], own: Own) -> dict[str, Any]:
    """The child's answer; it gets ten seconds, and is not listened to for ever."""
    with tempfile.TemporaryFile() as log:
        popen: partial[subprocess.Popen[bytes]] = partial(
            subprocess.Popen,
            _command(request),
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            cwd=tempfile.gettempdir(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        with processes.started(popen) as process:
            late = threading.Timer(child.SECONDS, processes.end, [process])
            late.start()
            said = _exchange(process, json.dumps(request).encode())
            late.cancel()
        try:
            answer: dict[str, Any] = json.loads(said)
            return answer
        except ValueError:
            log.seek(0)
            raise _died(process.returncode, log.read().decode(errors="replace"), own) from None


def _command(request: dict[str, Any]) -> list[str]:
    given = {
        "package": str(layout.PACKAGE),
        "path": [str(folder) for folder in own_program.folders(LIBRARIES)],
        "readable": [str(layout.PACKAGE), request["own"], request["templates"]],
        "writable": [],
        "fenced": True,
    }
    program = own_program.program("bundler.site.own.child")
    return [sys.executable, "-I", "-B", "-c", program, json.dumps(given)]


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    assert process.stdin and process.stdout
    with suppress(BrokenPipeError):
        process.stdin.write(request)
        process.stdin.close()
    said: bytes = process.stdout.read(MOST_BYTES)
    if len(said) == MOST_BYTES:
        processes.end(process)
    process.wait()
    return said


def _died(code: int, log: str, own: Own) -> DemoError:
    # What ends it from outside is a limit: the clock, or one of the system.
    if code < 0 or code > 128:
        return ConfigError(
            f"{own.shown}: the templates took longer than {child.SECONDS} seconds, or more than "
            f"{child.MEMORY >> 20} MiB of memory",
            hint="A loop in one of them may have no end.",
            details=log,
        )
    return SetupError(
        f"the process that renders {own.shown} ended with exit code {code}",
        hint="Run again with --debug to see what it printed.",
        details=log,
    )
