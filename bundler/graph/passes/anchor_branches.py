"""Ties a branch's constant result to its condition by data.

The result of a branch that needs no input (`tf.cond(p, f, lambda: 0.0)`) hangs on the
condition by a control edge alone. Without control edges it would always be there, and Merge
would take it whatever the condition says: here it goes through a Switch of its own.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import node_name

# The Merge of a loop joins its first value with the next one.
LOOP = {"Enter", "NextIteration"}


def run(frozen: Frozen) -> Frozen:
    nodes = {node.name: node for node in frozen.graph.node}
    for merge in [node for node in nodes.values() if node.op == "Merge"]:
        sources = [name for name in merge.input if not name.startswith("^")]
        if any(nodes[node_name(name)].op in LOOP for name in sources):
            continue
        for index, source in enumerate(sources):
            side = _side(nodes, source)
            if side:
                condition, output = side
                switch = frozen.graph.node.add(name=f"{merge.name}/side_{index}", op="Switch")
                switch.input.extend([source, condition])
                switch.attr["T"].CopyFrom(merge.attr["T"])
                merge.input[index] = f"{switch.name}:{output}"
    return frozen


def _side(nodes: dict[str, Any], source: str) -> tuple[str, int] | None:
    """The condition and the side of it where `source` is made; None if data tell it already."""
    made, controls = {node_name(source)}, deque[str]()
    waiting = deque(made)
    while waiting:
        node = nodes[waiting.popleft()]
        if node.op == "Switch":
            return None
        for name in node.input:
            if name.startswith("^"):
                controls.append(name[1:])
            elif node_name(name) not in made:
                made.add(node_name(name))
                waiting.append(node_name(name))
    return _pivot(nodes, controls)


def _pivot(nodes: dict[str, Any], controls: deque[str]) -> tuple[str, int] | None:
    """The nearest Switch behind these nodes that is no loop's, and which output they wait for."""
    seen = set(controls)
    while controls:
        for name in nodes[controls.popleft()].input:
            source = nodes[node_name(name)]
            if source.op == "Switch" and nodes[node_name(source.input[1])].op != "LoopCond":
                return source.input[1], int(name.endswith(":1"))
            if source.name not in seen:
                seen.add(source.name)
                controls.append(source.name)
    return None
