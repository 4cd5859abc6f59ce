"""The topology of a TensorFlow.js graph model as a GraphDef that TensorFlow itself can run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundler.formats.web import encodings, files
from bundler.ground import told
from bundler.ground.errors import ModelError

if TYPE_CHECKING:
    import numpy.typing as npt

# Ops that TF.js computes in one go, by the op of their first step.
FUSED = {
    "_FusedConv2D": "Conv2D",
    "FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedMatMul": "MatMul",
    "FusedMatMul": "MatMul",
}
# Attributes that the first step keeps.
KEPT = {
    "T", "strides", "padding", "data_format", "dilations", "explicit_paddings", "transpose_a",
    "transpose_b",
}  # fmt: skip
ACTIVATIONS = {"Relu", "Relu6", "Elu", "Sigmoid", "Tanh", "LeakyRelu"}


def parse(path: Path, topology: dict[str, Any]) -> Any:
    """The topology without its weights. Raises ModelError."""
    from google.protobuf.json_format import ParseDict, ParseError
    from tensorflow.core.framework.graph_pb2 import GraphDef

    graph = GraphDef()
    try:
        ParseDict(encodings.plain(topology), graph, ignore_unknown_fields=True)
    except (ParseError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path} is damaged: its modelTopology is no graph ({told.line(error)})",
            hint=files.COPY_AGAIN,
        ) from error
    for node in graph.node:
        # Notes of Grappler, with sizes that stand for one another.
        for name in [name for name in node.attr if name.startswith("_")]:
            del node.attr[name]
    return graph


def fill(path: Path, graph: Any, weights: Mapping[str, npt.NDArray[Any]]) -> None:
    """Gives the constants their values, in place."""
    from tensorflow.python.framework import dtypes, tensor_util

    functions = [function.node_def for function in graph.library.function]
    for node in [node for nodes in [graph.node, *functions] for node in nodes]:
        if node.op != "Const":
            continue
        if node.name not in weights:
            raise ModelError(f"{path} is incomplete: there is no weight {node.name}")
        dtype = dtypes.as_dtype(node.attr["dtype"].type)
        value = weights[node.name]
        # The web has fewer dtypes than the graph's ops may want.
        value = value if dtype.name == "string" else value.astype(dtype.as_numpy_dtype)
        node.attr["value"].tensor.CopyFrom(tensor_util.make_tensor_proto(value, dtype))


def unfuse(path: Path, graph: Any) -> None:
    """Takes fused ops apart, in place."""
    for node in list(graph.node):
        if node.op in FUSED:
            _take_apart(path, graph, node)


def _take_apart(path: Path, graph: Any, node: Any) -> None:
    steps = [step.decode() for step in node.attr["fused_ops"].list.s]
    dtype = node.attr["T"].type
    slope = node.attr["leakyrelu_alpha"].f if "leakyrelu_alpha" in node.attr else 0.2
    name, op = node.name, FUSED[node.op]
    inputs = [reference for reference in node.input if not reference.startswith("^")]
    extra = inputs[2:]
    kept = {key: node.attr[key] for key in node.attr if key in KEPT}
    if op != "Conv2D":
        kept.pop("explicit_paddings", None)
    current = _add(graph, f"{name}/{op}", op, inputs[:2], kept)
    for step in steps:
        attributes = {"T": node.attr["T"]}
        if step == "BiasAdd":
            if "data_format" in kept:
                attributes["data_format"] = kept["data_format"]
            current = _add(graph, f"{name}/BiasAdd", "BiasAdd", [current, extra.pop(0)], attributes)
        elif step in ACTIVATIONS:
            current = _add(graph, f"{name}/{step}", step, [current], attributes)
            if step == "LeakyRelu":
                graph.node[-1].attr["alpha"].f = slope
        elif step == "Prelu":
            current = _add_prelu(graph, name, current, extra.pop(0), attributes)
        else:
            raise ModelError(f"{path}: the op {node.op} ({name}) is fused with {step}")
    node.Clear()
    node.name, node.op = name, "Identity"
    node.input.append(current)
    node.attr["T"].type = dtype


def _add_prelu(graph: Any, name: str, x: str, slope: str, attributes: dict[str, Any]) -> str:
    """x where it is positive, slope · x elsewhere."""
    positive = _add(graph, f"{name}/positive", "Relu", [x], attributes)
    negative = _add(graph, f"{name}/negative", "Sub", [x, positive], attributes)
    scaled = _add(graph, f"{name}/scaled", "Mul", [negative, slope], attributes)
    return _add(graph, f"{name}/Prelu", "AddV2", [positive, scaled], attributes)


def _add(graph: Any, name: str, op: str, inputs: list[str], attributes: dict[str, Any]) -> str:
    node = graph.node.add(name=name, op=op)
    node.input.extend(inputs)
    for key, value in attributes.items():
        node.attr[key].CopyFrom(value)
    return name
