"""Graph models of TensorFlow.js, read back into TensorFlow: so its answers can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bundler.formats import graph_def, graph_model
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.formats.untrusted import graph_ops
from bundler.formats.web import files, graphs, weights
from bundler.ground.errors import ModelError
from bundler.ground.lean import start_tensorflow

NAME = "TensorFlow.js graph model"


def matches(path: Path) -> bool:
    topology = files.topology(path)
    if files.find_old(path) is not None:
        return True
    return topology is not None and isinstance(topology.get("node"), list)


def check(source: Source) -> None:
    """Raises ModelError for missing shards, and for tables that only an initialiser fills."""
    model = files.read(source.path)
    files.shards(source.path, model)
    if model.get("modelInitializer"):
        raise ModelError(
            f"{source.path} has lookup tables, which TensorFlow.js keeps in a graph of their own",
            hint="Go back to the SavedModel that it was made from, and name that.",
        )


def load(source: Source) -> Loaded:
    start_tensorflow()
    path = source.path
    model = files.read(path)
    old = files.find_old(path)
    graph = graph_def.read(old) if old else graphs.parse(path, model["modelTopology"])
    graphs.fill(path, graph, weights.read(path))
    graphs.unfuse(path, graph)
    inputs, outputs = _signature(source, model, graph)
    graph_def.settle(graph, inputs.values())
    graph_ops.check_graph(source, graph, inputs.values(), outputs.values(), files.FILE_NAME)
    return graph_model.load(graph, inputs, outputs, source.shapes_of(list(inputs)))


def _signature(
    source: Source, model: dict[str, Any], graph: Any
) -> tuple[dict[str, str], dict[str, str]]:
    """The tensors of inputs and outputs by name.

    What the signature leaves out are the graph's placeholders and ends, as in TensorFlow.js:
    the converter writes no inputs for frozen graphs.
    """
    stated = model.get("signature") or (model.get("userDefinedMetadata") or {}).get("signature")
    inputs, outputs = (_named((stated or {}).get(table)) for table in ("inputs", "outputs"))
    outputs = outputs or {name: name for name in graph_def.ends(graph)}
    if not inputs:
        used = graph_def.cut(graph, outputs.values(), ())
        inputs = {name: name for name in graph_def.placeholders(used)}
    if not inputs or not outputs:
        raise ModelError(f"{source.path} does not show what its inputs and outputs are")
    graph_def.check_names(graph, "inputs", inputs.values())
    graph_def.check_names(graph, "outputs", outputs.values())
    return inputs, outputs


def _named(table: Any) -> dict[str, str]:
    rows = table.items() if isinstance(table, dict) else ()
    return {name: str((row or {}).get("name", name)) for name, row in rows}
