"""Frozen graphs of TensorFlow 1: a `.pb` file that is one GraphDef, without a signature."""

from __future__ import annotations

from pathlib import Path

from bundler.formats import graph_def, graph_model, wire
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import graph_ops
from bundler.ground.errors import ModelError
from bundler.ground.lean import start_tensorflow

NAME = "frozen graph"


def matches(path: Path) -> bool:
    return wire.is_graph(path)


def check(source: Source) -> None:
    """There is nothing that can be known without TensorFlow."""


def load(source: Source) -> Loaded:
    """Opens the graph between the tensors that demo.toml names.

    Without names it goes from its placeholders to the nodes that nobody uses.
    """
    start_tensorflow()
    graph = graph_def.read(source.path)
    graph_def.check_names(graph, "inputs", source.inputs)
    graph_def.check_names(graph, "outputs", source.outputs)
    outputs = source.outputs or tuple(graph_def.ends(graph))
    graph_ops.check_graph(source, graph, source.inputs, outputs, "graph")
    graph_def.settle(graph, source.inputs)
    part = graph_def.cut(graph, outputs, source.inputs)
    named = {graph_def.node_name(name) for name in source.inputs}
    others = [name for name in graph_def.placeholders(part) if name not in named]
    inputs = [*source.inputs, *others]
    if not inputs or not outputs:
        missing = "outputs" if inputs else "inputs"
        raise ModelError(
            f"{source.path} does not show what its {missing} are",
            hint=f"Name the tensors in demo.toml: [[{missing}]] with name = …",
        )
    return graph_model.load(
        graph,
        {name: name for name in inputs},
        {name: name for name in outputs},
        source.shapes_of(inputs),
    )
