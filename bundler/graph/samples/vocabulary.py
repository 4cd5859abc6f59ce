"""The keys of a model's own lookup tables, by the input that is looked up, and parsed texts.

Samples take some of them: answers to unknown words alone would prove nothing.
"""

from __future__ import annotations

from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.tables import FIND, handle_node
from bundler.graph.view import node_name

MOST_KEYS = 200
PARSERS = {"StringToNumber", "DecodeCSV"}


def keys(frozen: Frozen) -> dict[str, list[Any]]:
    """Some keys for each input, by node, from which a lookup's keys come."""
    nodes = {node.name: node for node in frozen.graph.node}
    found: dict[str, list[Any]] = {}
    for node in frozen.graph.node:
        if node.op == FIND and (table := frozen.tables.get(handle_node(nodes, node).name)):
            step = -(-len(table.keys) // MOST_KEYS)
            some = [
                key.decode(errors="replace") if isinstance(key, bytes) else int(key)
                for key in table.keys[:: max(step, 1)]
            ]
            for name in _sources(nodes, node_name(node.input[1])) & set(frozen.inputs):
                found.setdefault(name, []).extend(some)
    return found


def parsed(frozen: Frozen) -> set[str]:
    """The inputs, by node, whose texts are read as numbers."""
    nodes = {node.name: node for node in frozen.graph.node}
    found = [_sources(nodes, node.name) for node in frozen.graph.node if node.op in PARSERS]
    return set().union(*found) & set(frozen.inputs)


def ancestors(frozen: Frozen, node: str) -> set[str]:
    """A node and all that it is made from."""
    return _sources({one.name: one for one in frozen.graph.node}, node)


def _sources(nodes: dict[str, Any], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            data = [one for one in nodes[name].input if not one.startswith("^")]
            waiting.extend(map(node_name, data))
    return seen
