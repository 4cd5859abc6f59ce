"""Where visitors' pictures and sounds come from, as Gradio calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from bundler.feeds.values import Around
from bundler.ground.table import PAGE

Source = Literal["upload", "webcam", "clipboard", "microphone"]
# Nobody is asked for a camera unasked; a sound is spoken more often than it is a file.
OF_PICTURES: list[Source] = ["upload", "clipboard"]
OF_SOUNDS: list[Source] = ["microphone", "upload"]
Sources = Annotated[
    list[Source] | None,
    PAGE,
    Field(
        min_length=1,
        description='where it comes from, the main one first; "webcam" is the camera; without '
        'this key ["upload", "clipboard"] for pictures, ["microphone", "upload"] for sounds',
    ),
]


def check(sources: Sequence[Source], known: Sequence[Source], around: Around) -> None:
    """Says which of them are no sources of what the widget is for."""
    for source in sources:
        if source not in known:
            around.problem("sources", f'"{source}" is none of {", ".join(known)}')
