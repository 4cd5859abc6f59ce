"""What every message must be, and its hints followed as far as a program can follow them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click

from bundler.cli import main
from bundler.demo import config, toml
from bundler.ground.errors import ConfigError, DemoError
from tests.conftest import ROOT

# What belongs to somebody else: lines of stacks, names within graphs, words of libraries.
FOREIGN = re.compile(
    r"Traceback|^\s*File \"|site-packages|<frozen |\{\{node|\[\[\{\{|__inference_|\[Op:|"
    r"<stack trace|Graph execution error|defined at \(most recent|StatefulPartitionedCall \(in|"
    r"[Ii]nput should be|valid (?:tuple|string|list)|string should match|npm (?:error|ERR)|\x1b\[|"
    r"^\s+at \S+ \(|object at 0x[0-9a-f]+|\bNoneType\b|object is not \w+able|has no attribute|"
    r"unexpected keyword|positional argument|indices must be|index out of range|"
    r"unsupported operand|values to unpack|unhashable",
    re.MULTILINE,
)
# Parts of hints that a program can follow.
TABLES = re.compile(r"\[\[(inputs|outputs)\]\] ((?:name|widget|size|shape|range) = [^.;\n]*)")
SETTINGS = re.compile(r"\[build\] (\w+ = \S+?)(?:[\s.,)]|$)")
OPTIONS = re.compile(r"(?<![\w-])(--[a-z][a-z-]+)")
VARIABLES = re.compile(r"\bTFJS_DEMO_[A-Z_]+\b")
CALLS = re.compile(
    r"\b((?:model|keras\.saving|tf\.saved_model)\.\w+(?:\.\w+)*\(.*?\)+)(?:[\s.,;)]|$)"
)
KNOWN_TO_OTHERS = {"--help", "--repo-type", "--project-name", "--prod", "--dir"}


def assert_plain(error: DemoError) -> None:
    """What happened and where in our own words, and something to do."""
    shown = f"{error.message}\n{error.hint}"
    assert not FOREIGN.search(shown), shown
    assert len(max(error.message.splitlines(), key=len)) < 500, shown
    assert error.hint, f"nothing to do is said: {shown}"
    follow(error.hint)


def follow(hint: str) -> None:
    """Lines for demo.toml are taken, options and variables exist, Python is Python."""
    for table, keys in TABLES.findall(hint):
        _read(f"[[{table}]]\n" + "\n".join(re.split(r", (?=\w+ = )", _filled(keys))))
    for setting in SETTINGS.findall(hint):
        _read("[build]\n" + _filled(setting))
    options = {name for command in main.commands.values() for parameter in command.params
               if isinstance(parameter, click.Option) for name in parameter.opts}  # fmt: skip
    unknown = set(OPTIONS.findall(hint)) - options - KNOWN_TO_OTHERS
    assert not unknown, f"{unknown} is no option: {hint}"
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "bundler").rglob("*.py"))
    for name in VARIABLES.findall(hint):
        assert f'"{name}"' in sources, f"{name} is not read: {hint}"
    for code in CALLS.findall(hint):
        ast.parse(code.replace("…", "..."))


def _filled(keys: str) -> str:
    """With a value where a hint leaves it to the user."""
    text = re.sub(r"= a tensor .*$", '= "x"', keys.strip().rstrip("),"))
    return re.sub(r"= …", '= "x"', text)


def _read(text: str) -> None:
    """Whether demo.toml may say so; the model does not matter."""
    file = Path(__file__).parent / "errors" / "config-no-model.txt"  # any file that is there
    try:
        config._validated(file, toml.parse(f'model = "x"\n{text}'))
    except ConfigError as error:
        raise AssertionError(f"{text!r} is not taken: {error.message}") from error
