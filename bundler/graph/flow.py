"""Who waits for whom in a graph without calls, on which branch, and in which loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bundler.formats.graph_def import node_name, set_constant


class Flow:
    """A graph's nodes by name, to be walked against the flow and to be added to."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.nodes = {node.name: node for node in graph.node}

    def ancestors(self, node: Any) -> set[str]:
        """All that a node waits for."""
        return {found.name for found, _ in self.walk(node, set())}

    def frames(self, node: Any) -> set[str]:
        """The loops that a node is in."""
        return {
            found.attr["frame_name"].s.decode()
            for found, _ in self.walk(node, {"Exit"})
            if found.op == "Enter"
        }

    def branches(self, node: Any) -> list[tuple[str, int]]:
        """The branches that a node is on, from the innermost: their condition and side."""
        found: list[tuple[str, int]] = []
        while True:
            behind = self.walk(node, {"Merge", "Exit"})
            switch = next(((one, side) for one, side in behind if one.op == "Switch"), None)
            if switch is None:
                return found
            node, side = switch
            condition = node.input[1]
            if side is not None and condition not in [known for known, _ in found]:
                found.append((condition, side))

    def walk(self, node: Any, ends: set[str]) -> Iterator[tuple[Any, int | None]]:
        """What a node waits for, nearest first, with the output that it waits for.

        Nothing behind ops of `ends`; a control edge waits for no output.
        """
        waiting, seen = [node], {node.name}
        for current in waiting:
            for reference in current.input:
                name, _, index = reference.lstrip("^").partition(":")
                source = self.nodes[name]
                # The way back of a loop is no way to before it.
                if name in seen or source.op == "NextIteration":
                    continue
                seen.add(name)
                yield source, None if reference.startswith("^") else int(index or 0)
                if source.op not in ends:
                    waiting.append(source)

    def add(self, name: str, op: str, inputs: list[str]) -> Any:
        """A new node under a free name."""
        while name in self.nodes:
            name += "_"
        node = self.graph.node.add(name=name, op=op)
        node.input.extend(inputs)
        self.nodes[name] = node
        return node

    def add_number(self, name: str, value: Any, beside: str) -> Any:
        """A new constant, beside a tensor: in the same loop and on the same branch."""
        node = self.add(name, "Const", [])
        set_constant(node, value)
        node.input.append(f"^{node_name(beside)}")
        return node

    def remove(self, node: Any) -> None:
        """Removes a node without users: what waited for it waits for what it waited for."""
        instead = [f"^{node_name(reference)}" for reference in node.input[1:]]
        for user in self.graph.node:
            if f"^{node.name}" in user.input:
                kept = [name for name in user.input if name != f"^{node.name}"]
                kept += [name for name in instead if name not in kept]
                del user.input[:]
                user.input.extend(kept)
        del self.nodes[node.name]
        self.graph.node.remove(node)
