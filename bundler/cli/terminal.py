"""What is printed, and nothing else prints: no text of a model, a site or a remote is obeyed."""

from __future__ import annotations

import json
import logging
from typing import Any

import click

from bundler.ground import visible

# Lines of others within a message begin like none of ours.
INDENT = "  "


def say(*lines: str, err: bool = False, colour: str | None = None, bold: bool = False) -> None:
    """Prints lines; a line end within one is shown as what it is."""
    for one in lines:
        click.echo(click.style(visible.line(one), fg=colour, bold=bold or None), err=err)


def say_json(data: Any) -> None:
    """Prints a value on one line, in which a log finds no command of its own."""
    click.echo(visible.of_json(json.dumps(data)))


def complain(
    label: str, message: str, hint: str = "", *, colour: str = "red", err: bool = True
) -> None:
    """Prints "label: message" and what to do; the messages' further lines are indented."""
    bold = colour == "red"
    first, *more = visible.lines(message)
    click.echo(click.style(f"{label}: ", fg=colour, bold=bold or None) + first, err=err)
    for one in more:
        click.echo(one if one.startswith(INDENT) else INDENT + one, err=err)
    if hint:
        first, *more = visible.lines(hint)
        say(first, *(one if one.startswith(INDENT) else INDENT + one for one in more), err=err)


def show(text: str) -> None:
    """Prints what is for those who look for a mistake: a traceback, what a program has said."""
    say(*text.rstrip("\n").split("\n"), err=True)


class Log(logging.Handler):
    """What libraries log, in one place with all else that is printed."""

    def emit(self, record: logging.LogRecord) -> None:
        show(self.format(record))


def listen_to_libraries() -> None:
    """Warnings and errors of libraries are printed as all else is."""
    root = logging.getLogger()
    if not any(isinstance(handler, Log) for handler in root.handlers):
        root.addHandler(Log(logging.WARNING))
    logging.captureWarnings(True)
