"""The order of the rooms: nothing imports upwards, and only the command line talks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "bundler"

# From top to bottom. Rooms of one line do not know each other.
ROOMS = [
    ["cli"],
    ["deploy", "serve"],
    ["pipeline"],
    ["site"],
    ["proof"],
    ["bundle"],
    ["graph"],
    ["plan"],
    ["formats"],
    ["demo"],
    ["feeds", "heads"],
    ["ground"],
    [""],
]
RANKS = {name: -rank for rank, names in enumerate(ROOMS) for name in names}
# Formats that others carry within them.
SHARED = {"bundler.formats.keras_hdf5", "bundler.formats.saved_model"}
TABLES = ["deploy/targets", "formats", "graph/lowerings"]
TABLES += ["graph/passes"]


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def room(module: str) -> str:
    """The first folder, or file, in the package; nothing for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def imported(module: str) -> Iterator[str]:
    """The modules of this package that a module imports, also within functions."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            inner = [name for name in names if name in MODULES]
            yield from inner
            if len(inner) < len(names):
                yield node.module


def test_every_room_has_its_place() -> None:
    assert {room(module) for module in MODULES} == set(RANKS)


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_upwards(module: str) -> None:
    for other in imported(module):
        if room(other) != room(module):
            assert RANKS[room(other)] < RANKS[room(module)], f"{module} imports {other}"


def test_no_two_modules_need_each_other() -> None:
    """Within a room as well, whatever way it goes."""
    waiting = {module: set(imported(module)) - {module} for module in MODULES}
    while ready := {module for module, needed in waiting.items() if not needed & waiting.keys()}:
        waiting = {module: needed for module, needed in waiting.items() if module not in ready}
    assert not waiting, f"in a circle, or above one: {sorted(waiting)}"


def table(package: str) -> set[str]:
    """The modules in a folder's table: those that its own module imports from the folder."""
    tree = ast.walk(ast.parse(MODULES[package].read_text(encoding="utf-8")))
    rows = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module == package]
    return {f"{package}.{alias.name}" for node in rows for alias in node.names}


@pytest.mark.parametrize("folder", TABLES)
def test_siblings_of_a_table_do_not_know_each_other(folder: str) -> None:
    siblings = table(module_name(PACKAGE / folder / "__init__.py"))
    assert siblings <= MODULES.keys()
    siblings -= SHARED
    assert all(siblings.isdisjoint(imported(sibling)) for sibling in siblings)


def asked(tree: ast.AST) -> Iterator[str]:
    """The constants that the feed, head or widget of something is compared with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            names = {side.attr for side in sides if isinstance(side, ast.Attribute)}
            if names & {"feed", "head", "widget"}:
                parts = [part for side in sides for part in getattr(side, "elts", [side])]
                yield from (str(part.value) for part in parts if isinstance(part, ast.Constant))


@pytest.mark.parametrize("module", MODULES)
def test_nobody_asks_which_kind_an_input_or_answer_is(module: str) -> None:
    if room(module) not in ("feeds", "heads"):
        tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
        assert set(asked(tree)) <= {"None"}


def test_who_asks_would_be_found() -> None:
    for line in ('item.feed == "image"', 'part.manifest.head in ("image", "sketch")'):
        assert "image" in set(asked(ast.parse(line)))
