"""Branches of TensorFlow 1 (Switch and Merge) whose condition is known: only one side is left."""

from __future__ import annotations

from typing import Any

# With these in it, a graph's control inputs say which side of a branch or loop a node is on.
CONTROL_FLOW = {"Switch", "RefSwitch", "Merge", "RefMerge", "Enter", "RefEnter"}

# An output of a node; a control input is the output None.
Output = tuple[str, int | None]


def decide(graph: Any) -> None:
    """Removes the dead sides, in place; then, without branches, the control inputs as well."""
    nodes = {node.name: node for node in graph.node}
    conditions = {
        node.name: value
        for node in graph.node
        if node.op == "Switch" and (value := _truth(nodes, node.input[1])) is not None
    }
    if conditions:
        _remove_dead(graph, conditions)
    if not any(node.op in CONTROL_FLOW for node in graph.node):
        for node in graph.node:
            data = [reference for reference in node.input if not reference.startswith("^")]
            del node.input[:]
            node.input.extend(data)


def _truth(nodes: dict[str, Any], reference: str) -> bool | None:
    """A condition's value, if it is a constant."""
    from tensorflow.python.framework import tensor_util

    node = nodes[_parse(reference)[0]]
    if node.op == "Identity":
        return _truth(nodes, node.input[0])
    if node.op == "LogicalNot":
        value = _truth(nodes, node.input[0])
        return None if value is None else not value
    if node.op != "Const":
        return None
    return bool(tensor_util.MakeNdarray(node.attr["value"].tensor))


def _parse(reference: str) -> Output:
    if reference.startswith("^"):
        return reference[1:], None
    name, _, index = reference.partition(":")
    return name, int(index or 0)


def _remove_dead(graph: Any, conditions: dict[str, bool]) -> None:
    dead = {(name, int(not condition)) for name, condition in conditions.items()}
    gone = _find_dead(graph, dead)
    alive = [node for node in graph.node if node.name not in gone]
    for node in alive:
        live = [
            reference
            for reference in node.input
            if _parse(reference)[0] not in gone and _parse(reference) not in dead
        ]
        if node.op == "Merge" and len([ref for ref in live if not ref.startswith("^")]) == 1:
            _make_identity(node, live[0])
        elif node.name in conditions:
            _make_identity(node, node.input[0])
    for node in alive:
        for index, reference in enumerate(node.input):
            if _parse(reference)[0] in conditions and not reference.startswith("^"):
                node.input[index] = _parse(reference)[0]
    kept = [type(node).FromString(node.SerializeToString()) for node in alive]
    del graph.node[:]
    graph.node.extend(kept)


def _find_dead(graph: Any, dead: set[tuple[str, int]]) -> set[str]:
    """The nodes that never run, since something that they wait for does not."""
    gone: set[str] = set()
    size = -1
    while size < len(gone):
        size = len(gone)
        for node in graph.node:
            if node.name in gone:
                continue
            states = [
                name in gone or (index is not None and (name, index) in dead)
                for name, index in map(_parse, node.input)
            ]
            if states and (all(states) if node.op == "Merge" else any(states)):
                gone.add(node.name)
    return gone


def _make_identity(node: Any, reference: str) -> None:
    dtype = node.attr["T"].type
    name = node.name
    node.Clear()
    node.name, node.op = name, "Identity"
    node.input.append(reference)
    node.attr["T"].type = dtype
