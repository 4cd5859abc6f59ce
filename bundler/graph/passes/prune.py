"""Removes nodes that no output needs, which other passes leave behind."""

from __future__ import annotations

from bundler.graph.freeze import Frozen
from bundler.graph.view import node_name


def run(frozen: Frozen) -> Frozen:
    by_name = {node.name: node for node in frozen.graph.node}
    needed: set[str] = set()
    waiting = [*frozen.outputs, *frozen.inputs]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(node_name(reference) for reference in by_name[name].input)
    return frozen.with_nodes(node for node in frozen.graph.node if node.name in needed)
