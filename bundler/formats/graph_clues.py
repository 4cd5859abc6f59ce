"""What the ops around a tensor tell: the shape that they take, the activation it comes from."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from bundler.formats.graph_def import node_name, tensor_name

if TYPE_CHECKING:
    import numpy.typing as npt

Shape = tuple[int | None, ...]

# Ops that change no value, and those after which one value still belongs to the same number.
PASSING = {"Identity", "StopGradient", "Reshape", "Squeeze", "ExpandDims", "Snapshot"}
ELEMENTWISE = {"Identity", "Cast", "Sub", "Mul", "Add", "AddV2", "RealDiv", "Div", "Neg"}
CALLS = {"PartitionedCall", "StatefulPartitionedCall"}


def infer_shape(graph: Any, reference: str) -> Shape | None:
    """The shape that the first layer behind a tensor wants, if it tells."""
    nodes = {node.name: node for node in graph.node}
    waiting = [tensor_name(reference)]
    for wanted in waiting:
        for node in graph.node:
            indexes = [i for i, ref in enumerate(node.input) if tensor_name(ref) == wanted]
            if not indexes:
                continue
            if node.op in ELEMENTWISE:
                waiting.append(tensor_name(node.name))
            constant = _constant(nodes, node.input[1]) if len(node.input) > 1 else None
            if indexes[0] == 0 and constant is not None:
                shape = _wanted_shape(node, constant)
                if shape:
                    return shape
    return None


def _wanted_shape(node: Any, constant: npt.NDArray[Any]) -> Shape | None:
    if node.op in ("Conv2D", "DepthwiseConv2dNative"):
        channels = constant.shape[2]
        first = node.attr["data_format"].s == b"NCHW"
        return (None, channels, None, None) if first else (None, None, None, channels)
    if node.op in ("MatMul", "BatchMatMulV2") and constant.ndim == 2:
        turned = node.attr["transpose_b"].b or node.attr["adj_y"].b
        return (None, constant.shape[1 if turned else 0])
    if node.op == "Reshape":
        sizes = [int(size) for size in constant if size > 0]
        return (None if -1 in constant else 1, prod(sizes))
    return None


def _constant(nodes: dict[str, Any], reference: str) -> npt.NDArray[Any] | None:
    from tensorflow.python.framework import tensor_util

    node = nodes[node_name(reference)]
    while node.op == "Identity":
        node = nodes[node_name(node.input[0])]
    return tensor_util.MakeNdarray(node.attr["value"].tensor) if node.op == "Const" else None


def activation(graph: Any, reference: str) -> str:
    """The op that a tensor comes from: "softmax", "sigmoid", "tanh" or "linear"."""
    functions = {function.signature.name: function for function in graph.library.function}
    nodes = {node.name: node for node in graph.node}
    while node_name(reference) in nodes:
        node = nodes[node_name(reference)]
        if node.op in CALLS and node.attr["f"].func.name in functions:
            function = functions[node.attr["f"].func.name]
            index = int(tensor_name(reference).split(":")[-1])
            reference = function.ret[function.signature.output_arg[index].name]
            nodes = {node.name: node for node in function.node_def}
        elif node.op in PASSING:
            reference = node.input[0]
        else:
            return node.op.lower() if node.op in ("Softmax", "Sigmoid", "Tanh") else "linear"
    return "linear"
