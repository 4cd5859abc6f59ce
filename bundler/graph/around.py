"""The graph of a layers page: feeds, then the layers model as one op, then heads."""

from __future__ import annotations

from typing import Any

from bundler.graph import freeze, lowerings
from bundler.graph.freeze import Frozen

# templates/runtime/engine/layers.js runs it.
LAYERS_OP = "TfjsDemoLayers"
BEFORE, AFTER = "before/", "after/"


def around_layers(feeds: Any, heads: Any) -> Frozen:
    """Joins the concrete functions before and after a layers model by an op that stands for it."""
    before = _named(_frozen(feeds), BEFORE)
    after = _named(_frozen(heads), AFTER)
    graph = before.graph
    graph.node.add(name="layers", op=LAYERS_OP).input.extend(before.outputs)
    results = {name: f"layers:{index}" for index, name in enumerate(after.inputs)}
    for node in after.graph.node:
        if node.name in results:
            continue
        references = [results.get(reference, reference) for reference in node.input]
        del node.input[:]
        node.input.extend(references)
        graph.node.append(node)
    return Frozen(graph, before.inputs, after.outputs, {**before.weights, **after.weights})


def _frozen(function: Any) -> Frozen:
    return freeze.optimise(lowerings.run(freeze.freeze(function)))


def _named(frozen: Frozen, prefix: str) -> Frozen:
    """The graph with a prefix in front of all names."""
    for node in frozen.graph.node:
        node.name = prefix + node.name
        kept = [
            ("^" if reference.startswith("^") else "") + prefix + reference.lstrip("^")
            for reference in node.input
        ]
        del node.input[:]
        node.input.extend(kept)
    inputs = [prefix + name for name in frozen.inputs]
    outputs = [prefix + name for name in frozen.outputs]
    weights = {prefix + name: value for name, value in frozen.weights.items()}
    return Frozen(frozen.graph, inputs, outputs, weights)
