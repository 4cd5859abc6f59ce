"""Modules of TensorFlow Hub's first version: SavedModels that do not say how to restore variables.

They have a checkpoint all the same (github.com/tensorflow/hub, native_module.py), whose values
are put into the graph here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bundler.formats import graph_def, graph_model
from bundler.formats.signature import Loaded
from bundler.formats.source import Source
from bundler.ground.errors import ModelError

VARIABLES = ("variables", "variables")
HOLDERS = {"Variable", "VariableV2", "VarHandleOp"}
PART = re.compile(r"(.+)/part_(\d+)$")


def is_module(path: Path, meta: Any) -> bool:
    """Whether a graph of TensorFlow 1 has variables, but nothing that restores them."""
    index = path.joinpath(*VARIABLES).with_suffix(".index")
    bare = not meta.object_graph_def.nodes and not meta.saver_def.restore_op_name
    return bare and index.is_file()


def load(source: Source, meta: Any, name: str) -> Loaded:
    """The signature `name` of the module. Raises ModelError."""
    row = meta.signature_def[name]
    inputs = {key: info.name for key, info in row.inputs.items()}
    outputs = {key: row.outputs[key].name for key in sorted(row.outputs)}
    # The rest saves and initialises variables, of which there are none any more.
    part = graph_def.cut(meta.graph_def, [*outputs.values(), *inputs.values()], ())
    _fill(source.path, part)
    graph_def.settle(part, inputs.values())
    if any("HashTable" in node.op for node in part.node):
        raise ModelError(
            f"{source.path} looks words up in a table that only TensorFlow Hub fills",
            hint="Load it in Python, wrap it in a tf.Module, and save that with "
            "tf.saved_model.save(module, folder, signatures=…).",
        )
    return graph_model.load(part, inputs, outputs, source.shapes_of(list(inputs)))


def _fill(path: Path, graph: Any) -> None:
    """Makes every variable a constant, in place."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(path.joinpath(*VARIABLES)))
    holders = {node.name: node for node in graph.node if node.op in HOLDERS}
    values = {name: _value(path, reader, name, holders) for name in holders}
    for node in list(graph.node):
        source = graph_def.node_name(node.input[0]) if node.input else ""
        if node.op == "ReadVariableOp" and source in values:
            graph_def.set_constant(node, values[source])
        elif node.op == "ResourceGather" and source in values:
            _gather(graph, node)
    for name, node in holders.items():
        graph_def.set_constant(node, values[name])


def _value(path: Path, reader: Any, name: str, holders: dict[str, Any]) -> Any:
    """What the checkpoint holds for a variable, or for a part of one."""
    shapes = reader.get_variable_to_shape_map()
    if name in shapes:
        return reader.get_tensor(name)
    found = PART.match(name)
    if not found or found[1] not in shapes:
        raise ModelError(
            f"{path} is incomplete: its checkpoint has no variable {name}",
            hint="Copy or download the folder again.",
        )
    before = [f"{found[1]}/part_{index}" for index in range(int(found[2]))]
    begin = sum(_rows(holders[part]) for part in before)
    return reader.get_tensor(found[1])[begin : begin + _rows(holders[name])]


def _rows(node: Any) -> int:
    return int(node.attr["shape"].shape.dim[0].size)


def _gather(graph: Any, node: Any) -> None:
    """Looks rows up in a constant rather than in a variable."""
    axis = graph.node.add(name=f"{node.name}/axis")
    graph_def.set_constant(axis, 0)
    dtype, indices = node.attr["dtype"].type, node.attr["Tindices"].type
    for key in list(node.attr):
        del node.attr[key]
    node.op = "GatherV2"
    node.input.append(axis.name)
    node.attr["Tparams"].type, node.attr["Tindices"].type = dtype, indices
    node.attr["Taxis"].type = 3  # int32
