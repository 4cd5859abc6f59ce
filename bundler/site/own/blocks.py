"""The blocks of the page: rendered one by one, so that what stands around them is always ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jinja2
from jinja2.runtime import Context

PAGE = "page.html.j2"
# What an author's page.html.j2 may fill; all else is the frame.
NAMES = ("head", "header", "input", "answer", "examples", "evidence", "footer")


class NotExtendedError(Exception):
    """A page that does not build on ours."""


@dataclass(frozen=True)
class Rendered:
    """The markup of every block, and of those that an author has filled what ours would have."""

    blocks: dict[str, str]
    ours: dict[str, str]


def rendered(template: jinja2.Template, page: dict[str, Any], most: int) -> Rendered:
    """Raises what templates raise, and OverflowError beyond `most` letters."""
    context = template.new_context({"page": page})
    try:
        # As far as the first letter of the page that is built on: by then all blocks are known.
        next(template.root_render_func(context), None)
        if set(NAMES) - context.blocks.keys():
            raise NotExtendedError
        done: dict[str, str] = {}
        for name in NAMES:
            done[name] = _cut(context.blocks[name][0](context), most - sum(map(len, done.values())))
        filled = {name: renders for name in NAMES if len(renders := context.blocks[name]) > 1}
        ours = {name: _cut(renders[-1](context), most) for name, renders in filled.items()}
        return Rendered(done, ours)
    except (NotExtendedError, OverflowError, MemoryError):
        raise
    except Exception:
        template.environment.handle_exception()


def _cut(pieces: Iterator[str], most: int) -> str:
    kept, length = [], 0
    for piece in pieces:
        kept.append(str(piece))
        length += len(piece)
        if length > most:
            raise OverflowError
    return "".join(kept)


def filled(template: jinja2.Template, page: dict[str, Any], blocks: dict[str, str]) -> str:
    """The page, with this markup in its blocks."""
    context = template.new_context({"page": page})
    for name, markup in blocks.items():
        context.blocks[name] = [partial(_given, markup)]
    return "".join(template.root_render_func(context))


def _given(markup: str, _: Context) -> Iterator[str]:
    yield markup
