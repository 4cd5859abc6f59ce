"""Writes the README's generated part, the command line: `python -m tests.readme`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bundler.cli import main

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- command line: start -->", "<!-- command line: end -->"


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
    version = context.find_root().info_name
    details = "\n\n".join(blocks)
    return (
        f"{table}\n\n`{version} --version` prints the version.\n\n<details>\n"
        f"<summary>All options</summary>\n\n{details}\n\n</details>"
    )


def updated(text: str) -> str:
    """The README with its generated part made anew."""
    pattern = re.compile(f"{re.escape(START)}.*{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{START}\n{command_line()}\n{END}", text)


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
