"""The keys of a model's own lookup tables, by the input that is looked up.

Samples take some of them: answers to unknown words alone would prove nothing.
"""

from __future__ import annotations

from typing import Any

from bundler.graph import freeze
from bundler.graph.freeze import Frozen
from bundler.graph.tables import FIND, handle_node
from bundler.graph.view import node_name

MOST_KEYS = 200


def read(function: Any, names: list[str]) -> dict[str, list[Any]]:
    """Keys for the inputs of a traced function; `names` are the inputs' in its order."""
    variables = {id(variable.handle) for variable in function.graph.variables}
    resources = [handle for handle, _ in function.graph.captures if handle.dtype.name == "resource"]
    # Freezing takes seconds: only where something is captured that is no weight.
    if all(id(handle) in variables for handle in resources):
        return {}
    frozen = freeze.freeze(function)
    keys = _keys(frozen)
    return {
        name: keys[node] for name, node in zip(names, frozen.inputs, strict=True) if node in keys
    }


def _keys(frozen: Frozen) -> dict[str, list[Any]]:
    """Some keys for each input from which a lookup's keys come."""
    nodes = {node.name: node for node in frozen.graph.node}
    found: dict[str, list[Any]] = {}
    for node in frozen.graph.node:
        if node.op == FIND and (table := frozen.tables.get(handle_node(nodes, node).name)):
            step = -(-len(table.keys) // MOST_KEYS)
            keys = [
                key.decode(errors="replace") if isinstance(key, bytes) else int(key)
                for key in table.keys[:: max(step, 1)]
            ]
            for name in _sources(nodes, node_name(node.input[1])) & set(frozen.inputs):
                found.setdefault(name, []).extend(keys)
    return found


def _sources(nodes: dict[str, Any], start: str) -> set[str]:
    """A node and all that it is made from."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(node_name(reference) for reference in nodes[name].input)
    return seen
