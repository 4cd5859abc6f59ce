"""Lookups of texts: the table becomes constants, the op one of templates/ops.

TF.js's own hash tables need an initialiser graph, and its LookupTableFind flattens what it
finds (FACTS: StringLookup, every SavedModel with a vocabulary).
"""

from __future__ import annotations

from bundler.graph.freeze import Frozen
from bundler.graph.tables import FIND, handle_node
from bundler.graph.view import GraphView

OP = "TfjsDemoLookup"


def run(frozen: Frozen) -> Frozen:
    if not frozen.tables:
        return frozen
    view = GraphView(frozen)
    for node in [node for node in frozen.graph.node if node.op == FIND]:
        table = frozen.tables.get(handle_node(view.nodes, node).name)
        if table is not None:
            keys = view.add_constant(f"{node.name}/keys", table.keys)
            values = view.add_constant(f"{node.name}/values", table.values)
            inputs = [node.input[1], keys, values, node.input[2]]
            del node.input[:]
            node.input.extend(inputs)
            node.op = OP
    return frozen
