"""Writes the README's generated parts, command line and table: `python -m tests.readme`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bundler.cli import main
from bundler.ground.errors import DemoError
from tests.engines import results
from tests.sweep import table

README = Path(__file__).parent.parent / "README.md"


def command_line() -> str:
    """The help of every command, as markdown."""
    context = click.Context(main, info_name="tfjs-demo")
    blocks = []
    for name, command in main.commands.items():
        inner = click.Context(command, info_name=f"tfjs-demo {name}", terminal_width=88)
        text = command.get_help(inner).strip()
        blocks.append(f"```text\n{text}\n```")
    rows = [
        f"| `{name}` | {command.get_short_help_str(100)} |"
        for name, command in main.commands.items()
    ]
    table = "\n".join(["| command | what it does |", "|---|---|", *rows])
    program = context.find_root().info_name
    details = "\n\n".join(blocks)
    return (
        f"{table}\n\n`{program} --version` prints the version, with `--debug` also those of "
        f"TensorFlow, Keras, TensorFlow.js and Node.\n\n<details>\n"
        f"<summary>All options</summary>\n\n{details}\n\n</details>\n\n{exit_codes()}"
    )


def exit_codes() -> str:
    """What the commands end with, from the errors' own descriptions."""
    rows = {
        "0": "All is well.",
        "1": "Something that no other code says: a full disk, or a mistake in tfjs-demo.",
        **{str(error.exit_code): plainly(error.__doc__) for error in DemoError.__subclasses__()},
        "128 + n": "Stopped by signal n, as by Ctrl-C (130).",
    }
    rows["2"] += " Or the command line is wrong."
    lines = [f"| {code} | {meaning} |" for code, meaning in rows.items()]
    return "\n".join(["| exit code | |", "|---|---|", *lines])


def plainly(doc: str | None) -> str:
    return (doc or "").strip().splitlines()[0].replace("demo.toml", "`demo.toml`")


PARTS = {
    "command line": command_line,
    "sweep": table.markdown,
    "engines": results.markdown,
}


def updated(text: str) -> str:
    """The README with its generated parts made anew."""
    for name, make in PARTS.items():
        start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
        part = f"{start}\n{make()}\n{end}"
        pattern = re.compile(f"{re.escape(start)}.*{re.escape(end)}", re.DOTALL)
        text = pattern.sub(lambda _, part=part: part, text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
