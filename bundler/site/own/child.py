"""The process in which an author's templates are rendered, behind a fence and with limits.

Reads one JSON from its input, {"page", "own", "templates", "has_page", "texts"}, and writes one:
{"blocks", "ours"}, or {"mistake", "file", "line"}; and {"unfenced"}.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bundler.ground.texts import Texts
from bundler.site import environment
from bundler.site.own import blocks

SECONDS = 10
MOST_LETTERS = 1_000_000
MEMORY = 512 << 20
# Stands before text that is markup already.
MARKUP = "\0markup:"
OWN_PAGE = "own page"


class Loader(jinja2.FileSystemLoader):
    """The author's files before ours; but what their page extends is ours."""

    def __init__(self, own: str, templates: str) -> None:
        super().__init__([own, templates])
        self._own = jinja2.FileSystemLoader(own)
        self._ours = jinja2.FileSystemLoader(templates)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        if template == OWN_PAGE:
            return self._own.get_source(environment, blocks.PAGE)
        if template == blocks.PAGE:
            return self._ours.get_source(environment, template)
        return super().get_source(environment, template)


def main(unfenced: list[str]) -> None:
    """Renders once; what the system left open is told as well."""
    given = json.load(sys.stdin)
    _limit()
    json.dump({**_answer(given), "unfenced": unfenced}, sys.stdout)


def _limit() -> None:
    """All that the system can hold a process to; its parent looks at the clock as well."""
    with suppress(ImportError):
        import resource

        for what, most in (
            (resource.RLIMIT_CPU, SECONDS),
            (resource.RLIMIT_AS, MEMORY),
            (resource.RLIMIT_FSIZE, 1 << 20),
            (resource.RLIMIT_CORE, 0),
        ):
            with suppress(OSError, ValueError):
                resource.setrlimit(what, (most, most))


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    loader = Loader(given["own"], given["templates"])
    made = environment.prepared(
        ImmutableSandboxedEnvironment, loader, texts=Texts(**given["texts"])
    )
    name = OWN_PAGE if given["has_page"] else blocks.PAGE
    try:
        template = made.get_template(name)
        return asdict(blocks.rendered(template, marked(given["page"]), MOST_LETTERS))
    except blocks.NotExtendedError:
        begin = f'{{% extends "{blocks.PAGE}" %}}'
        return _mistake(f"it has to begin with {begin}", f"{given['own']}/{blocks.PAGE}", 1)
    except OverflowError:
        return _mistake(f"the templates make more than {MOST_LETTERS:,} letters")
    except MemoryError:
        return _mistake(f"the templates take more than {MEMORY >> 20} MiB of memory")
    except jinja2.TemplateSyntaxError as error:
        return _mistake(error.message or "it is not valid", error.filename or "", error.lineno)
    except jinja2.TemplateNotFound as error:
        return _mistake(f"there is no template {error.name}", *_place(error, given))
    except Exception as error:
        return _mistake(str(error) or type(error).__name__, *_place(error, given))


def _mistake(text: str, file: str = "", line: int = 0) -> dict[str, Any]:
    return {"mistake": text, "file": file, "line": line}


def _place(error: BaseException, given: dict[str, Any]) -> tuple[str, int]:
    """The innermost line of an author's template, or else of ours, that led to an error."""
    frames = traceback.extract_tb(error.__traceback__)
    for folder in (given["own"], given["templates"]):
        inside = [f for f in frames if f.filename.startswith(folder) and f.filename.endswith(".j2")]
        if inside:
            return inside[-1].filename, inside[-1].lineno or 0
    return "", 0


def marked(value: Any) -> Any:
    """A value of the page as it was before it was written as JSON."""
    if isinstance(value, dict):
        return {key: marked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [marked(one) for one in value]
    is_markup = isinstance(value, str) and value.startswith(MARKUP)
    return Markup(value.removeprefix(MARKUP)) if is_markup else value


def unmarked(value: Any) -> Any:
    """The same, ready to be written as JSON; no text of a demo can claim to be markup."""
    if isinstance(value, dict):
        return {key: unmarked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [unmarked(one) for one in value]
    if isinstance(value, Markup):
        return MARKUP + str(value)
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
