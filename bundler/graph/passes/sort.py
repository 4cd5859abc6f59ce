"""Sorts the nodes by use, so that weights arrive in the order in which they are needed."""

from __future__ import annotations

from bundler.graph.freeze import Frozen
from bundler.graph.view import node_name


def run(frozen: Frozen) -> Frozen:
    by_name = {node.name: node for node in frozen.graph.node}
    order: dict[str, None] = {}
    for start in [*frozen.inputs, *frozen.outputs]:
        # Depth first without recursion: a node comes when all its inputs have come; the
        # back edge of a loop meets a node that is open, and is skipped.
        stack, opened = [start], set[str]()
        while stack:
            name = stack[-1]
            if name in order or name in opened:
                stack.pop()
                order.setdefault(name)
                continue
            opened.add(name)
            sources = (node_name(reference) for reference in reversed(by_name[name].input))
            stack.extend(
                source for source in sources if source not in order and source not in opened
            )
    return frozen.with_nodes(by_name[name] for name in order)
