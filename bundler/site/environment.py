"""What templates are rendered with: no text becomes markup, nothing unknown is passed over."""

from __future__ import annotations

from typing import TypeVar

import jinja2

from bundler.ground.texts import ENGLISH, Texts
from bundler.site import filters

Kind = TypeVar("Kind", bound=jinja2.Environment)


def prepared(
    kind: type[Kind],
    loader: jinja2.BaseLoader,
    bytecode: jinja2.BytecodeCache | None = None,
    texts: Texts = ENGLISH,
) -> Kind:
    """An environment of a kind that reads templates from `loader` and speaks a language."""
    made = kind(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        bytecode_cache=bytecode,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters.of(texts))
    made.globals.update(text=texts.text, count=texts.count)
    return made
