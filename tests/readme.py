"""Writes the generated parts of every README.md, where they stand: `python -m tests.readme`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from pydantic import BaseModel

from bundler.cli import main
from bundler.demo import parts, reference, wording
from bundler.demo.card import Author
from bundler.demo.demo import Demo
from bundler.demo.parts import Part
from bundler.ground.errors import DemoError
from tests import states
from tests.engines import results
from tests.sweep import table

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TOOL, PAGE, GALLERY, TESTS = (
    ROOT / folder / "README.md" for folder in ("bundler", "templates", "demos", "tests")
)
FILES = (README, TOOL, PAGE, GALLERY, TESTS)
WIDGETS = parts.read()


def commands() -> str:
    """Every command in a line."""
    rows = [
        f"| `{name}` | {command.get_short_help_str(100)} |"
        for name, command in main.commands.items()
    ]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def options() -> str:
    """The help of every command."""
    blocks = []
    for name, command in main.commands.items():
        inner = click.Context(command, info_name=f"tfjs-demo {name}", terminal_width=88)
        blocks.append(f"```text\n{command.get_help(inner).strip()}\n```")
    details = "\n\n".join(blocks)
    return f"<details>\n<summary>All options</summary>\n\n{details}\n\n</details>"


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


def every_widget() -> Iterator[Part]:
    for widgets in WIDGETS.values():
        yield from widgets.values()


def widgets() -> str:
    """Every widget in a line."""
    rows = []
    for part in every_widget():
        keys = ", ".join(f"`{name}`" for name in part.known) or "–"
        rows.append(f"| `{part.name}` | {part.role} | {part.manifest.summary} | {keys} |")
    return "\n".join(["| widget | | for | keys |", "|---|---|---|---|", *rows])


def widget_keys() -> str:
    """The keys of every widget: what each should be, and what for."""
    blocks = []
    for part in every_widget():
        lines = [f"### `{part.name}`, an {part.role}", "", sentence(part.manifest.summary), ""]
        found = list(reference.keys(part, WIDGETS))
        if found:
            lines += ["| key | what it should be | what for |", "|---|---|---|"]
        for key in found:
            what_for = key.description + (" (must be there)" if key.needed else "")
            lines.append(f"| `{key.name}` | {cell(key.wanted)} | {cell(what_for)} |")
        blocks.append("\n".join(lines).rstrip())
    return "\n\n".join(blocks)


def sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def settings() -> str:
    """The keys of demo.toml that are no widget's."""
    fields = Demo.model_fields
    tables: dict[str, type[BaseModel]] = {"": Demo}
    for name in ("card", "theme", "build"):
        tables[f"[{name}]"] = fields[name].annotation  # type: ignore[assignment]
    tables |= {"[[card.authors]]": Author}
    tables |= {"[[inputs]]": reference.TABLES["Input"][1]}
    tables |= {"[[inputs.fields]]": reference.TABLES["InputField"][1]}
    tables |= {"[[outputs]]": reference.TABLES["Output"][1]}
    lines = ["| table | key | what it should be | what for |", "|---|---|---|---|"]
    for name, model in tables.items():
        for key, field in model.model_fields.items():
            if field.exclude:
                continue
            wanted = cell(wording.wanted(model, key, name.strip("[]")))
            what_for = cell(field.description or "")
            lines.append(f"| {f'`{name}`' if name else ''} | `{key}` | {wanted} | {what_for} |")
    return "\n".join(lines)


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "options": options,
    "exit codes": exit_codes,
    "widgets": widgets,
    "widget keys": widget_keys,
    "settings": settings,
    "sweep": table.markdown,
    "engines": results.markdown,
    "states": states.markdown,
}
MARK = re.compile(r"<!-- ([\w ]+): start -->")


def updated(text: str) -> str:
    """A README with its generated parts made anew."""
    for name in MARK.findall(text):
        start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
        part = f"{start}\n{PARTS[name]()}\n{end}"
        pattern = re.compile(f"{re.escape(start)}.*{re.escape(end)}", re.DOTALL)
        text = pattern.sub(lambda _, part=part: part, text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    for file in FILES:
        file.write_text(updated(file.read_text(encoding="utf-8")), encoding="utf-8")
