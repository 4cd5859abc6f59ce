"""The order of the modules: nothing imports upwards, and only the command line talks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "bundler"

# DESIGN.md's order from top to bottom, with the helpers where they are used. A folder's own
# modules may use each other only downwards; those of one line never.
LAYERS = [
    ["bundler.__main__"],
    ["bundler.cli"],
    ["bundler.cli.building", "bundler.cli.deploying", "bundler.cli.serving"],
    ["bundler.cli.reports", "bundler.cli.shared"],
    ["bundler.cli.terminal"],
    ["bundler.notebook"],
    ["bundler.serve", "bundler.deploy"],
    ["bundler.deploy.push"],
    ["bundler.deploy.branch", "bundler.deploy.browser", "bundler.deploy.live"],
    ["bundler.deploy.checks", "bundler.deploy.objects", "bundler.deploy.workflow"],
    ["bundler.deploy.addresses", "bundler.deploy.git", "bundler.deploy.targets"],
    ["bundler.deploy.settings"],
    ["bundler.serve.demo"],
    ["bundler.serve.rebuild", "bundler.serve.watch"],
    ["bundler.serve.live"],
    ["bundler.serve.http", "bundler.serve.problem"],
    ["bundler.serve.files"],
    ["bundler.pipeline", "bundler.scaffold"],
    ["bundler.assemble", "bundler.gallery"],
    ["bundler.page"],
    ["bundler.filters"],
    ["bundler.headers", "bundler.offline"],
    ["bundler.received"],
    ["bundler.site"],
    ["bundler.verify"],
    ["bundler.engine_process"],
    ["bundler.golden"],
    ["bundler.runtime"],
    ["bundler.colours"],
    ["bundler.examples"],
    ["bundler.graph.child"],
    ["bundler.graph.answering", "bundler.graph.converting"],
    ["bundler.graph.session"],
    ["bundler.graph"],
    ["bundler.graph.trial"],
    ["bundler.graph.process", "bundler.layers"],
    ["bundler.graph.launch"],
    ["bundler.graph.limits"],
    ["bundler.graph.samples"],
    ["bundler.graph.trace"],
    ["bundler.graph.feeds", "bundler.graph.heads"],
    ["bundler.graph.meant"],
    ["bundler.graph.lowerings", "bundler.graph.precision", "bundler.graph.reference"],
    ["bundler.graph.complex_numbers"],
    ["bundler.graph.draws"],
    ["bundler.graph.draw_ops"],
    ["bundler.graph.rewrite"],
    ["bundler.graph.passes"],
    ["bundler.graph.cost"],
    ["bundler.graph.view"],
    ["bundler.graph.write"],
    ["bundler.graph.freeze"],
    ["bundler.graph.quantize"],
    ["bundler.graph.changes", "bundler.graph.codes"],
    ["bundler.graph.large", "bundler.graph.tables"],
    ["bundler.graph.variables"],
    ["bundler.graph.flow", "bundler.graph.noise"],
    ["bundler.graph.feeds.whole", "bundler.graph.values"],
    ["bundler.formats"],
    ["bundler.formats.saved_model"],
    ["bundler.formats.hub_module", "bundler.formats.saved_functions"],
    ["bundler.formats.foreign", "bundler.formats.foreign_ops", "bundler.formats.graph_def"],
    ["bundler.formats.keras_hdf5"],
    ["bundler.formats.web"],
    ["bundler.formats.keras_files"],
    ["bundler.formats.untrusted"],
    ["bundler.formats.branches", "bundler.formats.wire"],
    ["bundler.formats.source"],
    ["bundler.plan"],
    ["bundler.signature"],
    ["bundler.parts"],
    ["bundler.config"],
    ["bundler.packages", "bundler.pictures", "bundler.reach", "bundler.toml", "bundler.wording"],
    ["bundler.folders", "bundler.names", "bundler.text_files"],
    ["bundler.cache", "bundler.processes", "bundler.told"],
    ["bundler.support"],
    [
        "bundler.disk",
        "bundler.fence",
        "bundler.json_text",
        "bundler.locks",
        "bundler.own_files",
        "bundler.redact",
        "bundler.shell",
        "bundler.stopping",
    ],
    ["bundler.lean"],
    ["bundler.tensors"],
    ["bundler.errors"],
    ["bundler.visible"],
    ["bundler"],
]
RANKS = {name: -rank for rank, names in enumerate(LAYERS) for name in names}


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def layer(module: str) -> str:
    """The name in LAYERS that a module belongs to: its own, else its folder's."""
    while module not in RANKS:
        module = module.rpartition(".")[0]
    return module


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


def test_every_module_has_its_place() -> None:
    assert set(RANKS) - set(MODULES) <= {"bundler.deploy", "bundler.layers"}
    placed = {name for name in MODULES if name.count(".") == 1}
    assert {layer(name) for name in placed} == placed


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_upwards(module: str) -> None:
    for other in imported(module):
        if layer(other) == layer(module):
            # Within a folder: its table may import its modules, none of these the table.
            assert not module.startswith(f"{other}."), f"{module} imports {other}"
        else:
            assert RANKS[layer(other)] < RANKS[layer(module)], f"{module} imports {other}"


def table(package: str) -> set[str]:
    """The modules in a folder's table: those that its own module imports from the folder."""
    tree = ast.walk(ast.parse(MODULES[package].read_text(encoding="utf-8")))
    rows = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module == package]
    return {f"{package}.{alias.name}" for node in rows for alias in node.names}


@pytest.mark.parametrize(
    "folder",
    ["deploy/targets", "formats", "graph/feeds", "graph/heads", "graph/lowerings", "graph/passes"],
)
def test_siblings_of_a_table_do_not_know_each_other(folder: str) -> None:
    siblings = table(module_name(PACKAGE / folder / "__init__.py"))
    assert siblings <= MODULES.keys()
    # One that has a place of its own in the order is there for the others as well.
    siblings -= RANKS.keys()
    assert all(siblings.isdisjoint(imported(sibling)) for sibling in siblings)
