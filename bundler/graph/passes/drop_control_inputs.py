"""Removes control edges and assertions.

TF.js reads output 0 of a control edge's source; behind a Switch that is empty on
the branch not taken, and every loop fails with "Cannot compute the outputs".
An inference graph has no effects whose order they would keep.
"""

from __future__ import annotations

from bundler.graph.freeze import Frozen


def run(frozen: Frozen) -> Frozen:
    functions = [function.node_def for function in frozen.graph.library.function]
    for nodes in [frozen.graph.node, *functions]:
        for node in nodes:
            kept = [name for name in node.input if not name.startswith("^")]
            del node.input[:]
            node.input.extend(kept)
    return frozen
