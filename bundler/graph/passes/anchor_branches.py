"""Ties a branch's constant result to its condition by data.

The result of a branch that needs no input (`tf.cond(p, f, lambda: 0.0)`) hangs on the
condition by a control edge alone. Without control edges it would always be there, and Merge
would take it whatever the condition says: here it goes through a Switch of its own.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from bundler.graph.freeze import Frozen
from bundler.graph.view import GraphView, node_name

# The Merge of a loop joins its first value with the next one.
LOOP = {"Enter", "NextIteration"}


def run(frozen: Frozen) -> Frozen:
    anchors = Anchors(GraphView(frozen))
    for merge in [node for node in frozen.graph.node if node.op == "Merge"]:
        anchors.anchor(merge)
    return frozen


class Anchors:
    """Adds the Switches that are missing, whatever the order of the nodes."""

    def __init__(self, graph: GraphView) -> None:
        self._graph = graph
        self._anchored: set[str] = set()
        self._added: set[str] = set()

    def anchor(self, merge: Any) -> None:
        """Ties both sources of a Merge to its condition, and those of the Merges inside first."""
        sources = [name for name in merge.input if not name.startswith("^")]
        looping = any(self._graph.source(merge, at).op in LOOP for at in range(len(sources)))
        if looping or merge.name in self._anchored:
            return
        self._anchored.add(merge.name)
        for index, source in enumerate(sources):
            side = self._side(source)
            if side:
                condition, output = side
                switch = self._graph.add(
                    f"{merge.name}/side_{index}", "Switch", [source, condition]
                )
                switch.attr["T"].CopyFrom(merge.attr["T"])
                merge.input[index] = f"{switch.name}:{output}"
                self._added.add(switch.name)

    def _side(self, source: str) -> tuple[str, int] | None:
        """The condition and the side of it where `source` is made; None if data tell it already."""
        nodes = self._graph.nodes
        made, controls = {node_name(source)}, deque[str]()
        waiting = deque(made)
        while waiting:
            node = nodes[waiting.popleft()]
            if node.op == "Merge":
                self.anchor(node)
            inputs = list(node.input)
            if node.name in self._added:
                # It tells of the branch inside this one; of this one, its condition does.
                inputs = inputs[1:]
            elif node.op == "Switch":
                return None
            for name in inputs:
                if name.startswith("^"):
                    controls.append(name[1:])
                elif node_name(name) not in made:
                    made.add(node_name(name))
                    waiting.append(node_name(name))
        return self._pivot(controls)

    def _pivot(self, controls: deque[str]) -> tuple[str, int] | None:
        """The nearest Switch behind these nodes, no loop's, and which output they wait for."""
        nodes = self._graph.nodes
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
